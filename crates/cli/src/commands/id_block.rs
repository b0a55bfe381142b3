//! `sev-launch id-block`: the block that a guest's owner signs so that the AMD-SP starts nothing else.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use sev_launch_abi::snp::policy::Policy;
use sev_launch_digest::snp;
use sev_launch_verify::snp::id_block::{
    Author, AuthorKey, ID_AUTH_SIZE, ID_BLOCK_SIZE, IdAuth, IdBlock, IdBlockError, IdPrivateKey,
    IdPublicKey, IdSignature,
};

use crate::args::{Switch, digest_bytes, flag_ids, number32, snp_digest, snp_policy};
use crate::exit::Answer;
use crate::guest::args::Guest;
use crate::output::Outputs;
use crate::snp::appraisal;
use crate::snp::policy;
use crate::{blob, inputs, output};

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  openssl ecparam -genkey -name secp384r1 -noout -out id.pem
  sev-launch id-block build --firmware OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan --policy 0x30000 \\
      --id-key id.pem --base64 -o block.b64 auth.b64
  sev-launch id-block check block.b64 auth.b64 --policy 0x30000

A key that lives elsewhere, in two steps, with ECDSA on P-384 and SHA-384:
  sev-launch id-block build --digest HASH --policy 0x30000 --to-be-signed block.bin
  openssl dgst -sha384 -sign id.pem -out block.sig block.bin
  sev-launch id-block build --digest HASH --policy 0x30000 --id-public-key id.pub \\
      --id-signature block.sig -o block auth

QEMU's sev-snp-guest takes both in base64, as id-block and id-auth, and author-key-enabled=on where
an author signed. Whoever relies on a signer demands its digest of the report:
`sev-launch report appraise --id-key-digest HASH`.

Exit codes:
  0  yes: built, or the AMD-SP would take it
  1  no: the AMD-SP would refuse the launch
  2  could not decide: wrong usage, malformed input, a missing file, parts that do not fit together
  3  refused as insecure: debugging or a migration agent allowed and not accepted";

/// ID blocks.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub(crate) enum IdBlockCommand {
    /// Build an ID block and its authentication.
    #[command(after_long_help = LONG_HELP)]
    Build(Box<Build>),
    /// Name each rule by which the AMD-SP would refuse a launch with them.
    #[command(after_long_help = LONG_HELP)]
    Check(Box<Check>),
}

/// Build an ID block and its authentication.
#[derive(Debug, clap::Args)]
pub(crate) struct Build {
    /// The launch digest, in place of a guest.
    #[arg(long, value_name = "HASH", value_parser = snp_digest, conflicts_with_all = flag_ids::<Guest>(), help_heading = "ID block")]
    digest: Option<snp::LaunchDigest>,
    /// The policy that the guest must have, as 0x30000 or SMT+ABI=1.55.
    #[arg(long, value_name = "POLICY", value_parser = snp_policy, help_heading = "ID block")]
    policy: Policy,
    /// A name for a family of guests: 16 bytes.
    #[arg(long, value_name = "HEX", value_parser = digest_bytes::<16>, help_heading = "ID block")]
    family_id: Option<[u8; 16]>,
    /// A name for the image: 16 bytes.
    #[arg(long, value_name = "HEX", value_parser = digest_bytes::<16>, help_heading = "ID block")]
    image_id: Option<[u8; 16]>,
    /// The image's security version.
    #[arg(long, value_name = "NUMBER", value_parser = number32, default_value = "0", help_heading = "ID block")]
    guest_svn: u32,
    /// Accept a policy that allows debugging: the host can then read the guest's memory.
    #[arg(long, help_heading = "ID block")]
    allow_debug: bool,
    /// Accept a policy that allows a migration agent.
    #[arg(long, help_heading = "ID block")]
    allow_migration_agent: bool,

