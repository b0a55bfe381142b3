//! `sev-launch secret`: packing secrets for a verified launch, and opening a packet again.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::bail;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use sev_launch_abi::Guid;
use sev_launch_verify::sev::measurement::{LaunchMeasurement, MEASUREMENT_SIZE};
use sev_launch_verify::sev::secret::{
    PACKET_HEADER_SIZE, SecretArea, SecretTable, guid_name, open_packet,
};

use zeroize::Zeroizing;

use crate::exit::Answer;
use crate::output::Outputs;
use crate::sev::keys::{read_tek, read_tik};
use crate::sev::launch::{SevFlags, Verdict};
use crate::sev::secrets::{pack, stage_packet};
use crate::{blob, inputs, output};

/// Secrets for SEV and SEV-ES guests.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub(crate) enum Secret {
    /// Verify a launch measurement, and pack secrets for the launch that it proves.
    Build(Box<Build>),
    /// Open a packet with its keys, and list the secrets in it.
    Show(Show),
}

/// Verify a launch measurement, and pack secrets for the launch that it proves.
#[derive(Debug, clap::Args)]
pub(crate) struct Build {
    /// Where the packet's header is written, in base64.
    #[arg(value_name = "HEADER")]
    header: PathBuf,
    /// Where the packet's payload is written, in base64.
    #[arg(value_name = "PAYLOAD")]
    payload: PathBuf,
    /// A secret as GUID:FILE or luks-key:FILE; the file's bytes are the secret, line ends included. May repeat.
    #[arg(short = 's', long, value_name = "NAME:FILE", required = true)]
    secret: Vec<String>,
    #[command(flatten)]
    sev: SevFlags,
}

/// Open a packet with its keys, and list the secrets in it.
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// The packet's header: 52 bytes, raw, hex or base64.
    #[arg(value_name = "HEADER")]
    header: PathBuf,
    /// The packet's payload, raw or in base64.
    #[arg(value_name = "PAYLOAD")]
    payload: PathBuf,
    /// The session's TEK.
    #[arg(long, value_name = "FILE")]
    tek: PathBuf,
    /// The session's TIK.
    #[arg(long, value_name = "FILE")]
    tik: PathBuf,
    /// The launch measurement that the packet is for: 48 bytes in base64 or hex.
    #[arg(short, long, visible_alias = "launch-measure-blob", value_name = "BASE64")]
    measurement: String,
    /// Print the secrets themselves, in base64.
    #[arg(long)]
    reveal: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// The document of `secret show --json`; its schema is `docs/schemas/secret-show.schema.json`.
#[derive(Serialize)]
struct Shown {
    version: u32,
    answer: Answer,
    /// Why not.
    reason: Option<String>,
    secrets: Vec<Entry>,
}

/// A secret as it is printed.
#[derive(Serialize)]
pub(crate) struct Entry {
    guid: String,
    name: Option<&'static str>,
    size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Text>,
}

/// A secret's bytes in base64: as secret as they are.
#[derive(Serialize)]
#[serde(transparent)]
struct Text(#[serde(serialize_with = "plainly")] Zeroizing<String>);

impl Text {
    fn new(data: &[u8]) -> Self {
        // Room for all: a text that grows leaves copies behind.
        let room = base64::encoded_len(data.len(), true).unwrap_or_default();
        let mut text = Zeroizing::new(String::with_capacity(room));
        BASE64.encode_string(data, &mut text);
        Self(text)
    }
}

fn plainly<S: serde::Serializer>(text: &Zeroizing<String>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(text)
}

impl Entry {
    /// An entry of a table, with its bytes where they are asked for.
    pub(crate) fn new((guid, data): (&Guid, &[u8]), reveal: bool) -> Self {
        Self {
            guid: guid.to_string(),
            name: guid_name(guid),
            size: data.len(),
            data: reveal.then(|| Text::new(data)),
        }
    }

    /// Prints it as one line.
    pub(crate) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { guid, name, size, data } = self;
        write!(out, "{guid}  {size} bytes  {}", name.unwrap_or("unknown"))?;
        if let Some(Text(text)) = data {
            write!(out, "  {}", text.as_str())?;
        }
        writeln!(out)
    }
}

impl Secret {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        match self {
            Self::Build(build) => build.run(),
            Self::Show(show) => show.run(),
        }
    }
}

impl Build {
    fn run(&self) -> anyhow::Result<Answer> {
        if !self.sev.has_tek() {
            bail!("secrets are sealed with the session's TEK: give --tek or --tk");
        }
        let verdict = self.sev.verify()?;
        verdict.check_waiting()?;
        let Verdict { launch, report, .. } = verdict;
        report.remarks();
        let mut outputs = Outputs::new();
        if let Some(launch) = launch {
            let packet = pack(&launch, &self.secret, report.secret_place)?;
            stage_packet(&packet, &self.header, &self.payload, &mut outputs)?;
        }
        report.output(false)?;
        outputs.settle()?;
        Ok(report.answer)
    }
}

impl Show {
    fn run(&self) -> anyhow::Result<Answer> {
        let (tek, tik) = (read_tek(&self.tek)?, read_tik(&self.tik)?);
        let measurement =
            blob::typed_array::<MEASUREMENT_SIZE>("launch measurement", &self.measurement)?;
        let measure = LaunchMeasurement::parse(&measurement)?.measure;
        let header = blob::read_array::<PACKET_HEADER_SIZE>("packet header", &self.header)?;
        let payload = self.read_payload()?;
        let opened = match open_packet(&tek, &tik, &measure, &header, &payload) {
            // What the bytes are is not told: they may be a secret that somebody sent without a table.
            Ok(plaintext) => SecretTable::parse(&plaintext).map_err(|_| {
                "the packet is authentic, but holds no table of secrets: the TEK is another one, or it was sent without a table"
                    .to_owned()
            }),
            Err(error) => Err(error.to_string()),
        };
        let (reason, secrets) = match opened {
            Ok(table) => (None, self.entries(&table)),
            Err(reason) => (Some(reason), Vec::new()),
        };
        let answer = reason.is_none().into();
        let shown = Shown { version: 1, answer, reason, secrets };
        match self.reveal {
            true => output::print_secret(self.json, &shown, |out| shown.print(out))?,
            false => output::print(self.json, &shown, |out| shown.print(out))?,
        }
        Ok(answer)
    }

    fn entries(&self, table: &SecretTable) -> Vec<Entry> {
        table.entries().map(|entry| Entry::new(entry, self.reveal)).collect()
    }

    /// The payload has no size of its own: text that is base64 is taken for it, all else is raw.
    fn read_payload(&self) -> anyhow::Result<Vec<u8>> {
        let bytes = inputs::read_small(&self.payload)?;
        let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let payload = BASE64.decode(text).unwrap_or(bytes);
        if payload.len() > SecretArea::MAX_PACKET {
            let (name, most) = (inputs::name(&self.payload), SecretArea::MAX_PACKET);
            bail!("{name}: {} bytes, wanted at most {most}", payload.len());
        }
        Ok(payload)
    }
}

impl Shown {
    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(reason) = &self.reason {
            writeln!(out, "no: {reason}")?;
        }
        self.secrets.iter().try_for_each(|entry| entry.print(out))
    }
}
