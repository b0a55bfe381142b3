//! A guest on a simulated platform, as an attestation service meets it: started with the service's session, measured, and given the
//! service's packet. No VMM runs: what is handed to the AMD-SP is what the described launch consists of.
//!
//! Between both commands the guest is a file: the session, what was measured, and at which of its draws the platform stood. By that the
//! same platform starts the very same guest again, nonce and keys included. There is nothing secret in it: the keys are wrapped for the
//! platform, whose folder is as secret as it ever was.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use getrandom::SysRng;
use rand_core::TryRng as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sev_launch_abi::LaunchDigest;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_platform::{Handle, MEASUREMENT_SIZE, Platform, Session, Status};
use sev_launch_protocol::launch::{LaunchAnswer, ValidateAnswer};
use sev_launch_protocol::text::{Blob, LaunchId};
use sev_launch_sweep::boot::Cmdline;
use sev_launch_sweep::updates::{DATA, LaunchUpdate};
use sev_launch_sweep::{Inputs, Mode, Reading};
use sev_launch_verify::sev::secret::SecretTable;

use crate::commands::secret::Entry;
use crate::exit::Answer;
use crate::guest::args::Guest;
use crate::output::{self, Outputs};
use crate::{guest, inputs, platform};

/// Start the described guest with the session of an attestation service, and print the body that asks for its secrets.
#[derive(Debug, clap::Args)]
pub(crate) struct Launch {
    /// The platform's folder.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The service's answer to POST /vm/{vmid}/launch.
    #[arg(value_name = "ANSWER")]
    answer: PathBuf,
    /// The new file for the guest as it stands then.
    #[arg(value_name = "STATE")]
    state: PathBuf,
    #[command(flatten)]
    guest: Guest,
}

/// Give a guest the packet of an attestation service, and list the secrets that arrive.
#[derive(Debug, clap::Args)]
pub(crate) struct Inject {
    /// The platform's folder.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The guest, as `platform launch` wrote it.
    #[arg(value_name = "STATE")]
    state: PathBuf,
    /// The service's answer to POST /vm/{vmid}/validate.
    #[arg(value_name = "ANSWER")]
    answer: PathBuf,
    /// Print the secrets themselves, in base64.
    #[arg(long)]
    reveal: bool,
}

/// A guest between its start and its packet.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Started {
    version: u32,
    launch_id: LaunchId,
    policy: u32,
    owner_cert: Blob,
    session: Blob,
    /// Where the platform's draws stood.
    draw: u64,
    /// What was measured, in order.
    updates: Vec<Update>,
}

/// What the host hands over.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Update {
    /// LAUNCH_UPDATE_DATA.
    Data(Blob),
    /// LAUNCH_UPDATE_VMSA.
    Vmsa(Blob),
}

/// The version of the file.
const VERSION: u32 = 1;
/// The longest file of a guest, in bytes: the largest image of a firmware in base64, and room for vCPUs.
const MOST: u64 = 128 << 20;

impl Launch {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        let answer: LaunchAnswer = read_answer(&self.answer)?;
        let (Some(session), Some(owner_cert)) = (answer.session, answer.owner_cert) else {
            bail!(
                "{}: a launch of {} has no session; this starts SEV and SEV-ES guests alone",
                inputs::name(&self.answer),
                answer.scheme.name()
            );
        };
        let policy = Policy::from_bits(u32::try_from(answer.policy)?);
        let mut described = self.guest.describe(None)?;
        let mode = Mode::of_policy(&mut described, policy)?;
        let reading = Reading { keeps_image: true, ..Reading::SEARCH };
        let inputs = self.guest.read(mode, described, reading)?;
        inputs.notes.iter().for_each(|text| output::remark("note", text));
        let (updates, predicted) = updates(&inputs)?;
        let draw = SysRng.try_next_u64().context("the system gives no randomness")?;
        let started = Started {
            version: VERSION,
            launch_id: answer.launch_id,
            policy: policy.bits(),
            owner_cert,
            session,
            draw,
            updates,
        };
        let mut platform = platform::read(&self.folder)?;
        let (handle, measurement) = started.start(&mut platform)?;
        let digest = platform.digest(handle)?;
        if digest != predicted {
            bail!(
                "the guest is more than what is handed over here: {digest} was measured, {predicted} is predicted"
            );
        }
        let version = platform.model().version();
        let mut outputs = Outputs::new();
        outputs.add(&self.state, &serde_json::to_vec(&started)?)?;
        outputs.settle()?;
        output::remark("launch digest", &digest);
        let mut request = json!({
            "launch-id": started.launch_id.to_string(),
            "api-major": version.major,
            "api-minor": version.minor,
            "build-id": version.build,
            "policy": started.policy,
            "measurement": Blob(measurement.to_vec()).to_string(),
        });
        // What was started, so that the owner's audit can name it where it is not what was approved.
        for (name, value) in started_with(&inputs) {
            request[name] = value.into();
        }
        output::print_json(&request)?;
        Ok(Answer::Yes)
    }
}

