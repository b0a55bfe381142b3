//! A session in a domain's XML: what changes, what does not, and what is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use proptest::prelude::*;
use roxmltree::{Document, Node, ParsingOptions};
use sev_launch_agent::libvirt::{identity, with_session};
use sev_launch_agent::vmm::{Host, Session, VmmError};

use super::values::{DUMPED, UUID, domain, host, session};

fn refusal(security: &str, session: &Session, host: &Host) -> String {
    match with_session(&domain(security), session, host) {
        Err(VmmError::Description(words)) => words,
        other => panic!("{security}: {other:?}"),
    }
}

#[test]
fn a_session_that_was_left_there_is_replaced_in_place() {
    let session = session(7);
    let (godh, blob) = (BASE64.encode(&session.godh), BASE64.encode(&session.blob));
    let wanted = DUMPED.replace("\nAAAA\n", &godh).replace("BBBB", &blob);
    assert_eq!(with_session(DUMPED, &session, &host()).expect("XML"), wanted);
}

#[test]
fn what_is_missing_is_added() {
    let session = session(7);
    let (godh, blob) = (BASE64.encode(&session.godh), BASE64.encode(&session.blob));
    let keys = format!("<dhCert>{godh}</dhCert><session>{blob}</session>");
    let spaced = keys.replace("><session", ">\n    <session");
    for (security, wanted) in [
        (
            "<launchSecurity type='sev'/>",
            format!(
                "<launchSecurity kernelHashes='yes' type='sev'><policy>0x0003</policy>{keys}</launchSecurity>"
            ),
        ),
        (
            "<launchSecurity\n type=\"sev\" />",
            format!(
                "<launchSecurity kernelHashes='yes'\n type=\"sev\" ><policy>0x0003</policy>{keys}</launchSecurity>"
            ),
        ),
        (
            "<launchSecurity type='sev'><!-- </launchSecurity> --><![CDATA[</launchSecurity>]]></launchSecurity>",
            format!(
                "<launchSecurity kernelHashes='yes' type='sev'><!-- </launchSecurity> --><![CDATA[</launchSecurity>]]><policy>0x0003</policy>{keys}</launchSecurity>"
            ),
        ),
        (
            "<launchSecurity type='sev'></launchSecurity >",
            format!(
                "<launchSecurity kernelHashes='yes' type='sev'><policy>0x0003</policy>{keys}</launchSecurity >"
            ),
        ),
        (
            "<launchSecurity type='sev' kernelHashes='yes'>\n    <policy>3</policy>\n  </launchSecurity>",
            format!(
                "<launchSecurity type='sev' kernelHashes='yes'>\n    <policy>3</policy>\n    {spaced}\n  </launchSecurity>"
            ),
        ),
        (
            "<launchSecurity type='sev' kernelHashes=\"yes\"><session/><!-- > --><policy>3</policy></launchSecurity>",
            format!(
                "<launchSecurity type='sev' kernelHashes=\"yes\"><session>{blob}</session><!-- > --><policy>3</policy><dhCert>{godh}</dhCert></launchSecurity>"
            ),
        ),
    ] {
        assert_eq!(
            with_session(&domain(security), &session, &host()).expect(security),
            domain(&wanted)
        );
    }
}

#[test]
fn the_owner_may_leave_kernel_hashes_to_the_domain() {
    let silent = Session { kernel_hashes: None, ..session(7) };
    let off = Session { kernel_hashes: Some(false), ..session(7) };
    let bare = "<launchSecurity type='sev'/>";
    assert!(!with_session(&domain(bare), &silent, &host()).expect("XML").contains("kernelHashes"));
    assert!(
        with_session(&domain(bare), &off, &host())
            .expect("XML")
            .contains("<launchSecurity kernelHashes='no' type")
    );
    for hashes in ["yes", "no"] {
        let security = format!("<launchSecurity type='sev' kernelHashes='{hashes}'/>");
        let edited = with_session(&domain(&security), &silent, &host()).expect("XML");
        assert!(edited.contains(&format!("<launchSecurity type='sev' kernelHashes='{hashes}'>")));
    }
    assert_eq!(
        refusal("<launchSecurity type='sev' kernelHashes='yes'/>", &off, &host()),
        "line 20: kernelHashes is yes, and the owner's session is for no: make the domain's and the owner's the same"
    );
    assert_eq!(
        refusal("<launchSecurity type='sev' kernelHashes='on'/>", &silent, &host()),
        "line 20: kernelHashes is \"on\", wanted yes or no"
    );
}

