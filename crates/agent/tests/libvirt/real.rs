//! libvirt's own `virsh`, with libvirt's test driver: no hypervisor, no daemon, and its real reader of XML.
//!
//! The driver has no SEV and starts nothing paused, so it shows how such a refusal comes through, and that what is written is read as it is meant.
//! Without virsh these tests say that they were skipped.

use std::fs;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_agent::attestation;
use sev_launch_agent::libvirt::{Definition, DomainState, Libvirt, Virsh, with_session};
use sev_launch_agent::vmm::{Session, VmmError};

use super::values::{DUMPED, UUID, domain, host, session};

/// virsh with a connection, or nothing and a line that says so.
fn virsh(uri: &str) -> Option<Libvirt> {
    let virsh = Virsh { uri: Some(uri.to_owned()), ..Virsh::default() };
    let version = Command::new(&virsh.program).arg("--version").output();
    if version.is_ok_and(|output| output.status.success()) {
        return Some(Libvirt { virsh });
    }
    println!("SKIPPED: virsh does not run: apt-get install libvirt-clients");
    None
}

/// Defines a domain, and has its XML printed again.
fn defined(xml: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("domain.xml"), xml.replacen("type='kvm'", "type='test'", 1))
        .expect("a file");
    let output = Command::new("virsh")
        .args([
            "-q",
            "-c",
            "test:///default",
            "define domain.xml; dumpxml --inactive --security-info sev",
        ])
        .current_dir(folder.path())
        .env("LC_ALL", "C")
        .output()
        .expect("virsh runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() && errors.is_empty() {
        return Ok(String::from_utf8(output.stdout).expect("UTF-8"));
    }
    Err(errors)
}

/// What stands in an element of the only `<launchSecurity>`.
fn inside<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

#[test]
fn libvirt_reads_the_session_as_it_is_meant() {
    if virsh("test:///default").is_none() {
        return;
    }
    let session = Session { policy: 0x105, ..session(7) };
    for security in [
        "<launchSecurity type='sev'/>",
        "<launchSecurity type=\"sev\" ></launchSecurity>",
        "<launchSecurity type='sev' kernelHashes='yes'>\n    <cbitpos>47</cbitpos>\n    <reducedPhysBits>1</reducedPhysBits>\n    <policy>0x0105</policy>\n    <dhCert>AAAA</dhCert>\n    <session>BBBB</session>\n  </launchSecurity>",
        "<launchSecurity type='sev'><!-- </launchSecurity> --><session/><policy> 10<![CDATA[5]]></policy><dhCert>A<!-- b -->B</dhCert></launchSecurity>",
    ] {
        let edited = with_session(&domain(security), &session, &host()).expect(security);
        let printed = defined(&edited).expect(security);
        assert!(printed.contains("<launchSecurity type='sev' kernelHashes='yes'>"), "{printed}");
        assert_eq!(inside(&printed, "policy"), Some("0x0105"));
        assert_eq!(inside(&printed, "dhCert"), Some(&*BASE64.encode(&session.godh)));
        assert_eq!(inside(&printed, "session"), Some(&*BASE64.encode(&session.blob)));
        // And what libvirt prints of it is ours to edit again, without a change.
        assert_eq!(with_session(&printed, &session, &host()).expect("XML"), printed);
        let said = attestation::read(&printed).expect("readable").expect("libvirt keeps metadata");
        assert_eq!(
            (said.vmid.to_string(), said.service.as_deref()),
            (UUID.to_owned(), Some("https://attest.example/v1"))
        );
    }
}

#[test]
fn both_read_the_same_policies() {
    if virsh("test:///default").is_none() {
        return;
    }
    let texts = [
        "10",
        "0x10",
        "0X0010",
        " 10",
        "\n10",
        "10 ",
        "-10",
        "0x",
        "1000000010",
        "1<!-- c --><![CDATA[0]]>",
        "&#x31;0",
        "g",
        "",
    ];
    for text in texts {
        let xml =
            domain(&format!("<launchSecurity type='sev'><policy>{text}</policy></launchSecurity>"));
        let ours = with_session(&xml, &Session { policy: 0x10, ..session(7) }, &host());
        let theirs = defined(&xml);
        assert_eq!(ours.is_ok(), theirs.is_ok(), "{text:?}: {ours:?}, {theirs:?}");
        if let Ok(printed) = theirs {
            assert_eq!(inside(&printed, "policy"), Some("0x0010"));
        }
    }
    for text in ["47", " 047", "0x2f", "47 ", ""] {
        let xml = domain(&format!(
            "<launchSecurity type='sev'><cbitpos>{text}</cbitpos><policy>3</policy></launchSecurity>"
        ));
        let ours = with_session(&xml, &session(7), &host());
        let theirs = defined(&xml);
        // libvirt takes an empty one for one that is not there.
        assert_eq!(
            ours.is_ok(),
            theirs.is_ok() && !text.is_empty(),
            "{text:?}: {ours:?}, {theirs:?}"
        );
    }
}