    /// The private ID key on P-384: SEC1 or PKCS#8, in PEM or DER.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["id_public_key", "id_signature"], help_heading = "Keys")]
    id_key: Option<PathBuf>,
    /// The private author key, which signs the ID key.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["author_public_key", "author_signature"], help_heading = "Keys")]
    author_key: Option<PathBuf>,
    /// The public half of an ID key that lives elsewhere: PEM, DER, or a SEC1 point.
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    id_public_key: Option<PathBuf>,
    /// Its signature over what --to-be-signed wrote: r and s in 96 bytes, big-endian, or DER.
    #[arg(long, value_name = "FILE", requires = "id_public_key", help_heading = "Keys")]
    id_signature: Option<PathBuf>,
    /// The public half of an author key that lives elsewhere.
    #[arg(long, value_name = "FILE", requires = "author_signature", help_heading = "Keys")]
    author_public_key: Option<PathBuf>,
    /// Its signature over what --author-to-be-signed wrote.
    #[arg(long, value_name = "FILE", requires = "author_public_key", help_heading = "Keys")]
    author_signature: Option<PathBuf>,

    /// Where the ID block and its authentication are written.
    #[arg(short, long, num_args = 2, value_names = ["ID_BLOCK", "AUTH"], required_unless_present_any = ["to_be_signed", "author_to_be_signed"])]
    out: Option<Vec<PathBuf>>,
    /// Write them in base64, as QEMU takes them.
    #[arg(long, requires = "out")]
    base64: bool,
    /// Write only what the ID key has to sign: the 96 bytes of the ID block.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    to_be_signed: Option<PathBuf>,
    /// Write only what the author key has to sign: the 1028 bytes of the ID key.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    author_to_be_signed: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    guest: Guest,
}

/// Name each rule by which the AMD-SP would refuse a launch with them.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The ID block: 96 bytes, raw, hex or base64.
    #[arg(value_name = "ID_BLOCK")]
    block: PathBuf,
    /// Its authentication: 4096 bytes.
    #[arg(value_name = "AUTH")]
    auth: PathBuf,
    /// The launch digest that the guest has [default: the block's].
    #[arg(long, value_name = "HASH", value_parser = snp_digest)]
    digest: Option<snp::LaunchDigest>,
    /// The policy that the guest is launched with, as 0x30000 or SMT [default: the block's].
    #[arg(long, value_name = "POLICY", value_parser = snp_policy)]
    policy: Option<Policy>,
    /// Is the launch told to look at the author (QEMU's author-key-enabled)? [default: on where there is an author key]
    #[arg(long, value_name = "SWITCH")]
    author_key_enabled: Option<Switch>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl IdBlockCommand {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        match self {
            Self::Build(build) => build.run(),
            Self::Check(check) => check.run(),
        }
    }
}

/// A signer: its public key, and its signature over what it has to sign.
type Signer = (IdPublicKey, IdSignature);

/// What `id-block build` says; the keys' digests are what a verifier demands of a report.
#[derive(Serialize)]
struct Built {
    version: u32,
    launch_digest: String,
    policy: String,
    id_key_digest: Option<String>,
    author_key_digest: Option<String>,
    files: Vec<String>,
}

impl Build {
    fn run(&self) -> anyhow::Result<Answer> {
        let allowed = policy::allowing(self.allow_debug, self.allow_migration_agent);
        policy::check(&allowed, self.policy)?;
        let block = IdBlock::new(
            self.digest()?,
            self.family_id.unwrap_or_default(),
            self.image_id.unwrap_or_default(),
            self.guest_svn,
            self.policy,
        );
        match self.out.as_deref() {
            Some([block_path, auth_path]) => self.write(&block, block_path, auth_path),
            _ => self.write_to_be_signed(&block),
        }
    }

    fn digest(&self) -> anyhow::Result<snp::LaunchDigest> {
        match self.digest {
            Some(digest) => Ok(digest),
            None if !self.guest.is_given() => bail!(
                "an ID block is for one launch digest: give --digest HASH, or a guest with --firmware FILE"
            ),
            None => {
                let accepted = appraisal::of_guest(&self.guest, None, Some(self.policy))?;
                accepted.demanded_policy(Some(self.policy.bits()))?;
                accepted.warnings.iter().for_each(|text| output::remark("warning", text));
                appraisal::only_digest(&accepted)
            }
        }
    }

