//! What every [`Store`] has to hold: named cases, for the engines that are here and for those of other crates.
//!
//! A case gets a store that is empty, and says in a [`Failure`] where it found something else than was wanted. What is wanted follows
//! from the documentation of [`Store`] and from the state machine ([`sev_launch_protocol::state`]); nothing is asked of an
//! engine beyond them. What is proven is proven for real: measurements are verified by `verify`, under keys of [`samples`].
//!
//! ```
//! use sev_launch_server::store::{Store, conformance};
//!
//! fn stores_conform(make: &dyn Fn() -> Box<dyn Store>) {
//!     if let Err(failures) = conformance::suite(make) {
//!         panic!("{failures}");
//!     }
//! }
//! ```

use std::fmt;

use super::{Outcome, Store, StoreError};
use sev_launch_protocol::problem::Code;

/// Goes on if a condition holds.
macro_rules! holds {
    ($condition:expr, $($what:tt)+) => {
        if !$condition {
            return Err($crate::store::conformance::Failure::at(file!(), line!(), format!($($what)+)));
        }
    };
}

/// Goes on if two values are the same.
macro_rules! same {
    ($found:expr, $wanted:expr) => {
        match (&$found, &$wanted) {
            (found, wanted) => {
                holds!(
                    *found == *wanted,
                    "{}: found {found:?}, wanted {wanted:?}",
                    stringify!($found)
                )
            }
        }
    };
}

/// Goes on if a list is empty.
macro_rules! none {
    ($found:expr) => {
        match &$found {
            found => {
                holds!(found.is_empty(), "{}: found {found:?}, wanted none", stringify!($found))
            }
        }
    };
}

mod audits;
mod begins;
mod catalogue;
mod ends;
mod guests;
mod isolation;
mod races;
pub mod samples;
mod validates;

/// Why a store does not conform: where in this module, and what was found.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    fn at(file: &str, line: u32, what: impl fmt::Display) -> Self {
        Self(format!("{file}:{line}: {what}"))
    }

    /// A failure with its text.
    pub fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    #[track_caller]
    fn from(error: E) -> Self {
        let place = std::panic::Location::caller();
        Self::at(place.file(), place.line(), error)
    }
}

/// What came of a case.
pub type Checked<T = ()> = Result<T, Failure>;

/// One case: what has to hold, and how it is found out with an empty store.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What has to hold, as a name.
    pub name: &'static str,
    /// Finds out.
    pub check: fn(&dyn Store) -> Checked,
}

/// Names functions as cases.
macro_rules! cases {
    ($($module:ident :: $function:ident),+ $(,)?) => {
        &[$(Case { name: stringify!($function), check: $module::$function }),+]
    };
}

