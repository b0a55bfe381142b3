//! What holds for every input: no bytes and no text make the library panic, and ways to the same digest agree.

use proptest::collection::vec;
use proptest::prelude::*;
use sev_launch_abi::{CpuSignature, Gpa, SevFeatures, Technology};
use sev_launch_digest::cpu::CpuModel;
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_digest::hash::{Portable, Sha256Digest};
use sev_launch_digest::kernel_hashes::{FileHasher, KernelHashes, KernelKind, cmdline_warnings};
use sev_launch_digest::profile::{self, HostKernel, VersionRange};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::{Vmsa, VmsaPage, Vmsas};
use sev_launch_digest::{Guest, cpu, kernel_hashes, libkrun, sev, sev_es, snp, vmsa};
use sev_launch_testkit::expected::{self, Layout, Vmm};
use sev_launch_testkit::firmware::{FOOTER, FirmwareBuilder, Section, guid};

const SIGNATURE: u32 = 0x00a0_0f11;
const RESET: u32 = 0x0080_b004;

/// A firmware's sections may describe a million pages each; no more than this many are measured in a case.
const MOST_PAGES: u64 = 2000;

fn vmsas(features: Option<u64>) -> Vmsas {
    let (signature, sev_features) = (Some(CpuSignature(SIGNATURE)), features.map(SevFeatures));
    Vmsas::Profile { signature, sev_features }
}

fn hashes() -> KernelHashes {
    let hash = KernelHashes::no_initrd();
    KernelHashes { kernel: hash, initrd: hash, cmdline: hash }
}

fn pages_of_sections(firmware: &AbsorbedFirmware) -> u64 {
    let sections = firmware.sections().unwrap_or_default();
    sections.iter().map(|section| u64::from(section.length) / 4096).sum()
}

/// Launches every kind of guest; a launch that can happen has one digest, whichever way it is asked for.
fn launch_all(firmware: &AbsorbedFirmware, vcpus: VcpuCount, features: Option<u64>) {
    let small = pages_of_sections(firmware) <= MOST_PAGES;
    let svsm = snp::Svsm::place(&FirmwareBuilder::amd_sev().svsm_info(16).build(), firmware, 4096);
    for kernel_hashes in [None, Some(hashes())] {
        if let Ok(launch) = (sev::Guest { firmware, kernel_hashes }).launch() {
            let last = launch.trace().last().map(|(_, digest)| digest);
            assert_eq!(last, Some(launch.digest()));
            assert_eq!(launch.warnings(), firmware.warnings());
        } else {
            assert!(kernel_hashes.is_some(), "SEV without a kernel answers always");
        }
        for profile in profile::ALL {
            let vmsas = vmsas(features);
            let es =
                sev_es::Guest { firmware, kernel_hashes, vcpus, profile, vmsas: vmsas.clone() };
            if let Ok(launch) = es.launch() {
                let last = launch.trace().last().map(|(_, digest)| digest);
                assert_eq!(last, Some(launch.digest()));
            }
            let svsm = svsm.as_ref().ok().filter(|_| profile.name.contains("svsm"));
            let snp = snp::Guest { firmware, kernel_hashes, svsm, vcpus, profile, vmsas };
            if small && let Ok(launch) = snp.launch() {
                let last = launch.trace().last().map(|(_, digest)| digest);
                assert_eq!(last, Some(launch.digest()));
            }
        }
    }
}

/// Asks for everything that an image can be asked for.
fn look_at(image: &[u8], vcpus: VcpuCount, features: Option<u64>) {
    let Ok(firmware) = Firmware::parse(image) else {
        assert!(image.is_empty());
        return;
    };
    assert_eq!(
        firmware.page_updates().map(Iterator::count).ok(),
        match image.len() % 4096 {
            0 => Some(image.len() / 4096),
            _ => None,
        }
    );
    if let Ok(Some(table)) = firmware.table() {
        for entry in &table.entries {
            let start = usize::try_from(entry.offset).expect("an offset in the image");
            assert_eq!(&image[start..start + entry.payload.len()], entry.payload);
        }
    }
    if let Ok(Some(metadata)) = firmware.tables().metadata {
        for section in &metadata.sections {
            assert!(section.length > 0 && section.end() <= firmware.gpa());
        }
    }
    let absorbed = firmware.absorb();
    assert_eq!(*absorbed.sha256().expect("absorbed whole").as_bytes(), expected::sev(image, None));
    let _ = (absorbed.hash_area(), absorbed.secret_area(), absorbed.svsm_entry());
    launch_all(&absorbed, vcpus, features);
}