    /// The first step for keys that live elsewhere.
    fn write_to_be_signed(&self, block: &IdBlock) -> anyhow::Result<Answer> {
        let mut files = Vec::new();
        let id_key = match (&self.id_key, &self.id_public_key) {
            (Some(path), _) => Some(private_key(path)?.public()),
            (None, Some(path)) => Some(public_key(path)?),
            (None, None) => None,
        };
        if self.author_to_be_signed.is_some() && id_key.is_none() {
            bail!("the author signs the ID key: give --id-public-key, or --id-key");
        }
        let mut outputs = Outputs::new();
        if let Some(path) = &self.to_be_signed {
            outputs.add(path, &block.to_bytes())?;
            files.push(inputs::name(path));
        }
        if let (Some(path), Some(key)) = (&self.author_to_be_signed, &id_key) {
            outputs.add(path, &key.to_bytes())?;
            files.push(inputs::name(path));
        }
        self.say(block, id_key.map(|key| key.digest()), None, files)?;
        outputs.settle()?;
        Ok(Answer::Yes)
    }

    fn write(
        &self,
        block: &IdBlock,
        block_path: &Path,
        auth_path: &Path,
    ) -> anyhow::Result<Answer> {
        let keys = [&self.id_key, &self.id_public_key, &self.id_signature];
        let (id_key, id_signature) = signer(keys, &block.to_bytes())?
            .context("no ID key: give --id-key, or --id-public-key and --id-signature")?;
        let keys = [&self.author_key, &self.author_public_key, &self.author_signature];
        let author = signer(keys, &id_key.to_bytes())?;
        let author = author.map(|(key, signature)| Author { key, signature });
        let auth = IdAuth::assemble(block, &id_key, &id_signature, author.as_ref())?;
        let form = |bytes: &[u8]| match self.base64 {
            true => BASE64.encode(bytes).into_bytes(),
            false => bytes.to_vec(),
        };
        let mut outputs = Outputs::new();
        outputs.add(block_path, &form(&block.to_bytes()))?;
        outputs.add(auth_path, &form(auth.as_bytes()))?;
        let files = vec![inputs::name(block_path), inputs::name(auth_path)];
        let author_digest = author.map(|author| author.key.digest());
        self.say(block, Some(id_key.digest()), author_digest, files)?;
        outputs.settle()?;
        Ok(Answer::Yes)
    }

    fn say(
        &self,
        block: &IdBlock,
        id_key: Option<[u8; 48]>,
        author_key: Option<[u8; 48]>,
        files: Vec<String>,
    ) -> anyhow::Result<()> {
        let built = Built {
            version: 1,
            launch_digest: block.launch_digest.to_string(),
            policy: format!("{:#x}", block.policy.bits()),
            id_key_digest: id_key.map(hex::encode),
            author_key_digest: author_key.map(hex::encode),
            files,
        };
        output::print(self.json, &built, |out| {
            writeln!(out, "launch digest      {}", built.launch_digest)?;
            writeln!(out, "policy             {}", block.policy)?;
            if let Some(digest) = &built.id_key_digest {
                writeln!(out, "ID_KEY_DIGEST      {digest}")?;
            }
            if let Some(digest) = &built.author_key_digest {
                writeln!(out, "AUTHOR_KEY_DIGEST  {digest}")?;
            }
            built.files.iter().try_for_each(|file| writeln!(out, "written            {file}"))
        })
    }
}

/// Signs with a private key's file, or takes what one signed that lives elsewhere. `None` if no file is given.
fn signer(
    [private, public, signed]: [&Option<PathBuf>; 3],
    message: &[u8],
) -> anyhow::Result<Option<Signer>> {
    Ok(match (private, public, signed) {
        (Some(path), ..) => {
            let key = private_key(path)?;
            Some((key.public(), key.sign(message)))
        }
        (None, Some(public), Some(signed)) => Some((public_key(public)?, signature(signed)?)),
        _ => None,
    })
}

/// Reads a private key.
pub(crate) fn private_key(path: &Path) -> anyhow::Result<IdPrivateKey> {
    let bytes = inputs::read_secret(path)?;
    let has = |label: &[u8]| bytes.windows(label.len()).any(|window| window == label);
    IdPrivateKey::parse(&bytes).with_context(|| {
        let name = inputs::name(path);
        if has(b"-----BEGIN EC PARAMETERS-----") {
            format!("{name}: has a block EC PARAMETERS, which names P-384, and stands before a key, where it is passed over")
        } else if has(b"ENCRYPTED") {
            format!("{name}: is encrypted, decrypt it first (openssl pkcs8)")
        } else {
            name
        }
    })
}

