//! Problems: how the service says no (RFC 9457), and every code that it says it by, in one table.
//!
//! A code never changes its status or its meaning. The caller gets the code, its title and a detail that quotes only what the
//! caller sent; what a registration holds is for the owner's audit.

use std::borrow::Cow;

#[cfg(feature = "schema")]
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::launch::LaunchState;
use crate::text::{LaunchId, RequestId};

/// Where a person reads about a code: this and the code's name.
pub const PAGES: &str = "https://github.com/sev-launch/sev-launch/blob/main/docs/problems.md#";

macro_rules! codes {
    ($($status:literal { $($variant:ident $name:literal $retryable:literal $title:literal $advice:literal)+ })+) => {
        /// What a request ended in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the title below says it")]
        pub enum Code { $($($variant,)+)+ }

        impl Code {
            /// Every code, by status.
            pub const ALL: &[Self] = &[$($(Self::$variant,)+)+];

            /// The code's name in answers, audit records and metrics.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$variant => $name,)+)+ }
            }

            /// The status of HTTP that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $($(Self::$variant => $status,)+)+ }
            }

            /// May the same request succeed later with nothing changed by the caller?
            #[must_use]
            pub const fn is_retryable(self) -> bool {
                match self { $($(Self::$variant => $retryable,)+)+ }
            }

            /// What it means, in a line.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $($(Self::$variant => $title,)+)+ }
            }

            /// What whoever meets it can do.
            #[must_use]
            pub const fn advice(self) -> &'static str {
                match self { $($(Self::$variant => $advice,)+)+ }
            }
        }
    };
}

