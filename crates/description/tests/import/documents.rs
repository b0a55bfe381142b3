//! The domains and command lines that libvirt and QEMU publish in their documentation, read from where Debian's packages
//! `libvirt-doc` and `qemu-system-common` put it.

use std::path::PathBuf;
use std::{env, fs};

use sev_launch_abi::Technology;
use sev_launch_description::import::{libvirt, qemu};

/// The texts of a page's listings.
fn listings(html: &str) -> Vec<String> {
    let blocks = html.split("<pre").skip(1).filter_map(|block| block.split("</pre>").next());
    blocks
        .map(|block| {
            let mut text = String::new();
            for (number, part) in block.split('<').enumerate() {
                // The first part ends the opening tag; the others are a tag and what follows it.
                text.push_str(
                    part.split_once('>')
                        .map_or(if number == 0 { "" } else { part }, |(_, rest)| rest),
                );
            }
            let text = text.replace("&lt;", "<").replace("&gt;", ">");
            text.replace("&quot;", "\"")
                .replace("&#x27;", "'")
                .replace("&#39;", "'")
                .replace("&amp;", "&")
        })
        .collect()
}

/// A page, where the folder of packages' documentation (`/usr/share/doc`) is named.
fn page(name: &str) -> Option<String> {
    let Some(folder) = env::var_os("SEV_LAUNCH_DOCS").map(PathBuf::from) else {
        println!("SKIPPED: SEV_LAUNCH_DOCS names no folder of documentation, as /usr/share/doc");
        return None;
    };
    let path = folder.join(name);
    Some(fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

#[test]
fn published_command_lines_are_read() {
    let name = "qemu-system-common/system/i386/amd-memory-encryption.html";
    let Some(html) = page(name) else { return };
    let lines: Vec<_> = listings(&html)
        .into_iter()
        .filter(|text| text.contains("confidential-guest-support"))
        .collect();
    // As the page prints them: one guest of SEV, and one whose policy asks for SEV-ES.
    let found = lines.iter().map(|text| {
        // What a shell makes of the prompt, the variable and the dots.
        let text = text.replace("# ${QEMU}", "qemu-system-x86_64").replace("...,", "q35,");
        let import = qemu::from_text(text.as_bytes(), "page").unwrap();
        let policy = import.description.policy.unwrap().value;
        (import.description.technology.unwrap().value, policy)
    });
    assert_eq!(found.collect::<Vec<_>>(), [(Technology::Sev, 1), (Technology::SevEs, 5)]);
}

#[test]
fn published_domains_are_read() {
    let Some(html) = page("libvirt-doc/html/kbase/launch_security_sev.html") else { return };
    let domains: Vec<_> = listings(&html)
        .into_iter()
        .filter(|text| text.trim_start().starts_with("<domain type"))
        .collect();
    assert!(domains.len() >= 2, "{} domains", domains.len());
    for domain in domains {
        let import = libvirt::from_xml(domain.trim().as_bytes(), "page").unwrap();
        let description = import.description;
        // As the page prints them: policy 3, four vCPUs, OVMF with NVRAM, the host's model.
        assert_eq!(description.policy.unwrap().value, 3);
        assert_eq!(description.vcpus.unwrap().value.to_string(), "4");
        assert!(description.firmware.images.is_some());
        assert!(import.warnings.iter().any(|warning| warning.code == "nvram-not-measured"));
        assert!(import.warnings.iter().any(|warning| warning.code == "no-session"));
    }
}
