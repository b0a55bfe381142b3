//! The guest's owner, played in the same command: a session for the platform, the verdict on its measurement, and after a yes the secret.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use serde_json::{Value, json};
use sev_launch_abi::sev::policy::{Flag, Policy};
use sev_launch_abi::{LaunchDigest, PlatformVersion, Technology};
use sev_launch_description::Description;
use sev_launch_platform::Platform;
use sev_launch_rehearse::with_session;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::certificate::Certificate;
use sev_launch_verify::sev::measurement::LaunchMeasurement;
use sev_launch_verify::sev::requirements::{
    PlatformRequirements, PolicyRequirements, Requirements,
};
use sev_launch_verify::sev::session::{LaunchSession, Session, UnverifiedPdh};
use tempfile::TempDir;

use super::prediction::Prediction;
use super::qmp::Qmp;
use super::secrets::Expected;
use crate::output;
use crate::sev::policy::PolicyFlags;
use crate::sev::secrets::pack_table;

/// An owner with a session.
pub(super) struct Owner {
    session: LaunchSession,
    demands: PolicyRequirements,
    secrets: Expected,
    folder: TempDir,
}

impl Owner {
    /// Makes a session for this very platform, whose PDH nobody can have exchanged: it is in this process.
    pub(super) fn new(
        platform: &Platform,
        described: &Description,
        demands: &PolicyFlags,
        secrets: Expected,
    ) -> anyhow::Result<Self> {
        let policy =
            described.policy.as_ref().context("--inject-secret: the guest has no policy")?;
        let is_snp = described.technology.as_ref().map(|technology| technology.value)
            == Some(Technology::Snp);
        if is_snp {
            bail!(
                "--inject-secret: an SNP guest gets no secret at its launch; it asks for one, with its report"
            );
        }
        let policy = Policy::from_bits(u32::try_from(policy.value)?);
        let technology = if policy.has(Flag::Es) { Technology::SevEs } else { Technology::Sev };
        for warning in demands.check(policy, technology)? {
            output::remark("warning", &warning);
        }
        let pdh = Certificate::parse(&platform.pdh_cert_export()?.pdh)?;
        let pdh = UnverifiedPdh(pdh.point().clone());
        let session = Session::create_unverified(policy, &pdh, &mut UnwrapErr(SysRng))?;
        // Whoever could reach the monitor could do anything with the VMM.
        let owners = fs::Permissions::from_mode(0o700);
        let folder = tempfile::Builder::new().permissions(owners).tempdir();
        let folder = folder.context("a folder for the session")?;
        let write = |name: &str, bytes: &[u8]| {
            fs::write(folder.path().join(name), BASE64.encode(bytes)).context("the session's files")
        };
        write("godh.b64", session.godh_certificate())?;
        write("session.b64", &session.blob().to_bytes())?;
        let demands = demands.requirements();
        Ok(Self { session: session.into_launch(), demands, secrets, folder })
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("qmp")
    }

    /// The VMM's arguments with the session, paused, and with a monitor of the owner's.
    pub(super) fn arguments(&self, arguments: &[OsString]) -> anyhow::Result<Vec<OsString>> {
        let [godh, session] = ["godh.b64", "session.b64"].map(|name| self.folder.path().join(name));
        let mut arguments = with_session(arguments, &godh, &session).context(
            "--inject-secret: wanted one -object sev-guest without a session-file of its own",
        )?;
        // A comma in a value is written twice.
        let socket = self.socket();
        let socket = socket.to_str().context("TMPDIR: a folder whose name is text")?;
        let monitor = format!("unix:{},server=on,wait=off", socket.replace(',', ",,"));
        let monitor = OsString::from(monitor);
        arguments.extend(["-S".into(), "-qmp".into(), monitor]);
        Ok(arguments)
    }

    /// Asks for the measurement, judges it, and after a yes injects the secret; then ends the VMM. Is it a yes?
    pub(super) fn attest(
        self,
        prediction: &Prediction,
        patience: Duration,
        runs: &AtomicBool,
    ) -> anyhow::Result<bool> {
        let socket = self.socket();
        let mut qmp = Qmp::connect(&socket, patience, || runs.load(Ordering::Relaxed))?;
        let verdict = self.judge(prediction, &mut qmp);
        // It may have ended by itself.
        let _ = qmp.ask("quit", &json!({}));
        verdict
    }

    fn judge(self, prediction: &Prediction, qmp: &mut Qmp) -> anyhow::Result<bool> {
        let told = qmp.ask("query-sev-launch-measure", &json!({}))?;
        let sev = qmp.ask("query-sev", &json!({}))?;
        let measurement = told.get("data").and_then(Value::as_str).context("no measurement")?;
        let measurement = LaunchMeasurement::parse(&BASE64.decode(measurement)?)?;
        let number = |key: &str| sev.get(key).and_then(Value::as_u64).context("no version");
        let version = PlatformVersion::from_numbers(
            number("api-major")?,
            number("api-minor")?,
            number("build-id")?,
        )?;
        let LaunchDigest::Sev(digest) = prediction.digest else { bail!("a guest of SNP") };
        let mut references = ReferenceValues::new();
        references.add(digest, StandsFor::image(prediction.technology(), "what is predicted"));
        let platform = PlatformRequirements { api: Requirement::Any, build: Requirement::Any };
        let requirements = Requirements { references, policy: self.demands, platform };
        let launch = match self.session.verify(&measurement, version, &requirements) {
            Ok(launch) => launch,
            Err(error) => {
                output::remark("measurement", &format_args!("no: {error}"));
                output::remark("secret", &"none is given to a launch that is not proven");
                return Ok(false);
            }
        };
        output::remark(
            "measurement",
            &"yes: it proves the launch that is predicted, to the session's owner",
        );
        let packet = pack_table(&launch, &self.secrets, prediction.secret_place)?;
        qmp.ask(
            "sev-inject-launch-secret",
            &json!({ "packet-header": BASE64.encode(packet.header), "secret": BASE64.encode(&packet.payload) }),
        )?;
        Ok(true)
    }
}
