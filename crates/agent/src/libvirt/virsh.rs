//! `virsh`, libvirt's own client: what is asked of it, and how its answers are read.
//!
//! [libvirt, virsh] has the commands. It is run with arguments that cannot be taken for options, with nothing on standard input, in English, within bounds of time and of what
//! it prints. Files that it is given are readable by this process's user alone, and are removed afterwards. Whoever may use libvirt may do all that is
//! done here: the rights are libvirt's to give.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_abi::PlatformVersion;
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::answer::{self, LIBVIRT, Listing, strange};
use super::call::{self, Bounds, Ended, Failure};
use crate::attestation::MOST_BYTES;
use crate::vmm::{Host, Measured, VmmError};

/// The size of a certificate, in bytes. [SEV-API, "SEV Certificates"]
const CERTIFICATE: usize = 2084;
/// The most bytes of a CPU's id; EPYC has 64. [SEV-API, GET_ID]
const MOST_ID: usize = 64;
/// The most bytes of a table of secrets. [SEV-API, LAUNCH_SECRET]
const MOST_TABLE: usize = 16 << 10;
/// The most bytes of a list, and of what stands on standard error.
const MOST_LIST: usize = 64 << 10;
/// The most characters of a domain's name.
const MOST_NAME: usize = 1000;

/// How to run virsh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Virsh {
    /// The program: a path, or a name that is looked up in `PATH`.
    pub program: PathBuf,
    /// libvirt's connection, for example `qemu:///system`; `None` stands for what virsh takes by itself.
    pub uri: Option<String>,
    /// How long a command may take. It is killed afterwards, and what libvirt made of it is not known.
    pub time: Duration,
}

impl Default for Virsh {
    /// `virsh`, its own connection, and two minutes: what is launched is encrypted first, and its memory pinned.
    fn default() -> Self {
        Self { program: "virsh".into(), uri: None, time: Duration::from_secs(120) }
    }
}

/// Which of a domain's definitions is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition {
    /// The one that is stored, from which it is started, passwords included.
    Stored,
    /// The one of the running domain, without passwords. Of a domain that does not run, the stored one.
    Live,
}

/// What libvirt says of a domain's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainState {
    /// The state, for example `paused` or `shut off`.
    pub state: String,
    /// Why, for example `user`; empty where libvirt does not say.
    pub reason: String,
}

impl Virsh {
    /// What the host shows of its platform, by `nodesevinfo`.
    ///
    /// # Errors
    ///
    /// [`VmmError`]: `Refused` on a host without SEV; `Strange` for lists without `pdh` (2084 bytes), `cert-chain` (6252 bytes), `cbitpos` or `reduced-phys-bits`, or with a
    /// `cpu0-id` of no or of more than 64 bytes.
    pub fn host(&self) -> Result<Host, VmmError> {
        let command = "nodesevinfo";
        let text = self.text(command, &[], MOST_LIST)?;
        let list = Listing::read(command, &text)?;
        let bits = |key| match list.number(key)? {
            bits @ 0..=63 => Ok(bits),
            bits => strange(command, format!("{key} is {bits}, wanted at most 63")),
        };
        let is_id = |size| (1..=MOST_ID).contains(&size);
        Ok(Host {
            pdh: list.bytes("pdh", |size| size == CERTIFICATE, "2084")?,
            cert_chain: list.bytes("cert-chain", |size| size == 3 * CERTIFICATE, "6252")?,
            cpu_id: list
                .has("cpu0-id")
                .then(|| list.bytes("cpu0-id", is_id, "1 to 64"))
                .transpose()?,
            cbitpos: bits("cbitpos")?,
            reduced_phys_bits: bits("reduced-phys-bits")?,
        })
    }

    /// A domain's XML, by `dumpxml`: at most 1 MiB.
    ///
    /// # Errors
    ///
    /// [`VmmError`]: `Refused` where there is no such domain.
    pub fn xml(&self, domain: &str, which: Definition) -> Result<Zeroizing<String>, VmmError> {
        let which: &[&str] = match which {
            Definition::Stored => &["--inactive", "--security-info"],
            Definition::Live => &[],
        };
        let mut arguments: Vec<OsString> = which.iter().map(Into::into).collect();
        arguments.push(of_domain(domain)?);
        self.text("dumpxml", &arguments, MOST_BYTES)
    }

