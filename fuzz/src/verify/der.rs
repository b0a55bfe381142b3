//! Changes to DER that leave it DER: a value is another, an element is missing or stands twice, and every length around it is right.

use super::changes;
use super::choices::Choices;

/// One element.
#[derive(Clone)]
pub(super) struct Element {
    pub(super) tag: u8,
    value: Value,
}

#[derive(Clone)]
enum Value {
    Bytes(Vec<u8>),
    /// Elements, after so many bytes of another kind: the 0 before what is in a BIT STRING.
    Parts(Vec<u8>, Vec<Element>),
}

/// How deep elements are taken apart. A certificate's deepest are nine below it.
const DEPTH: usize = 12;

/// The tags in which DER may be wrapped.
const BIT_STRING: u8 = 3;
const OCTET_STRING: u8 = 4;

impl Element {
    /// The elements in it; none if it is not made of any.
    pub(super) fn parts(&self) -> &[Self] {
        match &self.value {
            Value::Parts(_, parts) => parts,
            Value::Bytes(_) => &[],
        }
    }

    /// What is between its head and its end.
    pub(super) fn content(&self) -> Vec<u8> {
        match &self.value {
            Value::Bytes(bytes) => bytes.clone(),
            Value::Parts(before, parts) => [before.as_slice(), &write(parts)].concat(),
        }
    }
}

/// All elements of the bytes; `None` if there is something else.
pub(super) fn read(bytes: &[u8]) -> Option<Vec<Element>> {
    read_below(bytes, DEPTH)
}

fn read_below(mut bytes: &[u8], depth: usize) -> Option<Vec<Element>> {
    let mut elements = Vec::new();
    while let Some((&tag, rest)) = bytes.split_first() {
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81 if *rest.first()? >= 0x80 => (usize::from(rest[0]), &rest[1..]),
            0x82 if *rest.first()? > 0 => {
                let length = u16::from_be_bytes(*rest.first_chunk()?);
                (usize::from(length), &rest[2..])
            }
            // Longer than anything that is read here, or a length that is not the shortest.
            _ => return None,
        };
        let (content, after) = rest.split_at_checked(length)?;
        let wrapped = match (tag, content) {
            (BIT_STRING, [0, rest @ ..]) => Some((vec![0], rest)),
            (OCTET_STRING, rest) => Some((Vec::new(), rest)),
            (tag, rest) if tag & 0x20 != 0 => Some((Vec::new(), rest)),
            _ => None,
        };
        let parts = wrapped
            .filter(|(_, inner)| depth > 0 && inner.len() > 1)
            .and_then(|(before, inner)| Some(Value::Parts(before, read_below(inner, depth - 1)?)));
        let value = parts.unwrap_or_else(|| Value::Bytes(content.to_vec()));
        elements.push(Element { tag, value });
        bytes = after;
    }
    Some(elements)
}

/// The elements as bytes, with the shortest lengths.
pub(super) fn write(elements: &[Element]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for element in elements {
        let content = element.content();
        bytes.push(element.tag);
        match u16::try_from(content.len()).map(|length| (length, length.to_be_bytes())) {
            Ok((0..=0x7f, [_, low])) => bytes.push(low),
            Ok((0x80..=0xff, [_, low])) => bytes.extend([0x81, low]),
            Ok((_, [high, low])) => bytes.extend([0x82, high, low]),
            // Longer than anything that is read here.
            Err(_) => bytes.extend([0x83, 0xff, 0xff, 0xff]),
        }
        bytes.extend(content);
    }
    bytes
}

/// A few changes to the elements of DER. What is not DER, or no longer, has its bytes changed.
pub(super) fn change(choices: &mut Choices<'_>, bytes: &mut Vec<u8>) {
    if let Some(mut elements) = read(bytes) {
        for _ in 0..choices.below(5) {
            change_one(choices, &mut elements);
        }
        *bytes = write(&elements);
    }
    changes::make(choices, bytes);
}

fn change_one(choices: &mut Choices<'_>, elements: &mut Vec<Element>) {
    let count = count(elements);
    if count == 0 {
        return;
    }
    let kind = choices.byte();
    let number = usize::from(choices.u16()) % count;
    let other = (kind % 9 == 5).then(|| nth(elements, usize::from(choices.u16()) % count).cloned());
    let mut left = number;
    at(elements, &mut left, &mut |siblings, index| {
        let element = &mut siblings[index];
        match kind % 9 {
            0 => element.tag = choices.byte(),
            1 => element.value = Value::Bytes(choices.bytes(80).to_vec()),
            2 | 3 => {
                let mut content = element.content();
                changes::one(choices, &mut content);
                element.value = Value::Bytes(content);
            }
            4 => {
                siblings.remove(index);
            }
            5 => {
                if let Some(Some(other)) = &other {
                    *element = other.clone();
                }
            }
            6 => {
                let twice = element.clone();
                siblings.insert(index, twice);
            }
            // TRUE: before its value it makes an extension critical.
            7 => siblings.insert(index, Element { tag: 1, value: Value::Bytes(vec![0xff]) }),
            _ => {
                let next = (index + 1) % siblings.len();
                siblings.swap(index, next);
            }
        }
    });
}

fn count(elements: &[Element]) -> usize {
    elements.iter().map(|element| 1 + count(element.parts())).sum()
}

/// The element with that number, counted from the outside in.
fn nth(elements: &[Element], number: usize) -> Option<&Element> {
    let mut left = number;
    for element in elements {
        if left == 0 {
            return Some(element);
        }
        let inside = count(element.parts());
        if left <= inside {
            return nth(element.parts(), left - 1);
        }
        left -= 1 + inside;
    }
    None
}

/// Gives the element with that number, as its place among its siblings, to a function.
fn at(
    elements: &mut Vec<Element>,
    left: &mut usize,
    then: &mut impl FnMut(&mut Vec<Element>, usize),
) -> bool {
    for index in 0..elements.len() {
        if *left == 0 {
            then(elements, index);
            return true;
        }
        *left -= 1;
        if let Value::Parts(_, parts) = &mut elements[index].value
            && at(parts, left, then)
        {
            return true;
        }
    }
    false
}

/// A seed that makes one change to an element: see [`change`].
pub(super) fn seed(kind: u8, number: u16, value: &[u8]) -> Vec<u8> {
    [&[1, kind][..], &number.to_le_bytes(), value].concat()
}

#[cfg(test)]
mod tests {
    use sev_launch_testkit::report::{Authority, Vek};

    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        for der in [
            Vek::vcek("Milan").certificate(Authority::Ask),
            Authority::Ark.certificate("Turin", Authority::Ark),
        ] {
            let elements = read(&der).unwrap();
            assert_eq!(write(&elements), der);
            let numbered: Vec<u8> =
                (0..count(&elements)).map(|number| nth(&elements, number).unwrap().tag).collect();
            assert!(numbered.len() > 50 && nth(&elements, numbered.len()).is_none());
            // The certificate, what is signed, the version's wrapping and the version.
            assert_eq!(numbered[..4], [0x30, 0x30, 0xa0, 0x02]);
        }
    }
}
