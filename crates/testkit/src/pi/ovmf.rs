//! A whole OVMF in small: variables, a main volume with PEI and DXE volumes in a compressed section, and the volume of the reset vector.

use super::{
    CodeView, DXE_CORE, FFS2, File, NV_DATA, PEI_CORE, PEIM, Pe, SECURITY_CORE, Section,
    VOLUME_IMAGE, VOLUME_TOP_FILE, VariableStore, Volume, ftw_working_block,
};
use crate::firmware::{FirmwareBuilder, guid};
use crate::pattern;

/// GUIDs that the verifier of kernel, initrd and command line has in its code: those of the table of hashes and of its three entries.
pub const VERIFIER_GUIDS: [&str; 4] = [
    "9438d606-4f22-4cc9-b479-a793d411fd21",
    "4de79437-abd2-427f-b835-d5b172d2045b",
    "44baf731-3a2f-4bd7-9af1-41e29169781d",
    "97d02dd8-bd20-4c94-aa78-e7714d36ab2a",
];
/// The driver that gives kernel, initrd and command line to the guest (edk2, `OvmfPkg/QemuKernelLoaderFsDxe`).
const KERNEL_LOADER: &str = "806040ca-dad9-4978-a3b4-2d2ab0c8a48f";
/// The volume with everything but the reset vector, its only file, PEI and DXE volumes, and that of the reset vector (edk2, `OvmfPkg/OvmfPkgX64.fdf`).
const MAIN: &str = "48db5e17-707c-472d-91cd-1613e7ef51b0";
const MAIN_FILE: &str = "9e21fd93-9c72-4c15-8c4b-e77f1db2d792";
const PEI: &str = "6938079b-b503-4e3d-9d24-b28337a25806";
const DXE: &str = "7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1";
const SEC: &str = "763bed0d-de9f-48f5-81f1-3e90e1b1a015";
const SEC_MAIN: &str = "df1ccef6-f301-4a63-9661-fc6030dcc880";
const PEI_CORE_FILE: &str = "52c05b14-0b98-496c-bc3b-04b50211d680";
const DXE_CORE_FILE: &str = "d6a2cb7f-6a18-4e2f-b43b-9920a733700a";
const PLATFORM_PEI: &str = "222c386d-5abc-4fb4-b124-fbb82488acf4";

/// Builds an image.
#[derive(Clone, Debug)]
pub struct Ovmf {
    checks_hashes: bool,
    time: u32,
    folder: String,
    tables: FirmwareBuilder,
    variables: VariableStore,
    drivers: Vec<File>,
}

impl Ovmf {
    /// The AmdSev build: its kernel loader has the verifier's GUIDs.
    #[must_use]
    pub fn amd_sev() -> Self {
        Self {
            checks_hashes: true,
            time: 0,
            folder: "/build/edk2".into(),
            tables: FirmwareBuilder::amd_sev().size(0x800),
            variables: VariableStore::new(0xe000 - 0x48),
            drivers: Vec::new(),
        }
    }

    /// The general build: the same without the verifier.
    #[must_use]
    pub fn general() -> Self {
        Self { checks_hashes: false, ..Self::amd_sev() }
    }

    /// The time in every executable, in place of 0.
    #[must_use]
    pub fn time(mut self, seconds: u32) -> Self {
        self.time = seconds;
        self
    }

    /// The folder of the build, which stands in every debug directory.
    #[must_use]
    pub fn folder(mut self, folder: &str) -> Self {
        self.folder = folder.into();
        self
    }

    /// The reset vector with its tables; its size less 24 is a multiple of 8.
    #[must_use]
    pub fn tables(mut self, tables: FirmwareBuilder) -> Self {
        self.tables = tables;
        self
    }

    /// The variables: 0xdfb8 bytes.
    #[must_use]
    pub fn variables(mut self, variables: VariableStore) -> Self {
        self.variables = variables;
        self
    }

    /// With one more driver in the DXE volume.
    #[must_use]
    pub fn driver(mut self, file: File) -> Self {
        self.drivers.push(file);
        self
    }

    /// An executable with this code; its data are filling, and its debug directory has the build's folder.
    #[must_use]
    pub fn executable(&self, name: &str, text: impl Into<Vec<u8>>) -> Pe {
        let path = format!("{}/Build/{name}/DEBUG/{name}.dll", self.folder);
        let pe = Pe::new(text, pattern(0x90, 5, 3)).timestamp(self.time);
        pe.relocations(0, &[0xa248, 0xa250]).code_view(CodeView::Nb10(self.time, path))
    }

    /// The volume of variables: 0x20000 bytes, as in images of 2 MiB.
    #[must_use]
    pub fn variable_volume(&self) -> Vec<u8> {
        let mut content = self.variables.bytes();
        content.resize(0xf000 - 0x48, 0xff);
        content.extend(ftw_working_block(0x1000));
        Volume::new(NV_DATA, 0x20000).content(content).bytes()
    }

    /// The volume of the PEI phase.
    #[must_use]
    pub fn pei_volume(&self) -> Volume {
        let core = File::new(PEI_CORE, PEI_CORE_FILE).name("PeiCore");
        let platform = File::new(PEIM, PLATFORM_PEI).name("PlatformPei").aligned(4);
        // TRUE, END
        let depends = Section::pei_depex([6, 8]);
        let volume = Volume::new(FFS2, 0).name(PEI);
        let core =
            core.section(Section::pe32(self.executable("PeiCore", pattern(0x700, 3, 1)).bytes()));
        let te = Section::te(self.executable("PlatformPei", pattern(0x500, 7, 1)).te());
        volume.file(core).file(platform.section(depends).section(te)).fitting()
    }

    /// The volume of the DXE phase.
    #[must_use]
    pub fn dxe_volume(&self) -> Volume {
        let code = pattern(0x600, 9, 1);
        let guids: Vec<u8> = VERIFIER_GUIDS.into_iter().flat_map(guid).collect();
        let loader = if self.checks_hashes { [code, guids].concat() } else { code };
        let loader = Section::pe32(self.executable("QemuKernelLoaderFsDxe", loader).bytes());
        let core = Section::pe32(self.executable("DxeCore", pattern(0x900, 13, 1)).bytes());
        let volume = Volume::new(FFS2, 0).name(DXE);
        let volume = volume.file(File::new(DXE_CORE, DXE_CORE_FILE).name("DxeCore").section(core));
        let loader = File::driver(KERNEL_LOADER, "QemuKernelLoaderFsDxe").section(loader);
        volume
            .file(loader.section(Section::version(0, "1.0")))
            .files(self.drivers.clone())
            .fitting()
    }

    /// The volume that ends with the reset vector.
    #[must_use]
    pub fn sec_volume(&self) -> Volume {
        let code = Section::pe32(self.executable("SecMain", pattern(0x800, 15, 1)).bytes());
        let main = File::new(SECURITY_CORE, SEC_MAIN).name("SecMain").section(code);
        let top = File::raw(VOLUME_TOP_FILE, self.tables.build()).aligned(4);
        Volume::new(FFS2, 0).name(SEC).file(main).top(top).fitting()
    }

    /// The image.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let volumes =
            [self.pei_volume(), self.dxe_volume()].map(|volume| Section::volume(volume.bytes()));
        let main = File::new(VOLUME_IMAGE, MAIN_FILE).section(Section::lzma(&volumes));
        let main = Volume::new(FFS2, 0).name(MAIN).file(main).fitting().bytes();
        [self.variable_volume(), main, self.sec_volume().bytes()].concat()
    }
}