/// All cases.
pub const CASES: &[Case] = cases![
    guests::a_new_guest_is_created_with_its_token_and_a_record,
    guests::the_same_registration_again_changes_nothing,
    guests::another_registration_of_the_same_name_is_refused,
    guests::absent_means_absent,
    guests::a_version_is_replaced_once,
    guests::a_replacement_ends_live_launches,
    guests::secrets_that_were_sealed_for_another_version_are_refused,
    guests::a_deleted_name_is_never_given_again,
    guests::an_amendment_changes_what_it_names,
    guests::labels_are_patched,
    guests::an_amendment_of_another_version_is_refused,
    guests::an_amended_guest_is_no_longer_the_same_registration,
    guests::deleting_removes_everything_but_the_name,
    guests::guests_are_listed_by_name_page_by_page,
    isolation::no_method_shows_or_changes_a_guest_of_another_tenant,
    isolation::catalogue_tokens_and_audit_are_the_tenants_own,
    isolation::the_same_names_stand_beside_each_other_in_two_tenants,
    begins::a_launch_begins_with_its_row_and_its_record,
    begins::a_launch_whose_answer_fails_did_not_begin,
    begins::the_same_key_gets_the_same_bytes,
    begins::a_key_with_another_request_is_refused,
    begins::a_kept_answer_ends_at_its_time,
    begins::a_key_belongs_to_one_guest,
    begins::a_newer_launch_takes_the_older_ones_keys,
    begins::a_launch_beyond_the_limit_is_refused_and_recorded,
    begins::a_launch_judged_by_an_old_registration_does_not_begin,
    begins::launches_that_are_forgotten_leave_nothing,
    begins::a_guest_that_is_not_there_is_refused_everywhere,
    validates::what_is_judged_is_what_was_kept,
    validates::a_release_happens_once_and_is_repeated_until_its_time,
    validates::another_request_after_the_release_is_refused,
    validates::wrong_measurements_use_up_attempts_and_then_the_keys,
    validates::a_broken_rule_ends_the_keys_at_once,
    validates::an_answer_that_fails_undoes_the_release,
    validates::an_answer_that_panics_undoes_the_release,
    validates::only_the_release_of_its_own_launch_opens_a_packet,
    validates::an_approval_is_awaited_and_then_releases,
    validates::a_denied_launch_has_no_keys,
    validates::nothing_is_released_where_nothing_may_be,
    validates::the_launch_that_is_meant_is_found,
    validates::a_launch_that_was_forgotten_repeats_no_answer,
    ends::time_ends_launches_at_the_next_step,
    ends::a_sweep_ends_what_time_ended_some_guests_at_a_time,
    ends::a_sweep_drops_answers_that_are_too_old,
    ends::a_revoked_launch_has_no_keys,
    ends::an_acknowledgement_is_written_once,
    catalogue::firmwares_are_added_kept_listed_and_removed,
    catalogue::tokens_are_added_found_listed_and_removed,
    catalogue::values_of_the_service_are_written_over,
    catalogue::rewrapping_touches_what_is_sealed_and_nothing_else,
    catalogue::rewrapping_that_fails_changes_nothing,
    catalogue::keys_that_are_needed_are_named,
    catalogue::a_store_is_ready,
    audits::lines_are_one_chain_for_each_tenant,
    audits::lines_are_read_page_by_page,
    audits::a_record_says_who_when_and_what,
    audits::checkpoints_are_made_where_the_audit_grew,
    races::one_launch_is_released_once,
    races::one_name_is_registered_once,
    races::no_amendment_is_lost,
    races::one_key_begins_one_launch,
    races::records_of_many_threads_are_one_chain,
];

/// What the cases of a whole suite came to.
#[derive(Debug)]
pub struct Failures(Vec<(&'static str, Failure)>);

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} cases failed", self.0.len(), CASES.len())?;
        self.0.iter().try_for_each(|(name, failure)| write!(f, "\n{name}: {failure}"))
    }
}

impl std::error::Error for Failures {}

/// Runs every case, each with a store of its own that `make` makes empty. The number of cases.
///
/// # Errors
///
/// The cases that failed; the others were run too.
pub fn suite(make: &dyn Fn() -> Box<dyn Store>) -> Result<usize, Failures> {
    let mut failures = Vec::new();
    for case in CASES {
        let store = make();
        if let Err(failure) = (case.check)(store.as_ref()) {
            failures.push((case.name, failure));
        }
    }
    if failures.is_empty() { Ok(CASES.len()) } else { Err(Failures(failures)) }
}

/// What was done, where a refusal is a failure.
#[track_caller]
fn done<T>(outcome: Outcome<T>) -> Checked<T> {
    let place = std::panic::Location::caller();
    outcome?
        .map_err(|refusal| Failure::at(place.file(), place.line(), format!("refused: {refusal:?}")))
}

/// What it was refused for, where no refusal is a failure.
#[track_caller]
fn refused<T>(outcome: Outcome<T>) -> Checked<Code> {
    let place = std::panic::Location::caller();
    match outcome? {
        Ok(_) => Err(Failure::at(place.file(), place.line(), "done, and a refusal was wanted")),
        Err(refusal) => Ok(refusal.code),
    }
}

/// What is there, where nothing is a failure.
#[track_caller]
fn there<T>(found: Result<Option<T>, StoreError>) -> Checked<T> {
    let place = std::panic::Location::caller();
    found?.ok_or_else(|| Failure::at(place.file(), place.line(), "nothing is there"))
}
