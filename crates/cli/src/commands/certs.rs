//! `sev-launch certs`: a SEV platform's certificates shown, verified, taken apart and put together.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use serde::Serialize;
use sev_launch_evidence::sev_certificates::{
    self, CertificateSet, CertificatesError, SevCertificate,
};
use sev_launch_verify::sev::certificate::{Signature, Slot};
use sev_launch_verify::sev::chain::{Chain, ChainVerdict};

use crate::checks::{CheckView, print_checks};
use crate::exit::{Answer, HELP};
use crate::output::Outputs;
use crate::sev::chain::{ChainFlags, Loaded};
use crate::{blob, inputs, output, text};

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Files are raw or base64, and told by their length:
  2084          PDH, PEK, OCA or CEK
  832, 1600     ASK or ARK
  1664, 3200    ASK, ARK                        AMD's CA file; layout ca
  6252          PEK, OCA, CEK                   QMP's and libvirt's cert-chain; layout host
  8336          PDH, PEK, OCA, CEK              sevctl export; layout export
  10000, 11536  PDH, PEK, OCA, CEK, ASK, ARK    sevctl export --full; layout full

A firmware exports the CEK without AMD's signature: the signed one is on AMD's key server,
kdsintf.amd.com/cek/id/…";

/// Certificates.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub(crate) enum Certs {
    /// Show every field of certificates; nothing is verified.
    Show {
        /// Certificates or chains, in any layout.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Verify a platform's chain: a line for each check, all of them; exit code 1 where one fails.
    #[command(after_help = HELP)]
    Verify(Box<Verify>),
    /// Write each certificate of a chain into a file of its own: pdh.cert, pek.cert, oca.cert, cek.cert, ask.cert, ark.cert.
    Split {
        /// The chain, in any layout.
        #[arg(value_name = "CHAIN")]
        chain: PathBuf,
        /// The folder for the files; it is made where there is none.
        #[arg(short, long, value_name = "FOLDER")]
        out: PathBuf,
    },
    /// Write certificates into one file.
    Join {
        /// Certificates or chains; what the layout has no place for is left out.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Which certificates, in which order.
        #[arg(long, value_name = "LAYOUT")]
        layout: Layout,
        /// Where to write them; - is standard output.
        #[arg(short, long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// Verify a platform's chain: a line for each check, all of them; exit code 1 where one fails.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The platform's certificates, in any layout with a PDH, or without one beside --pdh.
    #[arg(value_name = "CHAIN", required_unless_present = "pek")]
    chain: Option<PathBuf>,
    #[command(flatten)]
    certificates: ChainFlags,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// The files that chains travel in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Layout {
    /// PDH, PEK, OCA, CEK: sevctl export.
    Export,
    /// PDH, PEK, OCA, CEK, ASK, ARK: sevctl export --full.
    Full,
    /// PEK, OCA, CEK: QMP's and libvirt's cert-chain.
    Host,
    /// ASK, ARK: AMD's CA file.
    Ca,
}

impl Certs {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        match self {
            Self::Show { files, json } => show(files, *json),
            Self::Verify(verify) => verify.run(),
            Self::Split { chain, out } => split(chain, out),
            Self::Join { files, layout, out } => join(files, *layout, out),
        }
    }
}

/// A file's certificates as they are printed.
#[derive(Serialize)]
struct FileView {
    file: String,
    certificates: Vec<CertificateView>,
}

/// A certificate as it is printed.
#[derive(Serialize)]
#[serde(untagged)]
enum CertificateView {
    Sev {
        usage: String,
        api: String,
        algorithm: String,
        x: String,
        y: String,
        key_sha256: String,
        signatures: Vec<SignatureView>,
    },
    Amd {
        usage: String,
        key_id: String,
        certifying_id: String,
        key_bits: usize,
        exponent: u32,
        modulus: String,
        signature: String,
        sha256: String,
    },
}

/// A signature as it is printed.
#[derive(Serialize)]
struct SignatureView {
    by: String,
    algorithm: String,
    /// ECDSA's r and s, or RSA's number.
    #[serde(flatten)]
    numbers: BTreeMap<&'static str, String>,
}

impl From<&SevCertificate> for CertificateView {
    fn from(certificate: &SevCertificate) -> Self {
        match certificate {
            SevCertificate::Platform(certificate) => {
                let big_endian = |mut coordinate: [u8; 72]| {
                    coordinate.reverse();
                    hex::encode(coordinate.get(24..).unwrap_or_default())
                };
                let (x, y) = certificate.point().to_coordinates();
                Self::Sev {
                    usage: certificate.usage().to_string(),
                    api: certificate.api().to_string(),
                    algorithm: certificate.algorithm().to_string(),
                    x: big_endian(x),
                    y: big_endian(y),
                    key_sha256: hex::encode(certificate.key_sha256()),
                    signatures: certificate.slots().iter().filter_map(signature).collect(),
                }
            }
            SevCertificate::Amd(certificate) => Self::Amd {
                usage: certificate.usage().to_string(),
                key_id: hex::encode(certificate.key_id()),
                certifying_id: hex::encode(certificate.certifying_id()),
                key_bits: certificate.modulus().len().saturating_mul(8),
                exponent: certificate.exponent(),
                modulus: hex::encode(certificate.modulus()),
                signature: hex::encode(certificate.signature()),
                sha256: hex::encode(certificate.sha256()),
            },
        }
    }
}

