//! A small image with a bit of everything, for whoever changes every bit of one.

use super::{
    CRC32, FFS2, FREEFORM, File, NV_DATA, Section, VOLUME_IMAGE, VOLUME_TOP_FILE, Variable,
    VariableStore, Volume, stream,
};
use crate::firmware::FirmwareBuilder;

/// GUIDs for files, volumes and variables without a meaning.
pub const NAMES: [&str; 3] = [
    "0a0b0c0d-1111-2222-3333-445566778899",
    "1a1b1c1d-1111-2222-3333-445566778899",
    "2a2b2c2d-1111-2222-3333-445566778899",
];

/// About 2 KiB with a bit of everything: variables, a volume with a stored Brotli section that has a volume in it, every kind of section that has a
/// header of its own, and the table at the end.
#[must_use]
pub fn small_image() -> Vec<u8> {
    let variable = Variable::new(NAMES[0], "Lang", *b"en");
    let deleted = Variable::new(NAMES[1], "Old", [1, 2, 3]).state(0x3c);
    let store = VariableStore::new(0xf8).variable(variable).variable(deleted);
    let variables = Volume::new(NV_DATA, 0x160).content(store.bytes()).bytes();
    let driver = File::driver(NAMES[0], "Dxe")
        .section(Section::pe32([0x90; 20]))
        .section(Section::version(7, "1.0"));
    let inner = Volume::new(FFS2, 0xf0).file(driver).bytes();
    let packed = File::new(VOLUME_IMAGE, NAMES[1])
        .section(Section::brotli(&[Section::raw([0; 4]), Section::volume(inner)]));
    let other = File::new(FREEFORM, NAMES[2])
        .checksummed()
        .section(Section::freeform(NAMES[0], [5; 3]))
        .section(Section::guided(CRC32, 2, &[1, 2, 3, 4], stream(&[Section::raw([6; 2])])))
        .section(Section::compression(0, 12, stream(&[Section::raw([7; 8])])))
        .section(Section::raw([8; 5]).extended())
        .section(Section::new(0x03, stream(&[Section::dxe_depex([6, 8])])));
    let table = FirmwareBuilder::new(0x90).reset(0x80_b004).secret_area(0x81_0000, 0xc00).build();
    let main = Volume::new(FFS2, 0x3c8)
        .name(NAMES[2])
        .file(packed)
        .file(other)
        .top(File::raw(VOLUME_TOP_FILE, table));
    [variables, vec![0xff; 0x20], main.bytes()].concat()
}
