//! Flags that would mean nothing beside others, in one table: such a flag is refused, so that nobody takes it for heeded.
//!
//! Here stand those that mean something only beside one of several flags, or beside a value. Two flags that exclude each other
//! say so where they are declared, and clap refuses them.

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Error};

/// Flags of a command, and what gives them a meaning.
struct Rule {
    /// The subcommand, by the names that lead to it.
    command: &'static [&'static str],
    /// The flags, by clap's names.
    flags: &'static [&'static str],
    needs: Needs,
}

/// What gives a flag a meaning.
enum Needs {
    /// One of these flags.
    AnyOf(&'static [&'static str]),
    /// One of these values of a flag.
    Value(&'static str, &'static [&'static str]),
}

/// Which rows of a manifest are accepted, and by whom it is signed.
const OF_A_MANIFEST: &[&str] =
    &["accept_endorsed", "accept_observed", "accept_root", "accept_unverified", "manifest_key"];

const RULES: &[Rule] = &[
    Rule { command: &["verify"], flags: OF_A_MANIFEST, needs: Needs::AnyOf(&["manifest"]) },
    Rule {
        command: &["secret", "build"],
        flags: OF_A_MANIFEST,
        needs: Needs::AnyOf(&["manifest"]),
    },
    Rule {
        command: &["manifest", "add"],
        flags: &["chain", "crl", "time", "root", "allow_masked_chip_id", "allow_unknown_version"],
        needs: Needs::AnyOf(&["vek", "certificates"]),
    },
    Rule {
        command: &["manifest", "add"],
        flags: &["vek", "certificates", "vcpus", "vcpu_type", "vcpu_sig", "vcpu_family"],
        needs: Needs::AnyOf(&["from_report"]),
    },
    Rule {
        command: &["manifest", "add"],
        flags: &["api_major", "api_minor", "build_id", "tek"],
        needs: Needs::AnyOf(&["from_measurement"]),
    },
    Rule {
        command: &["manifest", "publish"],
        flags: &["min_api", "build_ids"],
        needs: Needs::Value("to", &["simple-kbs", "simple-kbs-json"]),
    },
    Rule {
        command: &["manifest", "publish"],
        flags: &["package", "claim"],
        needs: Needs::Value("to", &["rego"]),
    },
    Rule {
        command: &["manifest", "publish"],
        flags: &["object", "namespace"],
        needs: Needs::Value("to", &["config-map"]),
    },
];

/// Refuses a flag that means nothing beside the others.
pub(crate) fn check(matches: &ArgMatches) -> Result<(), Error> {
    RULES.iter().try_for_each(|rule| rule.check(matches))
}

impl Rule {
    fn check(&self, matches: &ArgMatches) -> Result<(), Error> {
        let mut matches = matches;
        for name in self.command {
            match matches.subcommand() {
                Some((found, inner)) if found == *name => matches = inner,
                _ => return Ok(()),
            }
        }
        let Some(flag) = self.flags.iter().find(|flag| is_given(matches, flag)) else {
            return Ok(());
        };
        let (is_met, wanted) = match self.needs {
            Needs::AnyOf(flags) => {
                let names: Vec<_> = flags.iter().map(|flag| as_typed(flag)).collect();
                (flags.iter().any(|flag| is_given(matches, flag)), names.join(" or "))
            }
            Needs::Value(flag, values) => {
                let found = matches.get_raw(flag).into_iter().flatten().next();
                let is_met = values.iter().any(|value| found.is_some_and(|found| found == *value));
                (is_met, format!("{} {}", as_typed(flag), values.join(" or ")))
            }
        };
        if is_met {
            return Ok(());
        }
        let text = format!(
            "{} means nothing without {wanted}: leave it out, or give that\n",
            as_typed(flag)
        );
        Err(Error::raw(ErrorKind::ArgumentConflict, text))
    }
}

/// Was the flag typed?
fn is_given(matches: &ArgMatches, flag: &str) -> bool {
    matches.value_source(flag) == Some(ValueSource::CommandLine)
}

fn as_typed(flag: &str) -> String {
    format!("--{}", flag.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The command of a rule, with everything built.
    fn command_of(rule: &Rule) -> clap::Command {
        let mut all = crate::command();
        all.build();
        let mut command = &all;
        for name in rule.command {
            command = command.find_subcommand(name).expect("a command of this name");
        }
        command.clone()
    }

    // clap panics where matches are asked for a flag that the command does not have, so a misspelt row would too.
    #[test]
    fn every_row_is_of_flags_that_the_command_has() {
        for rule in RULES {
            let command = command_of(rule);
            let needed = match rule.needs {
                Needs::AnyOf(flags) => flags.to_vec(),
                Needs::Value(flag, _) => vec![flag],
            };
            for flag in rule.flags.iter().chain(&needed) {
                let found = command.get_arguments().find(|argument| argument.get_id() == *flag);
                let long = found.and_then(clap::Arg::get_long).expect("a flag with a long name");
                assert_eq!(format!("--{long}"), as_typed(flag));
            }
            if let Needs::Value(flag, values) = rule.needs {
                let found = command.get_arguments().find(|argument| argument.get_id() == flag);
                let possible = found.expect("a flag").get_possible_values();
                for value in values {
                    assert!(possible.iter().any(|one| one.get_name() == *value), "{value}");
                }
            }
        }
    }
}
