//! From directives to what is measured before the end, in the loader's order.
//!
//! QEMU keeps pages back as long as the next header is a page that continues them: next address, same flags, type and mask, and data
//! or no data alike. They are measured when a page comes that does not continue them, or at the end of the file; an inserted
//! parameter area waits for nothing and is measured before them. [QEMU, qigvm_directive_page_data, qigvm_directive_parameter_insert]

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::error::Error;
use super::file::File;
use super::header::{PageData, PageKind, VpContext, What};
use super::rules::{InsertRule, LargePageRule, LoaderRules, VmsaRule};
use sev_launch_abi::Gpa;

/// The most pages of 4 KiB that are measured of a file: 4 GiB of memory.
pub const MOST_PAGES: u64 = 1 << 20;

/// Addresses end here: no processor has more than 52 bits of them. [APM2, physical address size]
const ADDRESS_END: u64 = 1 << 52;

/// A page of 4 KiB, or registers in their place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) gpa: Gpa,
    pub(super) what: StepKind,
    /// Does it belong to what the step before it starts? SEV takes a run in at once.
    pub(super) continues: bool,
}

/// What a step takes in.
#[derive(Clone, Copy, Debug)]
pub(super) enum StepKind {
    /// A page; where its bytes start in the file, or `None` for zeros.
    Page { kind: PageKind, is_unmeasured: bool, data: Option<u32> },
    /// A page of an inserted parameter area.
    Inserted,
    /// Registers, as they stand in the file.
    Vmsa(VpContext),
}

/// The steps of a platform's mask, and a page that was loaded and is lost again: memory that is required later takes its place.
pub(super) fn steps(
    file: &File,
    mask: u32,
    rules: &LoaderRules,
) -> Result<(Vec<Step>, Option<Gpa>), Error> {
    let mut walk = Walk {
        rules,
        steps: Vec::new(),
        pages: 0,
        run: Vec::new(),
        written: BTreeMap::new(),
        lost: None,
    };
    let mut areas = BTreeMap::new();
    let mut last: Option<(usize, PageData)> = None;
    for (number, directive) in file.directives().iter().enumerate() {
        match &directive.what {
            What::PageData(page) if page.mask & mask != 0 => {
                let continues = last.is_some_and(|(before, one)| {
                    before.checked_add(1) == Some(number) && is_continued(&one, page)
                });
                last = Some((number, *page));
                if !continues || !rules.keeps_runs_back {
                    walk.flush()?;
                }
                walk.run.push(*page);
            }
            What::ParameterArea { index, size } => {
                areas.insert(*index, *size);
            }
            What::ParameterInsert { gpa, mask: own, index } if own & mask != 0 => {
                if !rules.keeps_runs_back {
                    walk.flush()?;
                }
                walk.insert(*gpa, areas.get(index).copied().unwrap_or(0))?;
            }
            What::VpContext(context) => {
                let VmsaRule::InPlace { of_all_platforms } = rules.vmsas else { continue };
                if of_all_platforms || context.mask & mask != 0 {
                    walk.flush()?;
                    walk.push(context.gpa, 4096, StepKind::Vmsa(*context), false)?;
                }
            }
            What::RequiredMemory { gpa, mask: own, size } if own & mask != 0 && rules.is_qemu => {
                walk.require(*gpa, u64::from(*size));
            }
            _ => {}
        }
    }
    walk.flush()?;
    Ok((walk.steps, walk.lost))
}

/// Does a page continue the one before it, for QEMU?
fn is_continued(before: &PageData, page: &PageData) -> bool {
    before.gpa.0.checked_add(before.size()) == Some(page.gpa.0)
        && before.flags == page.flags
        && before.kind == page.kind
        && before.mask == page.mask
        && before.data.is_some() == page.data.is_some()
}

struct Walk<'r> {
    rules: &'r LoaderRules,
    steps: Vec<Step>,
    pages: u64,
    /// Pages that are kept back.
    run: Vec<PageData>,
    /// The steps that have data, by address.
    written: BTreeMap<u64, usize>,
    /// The first page whose data is gone.
    lost: Option<Gpa>,
}

impl Walk<'_> {
    /// Takes in the pages that were kept back.
    fn flush(&mut self) -> Result<(), Error> {
        let run = core::mem::take(&mut self.run);
        let mut continues = false;
        for page in run {
            if page.is_shared() && self.rules.skips_shared {
                continue;
            }
            let kind = StepKind::Page {
                kind: page.kind,
                is_unmeasured: page.is_unmeasured(),
                data: page.data,
            };
            let size = match self.rules.large_pages {
                LargePageRule::OnePage => 4096,
                LargePageRule::SplitWithoutData if page.is_2mb() && page.data.is_some() => {
                    return Err(Error::LargePage { gpa: page.gpa, loader: self.rules.name });
                }
                LargePageRule::Split | LargePageRule::SplitWithoutData => page.size(),
            };
            self.push(page.gpa, size, kind, continues)?;
            continues = true;
        }
        Ok(())
    }

    /// An inserted parameter area.
    fn insert(&mut self, gpa: Gpa, size: u64) -> Result<(), Error> {
        let size = match self.rules.inserts {
            // The igvm crate adds them, and would measure nothing where the sum goes round.
            InsertRule::Whole if gpa.0.checked_add(size).is_none() => {
                return Err(Error::Address { gpa, size });
            }
            InsertRule::Whole => size,
            InsertRule::FirstPage => 4096,
        };
        if size == 0 && self.rules.is_qemu {
            return Err(Error::EmptyArea { gpa });
        }
        self.push(gpa, size, StepKind::Inserted, false)
    }

    /// Whole pages from an address on, of which the first has the data.
    fn push(&mut self, gpa: Gpa, size: u64, what: StepKind, continues: bool) -> Result<(), Error> {
        // Tools that only compute hold no address to a processor's, and none goes round.
        let end = gpa.0.checked_add(size).filter(|end| *end <= ADDRESS_END);
        let last = gpa.0.checked_add(size.saturating_sub(1));
        if last.is_none() || end.is_none() && self.rules.is_qemu {
            return Err(Error::Address { gpa, size });
        }
        self.pages = self.pages.saturating_add(size / 4096);
        if self.pages > MOST_PAGES {
            return Err(Error::TooManyPages { most: MOST_PAGES });
        }
        let mut what = what;
        let mut continues = continues;
        for page in gpa.pages(size) {
            if let StepKind::Page { data: Some(_), .. } = what {
                self.written.insert(page.0, self.steps.len());
            }
            self.steps.push(Step { gpa: page, what, continues });
            if let StepKind::Page { data, .. } = &mut what {
                *data = None;
            }
            continues = true;
        }
        Ok(())
    }

    /// QEMU turns memory that is required private, and what it wrote there before is gone.
    fn require(&mut self, gpa: Gpa, size: u64) {
        let range = gpa.0..gpa.0.saturating_add(size);
        let lost: Vec<_> = self.written.range(range).map(|(gpa, step)| (*gpa, *step)).collect();
        for (gpa, step) in lost {
            self.written.remove(&gpa);
            if let Some(Step { what: StepKind::Page { data, .. }, .. }) = self.steps.get_mut(step) {
                *data = None;
                self.lost.get_or_insert(Gpa(gpa));
            }
        }
    }
}

const _: () = assert!(MOST_PAGES * 4096 <= ADDRESS_END);
