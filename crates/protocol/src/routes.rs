//! Every path of the service, in one table: what it takes, who may, and what it answers. The router, the OpenAPI document and the
//! metrics are made of it.

mod table;

use crate::problem::Code;
use crate::views::Scope;

pub use self::table::ROUTES;

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

impl Route {
    /// Every problem that the route may end in, by status.
    #[must_use]
    pub fn all_problems(&self) -> Vec<Code> {
        let mut codes: Vec<Code> = ALWAYS.iter().chain(self.problems).copied().collect();
        if self.access != Access::Anyone {
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
