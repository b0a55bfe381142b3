//! The state machine by model: random interleavings, against rules that are written here a second time, the other way round.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Map;

use super::{Answer, Event, Finding, Guest, Judgement, Proven, ProvenPlatform, Terms};
use crate::launch::Injection;
use crate::problem::Code;
use crate::registration::{Approval, LaunchLimit, Scheme};
use crate::text::{LaunchId, Sha256, Time};

fn id(number: u8) -> LaunchId {
    LaunchId::from_random([number.wrapping_add(1); 16])
}

/// What a random history is made of. Launches and requests are small numbers, so that they meet.
#[derive(Clone, Debug)]
enum Happens {
    Launch,
    Right { launch: u8, request: u8 },
    Wrong { launch: u8, request: u8 },
    Breaks { launch: u8, request: u8 },
    Acknowledge { launch: u8, well: bool },
    Decide { launch: u8, approve: bool },
    Revoke { launch: u8 },
    Disable(bool),
    Replace,
    Tick,
}

fn happens() -> impl Strategy<Value = (Happens, i64)> {
    let (launch, request) = (0..4_u8, 0..3_u8);
    let event = prop_oneof![
        4 => Just(Happens::Launch),
        6 => (launch.clone(), request.clone()).prop_map(|(launch, request)| Happens::Right { launch, request }),
        3 => (launch.clone(), request.clone()).prop_map(|(launch, request)| Happens::Wrong { launch, request }),
        1 => (launch.clone(), request).prop_map(|(launch, request)| Happens::Breaks { launch, request }),
        2 => (launch.clone(), any::<bool>()).prop_map(|(launch, well)| Happens::Acknowledge { launch, well }),
        3 => (launch.clone(), any::<bool>()).prop_map(|(launch, approve)| Happens::Decide { launch, approve }),
        1 => launch.prop_map(|launch| Happens::Revoke { launch }),
        1 => any::<bool>().prop_map(Happens::Disable),
        1 => Just(Happens::Replace),
        1 => Just(Happens::Tick),
    ];
    // Most of the time the clock goes on a little; sometimes it jumps, also back.
    (event, prop_oneof![8 => 0..5_000_i64, 1 => Just(61_000_i64), 1 => -100_000..0_i64])
}

prop_compose! {
    fn terms()(
        total in prop_oneof![Just(None), (1..6_u64).prop_map(Some)],
        concurrent in 1..4_u32,
        validate_attempts in 1..3_u32,
        manual in any::<bool>(),
        report_only in prop::bool::weighted(0.2),
        has_secrets in prop::bool::weighted(0.8),
        until in prop::option::weighted(0.2, 1_100_000..1_200_000_u64),
    ) -> Terms {
        let ttl = "PT1M".parse().expect("a minute");
        Terms {
            scheme: Scheme::AmdSev,
            limit: LaunchLimit { total, concurrent, ttl, validate_attempts },
            approval: if manual { Approval::Manual } else { Approval::Automatic },
            report_only,
            valid_from: None,
            valid_until: until.map(Time::from_millis),
            disabled: false,
            has_secrets,
        }
    }
}

