//! The domains that libvirt publishes in its documentation, read from where Debian's `libvirt-doc` puts it.

use std::path::PathBuf;
use std::{env, fs};

use sev_launch_description::import::libvirt;

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

#[test]
fn published_domains_are_read() {
    let Some(folder) = env::var_os("SEV_LAUNCH_DOCS").map(PathBuf::from) else {
        println!("SKIPPED: SEV_LAUNCH_DOCS names no folder of libvirt's documentation");
        return;
    };
    let path = folder.join("html/kbase/launch_security_sev.html");
    let html =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
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