codes! {
    400 {
        MalformedJson "malformed-json" false "The body is not JSON" "Send one JSON object in UTF-8, without a member twice and without anything after it."
        Schema "schema" false "The body is not what this request has" "`errors` names each member by a JSON pointer and says what was wanted."
        UnknownMember "unknown-member" false "A member that this request does not have" "Mind the spelling: a restriction that was not understood is never skipped."
        BadBase64 "bad-base64" false "A value is not base64" "Use base64 with padding (RFC 4648, section 4)."
        BadLength "bad-length" false "A value has the wrong length" "`detail` says how many bytes were found and wanted."
        OutOfRange "out-of-range" false "A number is out of its range" "`detail` says the range."
        BadVmid "bad-vmid" false "The guest's name is not a UUID" "Use the form 57f669c2-c427-4132-bc7a-26f56b6a718c; the nil UUID names nothing."
    }
    401 {
        NoCredentials "no-credentials" false "No credentials" "Send `Authorization: Bearer …`, or present a client certificate."
        BadCredentials "bad-credentials" false "Credentials that are not known" "The token is mistyped, was revoked, or is another service's; or the client certificate's name is not one that was granted anything."
        ExpiredCredentials "expired-credentials" false "Credentials that have expired" "Ask the owner or the administrator for a new token."
    }
    403 {
        NotAllowed "not-allowed" false "These credentials may not do this" "The role or the scope of the token does not cover the request."
        MeasurementMismatch "measurement-mismatch" false "The launch measurement is not one of the approved ones" "Check the firmware image, kernel, initrd, exact command line, vCPU count, CPU model, and how the VM was created; the owner's audit says what differs."
        NoCandidate "no-candidate" false "No registered guest is of this firmware and vCPU count" "`firmware-hash` and `cpu-count` choose among what the owner registered, and chose nothing."
        PolicyMismatch "policy-mismatch" false "The guest's policy is not the one of its session" "Start the guest with the `policy` of the answer to launch."
        ReportSignature "report-signature" false "The attestation report is not signed by an AMD processor" "Send the report as the AMD-SP made it, with the VCEK of this chip and TCB."
        ReportRejected "report-rejected" false "The attestation report does not meet the owner's demands" "The owner's audit names each demand that is not met."
        FirmwareVersion "firmware-version" false "The platform's firmware is not a version that the owner allows" "Update the AMD-SP's firmware, or ask the owner."
        ChainRoot "chain-root" false "The certificate chain does not end in a root of AMD" "Send the chain of a real AMD processor; a root of the host's own is never accepted."
        ChainSignature "chain-signature" false "A signature in the certificate chain is wrong or missing" "Export the chain again; an unsigned CEK is completed by the service only where it has that chip's certificate."
        ChainUsage "chain-usage" false "The certificate chain is malformed" "The order is PDH, PEK, OCA, CEK (2084 bytes each), then ASK and ARK."
        ChainOwner "chain-owner" false "The platform's owner is not one that the guest's owner allows" "The OCA of this chain is not registered with the guest."
        ChipNotAllowed "chip-not-allowed" false "This machine is not one that the owner allows" "The CPU id is not among those allowed, or is denied."
        GenerationNotAllowed "generation-not-allowed" false "This generation of processor is not one that the owner allows" "Launch on another machine, or ask the owner."
        DeniedByOwner "denied-by-owner" false "The owner refused" "The owner disabled the guest, or denied this launch."
        OutsideWindow "outside-window" false "Outside the time that the owner allows" "The registration has a first and a last time."
    }
    404 {
        NoSuchVm "no-such-vm" false "No such guest, or none that these credentials may see" "Check the UUID, the tenant and the token."
        NoSuchLaunch "no-such-launch" false "No such launch, or none that these credentials may see" "Launch first; a launch that ended long ago is forgotten."
        NoSuchFirmware "no-such-firmware" false "No such firmware in the catalogue" "List the catalogue; upload the image."
        NoSuchToken "no-such-token" false "No such token" "List the tokens."
        NoSuchRoute "no-such-route" false "No such path" "The description of every path is /v1/openapi.json."
    }
    405 { Method "method" false "This path does not take this method" "The header `Allow` says which it takes." }
    406 { NotAcceptable "not-acceptable" false "No form that the client accepts" "Accept application/json." }
    408 { Timeout "timeout" true "The request took too long" "Send the request again." }
    409 {
        Exists "exists" false "Another registration of this guest exists" "Read it, and replace it with PUT and its ETag."
        LaunchLimit "launch-limit" true "As many launches are live as the owner allows" "Finish one or give one up, or wait until one expires."
        LaunchesUsedUp "launches-used-up" false "No launch is left" "The owner allowed a number of launches, and they were used."
        AmbiguousLaunch "ambiguous-launch" false "Several launches are live" "Name one in `launch-id`."
        LaunchConsumed "launch-consumed" false "The launch is over: its answer was given" "Launch again; the keys of a launch are used once."
        LaunchSuperseded "launch-superseded" false "A newer launch took this one's place" "Use the newest launch."
        LaunchPending "launch-pending" true "No measurement of this launch was accepted yet" "Validate first."
        LaunchBusy "launch-busy" false "Another measurement of this launch was already accepted" "Repeat the request that was accepted; one launch is one guest."
    }
    410 {
        LaunchExpired "launch-expired" false "The launch took too long and expired" "Launch again."
        LaunchRevoked "launch-revoked" false "The launch was given up" "Launch again."
        LaunchFailed "launch-failed" false "The launch failed" "Launch again, after what failed was mended."
        VmDeleted "vm-deleted" false "The guest was deleted" "Its secrets are gone; register it under another UUID."
    }
    412 { EtagMismatch "etag-mismatch" false "The registration changed meanwhile" "Read it again, and send its new ETag." }
    413 { TooLarge "too-large" false "The body is too large" "`detail` says what is too large and the most that is taken: a body has 256 KiB at most, a firmware image 64 MiB." }
    415 { MediaType "media-type" false "The body is not of the media type that this path takes" "Send `Content-Type: application/json`, or application/octet-stream for a firmware image." }
    422 {
        UnknownFirmware "unknown-firmware" false "A firmware that is not in the catalogue" "Upload the image first: POST /firmware."
        NoSecretArea "no-secret-area" false "The firmware has no place for secrets" "Use a firmware with a secret area (OVMF's AmdSev build), or register no secret."
        SecretsTooLarge "secrets-too-large" false "The secrets do not fit the firmware's secret area" "`detail` says the sizes; all secrets of a boot go into one table."
        TooManyCandidates "too-many-candidates" false "More than 4096 combinations" "Register fewer firmwares, kernels, vCPU counts or CPUs, or several guests."
        PolicyInconsistent "policy-inconsistent" false "The policy contradicts the scheme or itself" "`detail` names the bits."
        NoEsResetBlock "no-es-reset-block" false "The firmware cannot start vCPUs of SEV-ES" "Its GUIDed table has no SEV-ES reset block; use another build."
        NoHashTable "no-hash-table" false "The firmware has no place for kernel hashes" "Use OVMF's AmdSev build, or leave out kernel, initrd and command line."
        Unmeasurable "unmeasurable" false "No launch digest follows from what is registered" "`detail` says why."
        IdempotencyMismatch "idempotency-mismatch" false "The idempotency key was used with another body" "Use a new key for a new request."
    }
    428 { PreconditionRequired "precondition-required" false "A precondition is required" "Send `If-Match` with the registration's ETag, or `If-None-Match: *` to create." }
    429 { RateLimited "rate-limited" true "Too many requests" "Wait as long as `Retry-After` says." }
    431 { Headers "headers" false "The header fields are too large" "32 KiB at most." }
    500 { Internal "internal" false "The service failed" "Tell the administrator the request id." }
    503 {
        StoreUnavailable "store-unavailable" true "The store does not answer" "Wait as long as `Retry-After` says; nothing was half done."
        Sealed "sealed" true "The service cannot open what it keeps" "The administrator has to give the key that the store is sealed with, or to look in the log for what somebody changed in the store."
        Draining "draining" true "The service is about to stop" "Send the request to another instance, or again in a moment."
    }
}

