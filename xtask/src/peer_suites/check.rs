//! tools/check/check_test.go: its table of flags with good and bad values, each as our flags and as a policy that ours imports.
//!
//! What its test functions do with the table is done here again, by their names.

use std::fs;

use anyhow::{Context as _, Result, bail};
use sev_launch_testkit::report::Authority;

use super::asked::{Evidence, escaped};
use super::flags;
use super::go_source::GoSource;
use super::go_values::{Meaning, Value, field};
use super::package::Package;
use super::{End, Ended, Place};

/// The file of the package.
const FILE: &str = "tools/check/check_test.go";
/// The suite's name in front of its tests'.
const SUITE: &str = "check_test";
/// The tests that are done here again.
const TESTS: [&str; 7] = [
    "TestCheckGoodFlags",
    "TestCheckBadFlags",
    "TestCheckGoodFields",
    "TestCheckBadFields",
    "TestCheckGoodFlagOverridesBadField",
    "TestCheckBadFlagOverridesGoodField",
    "TestCaBundles",
];

/// A flag with its values, and how a policy has it.
struct Case {
    flag: String,
    good: String,
    bad: Vec<String>,
    setter: String,
    field: String,
}

/// Runs the suite.
pub(super) fn run(package: &Package, abi: &GoSource, place: &Place<'_>) -> Result<Vec<Ended>> {
    let file = GoSource::read(&package.read(FILE)?).context(FILE)?;
    let meaning = Meaning { file: &file, abi };
    let cases = cases(&file, &meaning).context(FILE)?;
    let digest = cases.iter().find(|case| case.flag == "measurement");
    let digest = &digest.context("no case of the measurement")?.good;
    let evidence = Evidence {
        program: place.program,
        folder: place.folder,
        report: package.path("verify/testdata/attestation.bin"),
        vek: package.path("verify/testdata/vcek.testcer"),
        is_json: false,
        flags: vec!["--generation=milan".into()],
        digest: digest.clone(),
    };
    let suite = Suite { evidence, good_policy: meaning.of("goodPolicy")?.number()? };
    let mut ended = super::unknown_tests(SUITE, &file, &TESTS);
    for case in &cases {
        suite.of_case(case, &mut ended).with_context(|| case.flag.clone())?;
    }
    suite.bundles(package, &mut ended)?;
    Ok(ended)
}

fn cases(file: &GoSource, meaning: &Meaning<'_>) -> Result<Vec<Case>> {
    let table = meaning.value(&file.returned("testCases")?)?;
    let case = |value: &Value| {
        let fields = value.fields()?;
        let text = |name: &str| anyhow::Ok(field(fields, name)?.text()?.to_owned());
        let bad = field(fields, "bad")?.list()?.iter();
        let (setter, of) = match field(fields, "setter")? {
            Value::Call(setter, of) => match of.as_slice() {
                [Value::Text(of)] => (setter, of),
                _ => bail!("{setter} of {of:?}"),
            },
            other => bail!("a setter {other:?}"),
        };
        Ok(Case {
            flag: text("flag")?,
            good: text("good")?,
            bad: bad.map(|value| Ok(value.text()?.to_owned())).collect::<Result<_>>()?,
            setter: setter.clone(),
            field: of.clone(),
        })
    };
    table.list()?.iter().map(case).collect()
}

struct Suite<'a> {
    evidence: Evidence<'a>,
    good_policy: u64,
}