    /// A domain's state, by `domstate --reason`; `None` where there is no such domain.
    ///
    /// # Errors
    ///
    /// [`VmmError`].
    pub fn state(&self, domain: &str) -> Result<Option<DomainState>, VmmError> {
        let command = "domstate";
        let text = match self.text(command, &["--reason".into(), of_domain(domain)?], MOST_LIST) {
            Err(VmmError::Refused { words, .. }) if answer::is_unknown(&words) => return Ok(None),
            text => text?,
        };
        let line = text.trim_ascii();
        let (state, reason) = line.split_once(" (").unwrap_or((line, ""));
        let is_word = |text: &str| text.len() < 80 && !text.contains(char::is_control);
        if state.is_empty() || !is_word(state) || !is_word(reason) {
            return strange(command, "one line with a state was wanted".into());
        }
        let reason = reason.strip_suffix(')').unwrap_or(reason);
        Ok(Some(DomainState { state: state.to_owned(), reason: reason.to_owned() }))
    }

    /// Starts a domain from XML, paused, by `create --paused`.
    ///
    /// A domain of the same name and UUID that is defined and does not run is started with the given XML as its live definition, and keeps its stored one, which it has
    /// again when it ends; libvirt refuses one that runs, and one of which only the name or the UUID is the same [libvirt, `virDomainObjListAddLocked`]. Any other is transient.
    ///
    /// # Errors
    ///
    /// [`VmmError`].
    pub fn create(&self, xml: &str) -> Result<(), VmmError> {
        let files = Files::new()?;
        let file = files.write("domain.xml", xml.as_bytes())?;
        self.run("create", &["--paused".into(), option("--file=", file)], MOST_LIST).map(drop)
    }

    /// The measurement of a paused domain, with what is authenticated by it, by `domlaunchsecinfo` (libvirt 8.0 and newer).
    ///
    /// # Errors
    ///
    /// [`VmmError`]: `Refused` where it is none of SEV or SEV-ES; `Strange` for another measurement than one of 48 bytes, and numbers of a version over 255.
    pub fn measured(&self, domain: &str) -> Result<Measured, VmmError> {
        let command = "domlaunchsecinfo";
        let text = self.text(command, &[of_domain(domain)?], MOST_LIST)?;
        let list = Listing::read(command, &text)?;
        if list.has("sev-snp-policy") {
            let words = "the domain is an SNP guest, which fetches its own report".to_owned();
            return Err(VmmError::Refused { vmm: LIBVIRT, command: command.to_owned(), words });
        }
        let bytes = list.bytes("sev-measurement", |size| size == 48, "48")?;
        let Ok(measurement) = bytes.try_into() else {
            return strange(command, "sev-measurement has not 48 bytes".into());
        };
        let number = |key| list.number(key).map(u64::from);
        let version = PlatformVersion::from_numbers(
            number("sev-api-major")?,
            number("sev-api-minor")?,
            number("sev-build-id")?,
        );
        match version {
            Ok(version) => {
                Ok(Measured { measurement, version, policy: list.number("sev-policy")? })
            }
            Err(error) => strange(command, error.to_string()),
        }
    }

    /// Hands a secret into a paused domain, by `domsetlaunchsecstate` (libvirt 8.0 and newer): the header of 52 bytes, and the table, of at most 16 KiB. Both are
    /// ciphertext, or authenticate it.
    ///
    /// # Errors
    ///
    /// [`VmmError`]: `Refused` means that the guest did not get it.
    pub fn inject(&self, domain: &str, header: &[u8; 52], table: &[u8]) -> Result<(), VmmError> {
        if table.is_empty() || table.len() > MOST_TABLE {
            let found = table.len();
            return Err(VmmError::Description(format!(
                "a table of secrets of {found} bytes, wanted 1 to {MOST_TABLE}"
            )));
        }
        let domain = of_domain(domain)?;
        let files = Files::new()?;
        let header = files.write("header", BASE64.encode(header).as_bytes())?;
        let table = files.write("secret", BASE64.encode(table).as_bytes())?;
        let arguments = [domain, option("--secrethdr=", header), option("--secret=", table)];
        self.run("domsetlaunchsecstate", &arguments, MOST_LIST).map(drop)
    }

