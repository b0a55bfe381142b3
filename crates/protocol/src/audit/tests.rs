//! Chains that were changed.

use super::*;

fn lines() -> Vec<String> {
    let actor = Actor { kind: "token", id: "a1".into(), address: Some("192.0.2.1".into()) };
    let mut head = Head::EMPTY;
    (0..5_u8)
        .map(|number| {
            let context = Context {
                time: Time::from_millis(u64::from(number) * 1000),
                tenant: "default",
                request: RequestId::new(0, &[number; 10]),
                actor: &actor,
                vmid: None,
            };
            let facts = Map::from_iter([("number".to_owned(), Value::from(number))]);
            let (line, next) = head.append(&context, &record("test", None, facts));
            head = next;
            line
        })
        .collect()
}

fn verify(lines: &[String]) -> Result<Head, AuditError> {
    let mut chain = Chain::after(Head::EMPTY);
    for line in lines {
        chain.verify(line)?;
    }
    chain.end()
}

#[test]
fn a_line_is_hashed_as_its_documentation_says() {
    // Made by Python: json.dumps(record, sort_keys=True, separators=(',', ':')) without `hash`, and hashlib.sha256 of it.
    let first = &lines()[0];
    let text = r#"{"action":"test","actor":{"address":"192.0.2.1","id":"a1","kind":"token"},"facts":{"number":0},"outcome":"done","prev":"0000000000000000000000000000000000000000000000000000000000000000","request-id":"00000000-0000-7000-8000-000000000000","seq":1,"tenant":"default","time":"1970-01-01T00:00:00.000Z"}"#;
    let hash = "d748a878da07466b11fdeb6ab0f8da0e3f220bd9eb41a876fc8eec1eb280946d";
    let expected = text.replacen(r#","outcome""#, &format!(r#","hash":"{hash}","outcome""#), 1);
    assert_eq!(*first, expected);
}

#[test]
fn a_whole_chain_is_good() {
    assert_eq!(verify(&lines()).expect("untouched").seq, 5);
}

#[test]
fn every_changed_byte_is_found() {
    let good = lines();
    for (at, line) in good.iter().enumerate() {
        for place in 0..line.len() {
            let mut bytes = line.clone().into_bytes();
            bytes[place] ^= 1;
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let mut changed = good.clone();
            changed[at] = text;
            assert!(verify(&changed).is_err(), "byte {place} of line {}", at + 1);
        }
    }
}

#[test]
fn dropped_moved_and_doubled_lines_are_found() {
    let good = lines();
    for at in 0..good.len() {
        let mut dropped = good.clone();
        dropped.remove(at);
        // What is cut off at the end is what a checkpoint shows.
        assert_eq!(verify(&dropped).is_ok(), at == good.len() - 1, "without line {}", at + 1);
        let mut doubled = good.clone();
        doubled.insert(at, good[at].clone());
        assert!(matches!(verify(&doubled), Err(AuditError::Number { .. })));
    }
    let mut swapped = good.clone();
    swapped.swap(1, 2);
    assert_eq!(verify(&swapped), Err(AuditError::Number { line: 2, found: 3, wanted: 2 }));
}

#[test]
fn a_checkpoint_shows_what_was_cut_off() {
    let good = lines();
    let head = verify(&good).expect("untouched");
    let point = Checkpoint {
        tenant: "default".into(),
        seq: 5,
        hash: Sha256(head.hash),
        time: Time::from_millis(9),
    };
    let mut chain = Chain::after(Head::EMPTY).with_checkpoints(vec![point]);
    for line in &good[..4] {
        chain.verify(line).expect("untouched");
    }
    assert!(matches!(chain.end(), Err(AuditError::Checkpoint { seq: 5, .. })));
    chain.verify(&good[4]).expect("untouched");
    assert_eq!(chain.end(), Ok(head));
}
