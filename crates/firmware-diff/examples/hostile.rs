//! How long the worst images take: each is made to cost as much as 64 MiB can. Prints a table; fails where one takes 2 seconds or more.
//!
//! `cargo run --release -p sev-launch-firmware-diff --example hostile [TEXT]`: only the kinds with the text in their name.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use sev_launch_firmware_diff::Image;
use sev_launch_testkit::firmware::guid;
use sev_launch_testkit::pi::{self, File, Ovmf, Section, Variable, VariableStore, Volume};

/// Bytes of an image.
const SIZE: usize = 64 << 20;
/// What one may take.
const MOST: Duration = Duration::from_secs(2);
/// The name of every file.
const NAME: &str = "0a0b0c0d-1111-2222-3333-445566778899";
/// 250 MiB, which may just be unpacked.
const BOMB: usize = 250 << 20;

/// A name, and what makes the image.
type Kind = (&'static str, fn() -> Vec<u8>);

const KINDS: [Kind; 18] = [
    ("random bytes", || random(SIZE)),
    ("LZMA of random bytes, 31 MiB", || {
        packed(Section::guided(pi::LZMA, 1, &[], pi::lzma_literals(&random(30 << 20))))
    }),
    ("LZMA of 250 MiB of zeros in runs", || {
        packed(Section::guided(pi::LZMA, 1, &[], pi::lzma(&zeros())))
    }),
    ("LZMA of 250 MiB of zeros, byte by byte", || {
        packed(Section::guided(pi::LZMA, 1, &[], pi::lzma_literals(&zeros())))
    }),
    ("LZMA of 250 MiB of bits in disorder", || {
        packed(Section::guided(pi::LZMA, 1, &[], pi::lzma_literals(&sparse())))
    }),
    ("4000 sections of LZMA with large dictionaries", || many(&lzma_without_size())),
    ("Brotli that stores 31 MiB", || {
        packed(Section::brotli(&[Section::raw(random(31 << 20)).extended()]))
    }),
    ("Brotli with 500 prefix codes for each byte", || packed(prefix_codes(31 << 20))),
    ("Brotli of 250 MiB in copies of 2 bytes", || packed(short_copies())),
    ("4000 sections of Brotli with large windows", || many(&large_window())),
    ("a signature every 8 bytes", || b"_FVH\x48\0\0\0".repeat(SIZE / 8)),
    ("volumes without files", || Volume::new(pi::FFS2, 0x48).bytes().repeat(SIZE / 0x48)),
    ("volumes in volumes with checksums, 8 deep", nested),
    ("65,536 files with checksums", files),
    ("sections of 4 bytes", || {
        one(File::new(pi::FREEFORM, NAME)
            .large()
            .content(Section::raw([]).bytes().repeat(SIZE / 4 - 64)))
    }),
    ("variables of 36 bytes", variables),
    ("a name of 60 MiB", || {
        one(File::driver(NAME, "")
            .large()
            .section(Section::new(0x15, b"a\x30".repeat(30 << 20)).extended()))
    }),
    ("a whole OVMF around 250 MiB of zeros", around),
];

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let mut table = String::from(
        "| image | MiB | open | and who checks hashes | parts | outcome |\n|---|---|---|---|---|---|\n",
    );
    let mut slow = false;
    for (name, make) in KINDS.iter().filter(|(name, _)| name.contains(&wanted)) {
        let bytes = make();
        let start = Instant::now();
        let image = Image::open(&bytes);
        let opened = start.elapsed();
        let (parts, outcome) = match &image {
            Ok(image) => (image.parts().count().to_string(), told(image)),
            Err(error) => (String::new(), error.to_string()),
        };
        let whole = start.elapsed();
        slow |= whole >= MOST;
        let mib = bytes.len() >> 20;
        let [opened, whole] = [opened, whole].map(|time| format!("{:.2} s", time.as_secs_f64()));
        writeln!(table, "| {name} | {mib} | {opened} | {whole} | {parts} | {outcome} |")
            .expect("a string");
        eprintln!("{name}: {whole}: {outcome}");
    }
    print!("{table}");
    if slow { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Who checks hashes, and the first thing that is odd.
fn told(image: &Image<'_>) -> String {
    let odd = image.parts().find_map(|(_, part)| part.remarks.first());
    let odd = odd.map(|remark| format!("; {remark}")).unwrap_or_default();
    format!("{}{odd}", image.kernel_hash_check())
}

/// Bytes without a pattern: a xorshift generator's.
fn random(size: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.take(size.div_ceil(8)).flatten().take(size).collect()
}

/// Zeros in one raw section.
fn zeros() -> Vec<u8> {
    pi::stream(&[Section::raw(vec![0; BOMB]).extended()])
}

/// Bytes with few bits set, in no order: they shrink to an eighth, so that 250 MiB of them fit.
fn sparse() -> Vec<u8> {
    let bits = random(BOMB / 8).into_iter();
    let bytes = bits.flat_map(|byte| {
        (0..8).map(move |bit| if byte >> bit & 1 == 1 && byte & 0x18 == 0 { 1 } else { 0 })
    });
    pi::stream(&[Section::raw(bytes.collect::<Vec<u8>>()).extended()])
}

/// A file in a volume, filled up to the whole size with bytes of no meaning.
fn one(file: File) -> Vec<u8> {
    let mut bytes = Volume::new(pi::FFS3, 0).file(file).fitting().bytes();
    bytes.extend(random(SIZE.saturating_sub(bytes.len())));
    bytes
}

fn packed(section: Section) -> Vec<u8> {
    let section = if section.size() < 1 << 24 { section } else { section.extended() };
    one(File::new(pi::VOLUME_IMAGE, NAME).large().section(section))
}

/// As many of a section as may be tried.
fn many(section: &Section) -> Vec<u8> {
    let file = File::new(pi::VOLUME_IMAGE, NAME).large();
    one((0..4000).fold(file, |file, _| file.section(section.clone())))
}

/// One byte, no size, and a dictionary as large as can be said.
fn lzma_without_size() -> Section {
    let mut lzma = pi::lzma(&[1]);
    lzma[1..13].fill(0xff);
    Section::guided(pi::LZMA, 1, &[], lzma)
}

/// Bits, the lowest of a byte first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn put(&mut self, number: u32, bits: u32) {
        for place in 0..bits {
            if self.used == 0 {
                self.bytes.push(0);
            }
            if number >> place & 1 == 1 {
                *self.bytes.last_mut().expect("a byte") |= 1 << self.used;
            }
            self.used = (self.used + 1) % 8;
        }
    }

    /// A prefix code of one symbol: it takes no bit in the data.
    fn code(&mut self, symbol: u32, bits: u32) {
        self.put(1, 2);
        self.put(0, 2);
        self.put(symbol, bits);
    }

    /// Everything before the prefix codes, of a meta-block of `length` bytes: one block type each, 256 or 1 trees (RFC 7932, section 9.2).
    fn head(&mut self, length: u32, is_rich: bool) {
        self.put(0, 1);
        let nibbles = if length <= 1 << 16 { 4 } else { 6 };
        self.put(nibbles - 4, 2);
        self.put(length - 1, 4 * nibbles);
        self.put(0, 1);
        self.put(0, 3 + 2 + 4 + 2);
        for _ in 0..2 {
            if is_rich {
                // 256 trees: 1, 7 in 3 bits, 127 in 7; no runs of zeros; a code of one symbol; no move to front.
                self.put(1, 1);
                self.put(7, 3);
                self.put(127, 7);
                self.put(0, 1);
                self.code(0, 8);
            }
            self.put(0, 1);
        }
    }
}