/// What is remembered of a launch from outside.
#[derive(Clone, Debug)]
struct Seen {
    began: u64,
    wrong: u32,
    accepted: Option<u8>,
    approved: bool,
    over: bool,
    released: bool,
    /// What was acknowledged.
    told: Option<bool>,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn no_history_releases_what_it_should_not(terms in terms(), history in prop::collection::vec(happens(), 1..60)) {
        let mut guest = Guest::new(terms.clone(), Time::from_millis(1_000_000));
        let mut disabled = false;
        let (mut clock, mut latest) = (1_000_000_i64, 1_000_000_u64);
        let mut seen: BTreeMap<u8, Seen> = BTreeMap::new();
        let mut begun = 0_u8;
        for (what, passes) in history {
            clock = (clock + passes).max(0);
            let now = Time::from_millis(clock.unsigned_abs());
            latest = latest.max(now.millis());
            // What time alone ends.
            for launch in seen.values_mut() {
                let dies = (launch.began + 60_000).min(terms.valid_until.map_or(u64::MAX, Time::millis));
                launch.over |= dies <= latest;
            }
            let in_time = terms.valid_until.is_none_or(|until| latest < until.millis());
            let judged = |launch: u8, request: u8, finding| Event::Validate {
                request: Sha256([request; 32]),
                judgement: Judgement { launch: id(launch), finding, facts: Map::new() },
            };
            let event = match what {
                Happens::Launch => Event::Launch { id: id(begun), platform: ProvenPlatform::danger_unproven(), facts: Map::new() },
                Happens::Right { launch, request } => judged(launch, request, Finding::Accepted(Proven::for_the_model([launch; 32]))),
                Happens::Wrong { launch, request } => judged(launch, request, Finding::Mismatch),
                Happens::Breaks { launch, request } => judged(launch, request, Finding::Broken(Code::FirmwareVersion)),
                Happens::Acknowledge { launch, well } => Event::Acknowledge {
                    launch: id(launch),
                    result: if well { Injection::Injected } else { Injection::Failed },
                    facts: Map::new(),
                },
                Happens::Decide { launch, approve } => Event::Decide { launch: id(launch), approve },
                Happens::Revoke { launch } => Event::Revoke { launch: id(launch) },
                Happens::Disable(value) => Event::Amend { terms: Terms { disabled: value, ..terms.clone() } },
                Happens::Replace => Event::Replace { terms: Terms { disabled, ..terms.clone() } },
                Happens::Tick => Event::Tick,
            };
            let before = guest.clone();
            let step = guest.step(event, now);
            let after = step.guest.expect("nothing deletes here");

            // Each launch that stopped being live is named once, and nothing that is over lives again.
            let live = |guest: &Guest, id| guest.launch(id).is_some_and(|launch| launch.state.is_live());
            for number in 0..=begun {
                let id = id(number);
                let ends = step.ended.iter().filter(|ended| **ended == id).count();
                prop_assert_eq!(ends, usize::from(live(&before, id) && !live(&after, id)));
                if let Some(launch) = before.launch(id) && !launch.state.is_live() {
                    let kept = after.launch(id).map(|launch| launch.state);
                    prop_assert_eq!(kept, Some(launch.state));
                }
            }

            match what {
                Happens::Launch => {
                    let lives = seen.values().filter(|launch| !launch.over).count();
                    let may = !disabled && in_time
                        && terms.limit.total.is_none_or(|total| u64::from(begun) < total)
                        && (terms.limit.concurrent == 1 || lives < 4 && u32::try_from(lives).expect("few") < terms.limit.concurrent);
                    prop_assert_eq!(step.answer.is_ok(), may);
                    if may {
                        if terms.limit.concurrent == 1 {
                            seen.values_mut().for_each(|launch| launch.over = true);
                        }
                        seen.insert(begun, Seen { began: latest, wrong: 0, accepted: None, approved: false, over: false, released: false, told: None });
                        begun += 1;
                    }
                }
                Happens::Right { launch, request } | Happens::Wrong { launch, request } | Happens::Breaks { launch, request } => {
                    let right = matches!(what, Happens::Right { .. });
                    let open = seen.get(&launch).is_some_and(|seen| !seen.over && seen.accepted.is_none_or(|first| first == request));
                    // A record says what became of every judgement but of the question whether the owner approved by now.
                    let awaited_again = step.answer == Ok(Answer::Awaited) && seen.get(&launch).is_some_and(|seen| seen.accepted.is_some());
                    let records = step.records.iter().filter(|record| record.action == "validate").count();
                    prop_assert_eq!(records, usize::from(!awaited_again));
                    let may = open && right && !disabled && in_time;
                    match &step.answer {
                        Ok(Answer::Released(release)) => {
                            prop_assert!(may && terms.has_secrets && !terms.report_only);
                            prop_assert!(terms.approval == Approval::Automatic || seen.get(&launch).is_some_and(|seen| seen.approved));
                            prop_assert_eq!(release.launch(), id(launch));
                            prop_assert_eq!(step.records.last().map(|record| record.facts.get("released") == Some(&true.into())), Some(true));
                        }
                        Ok(Answer::Trusted) => {
                            prop_assert!(may && (!terms.has_secrets || terms.report_only));
                            prop_assert!(terms.approval == Approval::Automatic || seen.get(&launch).is_some_and(|seen| seen.approved));
                        }
                        Ok(Answer::Awaited) => prop_assert!(may && terms.approval == Approval::Manual && seen.get(&launch).is_some_and(|seen| !seen.approved)),
                        Ok(_) => prop_assert!(false, "{:?}", step.answer),
                        Err(_) => prop_assert!(!may),
                    }
                    if let Some(seen) = seen.get_mut(&launch) && open {
                        match (&step.answer, right) {
                            (Ok(Answer::Awaited), _) => seen.accepted = Some(request),
                            (Ok(answer), _) => {
                                seen.over = true;
                                seen.released = matches!(answer, Answer::Released(_));
                            }
                            (Err(_), true) => seen.over = true,
                            (Err(_), false) if matches!(what, Happens::Breaks { .. }) => seen.over = true,
                            (Err(_), false) => {
                                seen.wrong += 1;
                                seen.over = seen.wrong == terms.limit.validate_attempts;
                            }
                        }
                    }
                }
                Happens::Acknowledge { launch, well } => {
                    let told = seen.get(&launch).and_then(|seen| seen.told);
                    let may = seen.get(&launch).is_some_and(|seen| seen.released) && told.is_none_or(|before| before == well);
                    prop_assert_eq!(step.answer.is_ok(), may);
                    if let Some(seen) = seen.get_mut(&launch) && may {
                        seen.told = Some(well);
                    }
                }
                Happens::Decide { launch, approve } => {
                    let waits = seen.get(&launch).is_some_and(|seen| !seen.over && seen.accepted.is_some());
                    prop_assert_eq!(step.answer.is_ok(), waits);
                    if let Some(seen) = seen.get_mut(&launch) && waits {
                        seen.approved |= approve;
                        seen.over |= !approve;
                    }
                }
                Happens::Revoke { launch } => {
                    if let Some(seen) = seen.get_mut(&launch) {
                        seen.over = true;
                    }
                }
                Happens::Disable(value) => disabled = value,
                Happens::Replace => seen.values_mut().for_each(|launch| launch.over = true),
                Happens::Tick => {}
            }
            for (number, launch) in &seen {
                prop_assert_eq!(live(&after, id(*number)), !launch.over, "launch {} at {}", number, latest);
            }
            guest = after;
        }
    }
}

