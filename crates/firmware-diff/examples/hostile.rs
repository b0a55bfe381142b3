//! How long the worst images take: each costs as much as 64 MiB can within the limits. Prints two tables; fails where one takes 2 seconds or more.
//!
//! Times are those on a processor, so that what else a machine does counts little; elsewhere than on Linux they are those on the wall.
//!
//! `cargo run --release -p sev-launch-firmware-diff --example hostile [TEXT]`: only the kinds with the text in their name.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use sev_launch_firmware_diff::{Allow, Comparison, Image, Reproduction};
use sev_launch_testkit::firmware::guid;
use sev_launch_testkit::pi::{self, File, Ovmf, Pe, Section, Variable, VariableStore, Volume};

/// Bytes of an image.
const SIZE: usize = 64 << 20;
/// What one may take.
const MOST: Duration = Duration::from_secs(2);
/// The name of every file.
const NAME: &str = "0a0b0c0d-1111-2222-3333-445566778899";
/// What may just be unpacked by LZMA, in bytes, and by Brotli, in blocks of 16 MiB.
const LZMA: usize = 32 << 20;
const BROTLI_BLOCKS: usize = 8;
/// What may just be packed by Brotli, as stored bytes and as prefix codes.
const STORED: usize = 13 << 20;
const CODES: usize = 15 << 20;

