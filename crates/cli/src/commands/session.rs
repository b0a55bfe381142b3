//! `sev-launch session`: fresh keys for a guest, wrapped for one platform.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use sev_launch_abi::Generation;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_verify::sev::certificate::Usage;
use sev_launch_verify::sev::chain::VerifiedPdh;
use sev_launch_verify::sev::session::{Session as Made, UnverifiedPdh};

use crate::args::sev_policy;
use crate::exit::{Answer, Insecure};
use crate::inputs;
use crate::output::{self, Outputs};
use crate::sev::chain::{ChainFlags, Loaded};
use crate::sev::policy::{DEMANDS, PolicyFlags};
use crate::text;

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Writes NAME_tik.bin and NAME_tek.bin (raw: keep them), NAME_godh.b64 and
NAME_session.b64 (for the host: libvirt's <dhCert> and <session>, QEMU's
dh-cert-file and session-file). None is ever overwritten, and all four are
written or none: a signal leaves none behind (but for SIGKILL). One session is
for one launch.

The CHAIN is what `sevctl export` or `sevctl export --full` writes, or QMP's
and libvirt's cert-chain with --pdh; raw, hex, or base64 on one line.

Example:
  sev-launch session platform.chain 0x7 --name guest";

/// Make keys for a SEV or SEV-ES launch, wrapped for a platform that is verified.
#[derive(Debug, clap::Args)]
#[command(after_help = DEMANDS, allow_missing_positional = true)]
pub(crate) struct Session {
    /// The platform's certificates, in any layout; left out where each is given apart.
    #[arg(value_name = "CHAIN", required_unless_present = "pek")]
    chain: Option<PathBuf>,
    /// The policy that the guest must run with, for example 0x5 or NODBG+ES.
    #[arg(value_name = "POLICY", value_parser = sev_policy)]
    policy: Policy,
    /// The start of the files' names.
    #[arg(long, value_name = "NAME", default_value = "vm")]
    name: String,
    /// The folder for the files.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    out: PathBuf,
    /// Take CHAIN for a bare PDH, of which nothing is known: whoever made it can read the guest's secrets.
    #[arg(long)]
    unverified_pdh: bool,
    #[command(flatten)]
    certificates: ChainFlags,
    #[command(flatten)]
    demands: PolicyFlags,
}

impl Session {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        for warning in self.demands.check(self.policy, self.policy.technology())? {
            output::remark("warning", &warning);
        }
        if let Err(rejection) = self.demands.requirements().appraise(self.policy) {
            let policy = self.policy;
            output::print_text(|out| {
                writeln!(out, "no: policy {policy}: {rejection}; no session was made")
            })?;
            return Ok(Answer::No);
        }
        if self.name.is_empty() || self.name.contains(['/', '\\']) {
            bail!("--name {:?}: wanted the start of a file's name, without a folder", self.name);
        }
        let Some(session) = self.make()? else {
            return Ok(Answer::No);
        };
        self.write(session)?;
        Ok(Answer::Yes)
    }

    /// The session; `None` if the chain is not accepted.
    fn make(&self) -> anyhow::Result<Option<Made>> {
        let mut random = UnwrapErr(SysRng);
        let chain = match self.certificates.load(self.chain.as_deref())? {
            Loaded::Pdh(pdh) if self.unverified_pdh => {
                let who = "whoever made it can read the guest's secrets";
                output::remark("warning", &format!("the PDH is not verified: {who}"));
                let (name, usage) = (self.chain_name(), pdh.usage());
                if usage != Usage::Pdh {
                    bail!("{name}: the certificate is of a {usage}, wanted a PDH");
                }
                if self.certificates.is_demanding() {
                    bail!("of a bare PDH nothing can be demanded: leave the certificates' flags out");
                }
                let pdh = UnverifiedPdh(pdh.point().clone());
                return Ok(Some(Made::create_unverified(self.policy, &pdh, &mut random)?));
            }
            Loaded::Pdh(_) => bail!(Insecure(
                "a bare PDH proves nothing: give the platform's whole chain, or --unverified-pdh if something \
                 else vouches for it"
                    .into(),
            )),
            Loaded::Chain(_) if self.unverified_pdh => bail!(
                "--unverified-pdh is for a bare PDH; this is a chain, which can be verified: leave the flag out"
            ),
            Loaded::Chain(chain) => chain,
        };
        let verdict = self.certificates.verify(&chain)?;
        let Ok(pdh) = verdict.verified() else {
            output::print_text(|out| {
                writeln!(out, "no: the chain is not accepted, so no session was made")?;
                text::lines(out, verdict)?;
                writeln!(out, "demands: {}", self.certificates.demands())
            })?;
            return Ok(None);
        };
        self.remark(&pdh);
        Ok(Some(Made::create(self.policy, &pdh, &mut random)?))
    }

    fn chain_name(&self) -> String {
        self.chain.as_deref().map_or_else(|| "the chain".into(), inputs::name)
    }

    /// Says whose platform the session is for, and what was demanded of it.
    fn remark(&self, pdh: &VerifiedPdh) {
        let generation = pdh.generation().map_or("a lab's own".into(), |one| one.to_string());
        let (owner, chip) = (hex::encode(pdh.owner().key_sha256), hex::encode(pdh.cek_sha256()));
        let platform = format!("platform: {generation}; owner's key {owner}; chip's key {chip}");
        output::remark("note", &platform);
        output::remark("note", &format!("demanded: {}", self.certificates.demands()));
        if pdh.generation() == Some(Generation::Naples) && !self.certificates.names_generation() {
            // Buhren, Werling, Seifert: "Insecure Until Proven Updated", CCS 2019.
            output::remark(
                "warning",
                &"the chips' keys of Naples have been extracted, and cannot be revoked: whoever has one can make this \
                  chain; name the generations that you accept with --generation",
            );
        }
    }

    fn write(&self, session: Made) -> anyhow::Result<()> {
        // Without a folder before it where it is this one.
        let folder = if self.out == Path::new(".") { Path::new("") } else { &self.out };
        let path = |end: &str| folder.join(format!("{}_{end}", self.name));
        let text = |bytes: &[u8]| BASE64.encode(bytes).into_bytes();
        let (godh, blob) = (text(session.godh_certificate()), text(&session.blob().to_bytes()));
        let keys = session.launch().keys();
        let paths = [path("tik.bin"), path("tek.bin"), path("godh.b64"), path("session.b64")];
        let [tik, tek, godh_path, blob_path] = &paths;
        let files: [(&PathBuf, &[u8]); 4] = [
            (tik, keys.tik.expose()),
            (tek, keys.tek.expose()),
            (godh_path, &godh),
            (blob_path, &blob),
        ];
        let mut outputs = Outputs::new();
        let staged = files.into_iter().try_for_each(|(path, bytes)| outputs.add_new(path, bytes));
        staged.context("no session was written")?;
        let mut paths = paths.iter();
        output::print_text(|out| paths.try_for_each(|path| writeln!(out, "{}", path.display())))?;
        outputs.settle().context("no session was written")
    }
}
