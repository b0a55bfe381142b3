//! What is added, what stays, and what is refused.

use proptest::prelude::*;

use super::*;

const LINE: &str = "qemu-system-x86_64 -enable-kvm -machine q35,confidential-guest-support=sev0 -smp 2 \
    -object memory-backend-ram,id=ram,size=1G -object sev-guest,id=sev0 -bios OVMF.fd";

fn words(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(OsString::from).collect()
}

fn session() -> Session {
    Session { godh: vec![1; 2084], blob: vec![2; 128], policy: 0x5, kernel_hashes: None }
}

fn host() -> Host {
    let (pdh, cert_chain) = (vec![0; 2084], vec![0; 6252]);
    Host { pdh, cert_chain, cpu_id: None, cbitpos: 51, reduced_phys_bits: 1 }
}

fn files() -> Files {
    Files { godh: "/run/a,b/godh".into(), blob: "/run/blob".into() }
}

fn edited_for(session: &Session, host: &Host, line: &str) -> Result<String, String> {
    let edit = || {
        let line = CommandLine::parse(&words(line))?;
        line.with_session(session, host, &files(), Path::new("/run/q,mp"))
    };
    let words = edit().map_err(|error| error.to_string())?;
    let words: Vec<_> = words.into_iter().map(|word| word.into_string().unwrap()).collect();
    Ok(words.join(" "))
}

fn edited(line: &str) -> Result<String, String> {
    edited_for(&session(), &host(), line)
}

fn said(line: &str) -> String {
    edited(line).unwrap_err()
}

#[test]
fn all_that_is_missing_is_added() {
    let wanted = LINE.split_whitespace().collect::<Vec<_>>().join(" ").replace(
        "sev-guest,id=sev0",
        "sev-guest,id=sev0,policy=0x5,cbitpos=51,reduced-phys-bits=1,dh-cert-file=/run/a,,b/godh,session-file=/run/blob",
    );
    let wanted = format!("{wanted} -S -qmp unix:/run/q,,mp,server=on,wait=off");
    assert_eq!(edited(LINE), Ok(wanted));
}

#[test]
fn what_is_said_already_is_not_said_again() {
    let line =
        LINE.replace("id=sev0 -bios", "policy=5,cbitpos=0x33,reduced-phys-bits=5,id=sev0 -S -bios");
    let edited = edited(&line).unwrap();
    for (text, count) in [("policy=", 1), ("cbitpos=", 1), ("reduced-phys-bits=", 1), (" -S", 1)] {
        assert_eq!(edited.matches(text).count(), count, "{text} in {edited}");
    }
    // A value that looks like it is none.
    let edited = edited_for(&session(), &host(), &format!("{LINE} -name -S")).unwrap();
    assert!(edited.contains(" -name -S -S -qmp "), "{edited}");
}

// As libvirt writes it.
#[test]
fn json_is_edited_in_its_place() {
    let object = r#"{"qom-type":"sev-guest","id":"sev0","cbitpos":51,"reduced-phys-bits":1}"#;
    let line = LINE.replace("sev-guest,id=sev0", object);
    let wanted = object.replace(
        "1}",
        r#"1,"policy":5,"dh-cert-file":"/run/a,b/godh","session-file":"/run/blob"}"#,
    );
    let edited = edited(&line).unwrap();
    assert!(edited.contains(&wanted), "{edited}");
}