// What virsh 9.0 takes, and as what, by `define` and `dumpxml`: the tests of real libvirt ask it again.
#[test]
fn policies_are_hexadecimal_as_libvirt_reads_them() {
    let session = Session { policy: 0x10, ..session(7) };
    for text in ["10", "0x10", "0X0010", "\n 10", "1<!-- c --><![CDATA[0]]>", "&#x31;0"] {
        let security =
            format!("<launchSecurity type='sev'><policy>{text}</policy></launchSecurity>");
        with_session(&domain(&security), &session, &host()).expect(text);
    }
    for text in ["16", "0x3", "0"] {
        let security =
            format!("<launchSecurity type='sev'>\n<policy>{text}</policy></launchSecurity>");
        let found = u32::from_str_radix(text.trim_start_matches("0x"), 16).expect("a number");
        assert_eq!(
            refusal(&security, &session, &host()),
            format!(
                "line 21: <policy> is {found:#x}, and the session is for policy 0x10: the AMD-SP launches no guest with another one, so make the domain's and \
                 the owner's the same"
            )
        );
    }
    for text in ["", "10 ", "-10", "+10", "0x", "0x1 0", "1000000010", "g"] {
        let security =
            format!("<launchSecurity type='sev'><policy>{text}</policy></launchSecurity>");
        assert_eq!(
            refusal(&security, &session, &host()),
            format!("line 20: <policy> is {text:?}, wanted a hexadecimal number of 32 bits")
        );
    }
}

#[test]
fn the_host_s_numbers_must_be_the_host_s() {
    let host = Host { cbitpos: 51, reduced_phys_bits: 5, ..host() };
    let with = |inside: &str| format!("<launchSecurity type='sev'>{inside}</launchSecurity>");
    for inside in [
        "<cbitpos>51</cbitpos>",
        "<cbitpos> 051</cbitpos>",
        "<reducedPhysBits>5</reducedPhysBits>",
        "",
    ] {
        with_session(&domain(&with(inside)), &session(7), &host).expect(inside);
    }
    assert_eq!(
        refusal(&with("<cbitpos>47</cbitpos>"), &session(7), &host),
        "line 20: <cbitpos> is 47, and this host's is 51: leave the element out, and libvirt fills it in"
    );
    assert_eq!(
        refusal(&with("<reducedPhysBits>1</reducedPhysBits>"), &session(7), &host),
        "line 20: <reducedPhysBits> is 1, and this host's is 5: leave the element out, and libvirt fills it in"
    );
    for inside in ["<cbitpos>0x33</cbitpos>", "<cbitpos/>", "<reducedPhysBits>5 </reducedPhysBits>"]
    {
        assert!(refusal(&with(inside), &session(7), &host).ends_with("wanted a decimal number"));
    }
}

#[test]
fn other_guests_are_refused() {
    for (security, words) in [
        (
            "",
            "the domain has no <launchSecurity>, wanted <launchSecurity type='sev'>: this is no SEV guest",
        ),
        (
            "<launchSecurity type='sev'/>\n<launchSecurity type='sev'/>",
            "line 21: a second <launchSecurity>, after the one of line 20: wanted one",
        ),
        (
            "<launchSecurity type='sev-snp'/>",
            "line 20: <launchSecurity type='sev-snp'>, wanted type='sev': an SNP guest is launched without a session of its owner's, and fetches its own report \
             (`sev-launch report fetch` in the guest)",
        ),
        (
            "<launchSecurity type='s390-pv'/>",
            "line 20: <launchSecurity> has the type \"s390-pv\", wanted \"sev\"",
        ),
        ("<launchSecurity/>", "line 20: <launchSecurity> has the type \"\", wanted \"sev\""),
        (
            "<launchSecurity type='sev' xmlns:q='urn:q' q:kernelHashes='yes'/>",
            "line 20: <launchSecurity> has the attribute \"kernelHashes\" of a namespace, which libvirt reads as its own: wanted none",
        ),
        (
            "<launchSecurity type='sev'><policy>3</policy>\n<policy>3</policy></launchSecurity>",
            "line 21: a second <policy>, after the one of line 20: wanted one",
        ),
        (
            "<launchSecurity type='sev'><session/><session/></launchSecurity>",
            "line 20: a second <session>, after the one of line 20: wanted one",
        ),
        (
            "<q:launchSecurity xmlns:q='urn:q' type='sev'/>",
            "the domain has no <launchSecurity>, wanted <launchSecurity type='sev'>: this is no SEV guest",
        ),
    ] {
        assert_eq!(refusal(security, &session(7), &host()), words);
    }
    for xml in [
        "",
        "<domain>",
        "<html/>",
        "<!DOCTYPE domain><domain/>",
        "<domain xmlns='urn:q'/>",
        "\u{feff}\u{feff}<domain/>",
        &"a".repeat(2 << 20),
    ] {
        assert!(matches!(with_session(xml, &session(7), &host()), Err(VmmError::Description(_))));
    }
}

