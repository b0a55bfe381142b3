//! validate/validate_test.go: its table of options, each as a policy that ours imports, on reports made as it makes them.

use anyhow::{Context as _, Result, bail};

use super::asked::escaped;
use super::go_source::GoSource;
use super::go_values::{Fields, Meaning, Value, field, guest_policy, number_or_zero};
use super::made_report::{self, tcb};
use super::package::Package;
use super::{End, Ended, Place};

/// The file of the package.
const FILE: &str = "validate/validate_test.go";
/// The test that is done here again.
const TEST: &str = "TestValidateSnpAttestation";
const SUITE: &str = "validate_test";

/// Words of the error that the suite wants, and our demand that must be unmet for it.
const DEMANDS: [(&str, &str); 10] = [
    ("REPORTED_TCB", "REPORTED_TCB"),
    ("firmware build number", "CURRENT_VERSION.BUILD"),
    ("firmware API version", "CURRENT_VERSION"),
    ("unauthorized platform feature", "PLATFORM_INFO"),
    ("ID key not trusted", "ID_KEY_DIGEST or AUTHOR_KEY_DIGEST"),
    ("author key missing", "ID_KEY_DIGEST or AUTHOR_KEY_DIGEST"),
    ("committed build number", "CURRENT over COMMITTED"),
    ("COMMITTED_TCB", "CURRENT over COMMITTED"),
    ("committed API version", "CURRENT over COMMITTED"),
    ("report field ", ""),
];

/// Runs the suite.
pub(super) fn run(package: &Package, abi: &GoSource, place: &Place<'_>) -> Result<Vec<Ended>> {
    let file = GoSource::read(&package.read(FILE)?).context(FILE)?;
    let meaning = Meaning { file: &file, abi };
    let mut ended = super::unknown_tests(SUITE, &file, &[TEST]);
    for case in cases(&file, &meaning).context(FILE)? {
        let name = field(&case, "name")?.text()?.to_owned();
        let end = match of_case(&meaning, place, &case) {
            Ok(end) => end,
            Err(error) => End::NotRun(format!("{error:#}")),
        };
        ended.push(Ended { name: format!("{SUITE}/{TEST}/{name}"), end });
    }
    Ok(ended)
}

/// The table, and the cases that are added to it in a loop: a field that must be zeros, and is not.
fn cases(file: &GoSource, meaning: &Meaning<'_>) -> Result<Vec<Fields>> {
    let table = meaning.of("tests")?;
    let mut cases =
        table.list()?.iter().map(|case| case.fields().cloned()).collect::<Result<Vec<_>>>()?;
    let attestation = meaning.of("attestation12345")?;
    let added = file.numbered_cases();
    for block in &added {
        let all =
            [("Debug", 1), ("SMT", 1)].map(|(name, bit)| (name.to_owned(), Value::Number(bit)));
        let platform = [("SMTEnabled".to_owned(), Value::Number(1))];
        let options = [
            ("GuestPolicy".to_owned(), Value::Fields(all.into())),
            ("PlatformInfo".to_owned(), Value::Fields(platform.into())),
        ];
        let given = [("opts".to_owned(), Value::Fields(options.into()))];
        let after = meaning.after(block, given.into())?;
        let of = field(&after, "name")?.text()?;
        cases.push(Fields::from([
            ("name".to_owned(), Value::Text(format!("Test incorrect {of}"))),
            ("attestation".to_owned(), attestation.clone()),
            ("opts".to_owned(), field(&after, "opts")?.clone()),
            ("wantErr".to_owned(), Value::Text(format!("report field {of}"))),
        ]));
    }
    if added.len() < 8 {
        bail!("{} cases in the loop, and 8 were known", added.len());
    }
    Ok(cases)
}

fn of_case(meaning: &Meaning<'_>, place: &Place<'_>, case: &Fields) -> Result<End> {
    let nonce = match field(case, "attestation")? {
        Value::Call(name, nonce) if name == "attestationFn" => match nonce.as_slice() {
            [nonce] => nonce.bytes()?.to_vec(),
            _ => bail!("the nonce of {nonce:?}"),
        },
        _ => bail!("its report is not one of those that the file describes"),
    };
    let options = field(case, "opts")?.fields()?;
    let policy = policy(options)?;
    let table = meaning.of("tcs")?;
    let mut made = table.list()?.iter().filter_map(|made| made.fields().ok());
    let made =
        made.find(|made| matches!(made.get("Input"), Some(Value::Bytes(input)) if *input == nonce));
    let made = match field(made.context("no report of this nonce")?, "Output")? {
        Value::Call(name, arguments) if name == "makeReport" => arguments,
        other => bail!("a report {other:?}"),
    };
    let [_, report_options] = made.as_slice() else { bail!("a report of {made:?}") };
    let evidence = made_report::evidence(place, meaning, &nonce, report_options.fields()?)?;
    let answered = evidence.by_policy(&policy, &[])?;
    let wanted =
        case.get("wantErr").map(Value::text).transpose()?.filter(|error| !error.is_empty());
    let demand = wanted.map(|error| {
        let known = DEMANDS.iter().find(|(words, _)| error.contains(words));
        let (words, demand) = known.with_context(|| format!("no demand is known for {error:?}"))?;
        anyhow::Ok(match demand.is_empty() {
            true => error.replace(words, ""),
            false => (*demand).to_owned(),
        })
    });
    let demand = demand.transpose()?;
    Ok(End::of(wanted.is_none(), demand.as_deref(), &answered))
}

/// Options as the fields of a policy.
fn policy(options: &Fields) -> Result<String> {
    let mut text = String::new();
    for (name, value) in options {
        let (field, value) = match name.as_str() {
            "GuestPolicy" => ("policy", guest_policy(value.fields()?)?.to_string()),
            "PlatformInfo" => {
                let smt = number_or_zero(value.fields()?, "SMTEnabled")?;
                ("platform_info", format!("{{ value: {smt} }}"))
            }
            "MinimumTCB" => ("minimum_tcb", u64::from_le_bytes(tcb(value.fields()?)?).to_string()),
            "MinimumBuild" => ("minimum_build", value.number()?.to_string()),
            "MinimumVersion" => {
                let [.., major, minor] = value.number()?.to_be_bytes();
                ("minimum_version", format!("\"{major}.{minor}\""))
            }
            "PermitProvisionalFirmware" => ("permit_provisional_firmware", is_true(value)?),
            "RequireAuthorKey" => ("require_author_key", is_true(value)?),
            "RequireIDBlock" => ("require_id_block", is_true(value)?),
            "TrustedAuthorKeyHashes" => {
                let hashes = value.list()?.iter().map(|hash| hash.bytes().map(escaped));
                let hashes = hashes.collect::<Result<Vec<_>>>()?;
                ("trusted_author_key_hashes", format!("[{}]", hashes.join(", ")))
            }
            "ReportData" => ("report_data", escaped(value.bytes()?)),
            "HostData" => ("host_data", escaped(value.bytes()?)),
            "FamilyID" => ("family_id", escaped(value.bytes()?)),
            "ImageID" => ("image_id", escaped(value.bytes()?)),
            "ReportID" => ("report_id", escaped(value.bytes()?)),
            "ReportIDMA" => ("report_id_ma", escaped(value.bytes()?)),
            "Measurement" => ("measurement", escaped(value.bytes()?)),
            "ChipID" => ("chip_id", escaped(value.bytes()?)),
            _ => bail!("the option {name} is not known"),
        };
        text += &format!("  {field}: {value}\n");
    }
    Ok(text)
}

fn is_true(value: &Value) -> Result<String> {
    Ok((value.number()? == 1).to_string())
}