fn public_key(path: &Path) -> anyhow::Result<IdPublicKey> {
    IdPublicKey::parse(&inputs::read_small(path)?).with_context(|| inputs::name(path))
}

/// A signature in 96 bytes, or in DER.
fn signature(path: &Path) -> anyhow::Result<IdSignature> {
    let bytes = inputs::read_small(path)?;
    let signature = match blob::decode_array::<96>("signature", &bytes) {
        Ok(raw) => IdSignature::from_raw(&raw),
        Err(_) => IdSignature::from_der(&bytes),
    };
    signature.with_context(|| inputs::name(path))
}

/// The document of `id-block check --json`; its schema is `docs/schemas/id-block-check.schema.json`.
#[derive(Serialize)]
struct Checked {
    version: u32,
    answer: Answer,
    /// The rules that are broken.
    broken: Vec<String>,
    block: BlockView,
    author_key_enabled: bool,
    id_key_digest: String,
    author_key_digest: String,
    warnings: Vec<String>,
}

/// An ID block as it is printed.
#[derive(Serialize)]
struct BlockView {
    launch_digest: String,
    family_id: String,
    image_id: String,
    version: u32,
    guest_svn: u32,
    policy: String,
}

impl Check {
    fn run(&self) -> anyhow::Result<Answer> {
        let block = blob::read_array::<ID_BLOCK_SIZE>("ID block", &self.block)?;
        let auth = blob::read_array::<ID_AUTH_SIZE>("ID authentication", &self.auth)?;
        let (block, auth) = (IdBlock::from_bytes(&block)?, IdAuth::from_bytes(&auth)?);
        let has_author = auth.author_key_digest() != [0; 48];
        let is_enabled = self.author_key_enabled.map_or(has_author, |switch| switch == Switch::On);
        let author = if is_enabled { AuthorKey::Enabled } else { AuthorKey::Disabled };
        let digest = self.digest.unwrap_or(block.launch_digest);
        let policy = self.policy.unwrap_or(block.policy);
        let broken = match auth.check_for(&block, author, digest, policy) {
            Ok(()) => Vec::new(),
            Err(IdBlockError::Refused(rules)) => rules.iter().map(ToString::to_string).collect(),
            Err(other) => return Err(other.into()),
        };
        let findings = block.policy.findings().into_iter();
        let warned = findings.filter(|finding| !finding.is_refused_by_platform());
        let checked = Checked {
            version: 1,
            answer: broken.is_empty().into(),
            broken,
            block: BlockView {
                launch_digest: block.launch_digest.to_string(),
                family_id: hex::encode(block.family_id),
                image_id: hex::encode(block.image_id),
                version: block.version,
                guest_svn: block.guest_svn,
                policy: format!("{:#x}", block.policy.bits()),
            },
            author_key_enabled: is_enabled,
            id_key_digest: hex::encode(auth.id_key_digest()),
            author_key_digest: hex::encode(auth.author_key_digest()),
            warnings: warned.map(|one| format!("policy {}: {one}", block.policy)).collect(),
        };
        checked.warnings.iter().for_each(|text| output::remark("warning", text));
        output::print(self.json, &checked, |out| checked.print(out, block.policy))?;
        Ok(checked.answer)
    }
}

impl Checked {
    fn print(&self, out: &mut impl Write, policy: Policy) -> io::Result<()> {
        match self.answer {
            Answer::Yes => writeln!(out, "yes: the AMD-SP would take this ID block")?,
            Answer::No => writeln!(out, "no: the AMD-SP would refuse a launch with this ID block")?,
        }
        for rule in &self.broken {
            writeln!(out, "  broken             {rule}")?;
        }
        let block = &self.block;
        writeln!(out, "  launch digest      {}", block.launch_digest)?;
        writeln!(out, "  family id          {}", block.family_id)?;
        writeln!(out, "  image id           {}", block.image_id)?;
        writeln!(out, "  version            {}", block.version)?;
        writeln!(out, "  guest svn          {}", block.guest_svn)?;
        writeln!(out, "  policy             {policy}")?;
        writeln!(out, "  ID_KEY_DIGEST      {}", self.id_key_digest)?;
        let author = if self.author_key_enabled { "" } else { " (not asked for)" };
        writeln!(out, "  AUTHOR_KEY_DIGEST  {}{author}", self.author_key_digest)
    }
}