#[test]
fn a_session_of_another_size_is_refused() {
    for (godh, blob) in [(0, 128), (2083, 128), (2084, 127), (2084, 129)] {
        let session = Session { godh: vec![0; godh], blob: vec![0; blob], ..session(7) };
        assert_eq!(
            refusal("<launchSecurity type='sev'/>", &session, &host()),
            format!(
                "the session's certificate has {godh} bytes and its blob {blob}, wanted 2084 and 128"
            )
        );
    }
}

#[test]
fn a_domain_says_who_it_is() {
    let who = identity(DUMPED).expect("a domain");
    assert_eq!((&*who.name, who.uuid.to_string()), ("sev", UUID.to_owned()));
    for (from, to) in [
        ("<name>sev</name>", ""),
        ("<name>sev</name>", "<name>a</name><name>b</name>"),
        (UUID, "--help"),
        (UUID, ""),
        ("<domain type", "<domains type"),
    ] {
        assert!(identity(&DUMPED.replacen(from, to, 1)).is_err(), "{from} {to}");
    }
}

/// What surrounds the element, with what could be taken for it.
fn surroundings() -> impl Strategy<Value = (String, String)> {
    let part = prop_oneof![
        Just("<!-- <launchSecurity type='sev'/> -->".to_owned()),
        Just("<description><![CDATA[<launchSecurity type='sev'></launchSecurity>]]></description>".to_owned()),
        Just("<metadata><x:launchSecurity xmlns:x='urn:x' type=\"sev-snp\"><policy>1</policy></x:launchSecurity></metadata>".to_owned()),
        Just("<devices a='/>' b=\"'\">\r\n<launchSecurity type='sev'/></devices>".to_owned()),
        Just("<title>ä&lt;launchSecurity/&gt; €𝄞</title>".to_owned()),
        Just("<?launchSecurity type='sev'?>".to_owned()),
        Just("\n\t ".to_owned()),
    ];
    let parts = || proptest::collection::vec(part.clone(), 0..4).prop_map(|parts| parts.concat());
    let heads =
        prop_oneof![Just(""), Just("\u{feff}"), Just("<?xml version='1.0' encoding='utf-8'?>\r\n")];
    (heads, parts(), parts()).prop_map(|(head, before, after)| {
        (format!("{head}<domain type='kvm'>{before}"), format!("{after}</domain>\n<!-- end -->"))
    })
}

/// The element itself, for policy 3 and the host of [`host`].
fn security() -> impl Strategy<Value = String> {
    let child = |texts: &'static [&'static str]| proptest::sample::select(texts);
    let known = (
        child(&["", "<cbitpos>47</cbitpos>", "<cbitpos><!--c-->4<![CDATA[7]]></cbitpos>"]),
        child(&[
            "",
            "<reducedPhysBits>1</reducedPhysBits>",
            "<reducedPhysBits a='>'> 1</reducedPhysBits>",
        ]),
        child(&[
            "",
            "<policy>0x0003</policy>",
            "<policy>&#x33;</policy>",
            "<policy b='/>'><![CDATA[3]]></policy>",
        ]),
        child(&[
            "",
            "<dhCert/>",
            "<dhCert>\nAAAA\n</dhCert>",
            "<dhCert c=\"&lt;!--\">A</dhCert >",
            "<dhCert><!-- </dhCert> --></dhCert>",
        ]),
        child(&[
            "",
            "<session />",
            "<session>BBBB</session>",
            "<session><![CDATA[</session>]]></session>",
        ]),
        child(&[
            "",
            "<future x='&lt;/launchSecurity>'>y</future>",
            "<q:session xmlns:q='urn:q'>z</q:session>",
        ]),
        child(&[
            "",
            "<!-- </launchSecurity> -->",
            "<![CDATA[</launchSecurity>]]>",
            "<?p </launchSecurity>?>",
            "text ü",
        ]),
    );
    let ordered = known.prop_map(|(a, b, c, d, e, f, g)| vec![a, b, c, d, e, f, g]).prop_shuffle();
    let tag = child(&[
        "<launchSecurity type='sev'",
        "<launchSecurity  kernelHashes = 'yes' type=\"sev\"",
        "<launchSecurity\n\ttype='sev'\n\tkernelHashes=\"yes\" ",
        "<launchSecurity xmlns:q='/>' type='sev' ",
    ]);
    let gap = child(&["", "\n    ", "\r\n\t", " "]);
    (tag, ordered, gap, any::<bool>()).prop_map(|(tag, children, gap, spaced)| {
        let inside: String = children
            .iter()
            .filter(|child| !child.is_empty())
            .map(|child| format!("{gap}{child}"))
            .collect();
        match (inside.is_empty(), spaced) {
            (true, true) => format!("{tag}/>"),
            _ => format!("{tag}>{inside}{gap}</launchSecurity>"),
        }
    })
}