impl Suite<'_> {
    fn of_case(&self, case: &Case, ended: &mut Vec<Ended>) -> Result<()> {
        let Case { flag, good, bad, .. } = case;
        let mut end = |test: &str, name: String, wants_yes: bool, answered| {
            ended.push(Ended {
                name: format!("{SUITE}/{test}/{name}"),
                end: End::of(wants_yes, None, &answered),
            });
        };
        let good_field = self.policy(case, good)?.context("a good value that no policy has")?;
        let answered = self.evidence.by_flags(&self.flags(flag, good)?)?;
        end("TestCheckGoodFlags", flag.clone(), true, answered);
        let answered = self.evidence.by_policy(&good_field, &[])?;
        end("TestCheckGoodFields", flag.clone(), true, answered);
        for (bad, number) in bad.iter().zip(1..) {
            let answered = self.evidence.by_flags(&self.flags(flag, bad)?)?;
            end("TestCheckBadFlags", format!("{flag}[{number}]"), false, answered);
            let name = format!("{flag}_bad[{number}]");
            let bad_flag = flags::ours(flag, bad)?;
            let answered = self.evidence.by_policy(&good_field, &bad_flag)?;
            end("TestCheckBadFlagOverridesGoodField", name.clone(), false, answered);
            // What no policy can have is passed over by the suite too.
            if let Some(bad_field) = self.policy(case, bad)? {
                let answered = self.evidence.by_policy(&bad_field, &[])?;
                end("TestCheckBadFields", name.clone(), false, answered);
                let good_flag = flags::ours(flag, good)?;
                let answered = self.evidence.by_policy(&bad_field, &good_flag)?;
                end("TestCheckGoodFlagOverridesBadField", name, true, answered);
            }
        }
        Ok(())
    }

    /// Our flags for one of theirs, beside the guest policy that the suite gives every time.
    fn flags(&self, flag: &str, value: &str) -> Result<Vec<String>> {
        let mut all = flags::ours(flag, value)?;
        if flag != "guest_policy" {
            all.extend(flags::ours("guest_policy", &self.good_policy.to_string())?);
        }
        Ok(all)
    }

    /// The fields of a policy with a value, as text; nothing where the suite's setter passes over it.
    fn policy(&self, case: &Case, value: &str) -> Result<Option<String>> {
        let Case { setter, field, .. } = case;
        let set = match (setter.as_str(), value.parse::<u64>()) {
            ("bytesSetter", _) => hex::decode(value).ok().map(|bytes| escaped(&bytes)),
            ("stringSetter", _) => Some(escaped(value.as_bytes())),
            ("boolSetter", _) => ["true", "false"].contains(&value).then(|| value.to_owned()),
            ("uint64setter", number) => number.ok().map(|number| number.to_string()),
            ("uint64valueSetter", number) => {
                number.ok().map(|number| format!("{{ value: {number} }}"))
            }
            ("uint32setter" | "uint32valueSetter", number) => {
                let number = number.ok().and_then(|number| u32::try_from(number).ok());
                number.map(|number| match setter.as_str() {
                    "uint32setter" => number.to_string(),
                    _ => format!("{{ value: {number} }}"),
                })
            }
            _ => bail!("the setter {setter} is not known"),
        };
        let good_policy = match field.as_str() {
            "policy" => String::new(),
            _ => format!("  policy: {}\n", self.good_policy),
        };
        Ok(set.map(|set| format!("{good_policy}  {field}: {set}\n")))
    }

    /// Bundles of ASK and ARK: AMD's, a made-up one, and none.
    fn bundles(&self, package: &Package, ended: &mut Vec<Ended>) -> Result<()> {
        let made_up = self.evidence.folder.join("made-up.pem");
        let chain = [
            Authority::Ask.certificate("Milan", Authority::Ark),
            Authority::Ark.certificate("Milan", Authority::Ark),
        ];
        fs::write(&made_up, chain.map(|der| super::pem(&der)).concat())?;
        let bundles = [
            package.path("verify/testdata/milan.testcer"),
            made_up,
            self.evidence.folder.join("doesNotExist"),
        ];
        let name = |at: usize, what: &str| match at {
            0 => format!("good{what}"),
            _ => format!("bad{what}[{}]", at + 1),
        };
        for (i, product) in ["Milan", "None"].into_iter().enumerate() {
            for (j, bundle) in bundles.iter().enumerate() {
                let mut all = flags::ours("product_key_path", &bundle.display().to_string())?;
                all.extend(flags::ours("guest_policy", &self.good_policy.to_string())?);
                all.extend(flags::ours("product", product)?);
                let answered = self.evidence.by_flags(&all)?;
                let name =
                    format!("{SUITE}/TestCaBundles/{}_{}", name(i, "product"), name(j, "cabundle"));
                ended.push(Ended { name, end: End::of((i, j) == (0, 0), None, &answered) });
            }
        }
        Ok(())
    }
}
