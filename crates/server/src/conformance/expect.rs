//! What is wanted of an answer, and what is said where it is not so.

use serde_json::Value;

use super::client::{Answer, Ask};

/// Why a case did not come out well.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// An answer is not what the protocol has.
    #[error("{0}")]
    Differs(String),
    /// The case cannot be tried here.
    #[error("{0}")]
    Skipped(String),
    /// There was no answer.
    #[error("{0}")]
    Unanswered(String),
}

/// How a case comes out.
pub(super) type Checked<T = ()> = Result<T, Fault>;

/// A difference.
pub(super) fn differs(what: impl Into<String>) -> Fault {
    Fault::Differs(what.into())
}

/// Something has to hold.
pub(super) fn demand(holds: bool, what: impl Into<String>) -> Checked {
    if holds { Ok(()) } else { Err(differs(what)) }
}

/// Two values have to be the same.
pub(super) fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, wanted: &T) -> Checked {
    demand(found == wanted, format!("{what}: found {found:?}, wanted {wanted:?}"))
}

/// A success of this status: its body.
pub(super) fn success(ask: &Ask, answer: &Answer, status: u16) -> Checked<Value> {
    demand(answer.status == status, format!("{ask:?}: found {answer:?}, wanted {status}"))?;
    Ok(answer.json())
}

/// A refusal of one of these statuses and codes: its problem.
pub(super) fn refusal(ask: &Ask, answer: &Answer, wanted: &[(u16, &str)]) -> Checked<Value> {
    let code = answer.code();
    let is_one = wanted.iter().any(|(status, name)| (*status, *name) == (answer.status, &*code));
    let names: Vec<String> =
        wanted.iter().map(|(status, name)| format!("{status} {name}")).collect();
    let names = names.join(" or ");
    demand(is_one, format!("{ask:?}: found {answer:?}, wanted {names}"))?;
    Ok(answer.json())
}

/// A member of a value by its JSON pointer.
pub(super) fn member<'v>(value: &'v Value, pointer: &str) -> Checked<&'v Value> {
    value.pointer(pointer).ok_or_else(|| differs(format!("the answer has no {pointer}")))
}

/// A member that is text.
pub(super) fn text(value: &Value, pointer: &str) -> Checked<String> {
    let found = member(value, pointer)?.as_str().map(str::to_owned);
    found.ok_or_else(|| differs(format!("{pointer} is no text")))
}

/// A member that has to have a value.
pub(super) fn is(value: &Value, pointer: &str, wanted: impl Into<Value>) -> Checked {
    same(pointer, member(value, pointer)?, &wanted.into())
}

/// A member that must not be there.
pub(super) fn is_absent(value: &Value, pointer: &str) -> Checked {
    demand(value.pointer(pointer).is_none(), format!("the answer has {pointer}, wanted none"))
}
