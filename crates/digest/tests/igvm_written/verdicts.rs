//! Files with changed headers: the `igvm` crate and our reader take the same ones, and read the same of them.
//!
//! Where ours takes fewer, the reason is one of [`is_stricter`]. Where the crate panics, QEMU ends: that is no file either.

use std::cell::Cell;
use std::panic::catch_unwind;

use igvm::IgvmFile;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sev_launch_digest::igvm::{Error, File, HeaderProblem};
use sev_launch_testkit::igvm::{self as made, Builder, NATIVE, SEV, SEV_ES, SNP, TDX, VSM, sealed};

use crate::by_the_crate::is_same;
use crate::config;

/// A header: its type and bytes, and data with the place of its offset.
type Header = (u32, Vec<u8>, Option<(usize, Vec<u8>)>);

fn header(kind: u32, fields: &[&[u8]], data: Option<(usize, Vec<u8>)>) -> Header {
    (kind, fields.concat(), data)
}

/// Headers to leave out, give twice, or swap: what, and which two; bytes to change: of which header, where, and to what; the version.
type Changes = (Vec<(u8, usize, usize)>, Vec<(usize, usize, u8)>, u8);

/// Every header of the format that a file for x86 may have, in an order in which it may.
fn headers() -> Vec<Header> {
    let four = |value: u32| value.to_le_bytes();
    let eight = |value: u64| value.to_le_bytes();
    let platform =
        |kind: u8, mask: u32| header(0x1, &[&four(mask), &[0, kind, 1, 0], &eight(0)], None);
    let context = |mask: u32, vcpu: u8, gpa: u64, data: Vec<u8>| {
        let fields: [&[u8]; 4] = [&eight(gpa), &four(mask), &four(0), &[vcpu, 0, 0, 0]];
        header(0x304, &fields, Some((12, data)))
    };
    let page = |gpa: u64, mask: u32, kind: u8, data: Option<u8>| {
        let fields: [&[u8]; 5] = [&eight(gpa), &four(mask), &four(0), &four(0), &[kind, 0, 0, 0]];
        header(0x302, &fields, data.map(|fill| (12, vec![fill; 4096])))
    };
    let mut native = vec![0; 4096];
    native[..8].fill(7);
    // Two registers of the lowest level: CR0 and RIP.
    let mut registers = four(2).to_vec();
    registers.extend(header(0, &[&[0], &four(0x4_0000), &[0; 11], &[1; 16]], None).1);
    registers.extend(header(0, &[&[0], &four(0x2_0010), &[0; 11], &[1; 16]], None).1);
    let mut all = vec![
        platform(SNP, 1),
        platform(SEV_ES, 2),
        platform(SEV, 4),
        platform(NATIVE, 8),
        platform(VSM, 16),
        platform(TDX, 32),
        header(0x101, &[&eight(0x3_0000), &four(1), &four(0)], None),
        // A region of two pages, movable by pages; of vCPU 0, level 0.
        header(
            0x102,
            &[
                &four(16),
                &[0, 0, 0, 0],
                &eight(0x1000),
                &eight(0x10_0000),
                &eight(0x2000),
                &eight(0),
                &eight(0x80_0000),
            ],
            None,
        ),
        header(
            0x103,
            &[&four(16), &[0; 4], &eight(0x20_0000), &eight(0x4000), &eight(0x1000)],
            None,
        ),
        header(0x301, &[&eight(0x2000), &four(1), &four(0)], Some((12, vec![9; 0x2000]))),
        header(0x301, &[&eight(0x1000), &four(2), &four(0)], None),
    ];
    for kind in [0x307, 0x308, 0x309, 0x30a, 0x30c, 0x30e, 0x30f, 0x310, 0x312, 0x313] {
        all.push(header(kind, &[&four(1), &four(0)], None));
    }
    all.extend([
        header(0x303, &[&eight(0x30_0000), &four(31), &four(1)], None),
        header(0x305, &[&eight(0), &four(63), &four(0x1000), &four(0), &four(0)], None),
        page(0x10_0000, 63, 0, Some(1)),
        page(0x10_1000, 1, 0, None),
        page(0x10_2000, 1, 1, None),
        page(0x10_3000, 1, 2, Some(2)),
        context(1, 0, made::VMSA_GPA, made::vmsa(1)),
        context(2, 1, made::VMSA_GPA, made::vmsa(0)),
        context(4, 0, 0, native.clone()),
        context(8, 0, 0, native),
        context(16, 0, 0, registers),
        header(0x30d, &[&eight(0x5000), &four(1), &four(0x1000)], None),
        header(0x311, &[&four(16), &[3; 860]], None),
        header(0x30b, &[&four(1), &[0; 692]], None),
    ]);
    all
}

