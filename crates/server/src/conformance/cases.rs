//! Every case by its name. Each stands in the module of its subject.

use core::future::Future;
use core::pin::Pin;

use super::expect::Checked;
use super::lab::Lab;

mod audit;
mod chains;
mod documents;
mod firmwares;
mod launching;
mod outcomes;
mod refusals;
mod registering;
mod reports;
mod validating;

/// A case: what it is about, what the protocol promises, and the requests that find out.
pub(super) struct Case {
    pub(super) group: &'static str,
    pub(super) name: &'static str,
    pub(super) run: Run,
}

type Run = for<'l> fn(&'l Lab) -> Pin<Box<dyn Future<Output = Checked> + Send + 'l>>;

macro_rules! cases {
    ($($group:literal { $($name:literal $run:path;)+ })+) => {
        /// All, in the order in which they are run.
        pub(super) const ALL: &[Case] = &[$($(
            Case { group: $group, name: $name, run: |lab| Box::pin($run(lab)) },
        )+)+];
    };
}

cases! {
    "documents" {
        "GET / says what the service is and its bounds" documents::service;
        "the description of every path and the text of every problem are there for anybody" documents::descriptions;
        "paths and methods that do not exist are told apart" documents::no_such_path;
        "without credentials, or with wrong ones, 401" documents::credentials;
        "each role has its own requests" documents::roles;
    }
    "firmware" {
        "an image is 201 once and 200 again, and its entry is as TV-2 says" firmwares::catalogue;
        "an image can be taken out again" firmwares::removed;
    }
    "measure" {
        "the digests of TV-2: SEV with kernel hashes" firmwares::measured_sev;
        "the digests of TV-2: SEV-ES with 1, 2 and 4 vCPUs, of either kind of VM" firmwares::measured_es;
        "a firmware that is not in the catalogue is refused" firmwares::unknown;
    }
    "register" {
        "201 with Location and ETag, 200 for the same, 409 for another" registering::first_same_other;
        "GET shows the registration and no secret" registering::read;
        "the list has it, page by page, by label and by status" registering::listed;
        "PUT needs a condition, and replaces by the right one" registering::replaced;
        "PATCH changes name, labels and limits, and nothing else" registering::patched;
        "DELETE forgets it: 404 for who asks, 410 for who registers it again" registering::deleted;
        "a misspelt member is refused, and so is null" registering::misspelt;
        "what cannot be meant is refused: policy, lists, secrets" registering::unmeant;
        "the name of a guest is a UUID in either case, and not nil" registering::names;
        "a guest of another tenant does not exist" registering::other_tenant;
        "a launch token launches its guest and nothing else" registering::launch_token;
    }
    "launch" {
        "the AMD-SP takes session, owner's certificate and policy" launching::session;
        "every launch has keys of its own" launching::own_keys;
        "the same idempotency key gets the same answer, and no second launch" launching::idempotent;
        "a newer launch supersedes the one before" launching::superseded;
        "as many at once as the owner allows" launching::concurrent;
        "as many in all as the owner allows" launching::used_up;
        "members that the protocol does not name are kept" launching::more_members;
        "a disabled guest, and one out of its time, are not launched" launching::closed;
        "a launch can be given up" launching::revoked;
        "a registration that is replaced ends its launches" launching::replaced;
    }
    "chain" {
        "a chain under a root of the host's own is refused" chains::foreign;
        "a CEK with a broken signature is refused" chains::broken_cek;
        "a PEK that the chip did not sign is refused" chains::pek_by_owner_alone;
        "the PDH of another machine is refused" chains::other_pdh;
        "an owner that is not registered is refused" chains::other_owner;
        "another generation than the owner allows is refused" chains::generation;
        "what is no chain is refused" chains::malformed;
        "the forms in which chains are exported" chains::forms;
    }
    "validate" {
        "the packet opens on the platform, and is the registered secrets byte for byte" validating::released_sev;
        "the same holds for SEV-ES" validating::released_es;
        "the identical request gets the identical answer, another measurement 409" validating::replayed;
        "a launch need not be named where one is live" validating::unnamed;
        "two at once: one release" validating::at_once;
        "a packet opens in no other guest" validating::bound;
        "a verdict without secrets" outcomes::verdict;
        "report-only releases nothing" outcomes::report_only;
        "manual approval: 202, then the packet" outcomes::approved;
        "manual approval: denied" outcomes::denied;
        "acknowledged once, and again alike" outcomes::acknowledged;
    }
    "refuse" {
        "a wrong kernel costs an attempt, and the last one the launch" refusals::wrong_kernel;
        "one flipped bit" refusals::flipped;
        "the measurement of another launch" refusals::other_launch;
        "the wrong policy echoed costs no attempt" refusals::policy_echoed;
        "numbers of more than a byte" refusals::numbers;
        "a measurement has 48 bytes" refusals::lengths;
        "hints select, and refuse where they select nothing" refusals::hints;
        "the version is proven by the measurement, and held against the owner's rules" refusals::versions;
        "a launch that is not there, or is another guest's" refusals::no_such_launch;
    }
    "snp" {
        "a report is a verdict" reports::trusted;
        "a stale nonce and a changed report cost attempts" reports::stale_and_changed;
        "another digest is a mismatch, and another policy ends the launch" reports::other_guest;
        "what belongs to the other schemes is refused" reports::strays;
    }
    "audit" {
        "the run's records are one chain, with the release, the refusal, and what was found of it" audit::chain;
        "checkpoints are signed" audit::checkpoints;
    }
}
