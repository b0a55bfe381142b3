//! Debian's own images: every byte accounted for, the modules that edk2's platform description lists, and who checks kernel hashes.

use sev_launch_digest::firmware::KernelHashCheck;
use sev_launch_firmware_diff::{Image, Part, Span, What};

use crate::images;

/// A part's header and parts, or the space that it unpacks to, are all of it, in order and without a gap.
fn check(image: &Image<'_>, part: &Part) {
    let body = match part.unpacked {
        None => part.body(),
        Some(space) => {
            let whole = image.spaces().nth(space).map_or(0, <[u8]>::len);
            Span::new(space, 0..whole)
        }
    };
    assert!(body.start <= body.end, "{}", part.name());
    if part.parts.is_empty() {
        return;
    }
    let mut at = body.start;
    for below in &part.parts {
        assert_eq!((below.span.space, below.span.start), (body.space, at), "{}", below.name());
        at = below.span.end;
        check(image, below);
    }
    assert_eq!(at, body.end, "{}", part.name());
}

#[test]
fn every_byte_of_a_real_image_is_part_of_something() {
    for path in images::all() {
        let bytes = std::fs::read(&path).unwrap();
        let image = Image::open(&bytes).unwrap();
        assert!(image.is_understood(), "{}", path.display());
        assert_eq!(image.root().span, Span::new(0, 0..bytes.len()));
        check(&image, image.root());
    }
}

// OvmfPkgX64.fdf and AmdSevX64.fdf: the volumes, and some of their modules by name.
#[test]
fn a_real_image_has_the_volumes_and_modules_of_its_platform_description() {
    for path in images::all() {
        let bytes = std::fs::read(&path).unwrap();
        let image = Image::open(&bytes).unwrap();
        let names: Vec<String> = image.parts().map(|(_, part)| part.name()).collect();
        let has = |name: &str| names.iter().any(|found| found == name);
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        if file.contains("VARS") {
            assert!(has("variable store") && !has("SECFV"), "{file}");
            continue;
        }
        for name in [
            "FVMAIN_COMPACT",
            "PEIFV",
            "DXEFV",
            "SECFV",
            "SecMain",
            "PlatformPei",
            "DxeCore",
            "reset vector",
        ] {
            assert!(has(name), "{file}: {name}");
        }
        // The AmdSev platform alone has the modules that hand a launch secret on.
        assert_eq!(has("SecretPei") && has("SecretDxe"), file.contains("amdsev"), "{file}");
        let variables = image.parts().any(|(_, part)| matches!(part.what, What::VariableStore(_)));
        assert_eq!(variables, !file.contains("CODE"), "{file}");
    }
}

// OvmfPkg's BlobVerifierLibSevHashes is linked by AmdSevX64.dsc alone.
#[test]
fn only_the_amdsev_build_checks_kernel_hashes() {
    for path in images::all() {
        let bytes = std::fs::read(&path).unwrap();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let wanted = match file.as_str() {
            _ if file.contains("amdsev") => KernelHashCheck::Yes,
            _ if file.contains("VARS") => KernelHashCheck::Unknown,
            _ => KernelHashCheck::No,
        };
        assert_eq!(sev_launch_firmware_diff::kernel_hash_check(&bytes), wanted, "{file}");
    }
}