/// The files and the command line of a measured direct boot, by the names that the service has for them.
fn started_with(inputs: &Inputs) -> Vec<(&'static str, String)> {
    let boot = &inputs.boot;
    let kernel = boot.kernels.first().map(|file| ("kernel-hash", file.sha256.to_string()));
    let initrd = boot.initrds.first().map(|file| ("initrd-hash", file.sha256.to_string()));
    let cmdline = boot.cmdlines.first().and_then(Cmdline::shown);
    let cmdline = cmdline.and_then(|line| std::str::from_utf8(line).ok());
    let cmdline = cmdline.map(|line| ("cmdline", line.trim_end_matches('\0').to_owned()));
    kernel.into_iter().chain(initrd).chain(cmdline).filter(|_| boot.is_measured()).collect()
}

impl Inject {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        let name = || inputs::name(&self.state);
        let bytes = inputs::read_file(&self.state, MOST)?;
        let started: Started = serde_json::from_slice(&bytes)
            .with_context(|| format!("{}: wanted what `platform launch` wrote", name()))?;
        if started.version != VERSION {
            bail!("{}: version {}, wanted {VERSION}", name(), started.version);
        }
        let answer: ValidateAnswer = read_answer(&self.answer)?;
        let (Some(header), Some(packet)) = (answer.secret_header, answer.secret_table) else {
            bail!("{}: the answer has no packet", inputs::name(&self.answer));
        };
        let mut platform = platform::read(&self.folder)?;
        let (handle, _) = started.start(&mut platform).with_context(name)?;
        let taken = platform.launch_secret(handle, &header.0, &packet.0, packet.0.len());
        let table = match taken {
            Ok(plaintext) => SecretTable::parse(&plaintext)?,
            Err(Status::BadMeasurement) => {
                output::remark("no", &"the packet is not for this guest: its MAC is another");
                return Ok(Answer::No);
            }
            Err(status) => return Err(refused("LAUNCH_SECRET", status)),
        };
        let entries: Vec<_> = table.entries().map(|entry| Entry::new(entry, self.reveal)).collect();
        let print = |out: &mut dyn Write| -> io::Result<()> {
            entries.iter().try_for_each(|entry| entry.print(out))
        };
        match self.reveal {
            true => output::print_secret(false, &(), |out| print(out))?,
            false => output::print_text(|out| print(out))?,
        }
        Ok(Answer::Yes)
    }
}

impl Started {
    /// Starts it, as often as one likes: always the same guest.
    fn start(&self, platform: &mut Platform) -> anyhow::Result<(Handle, [u8; MEASUREMENT_SIZE])> {
        platform.draw_from(self.draw);
        let session = Session { godh: &self.owner_cert.0, session: &self.session.0 };
        let handle = platform
            .launch_start(self.policy, Some(session))
            .map_err(|status| refused("LAUNCH_START", status))?;
        for update in &self.updates {
            match update {
                Update::Data(bytes) => platform
                    .launch_update_data(handle, &bytes.0)
                    .map_err(|status| refused("LAUNCH_UPDATE_DATA", status))?,
                Update::Vmsa(page) => platform
                    .launch_update_vmsa(handle, &page.0)
                    .map_err(|status| refused("LAUNCH_UPDATE_VMSA", status))?,
            }
        }
        let measurement =
            platform.launch_measure(handle).map_err(|status| refused("LAUNCH_MEASURE", status))?;
        Ok((handle, measurement))
    }
}

fn refused(command: &str, status: impl Display) -> anyhow::Error {
    anyhow!("the platform refuses {command}: {status}")
}

/// What the described guest hands over, and the digest that it must come to.
fn updates(inputs: &Inputs) -> anyhow::Result<(Vec<Update>, LaunchDigest)> {
    let sweep = guest::inputs::sweep(inputs)?;
    let rows = sweep.rows()?;
    let [row] = rows.as_slice() else {
        bail!("{} launches are described: say which one is started", rows.len());
    };
    let mut images = inputs.firmwares.iter().filter_map(|firmware| firmware.image.as_deref());
    let image = images.next().context("the firmware's image is needed: give --firmware")?;
    let all = sweep.updates()?.context("the launch's updates are not known")?;
    let updates = all.iter().enumerate().map(|(at, update)| match (at, update) {
        (0, LaunchUpdate { kind: DATA, .. }) => Ok(Update::Data(Blob(image.to_vec()))),
        (_, LaunchUpdate { hashes: Some(table), .. }) => Ok(Update::Data(Blob(table.to_vec()))),
        (_, LaunchUpdate { vmsa: Some(page), .. }) => {
            Ok(Update::Vmsa(Blob(page.as_bytes().to_vec())))
        }
        _ => Err(anyhow!("{update}: its bytes are not at hand here")),
    });
    Ok((updates.collect::<Result<_, _>>()?, row.digest))
}

/// Reads an answer of the service; a refusal is told as it says it.
fn read_answer<T: serde::de::DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let name = || inputs::name(path);
    let bytes = inputs::read_small(path)?;
    let value: Value = serde_json::from_slice(&bytes).with_context(name)?;
    if let Some(code) = value.get("code").and_then(Value::as_str) {
        let detail = value.get("detail").or(value.get("title")).and_then(Value::as_str);
        bail!("{}: the service refused: {code}: {}", name(), detail.unwrap_or_default());
    }
    serde_json::from_value(value)
        .with_context(|| format!("{}: not the answer that is wanted", name()))
}