#[test]
fn old_names_and_two_dashes_are_known() {
    for line in [
        LINE.replace("confidential-guest-support", "memory-encryption"),
        LINE.replace("confidential-guest-support", "confidential_guest_support"),
        LINE.replace(" -object", " --object").replace("-machine", "--M"),
        format!("{LINE} -machine accel=kvm"),
        format!("sev-launch rehearse --stay -- {LINE}"),
    ] {
        let edited = edited(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(edited.matches("session-file=/run/blob").count(), 1, "{edited}");
    }
}

#[test]
fn another_object_than_one_of_sev_is_refused() {
    for (line, words) in [
        (LINE.replace("sev-guest", "sev-snp-guest"), "sev-launch report fetch"),
        (LINE.replace("sev-guest", "tdx-guest"), "has no -object sev-guest"),
        (format!("{LINE} -object sev-guest,id=sev1"), "2 times -object sev-guest"),
        (LINE.replace("sev-guest,id=sev0", "sev-guest,id=sev1"), "names the object sev0"),
        (LINE.replace("sev-guest,id=sev0", "sev-guest"), "has no id"),
        (LINE.replace(",confidential-guest-support=sev0", ""), "would start the guest without SEV"),
        (format!("{LINE} -machine memory-encryption=x"), "leave the old one out"),
        (LINE.replace("sev-guest,id=sev0", "{'qom-type':'sev-guest'}"), "double quotes"),
    ] {
        let error = said(&line);
        assert!(error.contains(words), "{line}: {error}");
    }
}

#[test]
fn what_makes_no_sense_with_a_session_is_refused() {
    for (option, words) in [
        ("-incoming tcp:0:1", "launched where it comes from"),
        ("--loadvm x", "take the place of what was measured"),
        ("-daemonize", "in the background is lost"),
        ("--preconfig", "x-exit-preconfig"),
        ("-append", "value is missing"),
    ] {
        let error = said(&format!("{LINE} {option}"));
        assert!(error.contains(words), "{option}: {error}");
    }
    let value = format!("{LINE} -name -daemonize");
    assert!(edited(&value).is_ok());
}

#[test]
fn what_differs_from_the_owner_or_the_host_is_refused_with_both_values() {
    for (key, wanted) in [
        ("policy=0x1", ["policy=0x1", "0x5"]),
        ("policy=x", ["policy=x", "a number"]),
        ("cbitpos=47", ["cbitpos=47", "at 51"]),
        ("session-file=x", ["session-file", "comes from the owner"]),
        ("dh-cert-file=x", ["dh-cert-file", "comes from the owner"]),
    ] {
        let error = said(&LINE.replace("id=sev0 -bios", &format!("id=sev0,{key} -bios")));
        assert!(wanted.iter().all(|text| error.contains(text)), "{key}: {error}");
    }
}

#[test]
fn kernel_hashes_are_the_owners() {
    let with = |wanted, line: &str| {
        edited_for(&Session { kernel_hashes: wanted, ..session() }, &host(), line)
    };
    let kernel = format!("{LINE} -kernel vmlinuz");
    let on = kernel.replace("id=sev0 -bios", "id=sev0,kernel-hashes=on -bios");
    let off = kernel.replace("id=sev0 -bios", "id=sev0,kernel-hashes=off -bios");
    assert!(with(Some(true), &kernel).unwrap().contains("policy=0x5,kernel-hashes=on,"));
    assert_eq!(with(Some(true), &on).unwrap().matches("kernel-hashes").count(), 1);
    assert!(with(Some(true), &off).unwrap_err().contains("kernel-hashes=off: the owner says on"));
    assert!(with(Some(false), &on).unwrap_err().contains("kernel-hashes=on: the owner says off"));
    for line in [&kernel, &on, &off] {
        assert!(with(None, line).unwrap().matches("kernel-hashes").count() <= 1);
    }
    assert!(!with(Some(false), &kernel).unwrap().contains("kernel-hashes"));
    for line in [LINE.to_owned(), LINE.replace("id=sev0 -bios", "id=sev0,kernel-hashes=on -bios")] {
        assert!(with(Some(true), &line).unwrap_err().contains("the line has no -kernel"));
    }
    let machine = format!("{LINE} -machine kernel=vmlinuz");
    assert!(with(Some(true), &machine).unwrap().contains("kernel-hashes=on"));
}

// QEMU on a machine without SEV says 0, and a rehearsal has the C-bit of another.
#[test]
fn a_host_without_a_c_bit_says_nothing_of_it() {
    let host = Host { cbitpos: 0, ..host() };
    let line = LINE.replace("id=sev0 -bios", "id=sev0,cbitpos=51 -bios");
    assert!(
        edited_for(&session(), &host, &line).unwrap().contains("cbitpos=51,policy=0x5,reduced")
    );
    assert!(!edited_for(&session(), &host, LINE).unwrap().contains("cbitpos"));
}

#[test]
fn a_monitors_path_is_one_of_a_socket() {
    let value = |path: &str| monitor_of_its_own(Path::new(path));
    assert_eq!(value("/a=b").unwrap(), "unix:path=/a=b,server=on,wait=off");
    assert!(value(&"x".repeat(107)).is_ok());
    for path in ["", &"x".repeat(108)] {
        assert!(value(path).unwrap_err().to_string().contains("wanted 1 to 107"));
    }
}

#[test]
fn the_emulator_is_what_is_asked_for_the_host() {
    let line = CommandLine::parse(&words(&format!("sudo -E {LINE}"))).unwrap();
    assert_eq!(line.emulator(), ["sudo", "-E", "qemu-system-x86_64"]);
}

#[test]
fn a_uuid_is_the_last_one_said() {
    let uuid = |more: &str| {
        let line = CommandLine::parse(&words(&format!("{LINE} {more}"))).unwrap();
        line.uuid().map(|uuid| uuid.to_string())
    };
    let (one, other) =
        ("57f669c2-c427-4132-bc7a-26f56b6a718c", "6f0e6d9c-2d0f-4bb8-9c53-0b1d7f0d1f31");
    assert_eq!(uuid(&format!("-uuid {other} -uuid {one}")).as_deref(), Some(one));
    for none in ["", "-uuid x", &format!("-name -uuid -append {one}")] {
        assert_eq!(uuid(none), None, "{none}");
    }
}

/// A word that stands beside the SEV object: as a value it may look like anything.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,20}",
        Just("-S".to_owned()),
        Just("-object".to_owned()),
        Just("sev-guest,id=sev0".to_owned()),
        Just("-incoming".to_owned()),
        Just("--".to_owned()),
    ]
}

