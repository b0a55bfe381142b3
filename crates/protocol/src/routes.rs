//! Every path of the service, in one table: what it takes, who may, and what it answers. The router, the OpenAPI document and the
//! metrics are made of it.

use crate::problem::Code;
use crate::registration::Scheme;
use crate::state::Status;
use crate::views::Scope;

/// A method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "HTTP's names")]
pub enum Method {
    Delete,
    Get,
    Patch,
    Post,
    Put,
}

impl Method {
    /// As HTTP writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// Who may take a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody who reaches the service.
    Anyone,
    /// Whoever has one of these scopes.
    Scoped(&'static [Scope]),
    /// Whoever has one of these scopes, and anybody for a guest whose registration says `anonymous`.
    ScopedOrAnonymous(&'static [Scope]),
}

/// A body, by what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the type of its name")]
pub enum Body {
    Acknowledgement,
    AuditPage,
    CheckpointList,
    Decision,
    FirmwareList,
    FirmwareView,
    /// Bytes of a firmware image.
    Image,
    ImportAnswer,
    ImportRequest,
    LaunchAnswer,
    LaunchRequest,
    LaunchView,
    MeasureAnswer,
    /// The OpenAPI document.
    OpenApi,
    /// Text for people.
    Page,
    Registration,
    ServiceDocument,
    TokenList,
    TokenRequest,
    TokenView,
    ValidateAnswer,
    ValidateRequest,
    VmList,
    VmPatch,
    VmView,
}

/// A parameter in the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// What its text is.
    pub kind: QueryKind,
}

/// What the text of a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryKind {
    /// A number from the first to the second.
    Number(u64, u64),
    /// A UUID.
    Uuid,
    /// One of the names.
    OneOf(&'static [&'static str]),
    /// Any text; the parameter's name ends in a name of the caller's choice.
    Labels,
}

/// One route.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// Its name in metrics, logs and clients.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// The path below `/v1` or `/v1/t/{tenant}`; parameters in braces.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
    /// What it takes.
    pub request: Option<Body>,
    /// Parameters in the query.
    pub query: &'static [Query],
    /// What it answers where it succeeds: status and body.
    pub answers: &'static [(u16, Option<Body>)],
    /// The problems that are its own, beyond [`ALWAYS`] and what a credential or a body brings.
    pub problems: &'static [Code],
    /// May it find that its launch is over?
    pub is_of_launch: bool,
    /// What it does, in a line.
    pub about: &'static str,
}

use Access::{Anyone, Scoped, ScopedOrAnonymous};
use Method::{Delete, Get, Patch, Post, Put};

const READ: Access = Scoped(&[Scope::VmRead, Scope::VmWrite]);
const WRITE: Access = Scoped(&[Scope::VmWrite]);
const LAUNCH: Access = ScopedOrAnonymous(&[Scope::Launch]);
const LAUNCH_OR_WRITE: Access = ScopedOrAnonymous(&[Scope::Launch, Scope::VmWrite]);
const LAUNCH_OR_READ: Access = ScopedOrAnonymous(&[Scope::Launch, Scope::VmRead, Scope::VmWrite]);
const AUDIT: Access = Scoped(&[Scope::AuditRead]);
const TOKENS: Access = Scoped(&[Scope::VmWrite, Scope::Admin]);

/// Problems that any route may end in: its header fields, its query and a body that it does not take among them.
pub const ALWAYS: &[Code] = &[
    Code::Schema,
    Code::NotAcceptable,
    Code::Timeout,
    Code::TooLarge,
    Code::Headers,
    Code::RateLimited,
    Code::Internal,
    Code::StoreUnavailable,
    Code::Sealed,
    Code::Draining,
];

/// Problems that a route with a credential may end in.
pub const WITH_CREDENTIALS: &[Code] =
    &[Code::NoCredentials, Code::BadCredentials, Code::ExpiredCredentials, Code::NotAllowed];

/// Problems that a route with a JSON body may end in.
pub const WITH_BODY: &[Code] = &[
    Code::MalformedJson,
    Code::Schema,
    Code::UnknownMember,
    Code::BadBase64,
    Code::BadLength,
    Code::OutOfRange,
    Code::TooLarge,
    Code::MediaType,
];

/// What is wrong with a registration.
const REGISTRATION: &[Code] = &[
    Code::UnknownFirmware,
    Code::NoSecretArea,
    Code::SecretsTooLarge,
    Code::TooManyCandidates,
    Code::PolicyInconsistent,
    Code::NoEsResetBlock,
    Code::NoHashTable,
    Code::Unmeasurable,
];

