//! What is malformed, endless or made to be costly: refused, in bounded time.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use sev_launch_description::import::kata::Release;
use sev_launch_description::import::nova::Documents;
use sev_launch_description::import::{kata, kubevirt, libvirt, nova, qemu};
use sev_launch_description::resolve::resolve;
use sev_launch_description::{Description, Error, Origin};

use super::libvirt::{ES, domain};

/// Far more than any of these takes, unoptimised and on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let answer = work();
    println!("{what:.40}: {:?}", start.elapsed());
    assert!(start.elapsed() < PATIENCE, "{what} took {:?}", start.elapsed());
    answer
}

#[test]
fn billion_laughs_and_other_entities_are_refused() {
    for xml in [
        "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol1 \"&lol;&lol;\">]><domain>&lol1;</domain>",
        "<!DOCTYPE d SYSTEM \"file:///etc/passwd\"><domain/>",
        "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><domain>&x;</domain>",
        "<domain>&x;</domain>",
    ] {
        let error = libvirt::from_xml(xml.as_bytes(), "x").unwrap_err();
        assert!(matches!(error, Error::Syntax { .. }), "{error}");
    }
}

#[test]
fn malformed_xml_is_refused() {
    for xml in
        ["", "<", "<domain>", "<domain></network>", "<domain a='1' a='2'/>", "text", "<a/><b/>"]
    {
        assert!(libvirt::from_xml(xml.as_bytes(), "x").is_err(), "{xml}");
    }
    assert!(libvirt::from_xml(b"\xff\xfe<\0d\0", "x").is_err());
}

#[test]
fn costly_xml_is_bounded() {
    let most = libvirt::MOST_BYTES;
    let fill = |part: &str| part.repeat(most / part.len() - 100);
    let numbered = |make: &dyn Fn(usize) -> String| {
        let mut text = String::new();
        let mut number = 0;
        while text.len() < most - 1000 {
            text.push_str(&make(number));
            number += 1;
        }
        text
    };
    for (what, xml) in [
        ("deep", domain(&fill("<a>"))),
        ("wide", domain(&fill("<a/>"))),
        ("attributes", format!("<domain {}/>", numbered(&|n| format!("a{n}='' ")))),
        (
            "attributes of many",
            domain(
                &numbered(&|n| format!("{}a{n}='' ", if n % 250 == 0 { "/><b " } else { "" }))
                    .replacen("/>", "", 1),
            ),
        ),
        ("namespaces", domain(&numbered(&|n| format!("<a xmlns:n{n}='u{n}'>")))),
        ("text", domain(&fill("&amp;"))),
        ("cdata", domain(&fill("<![CDATA[x]]>"))),
        ("comments", domain(&fill("<!---->"))),
    ] {
        let _ = timed(what, || libvirt::from_xml(xml.as_bytes(), "x"));
    }
    let large = vec![b' '; most + 1];
    assert!(matches!(libvirt::from_xml(&large, "x"), Err(Error::TooLarge { .. })));
}

/// Four times as much must not take much more than four times as long: what goes by the square takes sixteen.
fn grows_in_line<T>(what: &str, work: impl Fn(usize) -> T) {
    let time = |times: usize| {
        let start = Instant::now();
        let _ = work(times);
        start.elapsed()
    };
    let (once, four) = (time(1), time(4));
    assert!(four < once * 10 + Duration::from_secs(2), "{what}: {once:?} and {four:?}");
}