// The driver knows no `--paused`; where a definition is kept is decided for all drivers alike.
#[test]
fn the_stored_definition_stays_as_it_is() {
    if virsh("test:///default").is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let stored = DUMPED.replace("'kvm'", "'test'");
    let given = with_session(&stored, &session(7), &host()).expect("XML");
    fs::write(folder.path().join("stored.xml"), &stored).expect("a file");
    fs::write(folder.path().join("given.xml"), &given).expect("a file");
    let run = |commands: &str| {
        let commands = format!("define stored.xml; create given.xml; {commands}");
        let output = Command::new("virsh")
            .args(["-q", "-c", "test:///default", &commands])
            .current_dir(folder.path())
            .env("LC_ALL", "C")
            .output()
            .expect("virsh runs");
        (
            String::from_utf8(output.stdout).expect("UTF-8"),
            String::from_utf8(output.stderr).expect("UTF-8"),
        )
    };
    let blob = BASE64.encode(session(7).blob);
    let (live, _) = run("dumpxml sev");
    assert_eq!(inside(&live, "session"), Some(&*blob));
    assert!(live.starts_with("<domain type='test' id="));
    let stays = |(xml, errors): (String, String)| {
        assert_eq!((inside(&xml, "session"), &*errors), (Some("BBBB"), ""));
    };
    stays(run("dumpxml --inactive sev"));
    stays(run("destroy sev; dumpxml sev"));
    let (_, errors) = run("create given.xml");
    assert_eq!(
        errors.trim_end(),
        "error: Failed to create domain from given.xml\nerror: Requested operation is not valid: domain 'sev' is already active"
    );
}

#[test]
fn libvirt_s_own_words_come_through() {
    let Some(libvirt) = virsh("test:///default") else { return };
    let state = libvirt.virsh.state("test").expect("a state");
    assert_eq!(state, Some(DomainState { state: "running".into(), reason: "unknown".into() }));
    for name in ["nosuch", "--help", "-h", "--", UUID] {
        assert_eq!(libvirt.virsh.state(name).expect("no such domain"), None, "{name}");
        let error = libvirt.describe(name).expect_err("no such domain").to_string();
        assert_eq!(error, format!("libvirt refused dumpxml: failed to get domain '{name}'"));
    }
    let (xml, identity) = libvirt.describe("test").expect("a domain");
    assert_eq!(
        (&*identity.name, &*identity.uuid.to_string()),
        ("test", "6695eb01-f6a4-8304-79aa-97f2502e193f")
    );
    assert!(xml.starts_with("<domain type='test'"));
    // The id of the running one, which is no name of a domain.
    let error = libvirt.describe("1").expect_err("a number").to_string();
    assert!(error.starts_with("libvirt takes \"1\" for the domain \"test\""), "{error}");
    let unsupported = |error: VmmError| {
        let text = error.to_string();
        assert!(matches!(error, VmmError::Refused { .. }) && text.contains("support"), "{text}");
    };
    unsupported(libvirt.host().expect_err("no SEV"));
    unsupported(libvirt.virsh.measured("test").expect_err("no SEV"));
    unsupported(libvirt.virsh.inject("test", &[0; 52], &[0; 16]).expect_err("no SEV"));
    unsupported(libvirt.virsh.create(&DUMPED.replace("'kvm'", "'test'")).expect_err("no pause"));
    assert!(matches!(libvirt.virsh.resume("test"), Err(VmmError::Refused { .. })));
    libvirt.virsh.destroy("test").expect("it runs");
}

#[test]
fn a_domain_that_is_active_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = folder.path().join("node.xml");
    fs::write(&node, format!("<node>{}</node>", DUMPED.replace("'kvm'", "'test'")))
        .expect("a file");
    // The driver starts the domains of such a file.
    let Some(libvirt) = virsh(&format!("test://{}", node.display())) else { return };
    let (live, stored) =
        (libvirt.virsh.xml("sev", Definition::Live), libvirt.virsh.xml("sev", Definition::Stored));
    assert!(live.expect("XML").contains("<session>BBBB</session>"));
    assert!(stored.expect("XML").contains("<session>BBBB</session>"));
    let error = libvirt.start("sev", &session(7), &host()).expect_err("it runs");
    assert_eq!(
        error.to_string(),
        "the domain \"sev\" is running: a guest is attested when it is started, so shut it off first"
    );
}

#[test]
fn no_daemon_is_no_refusal() {
    let Some(libvirt) = virsh("qemu+unix:///system?socket=/nonexistent/libvirt-sock") else {
        return;
    };
    let error = libvirt.host().expect_err("no daemon");
    assert!(matches!(error, VmmError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("failed to connect to the hypervisor"), "{error}");
}