proptest! {
    #[test]
    fn every_other_word_is_as_it_was(
        before in proptest::collection::vec(value(), 0..4),
        behind in proptest::collection::vec(value(), 0..4),
        is_json in any::<bool>(),
    ) {
        let mut line = words("qemu-system-x86_64 -M q35,memory-encryption=s");
        let options = |values: Vec<String>| {
            values.into_iter().flat_map(|value| ["-append".into(), OsString::from(value)])
        };
        line.extend(options(before));
        line.push("-object".into());
        let at = line.len();
        let json = r#"{"qom-type":"sev-guest","id":"s"}"#;
        line.push(if is_json { json } else { "qom-type=sev-guest,id=s" }.into());
        line.extend(options(behind));
        let read = CommandLine::parse(&line).unwrap();
        let edited = read.with_session(&session(), &host(), &files(), Path::new("q")).unwrap();
        prop_assert_eq!(&edited[..at], &line[..at]);
        prop_assert_eq!(&edited[at + 1..line.len()], &line[at + 1..]);
        prop_assert_eq!(&edited[line.len()..], &words("-S -qmp unix:q,server=on,wait=off")[..]);
        let (was, is) = (line[at].to_str().unwrap(), edited[at].to_str().unwrap());
        let starts = is.starts_with(was.trim_end_matches('}'));
        prop_assert!(starts);
        // What was edited is complete: it has a session now.
        let again = CommandLine::parse(&edited).unwrap();
        let error = again.with_session(&session(), &host(), &files(), Path::new("q")).unwrap_err();
        prop_assert!(error.to_string().contains("comes from the owner"));
    }

    #[test]
    fn no_line_is_a_panic(line in proptest::collection::vec(
        prop_oneof![value(), "[-,={}\"a]{0,12}", Just("-M".to_owned()), Just("-machine".to_owned())],
        0..12,
    )) {
        let line: Vec<OsString> = line.into_iter().map(OsString::from).collect();
        let _ = CommandLine::parse(&line);
    }
}
