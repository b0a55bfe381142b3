//! Guest memory: every area that a launch measures, as boxes in the order of their addresses, the highest first.

use std::fmt::Write;

use sev_launch_abi::reader::wide;
use sev_launch_abi::{Gpa, PAGE_SIZE};
use sev_launch_digest::Firmware;

use super::{TOP, text};
use crate::image::Image;

/// How high a box is, with the space to the next one.
const BOX: usize = 34;
const STEP: usize = 46;
const WIDTH: usize = 420;
/// More areas than this are counted, and not drawn: firmwares have seven.
const MOST: usize = 24;

/// Where KVM has the SNP firmware measure save areas: the last page below 2^48. [Linux, sev_snp_launch_update_vmsa]
const VMSA: u64 = 0xffff_ffff_f000;

/// An area of guest memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Area {
    base: u64,
    size: u64,
    what: String,
    /// In which image: both, or one.
    of: &'static str,
    /// Do the two images differ in it?
    differs: bool,
}

/// The areas of both images.
pub(super) fn boxes(a: &Image<'_>, b: &Image<'_>) -> Vec<Area> {
    let (of_a, of_b) = (areas(a), areas(b));
    let is_same_image = a.bytes(&a.root().span) == b.bytes(&b.root().span);
    let mut boxes: Vec<Area> = Vec::new();
    for (base, size, what) in &of_b {
        let is_common = of_a.contains(&(*base, *size, what.clone()));
        let is_image = what.starts_with("firmware image");
        let of = if is_common { "" } else { "B only" };
        boxes.push(Area {
            base: *base,
            size: *size,
            what: what.clone(),
            of,
            differs: !is_common || (is_image && !is_same_image),
        });
    }
    for (base, size, what) in of_a.iter().filter(|area| !of_b.contains(area)) {
        boxes.push(Area {
            base: *base,
            size: *size,
            what: what.clone(),
            of: "A only",
            differs: true,
        });
    }
    boxes.sort_by(|a, b| (b.base, &a.what).cmp(&(a.base, &b.what)));
    boxes
}

fn areas(image: &Image<'_>) -> Vec<(u64, u64, String)> {
    let bytes = image.bytes(&image.root().span);
    let Ok(firmware) = Firmware::parse(bytes) else {
        return Vec::new();
    };
    let tables = firmware.tables();
    let vmsa = (VMSA, wide(PAGE_SIZE), "VMSA of each vCPU (SNP)".to_owned());
    let mut areas = vec![vmsa, (firmware.gpa().0, firmware.size(), "firmware image".to_owned())];
    let mut area = |what: &str, base: Gpa, size: u32| {
        if size > 0 {
            areas.push((base.0, u64::from(size), what.to_owned()));
        }
    };
    if let Ok(Some(found)) = tables.secret_area {
        area("launch secret area (not measured)", found.base, found.size);
    }
    if let Ok(Some(found)) = tables.hash_area {
        area("table of kernel hashes", found.base, found.size);
    }
    if let Ok(Some(metadata)) = tables.metadata {
        for section in &metadata.sections {
            area(section.kind.name(), section.base, section.length);
        }
    }
    areas
}

pub(super) fn height(areas: &[Area]) -> usize {
    (areas.len().min(MOST) + 1) * STEP
}

pub(super) fn draw(svg: &mut String, x: usize, areas: &[Area]) {
    text(svg, x, TOP - 12, "font-weight=\"bold\"", "guest memory (not to scale)");
    for (number, area) in areas.iter().take(MOST).enumerate() {
        let y = TOP + number * STEP;
        let (fill, stroke) =
            if area.differs { ("#f2c14e", "#d1495b") } else { ("#f2c14e", "#666666") };
        let fill = if area.what.contains("not measured") { "#ffffff" } else { fill };
        let width = if area.differs { 3 } else { 1 };
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{BOX}\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"{width}\"/>"
        );
        text(svg, x + 10, y + 14, "font-weight=\"bold\"", &area.what);
        let place =
            format!("{:#x} to {:#x}, {} bytes", area.base, area.base + area.size, area.size);
        text(svg, x + 10, y + 29, "", &place);
        if !area.of.is_empty() {
            text(svg, x + WIDTH - 60, y + 14, "fill=\"#d1495b\"", area.of);
        }
    }
    if let Some(more) = areas.len().checked_sub(MOST).filter(|more| *more > 0) {
        text(svg, x, TOP + MOST * STEP + 14, "fill=\"#555555\"", &format!("and {more} more areas"));
    }
}