#[test]
fn what_is_compared_with_each_other_grows_in_line() {
    grows_in_line("elements of one name behind many of another", |times| {
        let inside = ["<name/>".repeat(22_000 * times), "<os/>".repeat(22_000 * times)].concat();
        libvirt::from_xml(domain(&format!("{inside}{ES}")).as_bytes(), "x")
    });
    grows_in_line("settings beside devices", |times| {
        let start = "-machine confidential-guest-support=s -object sev-guest,id=s ";
        let rest = "-device a -set device.a.b=c ".repeat(35_000 * times);
        qemu::from_text(format!("{start}{rest}").as_bytes(), "x")
    });
    grows_in_line("what is unknown beside what is harmless", |times| {
        let text = "technology = 'sev'\nfirmware.path = 'f'\nharmless = 'a'\n[[unknown]]\nsource = ''\nplace = ''\n\
                    text = 'b'\nsettled_by = ''";
        let mut made = Description::from_toml(text, &Origin::file("l"), "".as_ref()).unwrap();
        made.unknown = vec![made.unknown.remove(0); 20_000 * times];
        let mut last = made.unknown[0].clone();
        last.text = "a".into();
        made.unknown.push(last);
        let harmless = &mut made.harmless.as_mut().unwrap().value;
        *harmless = vec!["a".to_owned(); 50_000 * times];
        harmless.push("b".into());
        assert!(resolve(made).is_ok());
    });
}

#[test]
fn a_hundred_megabytes_are_refused() {
    let large = vec![b'a'; 100 << 20];
    let text = |error: Error| assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    text(timed("text", || qemu::from_text(&large, "x")).unwrap_err());
    text(timed("toml", || kata::from_toml(&large, None, Some(Release::CC), "x")).unwrap_err());
    let documents = Documents { image: Some(&large), ..Documents::default() };
    text(timed("json", || nova::from_json(documents, "x")).unwrap_err());
    text(timed("argument", || qemu::from_argv(&[large], "x")).unwrap_err());
    let many = vec![Vec::new(); qemu::MOST_BYTES + 1];
    text(timed("arguments", || qemu::from_argv(&many, "x")).unwrap_err());
}