/// Why a launch does not go on.
const OVER: &[Code] = &[
    Code::NoSuchVm,
    Code::NoSuchLaunch,
    Code::LaunchConsumed,
    Code::LaunchSuperseded,
    Code::LaunchExpired,
    Code::LaunchRevoked,
    Code::LaunchFailed,
];

const SCHEMES: [&str; 3] =
    [Scheme::AmdSev.name(), Scheme::AmdSevEs.name(), Scheme::AmdSevSnp.name()];

const STATUSES: [&str; 8] = [
    Status::Registered.name(),
    Status::Launched.name(),
    Status::Validated.name(),
    Status::Consumed.name(),
    Status::Failed.name(),
    Status::Exhausted.name(),
    Status::Disabled.name(),
    Status::Expired.name(),
];

/// Every route.
pub const ROUTES: &[Route] = &[
    Route {
        name: "service",
        method: Get,
        path: "/",
        access: Anyone,
        request: None,
        query: &[],
        answers: &[(200, Some(Body::ServiceDocument))],
        problems: &[],
        is_of_launch: false,
        about: "What the service is and can do",
    },
    Route {
        name: "openapi",
        method: Get,
        path: "/openapi.json",
        access: Anyone,
        request: None,
        query: &[],
        answers: &[(200, Some(Body::OpenApi))],
        problems: &[],
        is_of_launch: false,
        about: "The description of every path",
    },
    Route {
        name: "problem",
        method: Get,
        path: "/problems/{code}",
        access: Anyone,
        request: None,
        query: &[],
        answers: &[(200, Some(Body::Page))],
        problems: &[Code::NoSuchRoute],
        is_of_launch: false,
        about: "What a problem's code means and what to do",
    },
    Route {
        name: "vm-list",
        method: Get,
        path: "/vm",
        access: READ,
        request: None,
        query: &[
            Query {
                name: "limit",
                about: "the most guests on the page, 100 if it is not said",
                kind: QueryKind::Number(1, 1000),
            },
            Query { name: "after", about: "`next` of the page before", kind: QueryKind::Uuid },
            Query { name: "scheme", about: "these alone", kind: QueryKind::OneOf(&SCHEMES) },
            Query { name: "status", about: "these alone", kind: QueryKind::OneOf(&STATUSES) },
            Query {
                name: "label.",
                about: "guests whose label has this value: `label.env=prod`",
                kind: QueryKind::Labels,
            },
        ],
        answers: &[(200, Some(Body::VmList))],
        problems: &[Code::Schema, Code::OutOfRange],
        is_of_launch: false,
        about: "The guests",
    },
    Route {
        name: "vm-register",
        method: Post,
        path: "/vm/{vmid}",
        access: WRITE,
        request: Some(Body::Registration),
        query: &[],
        answers: &[(201, Some(Body::VmView)), (200, Some(Body::VmView))],
        problems: &[Code::BadVmid, Code::NoSuchVm, Code::Exists, Code::VmDeleted],
        is_of_launch: false,
        about: "Register a guest",
    },
    Route {
        name: "vm-replace",
        method: Put,
        path: "/vm/{vmid}",
        access: WRITE,
        request: Some(Body::Registration),
        query: &[],
        answers: &[(201, Some(Body::VmView)), (200, Some(Body::VmView))],
        problems: &[
            Code::BadVmid,
            Code::NoSuchVm,
            Code::VmDeleted,
            Code::EtagMismatch,
            Code::PreconditionRequired,
        ],
        is_of_launch: false,
        about: "Register a guest, or register it anew",
    },
    Route {
        name: "vm-read",
        method: Get,
        path: "/vm/{vmid}",
        access: READ,
        request: None,
        query: &[],
        answers: &[(200, Some(Body::VmView))],
        problems: &[Code::BadVmid, Code::NoSuchVm],
        is_of_launch: false,
        about: "A guest, without its secrets",
    },
    Route {
        name: "vm-patch",
        method: Patch,
        path: "/vm/{vmid}",
        access: WRITE,
        request: Some(Body::VmPatch),
        query: &[],
        answers: &[(200, Some(Body::VmView))],
        problems: &[Code::BadVmid, Code::NoSuchVm, Code::EtagMismatch],
        is_of_launch: false,
        about: "Change what leaves measurements and secrets as they are",
    },
    Route {
        name: "vm-delete",
        method: Delete,
        path: "/vm/{vmid}",
        access: WRITE,
        request: None,
        query: &[],
        answers: &[(204, None)],
        problems: &[Code::BadVmid, Code::NoSuchVm, Code::EtagMismatch],
        is_of_launch: false,
        about: "Delete a guest: its launches end and its secrets are destroyed",
    },
    Route {
        name: "launch",
        method: Post,
        path: "/vm/{vmid}/launch",
        access: LAUNCH,
        request: Some(Body::LaunchRequest),
        query: &[],
        answers: &[(200, Some(Body::LaunchAnswer))],
        problems: &[
            Code::BadVmid,
            Code::NoSuchVm,
            Code::ChainRoot,
            Code::ChainSignature,
            Code::ChainUsage,
            Code::ChainOwner,
            Code::ChipNotAllowed,
            Code::GenerationNotAllowed,
            Code::DeniedByOwner,
            Code::OutsideWindow,
            Code::LaunchLimit,
            Code::LaunchesUsedUp,
            Code::IdempotencyMismatch,
        ],
        is_of_launch: false,
        about: "Begin a launch: the platform's certificates in, a session out",
    },
    Route {
        name: "validate",
        method: Post,
        path: "/vm/{vmid}/validate",
        access: LAUNCH,
        request: Some(Body::ValidateRequest),
        query: &[],
        answers: &[(200, Some(Body::ValidateAnswer)), (202, Some(Body::ValidateAnswer))],
        problems: &[
            Code::BadVmid,
            Code::MeasurementMismatch,
            Code::NoCandidate,
            Code::PolicyMismatch,
            Code::FirmwareVersion,
            Code::ReportSignature,
            Code::ReportRejected,
            Code::ChainRoot,
            Code::ChainSignature,
            Code::ChainUsage,
            Code::ChipNotAllowed,
            Code::GenerationNotAllowed,
            Code::DeniedByOwner,
            Code::OutsideWindow,
            Code::AmbiguousLaunch,
            Code::LaunchBusy,
        ],
        is_of_launch: true,
        about: "Show a measurement: the packet with the secrets out, once",
    },
    Route {
        name: "launch-read",
        method: Get,
        path: "/vm/{vmid}/launch/{launch-id}",
        access: LAUNCH_OR_READ,
        request: None,
        query: &[],
        answers: &[(200, Some(Body::LaunchView))],
        problems: &[Code::BadVmid, Code::Schema, Code::NoSuchVm, Code::NoSuchLaunch],
        is_of_launch: false,
        about: "The state of a launch",
    },
    Route {
        name: "acknowledge",
        method: Post,
        path: "/vm/{vmid}/launch/{launch-id}/ack",
        access: LAUNCH,
        request: Some(Body::Acknowledgement),
        query: &[],
        answers: &[(204, None)],
        problems: &[Code::BadVmid, Code::LaunchPending],
        is_of_launch: true,
        about: "Say what became of the packet in the guest",
    },
    Route {
        name: "launch-revoke",
        method: Delete,
        path: "/vm/{vmid}/launch/{launch-id}",
        access: LAUNCH_OR_WRITE,
        request: None,
        query: &[],
        answers: &[(204, None)],
        problems: &[Code::BadVmid, Code::Schema],
        is_of_launch: true,
        about: "Give a launch up: its keys are destroyed",
    },
    Route {
        name: "approve",
        method: Post,
        path: "/vm/{vmid}/approve/{launch-id}",
        access: WRITE,
        request: Some(Body::Decision),
        query: &[],
        answers: &[(204, None)],
        problems: &[Code::BadVmid, Code::LaunchPending],
        is_of_launch: true,
        about: "Approve a launch whose measurement is right, or deny it",
    },
    Route {
        name: "firmware-upload",
        method: Post,
        path: "/firmware",
        access: WRITE,
        request: Some(Body::Image),
        query: &[Query {
            name: "keep",
            about: "keep the image too",
            kind: QueryKind::OneOf(&["true", "false"]),
        }],
        answers: &[(201, Some(Body::FirmwareView)), (200, Some(Body::FirmwareView))],
        problems: &[Code::Schema, Code::TooLarge, Code::MediaType, Code::Unmeasurable],
        is_of_launch: false,
        about: "Add a firmware image to the catalogue",
    },
    Route {
        name: "firmware-list",
        method: Get,
        path: "/firmware",
        access: READ,
        request: None,
        query: &[],
        answers: &[(200, Some(Body::FirmwareList))],
        problems: &[],
        is_of_launch: false,
        about: "The catalogue",
    },
    Route {
        name: "firmware-read",
        method: Get,
        path: "/firmware/{sha256}",
        access: READ,
        request: None,
        query: &[],
        answers: &[(200, Some(Body::FirmwareView))],
        problems: &[Code::BadLength, Code::NoSuchFirmware],
        is_of_launch: false,
        about: "A firmware of the catalogue",
    },
    Route {
        name: "firmware-delete",
        method: Delete,
        path: "/firmware/{sha256}",
        access: WRITE,
        request: None,
        query: &[],
        answers: &[(204, None)],
        problems: &[Code::BadLength, Code::NoSuchFirmware],
        is_of_launch: false,
        about: "Take a firmware out of the catalogue; what is registered with it stays as it is",
    },
    Route {
        name: "measure",
        method: Post,
        path: "/measure",
        access: READ,
        request: Some(Body::Registration),
        query: &[],
        answers: &[(200, Some(Body::MeasureAnswer))],
        problems: &[],
        is_of_launch: false,
        about: "The launch digests that a registration would accept; nothing is stored",
    },
    Route {
        name: "import",
        method: Post,
        path: "/import",
        access: READ,
        request: Some(Body::ImportRequest),
        query: &[],
        answers: &[(200, Some(Body::ImportAnswer))],
        problems: &[Code::Unmeasurable],
        is_of_launch: false,
        about: "Read a launch as others describe it; nothing is stored",
    },
    Route {
        name: "audit",
        method: Get,
        path: "/audit",
        access: AUDIT,
        request: None,
        query: &[
            Query {
                name: "after",
                about: "`next` of the page before; 0 is the start",
                kind: QueryKind::Number(0, u64::MAX >> 1),
            },
            Query {
                name: "limit",
                about: "the most records on the page, 100 if it is not said",
                kind: QueryKind::Number(1, 1000),
            },
        ],
        answers: &[(200, Some(Body::AuditPage))],
        problems: &[Code::Schema, Code::OutOfRange],
        is_of_launch: false,
        about: "The audit, record by record",
    },
    Route {
        name: "checkpoints",
        method: Get,
        path: "/audit/checkpoints",
        access: AUDIT,
        request: None,
        query: &[],
        answers: &[(200, Some(Body::CheckpointList))],
        problems: &[],
        is_of_launch: false,
        about: "Signed heads of the audit",
    },
    Route {
        name: "token-make",
        method: Post,
        path: "/token",
        access: TOKENS,
        request: Some(Body::TokenRequest),
        query: &[],
        answers: &[(201, Some(Body::TokenView))],
        problems: &[],
        is_of_launch: false,
        about: "Make a token",
    },
    Route {
        name: "token-list",
        method: Get,
        path: "/token",
        access: TOKENS,
        request: None,
        query: &[],
        answers: &[(200, Some(Body::TokenList))],
        problems: &[],
        is_of_launch: false,
        about: "The tokens, without what proves them",
    },
    Route {
        name: "token-delete",
        method: Delete,
        path: "/token/{id}",
        access: TOKENS,
        request: None,
        query: &[],
        answers: &[(204, None)],
        problems: &[Code::NoSuchToken],
        is_of_launch: false,
        about: "Revoke a token",
    },
];

