//! What a domain or a file says of its attestation, and what is not taken for that.

use proptest::prelude::*;
use sev_launch_agent::attestation::{
    Attestation, AttestationError, MOST_BYTES, NAMESPACE, from_domain, from_mail, read,
};

use super::values::{DUMPED, UUID};

const OTHER: &str = "6f0e6d9c-2d0f-4bb8-9c53-0b1d7f0d1f31";

fn in_metadata(inside: &str) -> String {
    format!(
        "<domain type='kvm'>\n<uuid>{UUID}</uuid>\n<metadata xmlns:s='{NAMESPACE}' xmlns:other='urn:other'>\n{inside}</metadata>\n</domain>"
    )
}

fn in_domain(inside: &str) -> String {
    format!("<domain type='kvm'>\n<uuid>{UUID}</uuid>\n{inside}</domain>")
}

fn said(vmid: &str, service: Option<&str>) -> Option<Attestation> {
    Some(Attestation { vmid: vmid.parse().expect("a UUID"), service: service.map(str::to_owned) })
}

#[test]
fn what_libvirt_prints_is_read() {
    let wanted = said(UUID, Some("https://attest.example/v1"));
    assert_eq!(from_domain(DUMPED), Ok(wanted.clone()));
    assert_eq!(read(DUMPED), Ok(wanted));
    assert_eq!(from_mail(DUMPED), Ok(None));
}

#[test]
fn what_is_left_out_is_filled_from_the_domain_alone() {
    for (inside, wanted) in [
        ("<s:attestation/>".to_owned(), said(UUID, None)),
        (format!("<s:attestation vmid='{OTHER}'></s:attestation>"), said(OTHER, None)),
        (
            format!("<attestation xmlns='{NAMESPACE}' vmid='{}'/>", OTHER.to_uppercase()),
            said(OTHER, None),
        ),
        (
            "<s:attestation service=\"http://127.0.0.1:8480/v1\"> <!-- local -->\n</s:attestation>"
                .into(),
            said(UUID, Some("http://127.0.0.1:8480/v1")),
        ),
        (
            format!(
                "<other:a><s:attestation vmid='{OTHER}'/></other:a><other:attestation vmid='x'/><attestation vmid='x'/>"
            ),
            None,
        ),
        ("<!-- <s:attestation/> --><![CDATA[<s:attestation/>]]>".into(), None),
    ] {
        assert_eq!(from_domain(&in_metadata(&inside)), Ok(wanted), "{inside}");
    }
    // Not below <metadata>: not the form of the namespace.
    assert_eq!(from_domain(&in_domain(&format!("<attestation xmlns='{NAMESPACE}'/>"))), Ok(None));
}

#[test]
fn the_form_of_the_mail_is_read() {
    let element = format!("<attestation vmid=\"{OTHER}\" service=\"https://attest.example/v1\"/>");
    let wanted = said(OTHER, Some("https://attest.example/v1"));
    for text in [
        element.clone(),
        format!("<?xml version='1.0'?>\n<!-- ours -->\n{element}\n"),
        in_domain(&element),
        in_domain(&format!("<launchSecurity type='sev'>{element}</launchSecurity>")),
    ] {
        assert_eq!(from_mail(&text), Ok(wanted.clone()), "{text}");
        assert_eq!(read(&text), Ok(wanted.clone()), "{text}");
    }
    assert_eq!(read(&in_domain("<attestation/>")), Ok(said(UUID, None)));
    assert_eq!(read(&in_domain(&format!("<devices>{element}</devices>"))), Ok(None));
    assert_eq!(
        from_mail("<attestation/>").expect_err("no vmid").to_string(),
        "line 1: no vmid, and no domain whose UUID could stand in"
    );
}