impl Code {
    /// The code of a name, for whoever reads an answer.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<'_, str>::deserialize(deserializer)?;
        Self::from_name(&name)
            .ok_or_else(|| serde::de::Error::custom("a code that this version does not know"))
    }
}

#[cfg(feature = "schema")]
impl JsonSchema for Code {
    fn schema_name() -> Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Self::ALL.iter().map(|code| code.name()).collect();
        json_schema!({ "type": "string", "examples": names })
    }
}

/// One member that is not as wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct MemberError {
    /// Which member: a JSON pointer (RFC 6901) as a fragment, for example `#/cpu-count`.
    pub pointer: String,
    /// What was found and what was wanted.
    pub detail: String,
}

/// An answer that is a no. As JSON it is `application/problem+json` (RFC 9457), with [`ProblemDocument`]'s members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The code: title, status and advice follow from it.
    pub code: Code,
    /// What was found, what was wanted, and where.
    pub detail: Option<Box<str>>,
    /// Each member that is not as wanted.
    pub errors: Vec<MemberError>,
    /// The launch that the request was about.
    pub launch: Option<Box<LaunchAfter>>,
    /// The request.
    pub request: Option<RequestId>,
    /// Seconds after which to ask again, for the header `Retry-After`.
    pub retry_after: Option<u64>,
    /// Is this a service for tests, with a root of its own?
    pub simulated: bool,
}

/// A problem as a client reads it: whatever its service's version is, codes and states that are not known here among them.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Refusal {
    /// The code's name; one of [`Code::ALL`], or of a newer version.
    pub code: String,
    /// The code's title.
    pub title: String,
    /// The status of HTTP.
    pub status: u16,
    /// What was found, what was wanted, and where.
    #[serde(default)]
    pub detail: Option<String>,
    /// The request's name, as `urn:uuid:…`.
    #[serde(default)]
    pub instance: Option<String>,
    /// May the same request succeed later?
    #[serde(default)]
    pub retryable: bool,
    /// What to do.
    #[serde(default)]
    pub hint: Option<String>,
    /// The launch that the request was about.
    #[serde(default)]
    pub launch_id: Option<LaunchId>,
    /// Its state after the request.
    #[serde(default)]
    pub launch_state: Option<String>,
    /// How many wrong measurements it still survives.
    #[serde(default)]
    pub attempts_left: Option<u32>,
}

impl Refusal {
    /// Is it this code?
    #[must_use]
    pub fn is(&self, code: Code) -> bool {
        self.code == code.name()
    }

