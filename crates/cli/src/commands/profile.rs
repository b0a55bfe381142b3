//! `sev-launch profile`: what hosts do, as data.

use std::io::Write;

use serde::Serialize;
use sev_launch_abi::Technology;
use sev_launch_digest::profile::{self, KernelHashing, LaunchProfile, Loads, RdxRule};
use sev_launch_digest::vmsa::Vmsa;

use crate::exit::Answer;
use crate::output;
use crate::vmsa::field_value;

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
    rehearsed: Option<&'static str>,
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
            rehearsed: profile.rehearsed,
            source: profile.source,
            facts: facts(profile),
            bsp: fields(&profile.bsp),
            ap: fields(profile.further()),
        }
    }
}

/// What a profile fixes besides registers.
fn facts(profile: &LaunchProfile) -> Vec<Fact> {
    let rdx = match profile.rdx {
        RdxRule::Signature => "the CPU signature".into(),
        RdxRule::Fixed(value) => format!("{value:#x}"),
    };
    let start = match profile.ap {
        _ if profile.needs_reset_address => "the firmware's SEV-ES reset address",
        Some(_) => "a fixed address",
        None => "the first vCPU's address",
    };
    let loads = match profile.loads {
        Loads::Firmware => "firmware",
        Loads::FirmwareAndSvsm => "firmware, SVSM",
        Loads::KrunFiles => "qboot, kernel, initrd",
        Loads::Igvm(_) => "IGVM file",
    };
    let hashing = match profile.kernel_hashes {
        KernelHashing::Measured => "measured",
        KernelHashing::ToolsOnly => "computed by tools, measured by no host",
        KernelHashing::None => "none",
    };
    let mut facts = vec![
        fact("rdx", rdx),
        fact("further vCPUs start at", start),
        fact("pages per vCPU", 1),
        fact("kernel hashes", hashing),
        fact("loads", loads),
    ];
    facts.extend(profile.late_vcpus.iter().map(|rule| {
        let versions = match rule.vmm.below {
            Some(below) => format!("before {}.{}", below.major, below.minor),
            None => format!("from {}.{} on", rule.vmm.from.major, rule.vmm.from.minor),
        };
        fact(&format!("late vCPUs {versions}"), rule.registers.name())
    }));
    if profile.technology == Technology::Snp {
        facts.push(fact("VMSA address", profile.vmsa_gpa));
        if profile.loads != Loads::KrunFiles {
            facts.push(fact("SNP_SEC_MEM pages", profile.sections.sec_mem.kind()));
            let order = match profile.sections.cpuid_last {
                true => "the firmware's table, CPUID last",
                false => "the firmware's table",
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
    output::print(json, &views, |out| {
        for View { name, technology, default, confidence, summary, .. } in &views {
            let (mark, technology) = (if *default { "*" } else { " " }, technology.name());
            writeln!(out, "{mark} {name:<24} {technology:<7} {confidence:<11} {summary}")?;
        }
        let default = "the default of its technology";
        writeln!(out)?;
        writeln!(out, "* {default}: what a current QEMU does unless told otherwise")
    })?;
    Ok(Answer::Yes)
}

fn show(profile: &LaunchProfile, json: bool) -> anyhow::Result<Answer> {
    let view = View::from(profile);
    let further = if profile.needs_reset_address {
        "further vCPUs (cs.base and rip are then set to the reset address)"
    } else {
        "further vCPUs"
    };
    output::print(json, &view, |out| {
        writeln!(out, "{} ({}): {}", view.name, view.technology, view.summary)?;
        writeln!(out, "holds for   {}", view.hosts)?;
        writeln!(out, "confidence  {}", view.confidence)?;
        if let Some(rehearsed) = view.rehearsed {
            writeln!(out, "rehearsed   {rehearsed}")?;
        }
        writeln!(out, "source      {}", view.source)?;
        writeln!(out)?;
        for Fact { name, value } in &view.facts {
            writeln!(out, "{name}: {value}")?;
        }
        for (title, facts) in [("first vCPU", &view.bsp), (further, &view.ap)] {
            writeln!(out)?;
            writeln!(out, "{title}, fields that are not zero")?;
            for Fact { name, value } in facts {
                writeln!(out, "  {name:<16} {value}")?;
            }
        }
        Ok(())
    })?;
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
    let mut differences = compare_facts(&facts(left), &facts(right));
    differences.extend(compare_vmsas("first vCPU's", &left.bsp, &right.bsp));
    differences.extend(compare_vmsas("further vCPUs'", left.further(), right.further()));
    output::print(json, &differences, |out| {
        let mut differences = differences.iter();
        differences.try_for_each(|Difference { what, left, right }| {
            writeln!(out, "{what}: {left} | {right}")
        })
    })?;
    Ok(differences.is_empty().into())
}

fn compare_facts(left: &[Fact], right: &[Fact]) -> Vec<Difference> {
    let value = |facts: &[Fact], name: &str| {
        facts.iter().find(|fact| fact.name == name).map_or("-".into(), |fact| fact.value.clone())
    };
    let mut names: Vec<_> = left.iter().chain(right).map(|fact| fact.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    let differences = names.into_iter().map(|what| {
        let (left, right) = (value(left, &what), value(right, &what));
        Difference { what, left, right }
    });
    differences.filter(|difference| difference.left != difference.right).collect()
}

fn compare_vmsas(whose: &str, left: &Vmsa, right: &Vmsa) -> Vec<Difference> {
    let differences = left.to_page().compare(&right.to_page()).into_iter().map(|one| {
        let (left, right) = (field_value(&one.left), field_value(&one.right));
        Difference { what: format!("{whose} {}", one.name), left, right }
    });
    differences.collect()
}