/// No description holds an empty path, so none is imported; QEMU starts nothing from one.
#[test]
fn the_name_of_a_file_is_never_empty() {
    let start = "-machine confidential-guest-support=s -object sev-guest,id=s ";
    for (rest, place) in [
        ("-bios ''", "-bios"),
        ("-drive if=pflash,readonly=on,file=", "-drive if=pflash,unit=0"),
        ("-drive if=pflash,readonly=on,file=file:", "-drive if=pflash,unit=0"),
    ] {
        let error = qemu::from_text(format!("{start}{rest}").as_bytes(), "x").unwrap_err();
        assert_eq!(error.to_string(), format!("x: {place}: an empty path"));
    }
    let xml = domain(&format!("<os><loader> </loader></os>{ES}"));
    let error = libvirt::from_xml(xml.as_bytes(), "x").unwrap_err();
    assert_eq!(error.to_string(), "x: domain/os/loader: an empty path");
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn costly_command_lines_are_bounded() {
    let most = qemu::MOST_BYTES - 200;
    let start = "-machine confidential-guest-support=s -object sev-guest,id=s ";
    for part in [
        "-object a,id=t ",
        "-machine a=b ",
        "-smp 2 ",
        "-drive if=pflash,file=a ",
        "-kernel a ",
        "-blockdev node-name=n,file=n ",
        "x ",
        "'",
        "$A ",
        "-a -b ",
        ",",
        "-object {\"a\":1} ",
        "-global a.b=1 -drive id=a ",
    ] {
        let text = format!("{start}{}", part.repeat((most - start.len()) / part.len()));
        let _ = timed(part, || qemu::from_text(text.as_bytes(), "x"));
    }
    let nested = format!("{start} -object '{}'", "{\"a\":".repeat(100_000));
    assert!(qemu::from_text(nested.as_bytes(), "x").is_err());
}

#[test]
fn costly_pods_are_bounded() {
    let toml =
        "[hypervisor.qemu]\nkernel = '/k'\nconfidential_guest = true\nsev_snp_guest = true\n";
    for part in [
        "[",
        "{",
        "- ",
        "a: ",
        "? ",
        "&a ",
        "*a ",
        "!a ",
        "\"",
        "'",
        "\\",
        "|\n",
        "%a\n",
        "#",
        "\t",
        "---\n",
        "a: &a [*a, *a]\n",
        "- a\n",
        "[a, ",
        "{a: ",
        "!!str ",
        "a\n",
        " \n",
        "\"\\x41",
        ": ",
        "\u{feff}",
        ",",
    ] {
        let text = part.repeat((kata::MOST_BYTES - 10) / part.len());
        let _ = timed(part, || {
            kata::from_toml(toml.as_bytes(), Some(text.as_bytes()), Release::CC, "x")
        });
        let inner = format!("a: {text}");
        let _ = timed(part, || {
            kata::from_toml(toml.as_bytes(), Some(inner.as_bytes()), Release::CC, "x")
        });
    }
}

proptest! {
    #[test]
    fn no_yaml_is_a_panic(text in "[a-c:\\-\\[\\]{}\"'|>&*!#?%,\n ]{0,60}") {
        let toml = "[hypervisor.qemu]\nconfidential_guest = true\nsev_snp_guest = true\n";
        let _ = kata::from_toml(toml.as_bytes(), Some(text.as_bytes()), Release::CC, "x");
    }

    #[test]
    fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = libvirt::from_xml(&bytes, "x");
        let _ = qemu::from_text(&bytes, "x");
        let _ = qemu::from_argv(&qemu::split_nul(&bytes), "x");
        let _ = kata::from_toml(&bytes, Some(&bytes), Some(Release::CC), "x");
        let documents = Documents { server: Some(&bytes), flavor: Some(&bytes), image: Some(&bytes) };
        let _ = nova::from_json(documents, "x");
    }

    #[test]
    fn no_domain_is_a_panic(texts in prop::collection::vec("[^<&]{0,12}", 6)) {
        let inside = format!(
            "<vcpu current='{}'>{}</vcpu><cpu mode='{}'><model>{}</model></cpu><os><kernel>{}</kernel><cmdline>{}</cmdline></os>{ES}",
            texts[0].replace('\'', ""), texts[1], texts[2].replace('\'', ""), texts[3], texts[4], texts[5],
        );
        let _ = libvirt::from_xml(domain(&inside).as_bytes(), "x");
    }

    #[test]
    fn no_options_are_a_panic(
        options in prop::collection::vec(
            (prop::sample::select(vec!["-machine", "-cpu", "-smp", "-object", "-drive", "-blockdev", "-append", "-pflash"]), "[a-z0-9=,.:{}\" -]{0,30}"),
            0..8,
        ),
    ) {
        let mut words: Vec<Vec<u8>> = "-machine confidential-guest-support=s,pflash0=n -object sev-guest,id=s"
            .split(' ')
            .map(|word| word.as_bytes().to_vec())
            .collect();
        for (option, value) in options {
            words.extend([option.as_bytes().to_vec(), value.into_bytes()]);
        }
        let _ = qemu::from_argv(&words, "x");
    }
}

#[test]
fn costly_yaml_is_bounded() {
    // A quarter of the most, which takes a quarter of the time.
    let most = kubevirt::MOST_BYTES / 4;
    let fill = |part: &str| part.repeat(most / part.len() - 10);
    let mut keys = String::from("kind: VirtualMachineInstance\n");
    (0..most / 12).for_each(|number| keys.push_str(&format!("k{number}: v\n")));
    for (what, text) in [
        ("lists", format!("a: {}", fill("["))),
        ("maps", format!("a: {}", fill("{a: "))),
        ("blocks", fill("- ")),
        ("questions", fill("? ")),
        ("keys", keys),
        ("a quote", format!("a: \"{}", fill("x"))),
        ("anchors", fill("a: &x [1]\n")),
        ("comments", fill("#c\n")),
        ("documents", fill("---\n")),
        ("directives", fill("%TAG ! tag:e,2:\n")),
        ("JSON", format!("{{\"a\": {}", fill("["))),
    ] {
        assert!(timed(what, || kubevirt::from_text(text.as_bytes(), "x")).is_err(), "{what}");
    }
    let large = vec![b' '; kubevirt::MOST_BYTES + 1];
    assert!(matches!(kubevirt::from_text(&large, "x"), Err(Error::TooLarge { .. })));
}