#[test]
fn both_forms_are_one_too_many() {
    let text = format!(
        "<domain>\n<attestation vmid='{OTHER}'/>\n<metadata>\n<attestation xmlns='{NAMESPACE}' vmid='{OTHER}'/></metadata></domain>"
    );
    assert_eq!(read(&text), Err(AttestationError::Twice { first: 2, second: 4 }));
    assert!(from_domain(&text).is_ok_and(|said| said.is_some()));
    let text = in_metadata("<s:attestation/>\n<s:attestation/>");
    assert_eq!(from_domain(&text), Err(AttestationError::Twice { first: 4, second: 5 }));
    assert_eq!(
        read(&text).expect_err("twice").to_string(),
        "line 5: a second <attestation>, after the one of line 4: leave one of them"
    );
    let text = in_domain("<attestation/><launchSecurity>\n<attestation/></launchSecurity>");
    assert_eq!(from_mail(&text), Err(AttestationError::Twice { first: 3, second: 4 }));
}

#[test]
fn errors_say_what_and_where() {
    for (inside, words) in [
        (
            "<s:attestation vmid='1'/>",
            "line 4: vmid \"1\": not a UUID of the form 57f669c2-c427-4132-bc7a-26f56b6a718c, which names a guest",
        ),
        ("<s:attestation vmid=''/>", "line 4: vmid \"\": not a UUID"),
        ("<s:attestation vmid=' 57f669c2-c427-4132-bc7a-26f56b6a718c'/>", "line 4: vmid \" 57f"),
        (
            "<s:attestation vmid='00000000-0000-0000-0000-000000000000'/>",
            "the nil UUID names no guest",
        ),
        ("<s:attestation key='word'/>", "line 4: attribute \"key\", wanted vmid and service alone"),
        (
            "<s:attestation s:vmid='57f669c2-c427-4132-bc7a-26f56b6a718c'/>",
            "line 4: attribute \"vmid\" of a namespace, wanted vmid and service alone",
        ),
        (
            "<s:attestation>\n text</s:attestation>",
            "line 4: text inside <attestation>, wanted nothing",
        ),
        (
            "<s:attestation>\n<s:service/></s:attestation>",
            "line 5: an element inside <attestation>, wanted nothing",
        ),
        ("<s:attestation><?go there?></s:attestation>", "line 4: a processing instruction inside"),
        (
            "\n<s:attestations/>",
            "line 5: <attestations> of https://github.com/sev-launch/sev-launch/attestation/1, wanted <attestation>",
        ),
        (
            "<attestation xmlns='https://github.com/sev-launch/sev-launch/attestation/2'/>",
            "which is not known here: wanted https://github.com/sev-launch/sev-launch/attestation/1",
        ),
        (
            "<s:attestation service=''/>",
            "line 4: service \"\": it begins with neither https:// nor http://",
        ),
        (
            "<s:attestation service='https://a:b@attest.example/'/>",
            "it has user info before the host",
        ),
        ("<s:attestation service='https://attest.example/?a'/>", "it has a query or a fragment"),
        ("<s:attestation service='https://attest.example/#a'/>", "it has a query or a fragment"),
        (
            "<s:attestation service='https://attest.example/&#10;X-Token: a'/>",
            "it has a character that no address has",
        ),
        (
            "<s:attestation service='file:///etc/passwd'/>",
            "it begins with neither https:// nor http://",
        ),
        ("<s:attestation service='unix:/run/a'/>", "it begins with neither https:// nor http://"),
    ] {
        let text = in_metadata(inside);
        let error = from_domain(&text).expect_err(inside).to_string();
        assert!(error.contains(words), "{inside}: {error}");
        assert_eq!(read(&text).expect_err(inside).to_string(), error);
    }
    let text = in_metadata("<s:attestation/>");
    for (from, to, words) in [
        (
            format!("<uuid>{UUID}</uuid>\n"),
            String::new(),
            "line 3: no vmid, and the domain has no <uuid>",
        ),
        (
            UUID.to_owned(),
            "sev".to_owned(),
            "line 2: <uuid>, which stands in for vmid, \"sev\": not a UUID",
        ),
        (
            format!("<uuid>{UUID}</uuid>"),
            format!("<uuid>{UUID}</uuid>\n<uuid>{OTHER}</uuid>"),
            "line 3: a second <uuid>",
        ),
    ] {
        let error = from_domain(&text.replace(&from, &to)).expect_err(words).to_string();
        assert!(error.starts_with(words), "{error}");
    }
}

