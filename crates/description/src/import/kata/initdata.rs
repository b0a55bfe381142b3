//! HOST_DATA: the digest of the initdata that a pod's annotation holds.
//!
//! Defined by [Kata, initdata.rs; addHypervisorInitdataOverrides]: the annotation is base64 of gzip of a TOML text, whose `algorithm`
//! digests that text as it stands. HOST_DATA has the first 32 bytes. No launch digest covers it.

use std::io::Read;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use flate2::bufread::GzDecoder;
use sev_launch_abi::snp::HostData;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use toml::{Table, Value};

use super::super::{Import, codes, found};
use super::release::{Releases, SETTLED};
use super::{Release, Runtime, Settings};
use crate::error::Error;

/// The annotation of releases from 3.20 on, and of the Rust runtime.
pub(super) const ANNOTATION: &str = "io.katacontainers.config.hypervisor.cc_init_data";
/// The annotation of the Go runtime to 3.19.
pub(super) const OLD_ANNOTATION: &str = "io.katacontainers.config.runtime.cc_init_data";
/// The most bytes of an initdata: all annotations of a pod together have 256 KiB.
const MOST_BYTES: u64 = 4 << 20;

/// Says HOST_DATA, or why it is not known.
///
/// Errors: an initdata that the runtime does not take.
pub(super) fn read(
    import: &mut Import,
    settings: &Settings<'_>,
    releases: &Releases,
) -> Result<(), Error> {
    let settled = "HOST_DATA in the report of a guest that runs, or the -object of its QEMU";
    let in_file = settings.is_set("initdata");
    if in_file {
        let place = settings.place("initdata");
        let text = "the file's initdata has its part in HOST_DATA, and how is not known";
        import.unknown("host_data", place, text, settled);
    }
    for (annotation, text) in &settings.initdata {
        if text.is_empty() {
            continue;
        }
        let place = format!("annotation {annotation}");
        let host_data = digest(text, settings.runtime)
            .map_err(|message| settings.annotations().value(*annotation, message))?;
        let is_read = |release: Release| match settings.runtime {
            Runtime::Rust => *annotation == ANNOTATION,
            Runtime::Go if *annotation == ANNOTATION => release.is_from(3, 20),
            Runtime::Go => release.is_from(3, 16) && !release.is_from(3, 20),
        };
        // The Rust runtime wrote the TOML anew, in an order of its own, up to some release between 3.30 and 4.0.
        // [Kata, pull request 13051]
        let is_exact = |release: Release| settings.runtime == Runtime::Go || release.is_from(4, 0);
        match (releases.agree(is_read), releases.agree(is_exact)) {
            _ if in_file => {}
            (Some(false), _) => {
                let text = "no release that is meant makes HOST_DATA of this annotation";
                import.unknown("host_data", &place, text, settled);
            }
            (Some(true), Some(true)) => {
                import.description.host_data = found(HostData::from_bytes(host_data), &place);
            }
            (Some(true), Some(false)) => {
                let text =
                    "the Rust runtime of this release may write the TOML anew before it digests it";
                import.unknown("host_data", &place, text, settled);
            }
            _ => {
                let text = "releases that read this file make HOST_DATA of other annotations, or in other ways";
                import.unknown("host_data", &place, text, SETTLED);
            }
        }
        let known = import.description.host_data.is_some();
        let text = format!(
            "{place}: its digest will be HOST_DATA, which the report has and no digest covers{}",
            if known { ": `verify` demands it where this description is given" } else { "" }
        );
        import.warn(codes::HOST_DATA, text);
    }
    if in_file {
        let text = format!(
            "{}: its digest will be HOST_DATA, which the report has and no digest covers",
            settings.place("initdata")
        );
        import.warn(codes::HOST_DATA, text);
    }
    Ok(())
}

/// The 32 bytes of HOST_DATA.
fn digest(annotation: &str, runtime: Runtime) -> Result<[u8; 32], String> {
    // Go's base64 leaves out ends of lines.
    let text = match runtime {
        Runtime::Go => annotation.replace(['\r', '\n'], ""),
        Runtime::Rust => annotation.to_owned(),
    };
    let packed = BASE64.decode(text).map_err(|error| format!("no base64: {error}"))?;
    let mut unpacked = Vec::new();
    let mut decoder = GzDecoder::new(packed.as_slice()).take(MOST_BYTES + 1);
    decoder.read_to_end(&mut unpacked).map_err(|error| format!("no gzip: {error}"))?;
    if u64::try_from(unpacked.len()).is_ok_and(|size| size > MOST_BYTES) {
        return Err(format!("more than {MOST_BYTES} bytes behind its gzip"));
    }
    if !decoder.into_inner().into_inner().is_empty() {
        return Err(
            "bytes behind the end of its gzip, which runtimes take in different ways".into()
        );
    }
    let text = std::str::from_utf8(&unpacked).map_err(|_| "no UTF-8 behind its gzip")?;
    let toml: Table = text.parse().map_err(|error: toml::de::Error| {
        format!("no TOML behind its gzip: {}", error.message().replace('\n', ", "))
    })?;
    let data = toml.get("data");
    let are_texts =
        |data: &Value| data.as_table().is_some_and(|data| data.values().all(Value::is_str));
    if data.is_some_and(|data| !are_texts(data)) {
        return Err("[data]: wanted texts alone".into());
    }
    let text_of = |key: &str| toml.get(key).and_then(Value::as_str);
    if runtime == Runtime::Rust && (text_of("version") != Some("0.1.0") || data.is_none()) {
        return Err(
            "wanted version = \"0.1.0\" and [data], without which the Rust runtime takes none"
                .into(),
        );
    }
    let all = match text_of("algorithm") {
        Some("sha256") => Sha256::digest(&unpacked).to_vec(),
        Some("sha384") => Sha384::digest(&unpacked).to_vec(),
        Some("sha512") => Sha512::digest(&unpacked).to_vec(),
        other => {
            let found = other.map_or("none".to_owned(), |name| format!("{name:?}"));
            return Err(format!("algorithm: {found}, wanted sha256, sha384 or sha512"));
        }
    };
    all.first_chunk().copied().ok_or_else(|| "a digest shorter than HOST_DATA".to_owned())
}