    /// Is it a no about a guest, a launch, a firmware or a token, which stays one until somebody changes something? Whatever is about the request, the
    /// credential, the rate or the service itself decides nothing: `not-allowed`, `no-such-route` and a launch that took too long among them. It is another question
    /// than [`retryable`](Self::retryable): of the 409s, `launch-limit` and `launch-pending` are a no that ends by what others do, with nothing changed by who asks. A code
    /// that is not known here goes by its status.
    #[must_use]
    pub fn is_no(&self) -> bool {
        let undecided = [Code::NotAllowed, Code::NoSuchRoute, Code::LaunchExpired];
        matches!(self.status, 403 | 404 | 409 | 410 | 412 | 422)
            && !undecided.into_iter().any(|code| self.is(code))
    }

    /// Has the launch ended, so that nothing can follow but another launch? `false` also where the answer does not say.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        let state = self.launch_state.as_deref().and_then(LaunchState::from_name);
        state.is_some_and(|state| !state.is_live())
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.detail.as_deref().unwrap_or(&self.title))
    }
}

impl std::error::Error for Refusal {}

/// A launch after a request that it refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaunchAfter {
    /// Its name.
    pub id: LaunchId,
    /// Its state.
    pub state: LaunchState,
    /// How many wrong measurements it still survives.
    pub attempts_left: u32,
}

/// A problem as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", schemars(rename = "Problem"))]
pub struct ProblemDocument<'a> {
    /// Where a person reads about the code.
    #[serde(rename = "type")]
    pub page: String,
    /// The code's title.
    pub title: &'a str,
    /// The status of HTTP.
    pub status: u16,
    /// The code.
    pub code: Code,
    /// What was found, what was wanted, and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'a str>,
    /// The request's name, as `urn:uuid:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// May the same request succeed later?
    pub retryable: bool,
    /// What to do.
    pub hint: &'a str,
    /// Each member that is not as wanted.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub errors: &'a [MemberError],
    /// The launch that the request was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_id: Option<LaunchId>,
    /// Its state after the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_state: Option<LaunchState>,
    /// How many wrong measurements it still survives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts_left: Option<u32>,
    /// Is this a service for tests, with a root of its own?
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
}

impl Problem {
    /// A problem of `code` with nothing more to say.
    #[must_use]
    pub const fn of(code: Code) -> Self {
        Self {
            code,
            detail: None,
            errors: Vec::new(),
            launch: None,
            request: None,
            retry_after: None,
            simulated: false,
        }
    }

    /// A problem of `code` about one thing.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into().into()), ..Self::of(code) }
    }

    /// A problem of `code` with a member of the body.
    #[must_use]
    pub fn at(code: Code, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let (pointer, detail) = (pointer.into(), detail.into());
        let text = format!("{pointer}: {detail}");
        Self { errors: vec![MemberError { pointer, detail }], ..Self::new(code, text) }
    }

    /// The same problem, with the launch that it is about.
    #[must_use]
    pub fn about(mut self, id: LaunchId, state: LaunchState, attempts_left: u32) -> Self {
        self.launch = Some(Box::new(LaunchAfter { id, state, attempts_left }));
        self
    }

    /// The problem as it is written.
    #[must_use]
    pub fn document(&self) -> ProblemDocument<'_> {
        let launch = self.launch.as_deref();
        ProblemDocument {
            page: format!("{PAGES}{}", self.code.name()),
            title: self.code.title(),
            status: self.code.status(),
            code: self.code,
            detail: self.detail.as_deref(),
            instance: self.request.map(|id| format!("urn:uuid:{id}")),
            retryable: self.code.is_retryable(),
            hint: self.code.advice(),
            errors: &self.errors,
            launch_id: launch.map(|launch| launch.id),
            launch_state: launch.map(|launch| launch.state),
            attempts_left: launch.map(|launch| launch.attempts_left),
            simulated: self.simulated,
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document().serialize(serializer)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.detail.as_deref().unwrap_or(self.code.title()))
    }
}

impl std::error::Error for Problem {}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::of(code)
    }
}