fn vcpus() -> impl Strategy<Value = VcpuCount> {
    (1..6_u32).prop_map(|count| VcpuCount::new(count).expect("a good count"))
}

/// Bytes to write, and where, counted from 0 at the start of the image's last 4096 bytes.
fn writes() -> impl Strategy<Value = Vec<(usize, u8)>> {
    // The structures, and anywhere: most of 4096 bytes are read by nobody.
    let place =
        prop_oneof![4096 - 1476..4096 - 1376_usize, 4096 - 146..4096 - 32_usize, 0..4096_usize];
    vec((place, any::<u8>()), 1..12)
}

/// A good image of two pages with some bytes changed.
fn changed(writes: &[(usize, u8)]) -> Vec<u8> {
    let mut image = FirmwareBuilder::amd_sev().size(0x2000).build();
    for (place, byte) in writes {
        image[0x1000 + place] = *byte;
    }
    image
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_can_be_looked_at(image in vec(any::<u8>(), 0..300), vcpus in vcpus()) {
        look_at(&image, vcpus, None);
    }

    #[test]
    fn any_bytes_before_a_footer_can_be_looked_at(
        mut image in vec(any::<u8>(), 0..300),
        length in any::<u16>(),
        vcpus in vcpus(),
    ) {
        // Half of the lengths fit.
        let length = if length % 2 == 0 { length % 300 } else { length };
        image.extend(length.to_le_bytes());
        image.extend(guid(FOOTER));
        image.extend([0; 32]);
        look_at(&image, vcpus, None);
    }

    #[test]
    fn any_page_can_be_looked_at(image in vec(any::<u8>(), 4096), vcpus in vcpus()) {
        look_at(&image, vcpus, None);
    }

    #[test]
    fn image_with_changed_bytes_can_be_looked_at(
        writes in writes(),
        vcpus in vcpus(),
        features in any::<Option<u64>>(),
    ) {
        look_at(&changed(&writes), vcpus, features);
    }

    #[test]
    fn any_metadata_can_be_looked_at(
        sections in vec((any::<u32>(), any::<u32>(), any::<u32>(), 0..60_usize), 0..33),
        header in any::<[Option<u32>; 4]>(),
        vcpus in vcpus(),
    ) {
        let whole = |number: u32| number & !0xfff;
        let section = |(base, length, kind, shape)| match shape {
            // Most are small and good: one bad section hides all others.
            0 => Section::new(base, length, kind),
            1 => Section::new(whole(base), whole(length), 1),
            _ => {
                let kind = [1, 2, 3, 4, 0x10][shape % 5];
                Section::new(whole(base / 2), 4096 + whole(length % 0x3000), kind)
            }
        };
        let sections: Vec<_> = sections.into_iter().map(section).collect();
        let mut image = FirmwareBuilder::amd_sev().size(0x2000).sections(sections);
        let [length, version, count, pointer] = header;
        // Seldom: a wrong header hides the sections.
        if let (Some(length), Some(version)) = (length, version) {
            image = image.length(length).version(version % 3);
        }
        if let (Some(count), Some(pointer)) = (count, pointer) {
            image = image.count(count % 40).metadata_pointer(pointer % 0x3000);
        }
        look_at(&image.build(), vcpus, None);
    }

    #[test]
    fn digests_in_one_pass_are_those_one_by_one(count in 1..9_u32, kernel in any::<bool>()) {
        let image = FirmwareBuilder::amd_sev().size(0x2000).build();
        let firmware = &Firmware::parse(&image).unwrap().absorb();
        let kernel_hashes = kernel.then(hashes);
        let es = |count| {
            let (vcpus, vmsas) = (VcpuCount::new(count).unwrap(), vmsas(None));
            let profile = profile::by_name("es-legacy").unwrap();
            sev_es::Guest { firmware, kernel_hashes, vcpus, profile, vmsas }.launch().unwrap()
        };
        let snp = |count| {
            let (vcpus, vmsas, svsm) = (VcpuCount::new(count).unwrap(), vmsas(None), None);
            let profile = profile::by_name("snp-qemu").unwrap();
            snp::Guest { firmware, kernel_hashes, svsm, vcpus, profile, vmsas }.launch().unwrap()
        };
        let most = usize::try_from(count).unwrap();
        let (any_es, any_snp) = (es(1), snp(3));
        let es_pass = any_es.vmsas().expect("VMSAs").digests(any_es.before_vmsas(&Portable), &Portable);
        let es_pass: Vec<_> = es_pass.take(most).collect();
        let snp_pass = any_snp.vmsas().expect("VMSAs").digests(any_snp.before_vmsas());
        let snp_pass: Vec<_> = snp_pass.take(most).collect();
        let es_single: Vec<_> = (1..=count).map(|count| es(count).digest()).collect();
        let snp_single: Vec<_> = (1..=count).map(|count| snp(count).digest()).collect();
        prop_assert_eq!(&es_pass, &es_single);
        prop_assert_eq!(&snp_pass, &snp_single);
        if !kernel {
            let pages = expected::vmsa_pages(Layout::QemuNofpu, SIGNATURE, 0, RESET, count);
            prop_assert_eq!(es_pass[most - 1].as_bytes(), &expected::sev_es(&image, None, &pages));
        }
    }

    // A page for each vCPU in order, which is all that SEV-ES measures after the firmware: a second way to the same hash.
    #[test]
    fn late_vcpus_of_sev_es_hold_the_first_one_s_page(count in 1..9_u32, late in 0..8_u32) {
        let image = FirmwareBuilder::amd_sev().size(0x2000).build();
        let firmware = &Firmware::parse(&image).unwrap().absorb();
        let Ok(vcpus) = VcpuCount::new(count).and_then(|vcpus| vcpus.with_late(late)) else {
            return Ok(());
        };
        let (kernel_hashes, vmsas) = (None, vmsas(None));
        let profile = profile::by_name("es-legacy").unwrap();
        let guest = sev_es::Guest { firmware, kernel_hashes, vcpus, profile, vmsas };
        let launch = guest.launch().unwrap();
        let pages = expected::vmsa_pages(Layout::QemuNofpu, SIGNATURE, 0, RESET, count - late);
        let late_pages = vec![pages[0]; usize::try_from(late).unwrap()];
        let expected = expected::sev_es(&image, None, &[pages, late_pages].concat());
        prop_assert_eq!(*launch.digest().as_bytes(), expected);
        let nth = usize::try_from(count - 1).unwrap();
        let (before, updates) = (launch.before_vmsas(&Portable), launch.vmsas());
        let in_one_pass = updates.expect("VMSAs").digests_with_late(before, &Portable, late).nth(nth);
        prop_assert_eq!(in_one_pass, Some(launch.digest()));
    }

    #[test]
    fn any_captured_page_is_measured(bytes in vec(any::<u8>(), 4096)) {
        let image = FirmwareBuilder::amd_sev().size(0x1000).sections([]).build();
        let firmware = &Firmware::parse(&image).unwrap().absorb();
        let page = VmsaPage::from_bytes(&bytes).unwrap();
        let guest = snp::Guest {
            firmware,
            kernel_hashes: None,
            svsm: None,
            vcpus: VcpuCount::ONE,
            profile: profile::by_name("snp-qemu").unwrap(),
            vmsas: Vmsas::Captured { bsp: page, ap: None },
        };
        let bytes: [u8; 4096] = bytes.try_into().unwrap();
        let expected = expected::snp(&image, &[], None, &[bytes], Vmm::Qemu);
        let digest = guest.launch().unwrap().digest();
        prop_assert_eq!(digest.as_bytes(), &expected);
    }
}

