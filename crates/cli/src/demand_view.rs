//! The library's demands with their answers, as they are printed: one list for SEV, SEV-ES and SNP.

use std::io::{self, Write};

use serde::Serialize;
use sev_launch_verify::demand::Demand;

/// A demand as it is printed.
#[derive(Serialize)]
pub(crate) struct DemandView {
    /// The field, by AMD's name.
    pub(crate) field: String,
    pub(crate) wanted: String,
    /// What the evidence has, of a demand that is not met.
    pub(crate) found: Option<String>,
    /// `None` if nothing was asked of the evidence, since it is not authentic.
    pub(crate) met: Option<bool>,
    /// Of a demand that is not met, the flag that would accept it.
    pub(crate) accepted_by: Option<&'static str>,
    /// Was nothing demanded?
    #[serde(skip)]
    is_open: bool,
}

impl From<&Demand> for DemandView {
    fn from(demand: &Demand) -> Self {
        let is_open = demand.is_open();
        let Demand { field, wanted, found, met } = demand.clone();
        let asked = found.is_some().then_some(met);
        let accepted_by = accepted_by(&field, &wanted).filter(|_| asked == Some(false));
        Self { field, wanted, found: found.filter(|_| !met), met: asked, accepted_by, is_open }
    }
}

/// The flag that accepts what a demand refuses, where there is one. REPORTED and COMMITTED above CURRENT have none: no platform
/// has a reason to claim, or to be bound to, what it does not run.
fn accepted_by(field: &str, wanted: &str) -> Option<&'static str> {
    match field {
        "REPORT_ID_MA" | "POLICY.MIGRATE_MA" => Some("--allow-migration-agent"),
        "CURRENT over COMMITTED" => Some("--allow-provisional-firmware"),
        "LAUNCH over CURRENT" => Some("--allow-launch-tcb-above-current"),
        "reserved bits" => Some("--allow-reserved-bits"),
        // Bits that are demanded stay so.
        "PLATFORM_INFO" if wanted == "no bits without a name" => Some("--allow-reserved-bits"),
        _ => None,
    }
}

/// The names of the demands that are not met, comma-separated.
pub(crate) fn unmet(demands: &[DemandView]) -> String {
    let unmet = demands.iter().filter(|demand| demand.met == Some(false));
    unmet.map(|demand| demand.field.as_str()).collect::<Vec<_>>().join(", ")
}

/// The demands that are not met, a line each; `width` is the widest name's.
pub(crate) fn print_unmet(
    out: &mut impl Write,
    demands: &[DemandView],
    width: usize,
) -> io::Result<()> {
    for DemandView { field, wanted, found, met, accepted_by, .. } in demands {
        let (Some(false), Some(found)) = (met, found) else { continue };
        write!(out, "  {field:<width$} no: found {found}, wanted {wanted}")?;
        match accepted_by {
            Some(flag) => writeln!(out, "; {flag} accepts it")?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

/// The other demands, a line each, and in one line the fields of which nothing was demanded.
pub(crate) fn print_met(
    out: &mut impl Write,
    demands: &[DemandView],
    width: usize,
) -> io::Result<()> {
    for DemandView { field, wanted, met, .. } in demands.iter().filter(|demand| !demand.is_open) {
        match met {
            Some(true) => writeln!(out, "  {field:<width$} yes: {wanted}")?,
            Some(false) => {}
            None => writeln!(out, "  {field:<width$} not asked: {wanted}")?,
        }
    }
    let open: Vec<_> = demands
        .iter()
        .filter(|demand| demand.is_open)
        .map(|demand| demand.field.as_str())
        .collect();
    match open.is_empty() {
        true => Ok(()),
        false => writeln!(out, "  {:<width$} {}", "not demanded", open.join(", ")),
    }
}

/// What a yes leaves open: a line each, whatever else is left out.
pub(crate) fn print_unproven(
    out: &mut impl Write,
    not_covered: &[&'static str],
    width: usize,
) -> io::Result<()> {
    not_covered.iter().try_for_each(|text| writeln!(out, "  {:<width$} {text}", "unproven"))
}