/// Meta-blocks of one byte, each with 256 prefix codes of literals and 256 of distances.
fn prefix_codes(size: usize) -> Section {
    let mut bits = Bits::default();
    // A window of 16 bits.
    bits.put(0, 1);
    let mut blocks = 0;
    while bits.bytes.len() < size {
        bits.head(1, true);
        (0..256).for_each(|_| bits.code(0, 8));
        // Insert 1, copy 2.
        bits.code(136, 10);
        (0..256).for_each(|_| bits.code(0, 6));
        blocks += 1;
    }
    bits.put(3, 2);
    Section::brotli_stream(blocks, &bits.bytes)
}

/// One literal and a copy of two bytes, again and again, none of which takes a bit.
fn short_copies() -> Section {
    let mut packed = pi::brotli(&[0; 16]);
    packed.pop();
    let mut bits = Bits::default();
    let blocks = BOMB >> 24;
    for _ in 0..blocks {
        bits.head(1 << 24, false);
        bits.code(0, 8);
        // Insert 1, copy 2 at the last distance, which is 4 to begin with.
        bits.code(8, 10);
        bits.code(0, 6);
    }
    bits.put(3, 2);
    packed.extend(bits.bytes);
    Section::brotli_stream(16 + (blocks << 24), &packed)
}

/// One byte, in the largest window.
fn large_window() -> Section {
    let mut bits = Bits::default();
    bits.put(15, 4);
    bits.head(1, false);
    bits.code(0, 8);
    bits.code(136, 10);
    bits.code(0, 6);
    bits.put(3, 2);
    Section::brotli_stream(1, &bits.bytes)
}

/// Each file has the checksum of all below it.
fn nested() -> Vec<u8> {
    let leaf = Section::raw(random(SIZE - 0x1_0000)).extended();
    let volume = |inside: Section| {
        let file = File::new(pi::VOLUME_IMAGE, NAME).large().checksummed().section(inside);
        Volume::new(pi::FFS3, 0).file(file).fitting().bytes()
    };
    (0..7).fold(volume(leaf), |inside, _| volume(Section::volume(inside).extended()))
}

fn files() -> Vec<u8> {
    let file = File::raw(NAME, random(1000 - 24)).checksummed().bytes(true);
    let count = 65_536;
    Volume::new(pi::FFS2, 0x48 + count * file.len()).content(file.repeat(count)).bytes()
}

fn variables() -> Vec<u8> {
    let one =
        VariableStore::new(62).plain().variable(Variable::new(NAME, "", [])).bytes()[28..].to_vec();
    let mut store = VariableStore::new(SIZE - 0x48).plain().bytes();
    let one = [one, vec![0xff; 2]].concat();
    let count = (store.len() - 28) / one.len();
    store[28..28 + count * one.len()].copy_from_slice(&one.repeat(count));
    Volume::new(pi::NV_DATA, SIZE).content(store).bytes()
}

/// A general build with a driver that holds 250 MiB, every byte of which is held against the verifier's GUIDs.
fn around() -> Vec<u8> {
    let start = guid(pi::VERIFIER_GUIDS[1])[0];
    let stream = pi::lzma(&pi::stream(&[Section::raw(vec![start; BOMB]).extended()]));
    let driver = File::driver(NAME, "Large").section(Section::guided(pi::LZMA, 1, &[], stream));
    Ovmf::general().driver(driver).build()
}