proptest! {
    #[test]
    fn any_chunks_give_the_file_s_hash(
        mut bytes in vec(any::<u8>(), 0..1500),
        magic in 0..4_u8,
        cuts in vec(0..1500_usize, 0..8),
    ) {
        let kind = match magic {
            1 if bytes.len() >= 4 => {
                bytes[..4].copy_from_slice(b"\x7fELF");
                KernelKind::Elf
            }
            2 if bytes.len() >= 0x206 => {
                bytes[0x202..0x206].copy_from_slice(b"HdrS");
                KernelKind::BzImage
            }
            _ => KernelKind::Unknown,
        };
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.sort_unstable();
        cuts.push(bytes.len());
        let (mut hasher, mut from) = (FileHasher::new(), 0);
        for cut in cuts {
            hasher.update(&bytes[from..cut]);
            from = cut;
        }
        let file = hasher.finish();
        prop_assert_eq!(file.sha256.as_bytes(), &expected::sev(&bytes, None));
        prop_assert_eq!(file.size, u64::try_from(bytes.len()).unwrap());
        // Random bytes hold one of the magics by chance in less than one of 10^6 cases.
        prop_assert_eq!(file.head.kind, kind);
    }

    #[test]
    fn any_command_line_is_hashed_or_has_a_nul(cmdline in vec(any::<u8>(), 0..200)) {
        let nul = cmdline.iter().position(|byte| *byte == 0);
        let expected = match nul {
            Some(offset) => Err(kernel_hashes::Error::CmdlineNul { offset: u64::try_from(offset).unwrap() }),
            None => {
                let bytes = [&cmdline[..], b"\0"].concat();
                Ok(Sha256Digest::from_bytes(expected::sev(&bytes, None)))
            }
        };
        prop_assert_eq!(KernelHashes::of_cmdline(&cmdline), expected);
        prop_assert!(cmdline_warnings(&cmdline).count() <= 2);
    }

    #[test]
    fn any_hashes_make_the_table_of_qemu(
        kernel in vec(any::<u8>(), 0..50),
        initrd in proptest::option::of(vec(any::<u8>(), 0..50)),
        cmdline in vec(1..=u8::MAX, 0..50),
    ) {
        let hashes =
            KernelHashes::of(&kernel, initrd.as_deref().unwrap_or_default(), &cmdline).unwrap();
        let expected = expected::hashes_table(&kernel, initrd.as_deref(), Some(&cmdline));
        prop_assert_eq!(hashes.table(), expected);
    }

    #[test]
    fn any_text_can_be_read_as_anything(
        text in prop_oneof![
            any::<String>(),
            "[0-9.]{0,24}",
            "[0-9]{1,12}[.][0-9]{1,12}([.][0-9]{1,12})?.{0,12}",
            "[0-9a-fA-F]{60,100}",
            "(?i)epyc[a-z0-9_-]{0,12}",
            "(?i)[sevnp_-]{0,9}",
        ],
    ) {
        if let Err(error) = text.parse::<Technology>() {
            prop_assert_eq!(error, sev_launch_abi::Error::UnknownTechnology { found: text.clone() });
        }
        if let Err(error) = CpuModel::by_name(&text) {
            prop_assert_eq!(error, cpu::Error::UnknownModel { found: text.clone() });
        }
        let read = profile::by_name(&text);
        prop_assert!(read.is_err() || profile::ALL.iter().any(|profile| profile.name == text));
        prop_assert_eq!(text.parse::<VersionRange>().is_ok(), text.parse::<HostKernel>().is_ok());
        let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let hex = |wanted| digits && text.len() == wanted;
        prop_assert_eq!(text.parse::<sev::LaunchDigest>().is_ok(), hex(64));
        prop_assert_eq!(text.parse::<Sha256Digest>().is_ok(), hex(64));
        prop_assert_eq!(text.parse::<snp::LaunchDigest>().is_ok(), hex(96));
        prop_assert_eq!(text.parse::<snp::PageDigest>().is_ok(), hex(96));
    }

    #[test]
    fn any_digest_reads_back_from_its_text(low in any::<[u8; 32]>(), high in any::<[u8; 16]>()) {
        let sev = sev::LaunchDigest::from_bytes(low);
        prop_assert_eq!(sev.to_string().parse(), Ok(sev));
        prop_assert_eq!(sev.to_string().to_uppercase().parse(), Ok(sev));
        let bytes: [u8; 48] = [&low[..], &high].concat().try_into().unwrap();
        let snp = snp::LaunchDigest::from_bytes(bytes);
        prop_assert_eq!(snp.to_string().parse(), Ok(snp));
    }

    #[test]
    fn any_bytes_are_a_page_or_not(
        bytes in prop_oneof![vec(any::<u8>(), 0..5000), vec(any::<u8>(), 4095..4098)],
    ) {
        let found = u64::try_from(bytes.len()).unwrap();
        match VmsaPage::from_bytes(&bytes) {
            Ok(page) => prop_assert_eq!(&page.as_bytes()[..], &bytes[..]),
            Err(error) => {
                prop_assert_ne!(found, 4096);
                prop_assert_eq!(error, vmsa::Error::Length { found });
            }
        }
    }

    #[test]
    fn any_page_s_non_zero_fields_are_its_bytes(
        bytes in vec(prop_oneof![9 => Just(0_u8), 1 => any::<u8>()], 4096),
    ) {
        let page = VmsaPage::from_bytes(&bytes).unwrap();
        let fields = Vmsa::from_page(&page).non_zero();
        prop_assert!(!fields.is_empty());
        for (field, value) in fields {
            let range = field.offset..field.offset + field.size;
            prop_assert_eq!(&bytes[range], &value[..], "{}", field.name);
        }
    }

    #[test]
    fn any_features_have_one_name_for_each_bit(bits in any::<u64>()) {
        let names = SevFeatures(bits).names();
        prop_assert_eq!(names.len(), usize::try_from(bits.count_ones()).unwrap());
    }

    #[test]
    fn any_libkrun_files_are_measured_or_refused(
        lengths in proptest::array::uniform3(
            prop_oneof![1 => 0..70_usize, 1 => Just(16), 2 => Just(4096), 2 => Just(8192)],
        ),
        gpa in prop_oneof![any::<u64>(), any::<u32>().prop_map(|page| u64::from(page) << 12)],
        vcpus in vcpus(),
    ) {
        let [qboot, kernel, initrd] = lengths.map(|length| vec![7; length]);
        for profile in profile::ALL {
            let guest = libkrun::Guest {
                qboot: &qboot,
                kernel: &kernel,
                kernel_gpa: Gpa(gpa),
                initrd: &initrd,
                vcpus,
                profile,
                vmsas: vmsas(None),
            };
            let krun = profile.name.contains("krun");
            let whole = |unit| lengths.iter().all(|length| *length > 0 && length % unit == 0);
            let sev_es = krun && profile.technology == Technology::SevEs && whole(16);
            let aligned = gpa % 4096 == 0;
            let snp = krun && profile.technology == Technology::Snp && whole(4096) && aligned;
            let launch = Guest::Libkrun(guest).launch();
            prop_assert_eq!(launch.is_ok(), sev_es || snp, "{}", profile.name);
            if let Ok(launch) = launch {
                let (digest, last) = (launch.digest(), launch.trace().last());
                prop_assert_eq!(last.map(|(_, digest)| digest), Some(digest));
                let nth = usize::try_from(vcpus.number() - 1).unwrap();
                prop_assert_eq!(launch.digests(&Portable).nth(nth), Some(digest));
            }
        }
    }
}