fn build(headers: &[Header], version: u8) -> Vec<u8> {
    let file = if version == 1 { Builder::new() } else { Builder::new().version(2, 0, 4096) };
    let add = |file: Builder, (kind, body, data): &Header| match data {
        Some((place, data)) => file.raw_with(*kind, body, *place, data),
        None => file.raw(*kind, body),
    };
    headers.iter().fold(file, add).build()
}

/// Why ours may refuse what the crate takes.
fn is_stricter(error: &Error) -> bool {
    match error {
        // QEMU refuses it later.
        Error::NoDirectives
        // The crate is built with CoRIM here; QEMU's is not.
        | Error::Header { kind: 0x104 | 0x105, problem: HeaderProblem::Unknown, .. }
        | Error::Header {
            problem:
                // Not looked at by the crate.
                HeaderProblem::Field { field: "padding after it", .. }
                // A region without bytes is no region.
                // Every list is read to its end.
                | HeaderProblem::Field { field: "number of registers", wanted: "at most 256", .. }
                | HeaderProblem::Field { field: "size", wanted: "some bytes that have addresses", .. },
            ..
        } => true,
        // A file for Arm, of which no guest of AMD starts.
        Error::FixedHeader { field: "architecture", .. } => true,
        _ => false,
    }
}

/// Both read a file: do they take it, and the same of it?
fn compare(bytes: &[u8]) -> Result<bool, String> {
    let ours = File::parse(bytes.to_vec());
    let theirs = catch_unwind(|| IgvmFile::new_from_binary(bytes, None));
    match (ours, theirs) {
        (Ok(ours), Ok(Ok(theirs))) => {
            let (ours_count, theirs_count) = (ours.directives().len(), theirs.directives().len());
            if ours_count != theirs_count || ours.platforms().len() != theirs.platforms().len() {
                return Err(format!("{ours_count} directives, and the crate has {theirs_count}"));
            }
            let pairs = ours.directives().iter().zip(theirs.directives());
            match pairs.into_iter().find(|(one, other)| !is_same(&ours, one, other)) {
                Some((one, other)) => Err(format!("{one:?}, and the crate has {other:?}")),
                None => Ok(true),
            }
        }
        (Ok(_), Ok(Err(theirs))) => Err(format!("only the crate refuses it: {theirs:?}")),
        (Ok(_), Err(_)) => Err("the crate panics".to_owned()),
        (Err(error), Ok(Ok(_))) if !is_stricter(&error) => Err(format!("only ours: {error}")),
        (Err(_), _) => Ok(false),
    }
}

#[test]
fn every_header_is_read_as_by_the_crate() {
    for version in [1, 2] {
        assert_eq!(compare(&build(&headers(), version)), Ok(true));
    }
}

// Headers left out, twice, and in another order; bytes changed; the checksum made again.
#[test]
fn changed_headers_have_the_crate_s_verdict() {
    let value = prop_oneof![
        any::<u8>(),
        prop_oneof![Just(0_u8), Just(1), Just(2), Just(0x10), Just(0x80), Just(0xff)]
    ];
    let changes = (
        vec((0_u8..4, any::<usize>(), any::<usize>()), 0..4),
        vec((any::<usize>(), any::<usize>(), value), 0..3),
        1_u8..3,
    );
    let (taken, refused) = (Cell::new(0), Cell::new(0));
    let run = |(moves, bytes, version): Changes| {
        let mut all = headers();
        for (what, one, other) in moves {
            let (one, other) = (one % all.len(), other % all.len());
            match what {
                // One is left.
                0 if all.len() == 1 => {}
                0 => drop(all.remove(one)),
                1 => all.insert(other, all[one].clone()),
                2 => all.swap(one, other),
                // All of one section, or of one platform's.
                _ => all.truncate(one.max(1)),
            }
        }
        let count = all.len();
        for (one, at, value) in &bytes {
            let (_, body, data) = &mut all[one % count];
            match data {
                Some((_, data)) if at % 3 == 0 => {
                    let end = data.len().min(4096);
                    data[at / 3 % end] = *value;
                }
                _ => {
                    let end = body.len();
                    body[at % end] = *value;
                }
            }
        }
        let mut file = build(&all, version);
        // The offsets are written last, and lengths and padding are nobody's body.
        for (one, at, value) in bytes.iter().filter(|(one, ..)| one % 4 == 0) {
            let end = file.len().min(2000);
            let at = if one % 8 == 0 { at % end } else { at % 32 };
            if !(20..24).contains(&at) {
                file[at] = *value;
            }
        }
        match compare(&sealed(file)) {
            Ok(true) => taken.set(taken.get() + 1),
            Ok(false) => refused.set(refused.get() + 1),
            Err(error) => prop_assert!(false, "{error}"),
        }
        Ok(())
    };
    TestRunner::new(config(2000)).run(&changes, run).unwrap_or_else(|error| panic!("{error}"));
    let (taken, refused) = (taken.get(), refused.get());
    println!("{taken} taken, {refused} refused");
    assert!(taken >= 200 && refused >= 400, "{taken} taken, {refused} refused");
}