/// A name, and what makes the image.
type Kind = (&'static str, fn() -> Vec<u8>);

const KINDS: [Kind; 18] = [
    ("random bytes", || random(SIZE)),
    ("LZMA of 32 MiB of random bytes", || literals(&random(LZMA))),
    ("LZMA of 32 MiB of zeros in runs", || packed(Section::lzma(&[zeros()]))),
    ("LZMA of 32 MiB of zeros, byte by byte", || literals(&pi::stream(&[zeros()]))),
    ("LZMA of 32 MiB with bits in disorder", || literals(&sparse())),
    ("4000 sections of LZMA with large dictionaries", || many(&lzma_without_size())),
    ("Brotli that stores 13 MiB", || {
        packed(Section::brotli(&[Section::raw(random(STORED)).extended()]))
    }),
    ("15 MiB of Brotli with 500 prefix codes for each byte", || packed(prefix_codes())),
    ("Brotli of 128 MiB in copies of 2 bytes", || packed(short_copies(0))),
    ("4000 sections of Brotli with large windows", || many(&large_window())),
    ("a signature every 8 bytes", || b"_FVH\x48\0\0\0".repeat(SIZE / 8)),
    ("volumes without files", || Volume::new(pi::FFS2, 0x48).bytes().repeat(SIZE / 0x48)),
    ("volumes in volumes with checksums, 8 deep", nested),
    ("65,536 files with checksums", || files(7)),
    ("sections of 4 bytes", || {
        one(File::new(pi::FREEFORM, NAME)
            .large()
            .content(Section::raw([]).bytes().repeat(SIZE / 4 - 64)))
    }),
    ("variables of 36 bytes", || variables(SIZE, 1)),
    ("a name of 60 MiB", || {
        one(File::driver(NAME, "")
            .large()
            .section(Section::new(0x15, b"a\x30".repeat(30 << 20)).extended()))
    }),
    ("a whole OVMF around 128 MiB that begin as the verifier's GUIDs do", around),
];

/// A name, and what makes an image of a number.
type Pair = (&'static str, fn(u8) -> Vec<u8>);

const PAIRS: [Pair; 7] = [
    ("random bytes", |number| {
        random(SIZE + usize::from(number) * 8)[usize::from(number) * 8..].to_vec()
    }),
    ("65,536 files, each with other contents", files),
    ("65,536 files in reverse", in_reverse),
    ("500,000 sections, each with other contents", |number| {
        one(File::driver(NAME, &"N".repeat(4000)).large().content(
            [user_interface(), Section::raw([number; 4]).bytes().repeat(500_000)].concat(),
        ))
    }),
    ("200,000 variables with other values", |number| variables(40 * 200_000, number)),
    ("an executable with 260,000 relocations that moved", |number| {
        one(File::driver(NAME, "A").large().section(Section::pe32(rebased(number)).extended()))
    }),
    ("an executable of 60 MiB of dates", |number| {
        let date: &[u8] = if number == 0 { b"Nov 28 2026\0" } else { b"Nov 29 2026\0" };
        one(File::driver(NAME, "A")
            .large()
            .section(Section::pe32(Pe::new([], date.repeat((60 << 20) / 12)).bytes()).extended()))
    }),
];

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let mut slowest = Duration::ZERO;
    let mut table =
        String::from("| image | MiB | time | parts | outcome |\n|---|---|---|---|---|\n");
    for (name, make) in KINDS.iter().filter(|(name, _)| name.contains(&wanted)) {
        let bytes = make();
        let start = Clock::start();
        let image = Image::open(&bytes);
        let (parts, outcome) = match &image {
            Ok(image) => (image.parts().count().to_string(), told(image)),
            Err(error) => (String::new(), error.to_string()),
        };
        let time = start.stop();
        slowest = slowest.max(time);
        let row = format!(
            "| {name} | {} | {:.2} s | {parts} | {outcome} |",
            bytes.len() >> 20,
            time.as_secs_f64()
        );
        eprintln!("{row}");
        writeln!(table, "{row}").expect("a string");
    }
    table += "\n| two images | time | differences |\n|---|---|---|\n";
    for (name, make) in PAIRS.iter().filter(|(name, _)| name.contains(&wanted)) {
        let (a, b) = (make(0), make(1));
        let (a, b) = (
            Image::open(&a).expect("within the limits"),
            Image::open(&b).expect("within the limits"),
        );
        let start = Clock::start();
        let comparison = Comparison::of(&a, &b);
        let _ = (comparison.statement(), comparison.effect());
        assert!(!Reproduction::of(&comparison, &Allow::default()).is_reproduced());
        let time = start.stop();
        slowest = slowest.max(time);
        let row = format!(
            "| {name} | {:.2} s | {} |",
            time.as_secs_f64(),
            comparison.differences().len()
        );
        eprintln!("{row}");
        writeln!(table, "{row}").expect("a string");
    }
    print!("{table}");
    if slowest < MOST { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A start on the wall, and on a processor.
struct Clock(Instant, Option<Duration>);

impl Clock {
    fn start() -> Self {
        Self(Instant::now(), on_processor())
    }

    fn stop(&self) -> Duration {
        let on_processor = on_processor().zip(self.1).map(|(now, start)| now - start);
        on_processor.unwrap_or_else(|| self.0.elapsed())
    }
}

/// How long the only thread ran so far (Linux, `schedstat`: nanoseconds).
fn on_processor() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
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
fn zeros() -> Section {
    Section::raw(vec![0; LZMA - 8]).extended()
}

/// Bytes with few bits set, in no order.
fn sparse() -> Vec<u8> {
    let bits = random(LZMA / 8 - 1).into_iter();
    let bytes =
        bits.flat_map(|byte| (0..8).map(move |bit| byte >> bit & u8::from(byte & 0x18 == 0)));
    pi::stream(&[Section::raw(bytes.collect::<Vec<u8>>()).extended()])
}

fn literals(plain: &[u8]) -> Vec<u8> {
    packed(Section::guided(pi::LZMA, 1, &[], pi::lzma_literals(plain)))
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
fn prefix_codes() -> Section {
    let mut bits = Bits::default();
    // A window of 16 bits.
    bits.put(0, 1);
    let mut blocks = 0;
    while bits.bytes.len() < CODES {
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

/// A raw section of one byte again and again: a literal and a copy of two bytes, none of which takes a bit.
fn short_copies(byte: u8) -> Section {
    let size = 16 + (BROTLI_BLOCKS << 24);
    let mut start = vec![0xff, 0xff, 0xff, 0x19];
    start.extend(u32::try_from(size).expect("below 4 GiB").to_le_bytes());
    start.extend([byte; 8]);
    let mut packed = pi::brotli(&start);
    // The end comes later.
    packed.pop();
    let mut bits = Bits::default();
    for _ in 0..BROTLI_BLOCKS {
        bits.head(1 << 24, false);
        bits.code(byte.into(), 8);
        // Insert 1, copy 2 at the last distance, which is 4 to begin with.
        bits.code(8, 10);
        bits.code(0, 6);
    }
    bits.put(3, 2);
    packed.extend(bits.bytes);
    Section::brotli_stream(size, &packed)
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

fn files(number: u8) -> Vec<u8> {
    let mut content = random(1000 - 24);
    content[0] = number;
    let file = File::raw(NAME, content).checksummed().bytes(true);
    let count = 65_536;
    Volume::new(pi::FFS2, 0x48 + count * file.len()).content(file.repeat(count)).bytes()
}

/// Files with names of their own, in one order or the other.
fn in_reverse(number: u8) -> Vec<u8> {
    let file = |count: u32| {
        File::raw(&format!("{count:08x}-1111-2222-3333-445566778899"), [1; 40]).bytes(true)
    };
    let mut files: Vec<_> = (0..65_536).map(file).collect();
    if number == 1 {
        files.reverse();
    }
    let content = files.concat();
    Volume::new(pi::FFS2, 0x48 + content.len()).content(content).bytes()
}

fn user_interface() -> Vec<u8> {
    let mut name = Section::user_interface(&"N".repeat(4001)).bytes();
    name.resize(name.len().next_multiple_of(4), 0);
    name
}

fn variables(size: usize, value: u8) -> Vec<u8> {
    let mut one = VariableStore::new(64).plain().variable(Variable::new(NAME, "", [value])).bytes()
        [28..]
        .to_vec();
    one.resize(one.len().next_multiple_of(4), 0xff);
    let mut store = VariableStore::new(size - 0x48).plain().bytes();
    let count = (store.len() - 28) / one.len();
    store[28..28 + count * one.len()].copy_from_slice(&one.repeat(count));
    Volume::new(pi::NV_DATA, size).content(store).bytes()
}

/// Words that all moved by as much as the image base.
fn rebased(number: u8) -> Vec<u8> {
    const WORDS: usize = 260_000;
    let base = u64::from(number) * 0x1_0000;
    let data: Vec<u8> = (0..WORDS).flat_map(|_| (0x1234 + base).to_le_bytes()).collect();
    let pe = (0..WORDS / 512).fold(Pe::new([], data), |pe, page| {
        let entries: Vec<u16> = (0..512).map(|word| 0xa000 | (word * 8)).collect();
        pe.relocations(0x200 + u32::try_from(page).expect("few pages") * 0x1000, &entries)
    });
    let mut bytes = pe.bytes();
    bytes[0x80 + 24 + 24..][..8].copy_from_slice(&base.to_le_bytes());
    bytes
}

/// A general build with a driver that holds many bytes, each of which is held against the verifier's GUIDs.
fn around() -> Vec<u8> {
    let driver = File::driver(NAME, "Large").section(short_copies(guid(pi::VERIFIER_GUIDS[1])[0]));
    Ovmf::general().driver(driver).build()
}