    /// Lets a paused domain run, by `resume`.
    ///
    /// # Errors
    ///
    /// [`VmmError`].
    pub fn resume(&self, domain: &str) -> Result<(), VmmError> {
        self.run("resume", &[of_domain(domain)?], MOST_LIST).map(drop)
    }

    /// Ends a domain, by `destroy`: a stored definition stays.
    ///
    /// # Errors
    ///
    /// [`VmmError`]: `Refused` where it does not run.
    pub fn destroy(&self, domain: &str) -> Result<(), VmmError> {
        self.run("destroy", &[of_domain(domain)?], MOST_LIST).map(drop)
    }

    fn text(
        &self,
        command: &'static str,
        arguments: &[OsString],
        most: usize,
    ) -> Result<Zeroizing<String>, VmmError> {
        let ended = self.run(command, arguments, most)?;
        match std::str::from_utf8(&ended.output) {
            Ok(text) => Ok(Zeroizing::new(text.to_owned())),
            Err(error) => strange(command, format!("it is no UTF-8: {error}")),
        }
    }

    fn run(
        &self,
        command: &'static str,
        arguments: &[OsString],
        most: usize,
    ) -> Result<Ended, VmmError> {
        let mut virsh = Command::new(&self.program);
        virsh.arg("-q");
        if let Some(uri) = &self.uri {
            virsh.arg(format!("--connect={uri}"));
        }
        virsh.arg(command).args(arguments).env("LC_ALL", "C").env_remove("LANGUAGE");
        // What these print, or write to a file, has the domain's XML in it.
        for name in ["VIRSH_DEBUG", "VIRSH_LOG_FILE", "LIBVIRT_DEBUG", "LIBVIRT_LOG_OUTPUTS"] {
            virsh.env_remove(name);
        }
        let bounds = Bounds { time: self.time, output: most, errors: MOST_LIST };
        let ended = match call::run(&mut virsh, bounds) {
            Ok(ended) => ended,
            Err(failure) => {
                let program = self.program.display();
                let advice = match &failure {
                    Failure::Start(_) => ": it is in the package of libvirt's clients",
                    _ => "",
                };
                let detail = format!("{program} {command}: {failure}{advice}");
                return Err(VmmError::Unreachable { vmm: LIBVIRT, detail });
            }
        };
        if ended.status.success() {
            return Ok(ended);
        }
        let words = answer::words(&ended.errors);
        if ended.status.code().is_none() || answer::is_broken(&words) {
            let detail = format!("virsh {command}: {}: {words}", ended.status);
            return Err(VmmError::Unreachable { vmm: LIBVIRT, detail });
        }
        Err(VmmError::Refused { vmm: LIBVIRT, command: command.to_owned(), words })
    }
}

/// The argument that names a domain, which nothing takes for an option.
fn of_domain(domain: &str) -> Result<OsString, VmmError> {
    let is_name =
        !domain.trim().is_empty() && !domain.contains(|c: char| c.is_control() || c == '/');
    if !is_name || domain.chars().count() > MOST_NAME {
        let found: String = domain.chars().take(80).collect();
        let detail = "wanted the name or the UUID of a domain of libvirt's";
        return Err(VmmError::Description(format!("{found:?} names no domain: {detail}")));
    }
    Ok(option("--domain=", domain))
}

fn option(name: &str, value: impl Into<OsString>) -> OsString {
    let mut option = OsString::from(name);
    option.push(value.into());
    option
}

/// A folder for files that virsh is given, which goes when this is dropped.
struct Files(TempDir);

impl Files {
    fn new() -> Result<Self, VmmError> {
        let folder = tempfile::Builder::new()
            .prefix("sev-launch-agent.")
            .permissions(Permissions::from_mode(0o700))
            .tempdir();
        folder.map(Self).map_err(not_written)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, VmmError> {
        let path = self.0.path().join(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let written = file.and_then(|mut file: File| file.write_all(bytes));
        written.map(|()| path).map_err(not_written)
    }
}

fn not_written(error: io::Error) -> VmmError {
    let detail = format!("a file for virsh cannot be written: {error}");
    VmmError::Unreachable { vmm: LIBVIRT, detail }
}