fn automatic() -> Terms {
    Terms {
        scheme: Scheme::AmdSev,
        limit: LaunchLimit::default(),
        approval: Approval::Automatic,
        report_only: false,
        valid_from: None,
        valid_until: None,
        disabled: false,
        has_secrets: true,
    }
}

fn begin(guest: &Guest, number: u8, now: u64) -> Guest {
    let event = Event::Launch {
        id: id(number),
        platform: ProvenPlatform::danger_unproven(),
        facts: Map::new(),
    };
    guest.step(event, Time::from_millis(now)).guest.expect("kept")
}

#[test]
fn a_platform_that_comes_with_its_report_gets_no_session() {
    for scheme in Scheme::ALL {
        let guest = Guest::new(Terms { scheme, ..automatic() }, Time::from_millis(0));
        let platform = ProvenPlatform::with_the_report();
        let event = Event::Launch { id: id(0), platform, facts: Map::new() };
        let step = guest.step(event, Time::from_millis(0));
        match scheme {
            Scheme::AmdSevSnp => assert!(step.answer.is_ok(), "{step:?}"),
            _ => assert_eq!(step.answer.map_err(|refusal| refusal.code), Err(Code::Internal)),
        }
    }
}

#[test]
fn a_clock_that_goes_back_revives_nothing() {
    let guest = begin(&Guest::new(automatic(), Time::from_millis(0)), 0, 1_000);
    let late = guest.step(Event::Tick, Time::from_millis(601_000));
    assert_eq!(late.ended, [id(0)]);
    let guest = late.guest.expect("kept");
    let request = Sha256([1; 32]);
    let judgement = Judgement {
        launch: id(0),
        finding: Finding::Accepted(Proven::for_the_model([0; 32])),
        facts: Map::new(),
    };
    let early = guest.step(Event::Validate { request, judgement }, Time::from_millis(2_000));
    assert_eq!(early.answer.expect_err("expired").code, Code::LaunchExpired);
}

#[test]
fn launches_that_are_over_are_forgotten_and_the_status_is_not() {
    let mut guest = Guest::new(automatic(), Time::from_millis(0));
    for number in 0..40 {
        guest = begin(&guest, number, 1_000);
    }
    assert_eq!(guest.launches().count(), Guest::MOST_ENDED + 1);
    assert_eq!(guest.launched(), 40);
    assert_eq!(guest.launch(id(0)), None);
}