/// Is it an element of a name, and of no namespace?
fn is(node: &Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name() == name.into()
}

/// All that is in a document, but for what a session changes.
fn rest(document: &Document<'_>) -> Vec<String> {
    let is_security = |node: &Node<'_, '_>| {
        is(node, "launchSecurity") && node.parent() == Some(document.root_element())
    };
    let is_changed = |node: &Node<'_, '_>| {
        let inside = node.parent().is_some_and(|parent| is_security(&parent));
        let named = ["policy", "dhCert", "session"].iter().any(|name| is(node, name));
        let blank = node.is_text() && node.text().is_some_and(|text| text.trim_ascii().is_empty());
        inside && (named || blank)
    };
    let nodes =
        document.descendants().filter(|node| !node.ancestors().any(|node| is_changed(&node)));
    nodes
        .map(|node| {
            let attributes =
                node.attributes().filter(|one| !is_security(&node) || one.name() != "kernelHashes");
            let attributes: Vec<_> =
                attributes.map(|one| (one.namespace(), one.name(), one.value())).collect();
            let depth = node.ancestors().count();
            format!(
                "{depth} {:?} {:?} {attributes:?} {:?} {:?}",
                node.node_type(),
                node.tag_name(),
                node.text().filter(|_| !node.is_element()),
                node.pi()
            )
        })
        .collect()
}

fn parse(xml: &str) -> Document<'_> {
    Document::parse_with_options(xml, ParsingOptions::default()).expect("XML")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_the_session_changes((before, after) in surroundings(), security in security()) {
        let xml = format!("{before}{security}{after}");
        let is_xml = Document::parse(&xml).is_ok();
        prop_assume!(is_xml);
        let session = session(7);
        let edited = with_session(&xml, &session, &host()).expect(&xml);
        prop_assert!(edited.starts_with(&before) && edited.ends_with(&after), "{}", edited);
        let (old, new) = (parse(&xml), parse(&edited));
        prop_assert_eq!(rest(&old), rest(&new));
        let node = new.root_element().children().find(|node| is(node, "launchSecurity")).expect("the element");
        prop_assert_eq!(node.attribute("kernelHashes"), Some("yes"));
        for (name, bytes) in [("dhCert", &session.godh), ("session", &session.blob)] {
            let found: Vec<_> = node.children().filter(|node| is(node, name)).collect();
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(found[0].text(), Some(&*BASE64.encode(bytes)));
        }
        prop_assert_eq!(node.children().filter(|node| is(node, "policy")).count(), 1);
        // What is there already stays, and a later session leaves nothing of an earlier one.
        prop_assert_eq!(with_session(&edited, &session, &host()).expect("XML"), edited.clone());
        let other = super::values::session(9);
        let again = with_session(&edited, &other, &host()).expect("XML");
        prop_assert!(!again.contains(&BASE64.encode(&session.blob)) && !again.contains(&BASE64.encode(&session.godh)));
        prop_assert_eq!(again.len(), edited.len());
    }

    #[test]
    fn every_text_is_edited_or_refused(parts in proptest::collection::vec(prop_oneof![
        Just("<domain>"), Just("</domain>"), Just("<launchSecurity type='sev'"), Just(">"), Just("/>"), Just("</launchSecurity>"),
        Just("<policy>"), Just("3"), Just("</policy>"), Just("<session>"), Just("</session>"), Just("<dhCert/>"), Just("<![CDATA["), Just("]]>"),
        Just("<!--"), Just("-->"), Just("\u{feff}"), Just("ü"), Just("&#0;"), Just("<name>a</name>"),
    ], 0..16)) {
        let text = parts.concat();
        let _ = identity(&text);
        if let Ok(edited) = with_session(&text, &session(7), &host()) {
            prop_assert!(Document::parse(&edited).is_ok());
        }
    }
}
