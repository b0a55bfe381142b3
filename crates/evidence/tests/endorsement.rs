//! Launch endorsements in every form: the same bytes come out of each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_evidence::endorsement::{EndorsementError, read};
use sev_launch_testkit::{testdata_folder, vectors};
use sev_launch_verify::endorsement::Kind;

fn file(name: &str) -> Vec<u8> {
    std::fs::read(testdata_folder().join(name)).expect(name)
}

/// A certificate table with one entry, as a guest gets it. [GHCB, SNP Extended Guest Request]
fn table(guid: [u8; 16], bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("short");
    let entry = [guid.as_slice(), &48u32.to_le_bytes(), &length.to_le_bytes()].concat();
    [entry.as_slice(), &[0; 24], bytes].concat()
}

#[test]
fn the_same_endorsement_comes_out_of_every_form() {
    let google = 0x9f4116cd_c503_4f5a_8f6f_fb68882f4ce2_u128.to_be_bytes();
    for (name, kind) in [
        ("endorsement/gce.binarypb", Kind::Google),
        ("endorsement/made-up.binarypb", Kind::Google),
        ("endorsement/uvm.cose", Kind::AzureUvm),
    ] {
        let bytes = file(name);
        let line = BASE64.encode(&bytes);
        let parts: Vec<&[u8]> = line.as_bytes().chunks(76).collect();
        let mut forms = vec![bytes.clone(), line.clone().into_bytes(), parts.join(&b"\r\n"[..])];
        if kind == Kind::Google {
            forms.push(table(google, &bytes));
            // Padded to a page, as the kernel gives it.
            forms.push([table(google, &bytes), vec![0; 4096]].concat());
        }
        for form in forms {
            let found = read(&form).expect(name);
            assert_eq!((found.endorsement.kind(), &found.bytes), (kind, &bytes), "{name}");
        }
    }
}

#[test]
fn what_has_none_is_told_apart_from_what_is_a_wrong_one() {
    assert_eq!(read(&file("snp/report.bin")), Err(EndorsementError::NotBeside));
    assert_eq!(read(&file("snp/vcek.der")), Err(EndorsementError::NotBeside));
    for wrong in [&b""[..], b"no endorsement", &[0; 64], &[0xd2, 0x84], b"AAAA"] {
        assert!(matches!(read(wrong), Err(EndorsementError::Form(_))), "{wrong:?}");
    }
    // In base64 and in a table it is as strict.
    let mut cut = file("endorsement/gce.binarypb");
    cut.pop();
    assert!(matches!(read(BASE64.encode(&cut).as_bytes()), Err(EndorsementError::Form(_))));
    let google = 0x9f4116cd_c503_4f5a_8f6f_fb68882f4ce2_u128.to_be_bytes();
    assert!(matches!(read(&table(google, &cut)), Err(EndorsementError::Form(_))));
    let long = vec![b'A'; (1 << 20) + 1];
    assert_eq!(read(&long), Err(EndorsementError::TooLarge { found: long.len() }));
}

// With `SEV_LAUNCH_VECTORS`: the table and the text file there hold the bytes that stand beside them.
#[test]
fn the_vectors_forms_are_read() {
    let Some(folder) = vectors::vectors_folder() else {
        eprintln!("SKIPPED: SEV_LAUNCH_VECTORS is not set");
        return;
    };
    let vector =
        |name: &str| std::fs::read(folder.join("envelopes/endorsement").join(name)).expect(name);
    for (form, bare) in
        [("table-with-gce.bin", "gce.binarypb"), ("reference-info-base64", "uvm.cose")]
    {
        assert_eq!(read(&vector(form)).map(|found| found.bytes), Ok(vector(bare)), "{form}");
    }
}