impl Route {
    /// Every problem that the route may end in, by status.
    #[must_use]
    pub fn all_problems(&self) -> Vec<Code> {
        let mut codes: Vec<Code> = ALWAYS.iter().chain(self.problems).copied().collect();
        if self.access != Anyone {
            codes.extend(WITH_CREDENTIALS);
        }
        match self.request {
            Some(Body::Image) | None => {}
            Some(Body::Registration) => codes.extend(WITH_BODY.iter().chain(REGISTRATION)),
            Some(_) => codes.extend(WITH_BODY),
        }
        if self.is_of_launch {
            codes.extend(OVER);
        }
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_and_status_can_be_asked_for() {
        assert_eq!(SCHEMES, Scheme::ALL.map(Scheme::name));
        assert_eq!(STATUSES, Status::ALL.map(Status::name));
    }

    #[test]
    fn every_route_and_name_stands_once() {
        let mut places: Vec<_> = ROUTES.iter().map(|route| (route.path, route.method)).collect();
        let mut names: Vec<_> = ROUTES.iter().map(|route| route.name).collect();
        places.sort_unstable();
        places.dedup();
        names.sort_unstable();
        names.dedup();
        assert_eq!((places.len(), names.len()), (ROUTES.len(), ROUTES.len()));
    }
}