#[cfg(feature = "serde")]
mod stored {
    //! The stored form of absorbed firmware.

    use super::*;

    /// Reads a text; what is accepted can be used, and says the same again.
    fn read(text: &str) {
        let Ok(firmware) = serde_json::from_str::<AbsorbedFirmware>(text) else {
            return;
        };
        launch_all(&firmware, VcpuCount::ONE, None);
        let again = serde_json::to_string(&firmware).expect("it was read, so it can be stored");
        assert_eq!(serde_json::from_str::<AbsorbedFirmware>(&again).ok(), Some(firmware));
    }

    fn good() -> String {
        let image = FirmwareBuilder::amd_sev().size(0x2000).build();
        let absorbed = Firmware::parse(&image).expect("the image is not empty").absorb();
        serde_json::to_string(&absorbed).expect("the tables are not broken")
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in any::<String>()) {
            read(&text);
        }

        #[test]
        fn changed_text_can_be_read(
            changes in vec((any::<prop::sample::Index>(), "[0-9a-f+: \",{}\\[\\]]"), 1..4),
        ) {
            let mut text = good();
            for (index, with) in changes {
                let at = index.index(text.len());
                text.replace_range(at..at + 1, &with);
            }
            read(&text);
        }

        #[test]
        fn any_sections_can_be_read(sections in prop_oneof![
            "[0-9a-f+: ]{0,40}",
            "([0-9a-f]{1,6}[+][0-9a-f]{1,3}:(1|2|3|4|10) ){0,33}",
        ]) {
            let mut value: serde_json::Value = serde_json::from_str(&good()).unwrap();
            value["sections"] = sections.into();
            read(&value.to_string());
        }

        #[test]
        fn any_numbers_can_be_read(
            size in any::<u64>(),
            reset in any::<u64>(),
            area in any::<(u32, u32)>(),
            table in any::<bool>(),
        ) {
            let mut value: serde_json::Value = serde_json::from_str(&good()).unwrap();
            value["size"] = size.into();
            read(&value.to_string());
            value["size"] = 0x2000.into();
            value["reset"] = reset.into();
            value["hashes"] = vec![area.0, area.1].into();
            value["table"] = table.into();
            read(&value.to_string());
        }
    }
}