#[test]
fn other_documents_are_no_domain() {
    let words = |text: &str| read(text).expect_err(text).to_string();
    assert_eq!(words("<html/>"), "the root element is <html>, wanted <domain> or <attestation>");
    assert_eq!(
        from_domain(&format!("<attestation vmid='{OTHER}'/>")).expect_err("no domain").to_string(),
        "the root element is <attestation>, wanted <domain>"
    );
    assert!(
        words("<domain xmlns='urn:other'/>")
            .contains("is of the namespace \"urn:other\", wanted none")
    );
    assert!(
        words(&format!("<attestation xmlns='{NAMESPACE}'/>"))
            .contains("has a namespace, wanted none")
    );
    for text in [
        "",
        "attestation",
        "<domain>",
        "<domain/><domain/>",
        "<!DOCTYPE domain><domain/>",
        "<!DOCTYPE domain [<!ENTITY a 'b'>]><domain>&a;</domain>",
        "<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain/>",
        "<domain>&a;</domain>",
        "<domain a='' a=''/>",
    ] {
        assert!(matches!(read(text), Err(AttestationError::Xml(_))), "{text}");
    }
    let long = in_domain(&" ".repeat(MOST_BYTES));
    assert_eq!(read(&long), Err(AttestationError::TooLarge { found: long.len() }));
    let deep = format!("<domain>{}", "<a>".repeat(200_000));
    assert!(read(&deep).is_err());
    let wide: String = (0..300).map(|number| format!(" a{number}=''")).collect();
    assert!(matches!(read(&format!("<domain{wide}/>")), Err(AttestationError::Xml(_))));
}

#[test]
fn errors_repeat_no_flood() {
    let long = "a".repeat(100_000);
    for text in [
        format!("<{long}/>"),
        in_metadata(&format!("<s:{long}/>")),
        in_metadata(&format!("<s:attestation {long}=''/>")),
        in_metadata(&format!("<s:attestation vmid='{long}'/>")),
        in_metadata(&format!("<s:attestation service='{long}'/>")),
        format!("<domain xmlns='{long}'/>"),
    ] {
        let error = read(&text).expect_err("a flood").to_string();
        assert!(error.len() < 500, "{} bytes", error.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_is_read_or_refused(parts in proptest::collection::vec(prop_oneof![
        Just("<domain>".to_owned()), Just("</domain>".to_owned()), Just("<metadata>".to_owned()), Just("</metadata>".to_owned()),
        Just(format!("<a:attestation xmlns:a='{NAMESPACE}'")), Just(" vmid='".to_owned()), Just(UUID.to_owned()), Just("' service=\"https://".to_owned()),
        Just("\"/>".to_owned()), Just("<attestation ".to_owned()), Just("<uuid>".to_owned()), Just("</uuid>".to_owned()), Just("<![CDATA[".to_owned()), Just("]]>".to_owned()), ".{0,6}",
    ], 0..14)) {
        let text = parts.concat();
        let (domain, mail, either) = (from_domain(&text), from_mail(&text), read(&text));
        if let Ok(Some(said)) = &either {
            prop_assert!(domain.as_ref().is_ok_and(|found| found.as_ref() == Some(said)) || mail.as_ref().is_ok_and(|found| found.as_ref() == Some(said)));
        }
        if let (Ok(Some(_)), Ok(Some(_))) = (&domain, &mail) {
            prop_assert!(either.is_err());
        }
    }

    #[test]
    fn a_service_is_given_out_as_it_stands(service in "https?://[a-zA-Z0-9.-]{1,12}(:[1-9][0-9]{0,3})?(/[a-zA-Z0-9%._~-]{0,6}){0,3}") {
        let text = in_metadata(&format!("<s:attestation service='{service}'/>"));
        prop_assert_eq!(from_domain(&text), Ok(said(UUID, Some(&service))));
    }
}
