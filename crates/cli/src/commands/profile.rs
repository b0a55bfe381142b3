//! `sev-launch profile`: what hosts do, as data.

use std::io::Write;

use serde::Serialize;
use sev_launch_abi::Technology;
use sev_launch_digest::igvm::{InsertRule, LargePageRule, LoaderRules, VmsaRule};
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
            bsp: registers(profile).map_or(Vec::new(), |[bsp, _]| fields(bsp)),
            ap: registers(profile).map_or(Vec::new(), |[_, ap]| fields(ap)),
        }
    }
}

/// The first vCPU's registers and a further one's; none where those in the file are measured as they stand.
fn registers(profile: &LaunchProfile) -> Option<[&Vmsa; 2]> {
    match profile.loads {
        Loads::Igvm(rules) if rules.measures_own_vmsas() => None,
        _ => Some([&profile.bsp, profile.further()]),
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
    let mut facts = Vec::new();
    if registers(profile).is_some() {
        facts.push(fact("rdx", rdx));
        facts.push(fact("further vCPUs start at", start));
        facts.push(fact("pages per vCPU", 1));
    }
    facts.push(fact("kernel hashes", hashing));
    facts.push(fact("loads", loads));
    if let Loads::Igvm(rules) = profile.loads {
        facts.extend(loader(rules, profile.technology));
    }
    facts.extend(profile.late_vcpus.iter().map(|rule| {
        let versions = match rule.vmm.below {
            Some(below) => format!("before {}.{}", below.major, below.minor),
            None => format!("from {}.{} on", rule.vmm.from.major, rule.vmm.from.minor),
        };
        fact(&format!("late vCPUs {versions}"), rule.registers.name())
    }));
    if profile.technology == Technology::Snp {
        if registers(profile).is_some() {
            facts.push(fact("VMSA address", profile.vmsa_gpa));
        }
        if matches!(profile.loads, Loads::Firmware | Loads::FirmwareAndSvsm) {
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

/// What a loader makes of an IGVM file, in the words of docs/igvm.md.
fn loader(rules: &LoaderRules, technology: Technology) -> Vec<Fact> {
    let is_snp = technology == Technology::Snp;
    let (vmsas, missing) = match rules.vmsas {
        VmsaRule::AtTheEnd => (
            "one for every vCPU, after all pages, as KVM makes it of the registers",
            "the reset state, with the CPU's signature",
        ),
        VmsaRule::InPlace { of_all_platforms: false } => {
            ("where and as they stand in the file", "not measured")
        }
        VmsaRule::InPlace { of_all_platforms: true } => {
            ("where and as they stand in the file, of other platforms too", "not measured")
        }
    };
    let pages = match rules.keeps_runs_back {
        true => "as they come; a parameter area overtakes pages that are kept back",
        false => "the file's order",
    };
    let area = match rules.inserts {
        InsertRule::Whole => "all its pages",
        InsertRule::FirstPage => "its first page alone",
    };
    let large = match rules.large_pages {
        LargePageRule::Split => "512 pages, of which the first has data",
        LargePageRule::SplitWithoutData => "512 pages; refused with data",
        LargePageRule::OnePage => "one page of 4 KiB",
    };
    let of = |flag, yes, no| if flag { yes } else { no };
    let mut facts = vec![
        fact("loader", rules.name),
        fact("VMSAs", vmsas),
        fact("a vCPU that is not in the file", missing),
        fact("pages", pages),
        fact("a parameter area", area),
        fact("shared pages", of(rules.skips_shared, "left out", "measured")),
        fact("a page of 2 MiB", large),
    ];
    if !is_snp {
        let empty = of(rules.sev_hashes_empty_pages, "4096 zeros", "nothing");
        let unmeasured = of(rules.sev_hashes_unmeasured, "its data", "nothing");
        facts.push(fact("a page without data", empty));
        facts.push(fact("an unmeasured page", unmeasured));
    }
    let weaker = "a weaker one's pages, with a warning";
    let other = of(rules.takes_weaker_platforms, weaker, "refused");
    facts.push(fact("the file has no such platform", other));
    facts.push(fact("the file has no policy", of(rules.needs_policy, "refused", "taken")));
    let unknown = of(rules.is_qemu, "refused", "passed over");
    facts.push(fact("directives that QEMU does not know", unknown));
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
        let vcpus = [("first vCPU", &view.bsp), (further, &view.ap)];
        for (title, facts) in vcpus.into_iter().filter(|(_, facts)| !facts.is_empty()) {
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
    if let (Some([bsp, ap]), Some([other_bsp, other_ap])) = (registers(left), registers(right)) {
        differences.extend(compare_vmsas("first vCPU's", bsp, other_bsp));
        differences.extend(compare_vmsas("further vCPUs'", ap, other_ap));
    }
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
