//! Exit codes: what a service said no to is told apart from what could not be decided.
//!
//! A no is about a guest, a launch, a firmware or a token: asked again it stays a no until somebody changes something. Whatever is
//! about the request, the credential, the rate or the service itself decides nothing, and a script must not take it for a no.

use std::fmt;

use sev_launch_client::Error;
use sev_launch_protocol::problem::Refusal;

/// Done.
pub const DONE: u8 = 0;
/// The service says no.
pub const NO: u8 = 1;
/// It could not be decided.
pub const UNDECIDED: u8 = 2;

/// What every help says of them.
pub const HELP: &str = "\
Exit codes:
  0  done
  1  the service says no, about a guest, a launch, a firmware or a token: status 403, 404, 409,
     410, 412 or 422; also where nothing waits for an approval, or `measure` finds another digest
  2  it could not be decided: wrong usage; a file that is missing or not as it should be; a service
     that is not reached, not trusted, or answers strangely; credentials that are refused (401, and
     403 not-allowed); a request that is none (400, 405, 406, 413, 415, 428, 431, and 404
     no-such-route); a launch that took too long (410 launch-expired); too many requests (429); a
     service that fails (408, 5xx)";

/// A no that this command found by itself.
#[derive(Debug)]
pub struct No(pub String);

impl fmt::Display for No {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for No {}

/// The exit code of a refusal, by its status; a code that is not known here goes by its status too.
#[must_use]
pub fn of_refusal(refusal: &Refusal) -> u8 {
    if refusal.is_no() { NO } else { UNDECIDED }
}

/// The exit code of an error.
#[must_use]
pub fn of(error: &anyhow::Error) -> u8 {
    if error.chain().any(<dyn std::error::Error>::is::<No>) {
        return NO;
    }
    let refused = error.chain().find_map(|cause| cause.downcast_ref::<Error>()?.refusal());
    refused.map_or(UNDECIDED, of_refusal)
}

#[cfg(test)]
mod tests {
    use sev_launch_protocol::problem::Code;

    use super::*;

    fn code(status: u16, code: &str) -> u8 {
        let text = format!(r#"{{"code": "{code}", "title": "t", "status": {status}}}"#);
        of_refusal(&serde_json::from_str(&text).expect("a problem"))
    }

    // docs/problems.md has every code with its status.
    #[test]
    fn a_no_is_about_guests_and_launches_alone() {
        for (status, name) in [
            (403, "measurement-mismatch"),
            (403, "denied-by-owner"),
            (404, "no-such-vm"),
            (404, "no-such-token"),
            (409, "exists"),
            (409, "launch-limit"),
            (410, "vm-deleted"),
            (412, "etag-mismatch"),
            (422, "no-secret-area"),
            (422, "of-a-newer-version"),
        ] {
            assert_eq!(code(status, name), NO, "{name}");
        }
        for (status, name) in [
            (400, "schema"),
            (401, "bad-credentials"),
            (403, "not-allowed"),
            (404, "no-such-route"),
            (405, "method"),
            (406, "not-acceptable"),
            (408, "timeout"),
            (413, "too-large"),
            (415, "media-type"),
            (428, "precondition-required"),
            (429, "rate-limited"),
            (431, "headers"),
            (500, "internal"),
            (503, "sealed"),
            (418, "of-a-newer-version"),
        ] {
            assert_eq!(code(status, name), UNDECIDED, "{name}");
        }
    }

    #[test]
    fn every_code_of_the_protocol_has_the_exit_code_of_its_status() {
        let no = [403, 404, 409, 410, 412, 422];
        for one in Code::ALL {
            let wanted = no.contains(&one.status())
                && !matches!(one, Code::NotAllowed | Code::NoSuchRoute | Code::LaunchExpired);
            assert_eq!(code(one.status(), one.name()) == NO, wanted, "{}", one.name());
        }
    }

    #[test]
    fn a_no_is_found_below_what_was_being_done() {
        use anyhow::Context as _;
        let error = Err::<(), _>(anyhow::Error::from(No("none".into()))).context("approve");
        assert_eq!(of(&error.expect_err("an error")), NO);
        assert_eq!(of(&anyhow::anyhow!("no such file")), UNDECIDED);
    }
}
