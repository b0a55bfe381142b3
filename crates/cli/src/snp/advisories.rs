//! What a report meets of AMD's bulletins, as it is printed: to know, and no part of the answer.

use std::io::{self, Write};

use serde::Serialize;
use sev_launch_verify::snp::advisory::{self, DATE, Status};
use sev_launch_verify::snp::report::VerifiedReport;

/// What is known of a report's levels.
#[derive(Serialize)]
pub(crate) struct Advisories {
    /// When the levels were last looked up.
    as_of: &'static str,
    bulletins: Vec<BulletinView>,
}

#[derive(Serialize)]
struct BulletinView {
    name: &'static str,
    cve: &'static str,
    about: &'static str,
    /// `met`, `below` or `unknown`.
    status: &'static str,
    /// What was found, what was wanted and how far that can be trusted; or why it is not known.
    because: String,
    #[serde(skip)]
    is_second_hand: bool,
}

impl BulletinView {
    /// Its number, and whether what is known of it is hearsay.
    fn short(&self) -> String {
        match self.is_second_hand {
            true => format!("{} (second hand)", self.name),
            false => self.name.to_owned(),
        }
    }
}

impl Advisories {
    /// Of an authentic report; of another one nothing is said.
    pub(super) fn of(report: Option<&VerifiedReport>) -> Option<Self> {
        let report = report?;
        let bulletins = advisory::assess(report).into_iter().map(|(bulletin, status)| {
            let (status, because) = match status {
                Status::Met(text) => ("met", text),
                Status::Below(text) => ("below", text),
                Status::Unknown(text) => ("unknown", text),
            };
            let (name, cve, about) = (bulletin.name, bulletin.cve, bulletin.about);
            let is_second_hand = bulletin.is_second_hand(report.generation());
            BulletinView { name, cve, about, status, because, is_second_hand }
        });
        Some(Self { as_of: DATE, bulletins: bulletins.collect() })
    }

    pub(super) fn print(&self, out: &mut impl Write, width: usize) -> io::Result<()> {
        for below in self.bulletins.iter().filter(|one| one.status == "below") {
            let BulletinView { name, cve, about, because, .. } = below;
            writeln!(out, "  {:<width$} {name} ({cve}, {about}): {because}", "not mended of")?;
        }
        for (status, label) in [("met", "mended of"), ("unknown", "not known of")] {
            let names = self.bulletins.iter().filter(|one| one.status == status);
            let names: Vec<_> = names.map(BulletinView::short).collect();
            if !names.is_empty() {
                let names = names.join(", ");
                writeln!(out, "  {label:<width$} {names} (levels as of {})", self.as_of)?;
            }
        }
        Ok(())
    }
}
