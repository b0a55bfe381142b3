//! `sev-launch profile`: what hosts do, as data.

use std::io::Write;

use serde::Serialize;
use sev_launch_abi::Technology;
use sev_launch_digest::profile::{self, LaunchProfile, Loads, RdxRule};
use sev_launch_digest::vmsa::{Vmsa, VmsaPage};

use crate::commands::vmsa::field_value;
use crate::exit::Answer;
use crate::output;

/// Launch profiles.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub(crate) enum Profile {
    /// List all profiles.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show one profile: on which hosts it holds, what it fixes, where that is from.
    Show {
        /// The profile's name.
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Name everything in which two profiles differ; exit code 1 where they do.
    Diff {
        /// One profile's name.
        left: String,
        /// The other's.
        right: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Profile {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        match self {
            Self::List { json } => list(*json),
            Self::Show { name, json } => show(profile::by_name(name)?, *json),
            Self::Diff { left, right, json } => {
                diff(profile::by_name(left)?, profile::by_name(right)?, *json)
            }
        }
    }
}

/// A profile as it is printed.
#[derive(Serialize)]
struct View {
    name: &'static str,
    technology: Technology,
    default: bool,
    summary: &'static str,
    vmm: &'static str,
    hosts: &'static str,
    confidence: &'static str,
    source: &'static str,
    facts: Vec<Fact>,
    bsp: Vec<Fact>,
    ap: Vec<Fact>,
}

/// A named value.
#[derive(Clone, PartialEq, Eq, Serialize)]
struct Fact {
    name: String,
    value: String,
}

fn fact(name: &str, value: impl ToString) -> Fact {
    Fact { name: name.into(), value: value.to_string() }
}

impl From<&LaunchProfile> for View {
    fn from(profile: &LaunchProfile) -> Self {
        let default = profile::default_for(profile.technology);
        Self {
            name: profile.name,
            technology: profile.technology,
            default: default.is_some_and(|default| default.name == profile.name),
            summary: profile.summary,
            vmm: profile.vmm.name(),
            hosts: profile.hosts,
            confidence: profile.confidence.name(),
            source: profile.source,
            facts: facts(profile),
            bsp: fields(&profile.bsp),
            ap: fields(profile.further()),
        }
    }
}

/// What a profile fixes besides registers.
fn facts(profile: &LaunchProfile) -> Vec<Fact> {
    let mut facts = vec![
        fact(
            "rdx",
            match profile.rdx {
                RdxRule::Signature => "the CPU signature".into(),
                RdxRule::Fixed(value) => format!("{value:#x}"),
            },
        ),
        fact(
            "further vCPUs start at",
            match profile.ap {
                _ if profile.needs_reset_address => "the firmware's SEV-ES reset address",
                Some(_) => "a fixed address",
                None => "the first vCPU's address",
            },
        ),
        fact("pages per vCPU", 1),
        fact("kernel hashes", if profile.kernel_hashes { "measured" } else { "none" }),
        fact(
            "loads",
            match profile.loads {
                Loads::Firmware => "firmware",
                Loads::FirmwareAndSvsm => "firmware, SVSM",
                Loads::KrunFiles => "qboot, kernel, initrd",
            },
        ),
    ];
    if profile.technology == Technology::Snp {
        facts.push(fact("VMSA address", profile.vmsa_gpa));
        if profile.loads != Loads::KrunFiles {
            facts.push(fact("SNP_SEC_MEM pages", profile.sections.sec_mem.kind()));
            let order = if profile.sections.cpuid_last {
                "the firmware's table, CPUID last"
            } else {
                "the firmware's table"
            };
            facts.push(fact("section order", order));
        }
    }
    facts
}

fn fields(vmsa: &Vmsa) -> Vec<Fact> {
    vmsa.non_zero().iter().map(|(field, bytes)| fact(field.name, field_value(bytes))).collect()
}

fn list(json: bool) -> anyhow::Result<Answer> {
    let views: Vec<_> = profile::ALL.iter().map(View::from).collect();
    if json {
        output::print_json(&views)?;
        return Ok(Answer::Yes);
    }
    let mut out = output::stdout();
    for view in views {
        let mark = if view.default { "*" } else { " " };
        writeln!(
            out,
            "{mark} {:<20} {:<7} {:<11} {}",
            view.name,
            view.technology.name(),
            view.confidence,
            view.summary
        )?;
    }
    writeln!(
        out,
        "\n* the default of its technology: what a current QEMU does unless told otherwise"
    )?;
    out.flush()?;
    Ok(Answer::Yes)
}

fn show(profile: &LaunchProfile, json: bool) -> anyhow::Result<Answer> {
    let view = View::from(profile);
    if json {
        output::print_json(&view)?;
        return Ok(Answer::Yes);
    }
    let mut out = output::stdout();
    writeln!(out, "{} ({}): {}", view.name, view.technology, view.summary)?;
    writeln!(out, "holds for   {}", view.hosts)?;
    writeln!(out, "confidence  {}", view.confidence)?;
    writeln!(out, "source      {}\n", view.source)?;
    for Fact { name, value } in &view.facts {
        writeln!(out, "{name}: {value}")?;
    }
    let further = if profile.needs_reset_address {
        "further vCPUs (cs.base and rip are then set to the reset address)"
    } else {
        "further vCPUs"
    };
    for (title, facts) in [("first vCPU", &view.bsp), (further, &view.ap)] {
        writeln!(out, "\n{title}, fields that are not zero")?;
        for Fact { name, value } in facts {
            writeln!(out, "  {name:<16} {value}")?;
        }
    }
    out.flush()?;
    Ok(Answer::Yes)
}

/// A difference between two profiles.
#[derive(Serialize)]
struct Difference {
    what: String,
    left: String,
    right: String,
}

fn diff(left: &LaunchProfile, right: &LaunchProfile, json: bool) -> anyhow::Result<Answer> {
    let (one, two) = (View::from(left), View::from(right));
    let mut differences = compare_facts(&one.facts, &two.facts);
    let pages = |profile: &LaunchProfile| (profile.bsp.to_page(), profile.further().to_page());
    let ((left_bsp, left_ap), (right_bsp, right_ap)) = (pages(left), pages(right));
    differences.extend(compare_pages("first vCPU's", &left_bsp, &right_bsp));
    differences.extend(compare_pages("further vCPUs'", &left_ap, &right_ap));
    if json {
        output::print_json(&differences)?;
    } else {
        let mut out = output::stdout();
        for Difference { what, left, right } in &differences {
            writeln!(out, "{what}: {left} | {right}")?;
        }
        out.flush()?;
    }
    Ok(if differences.is_empty() { Answer::Yes } else { Answer::No })
}

fn compare_facts(left: &[Fact], right: &[Fact]) -> Vec<Difference> {
    let value = |facts: &[Fact], name: &str| {
        facts.iter().find(|fact| fact.name == name).map_or("-".into(), |fact| fact.value.clone())
    };
    let mut names: Vec<_> = left.iter().chain(right).map(|fact| fact.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|what| {
            let (left, right) = (value(left, &what), value(right, &what));
            Difference { what, left, right }
        })
        .filter(|difference| difference.left != difference.right)
        .collect()
}

fn compare_pages(whose: &str, left: &VmsaPage, right: &VmsaPage) -> Vec<Difference> {
    let differences = left.compare(right).into_iter().map(|one| Difference {
        what: format!("{whose} {}", one.name),
        left: field_value(&one.left),
        right: field_value(&one.right),
    });
    differences.collect()
}