fn signature(slot: &Slot) -> Option<SignatureView> {
    let Slot::Signed { signer, algorithm, signature } = slot else {
        return None;
    };
    let numbers = match signature {
        Signature::Ecdsa(signature) => {
            let (r, s) = signature.split_bytes();
            BTreeMap::from([("r", hex::encode(r)), ("s", hex::encode(s))])
        }
        Signature::Rsa(number) => BTreeMap::from([("number", hex::encode(number))]),
    };
    Some(SignatureView { by: signer.to_string(), algorithm: algorithm.to_string(), numbers })
}

fn show(files: &[PathBuf], json: bool) -> anyhow::Result<Answer> {
    let all: Vec<_> = files.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    let all = files.iter().map(|path| inputs::name(path)).zip(all);
    if json {
        let view = |(file, certificates): (String, Vec<SevCertificate>)| FileView {
            file,
            certificates: certificates.iter().map(CertificateView::from).collect(),
        };
        output::print_json(&all.map(view).collect::<Vec<_>>())?;
        return Ok(Answer::Yes);
    }
    output::print_text(|out| {
        for (file, certificates) in all {
            writeln!(out, "{file}: nothing is verified")?;
            certificates.iter().try_for_each(|certificate| text::lines(out, certificate))?;
        }
        Ok(())
    })?;
    Ok(Answer::Yes)
}

/// The document of `certs verify --json`; its schema is `docs/schemas/certs-verify.schema.json`.
#[derive(Serialize)]
struct Verdict {
    version: u32,
    answer: Answer,
    checks: Vec<CheckView>,
    /// What a yes vouches for.
    platform: Option<PlatformView>,
    demands: String,
}

/// A platform whose chain holds.
#[derive(Serialize)]
struct PlatformView {
    generation: Option<String>,
    owner_key_sha256: String,
    owner_was_demanded: bool,
    cek_key_sha256: String,
}

impl Verify {
    fn run(&self) -> anyhow::Result<Answer> {
        let Loaded::Chain(chain) = self.certificates.load(self.chain.as_deref())? else {
            bail!("a bare PDH has no chain: give the platform's PEK, OCA and CEK too");
        };
        let verdict = self.certificates.verify(&chain)?;
        let document = self.document(&verdict);
        output::print(self.json, &document, |out| document.print(out))?;
        Ok(document.answer)
    }

    fn document(&self, verdict: &ChainVerdict) -> Verdict {
        let check = |outcome: &sev_launch_verify::sev::chain::Outcome| CheckView {
            check: outcome.check.to_string(),
            answer: if outcome.result.is_ok() { "yes" } else { "no" },
            reason: outcome.result.err().map(|fault| fault.to_string()),
        };
        let platform = verdict.verified().ok().map(|pdh| PlatformView {
            generation: pdh.generation().map(|generation| generation.to_string()),
            owner_key_sha256: hex::encode(pdh.owner().key_sha256),
            owner_was_demanded: pdh.owner().expected,
            cek_key_sha256: hex::encode(pdh.cek_sha256()),
        });
        Verdict {
            version: 1,
            answer: platform.is_some().into(),
            checks: verdict.outcomes().iter().map(check).collect(),
            platform,
            demands: self.certificates.demands(),
        }
    }
}

impl Verdict {
    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        match self.answer {
            Answer::Yes => writeln!(out, "yes: the chain holds")?,
            Answer::No => writeln!(out, "no: the chain does not hold")?,
        }
        print_checks(out, &self.checks, 12)?;
        if let Some(platform) = &self.platform {
            let generation = platform.generation.as_deref().unwrap_or("unknown: not AMD's root");
            let owner = if platform.owner_was_demanded { "as demanded" } else { "anybody" };
            writeln!(out, "  generation   {generation}")?;
            writeln!(out, "  owner        {} ({owner})", platform.owner_key_sha256)?;
            writeln!(out, "  chip         {}", platform.cek_key_sha256)?;
        }
        writeln!(out, "  demanded     {}", self.demands)
    }
}

fn split(chain: &PathBuf, folder: &Path) -> anyhow::Result<Answer> {
    let certificates = read_all(std::slice::from_ref(chain))?;
    let mut outputs = Outputs::new();
    outputs.add_folder(folder)?;
    let mut out = text::stdout();
    for certificate in certificates.iter() {
        let name = format!("{}.cert", certificate.usage().to_string().to_lowercase());
        let path = folder.join(name);
        outputs.add(&path, certificate.as_bytes())?;
        writeln!(out, "{}", path.display())?;
    }
    out.flush()?;
    outputs.settle()?;
    Ok(Answer::Yes)
}

fn join(files: &[PathBuf], layout: Layout, out: &Path) -> anyhow::Result<Answer> {
    let bytes = layout.write(&read_all(files)?).map_err(|error| match error {
        CertificatesError::Missing(_) => anyhow!("{error}: give its file too"),
        other => other.into(),
    })?;
    output::write(out, &bytes)?;
    Ok(Answer::Yes)
}

impl Layout {
    fn write(self, certificates: &CertificateSet) -> Result<Vec<u8>, CertificatesError> {
        Ok(match self {
            Self::Export => certificates.platform()?.to_export(),
            Self::Full => Chain::new(certificates.platform()?, certificates.ca()?).to_full(),
            Self::Host => certificates.to_host_chain()?,
            Self::Ca => certificates.ca()?.to_bytes(),
        })
    }
}

/// The certificates of a file, in its order, whatever that is.
fn read(path: &Path) -> anyhow::Result<Vec<SevCertificate>> {
    blob::read(path, sev_certificates::read)
}

/// The certificates of several files, one for each usage.
fn read_all(files: &[PathBuf]) -> anyhow::Result<CertificateSet> {
    let mut all = CertificateSet::default();
    for path in files {
        for certificate in read(path)? {
            all.put(certificate).with_context(|| inputs::name(path))?;
        }
    }
    Ok(all)
}
