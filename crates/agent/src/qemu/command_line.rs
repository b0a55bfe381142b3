//! The user's own QEMU command line, and the same with the owner's session in it.
//!
//! Defined by [QEMU, SevGuestProperties] in `qapi/qom.json`. The session's two files, and what belongs to them (policy, kernel-hashes, the place of the C-bit), are
//! added to the object behind its own keys; `-S` and a monitor are added behind the last word. All other words stay as they are, byte for byte and in
//! order. Where the line says something else than the owner or the host, it is refused and not corrected: nobody is to find out later what was started.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use sev_launch_description::import::qemu;
use sev_launch_protocol::text::VmId;

use super::object::{Added, Keys, escaped};
use super::options::{self, Found};
use crate::started::Started;
use crate::vmm::{Host, Session, VmmError};

/// The most bytes of a Unix socket's path. [Linux, sockaddr_un: 108 with a NUL]
const MOST_PATH: usize = 107;

/// The owner's session, as files of base64 text, which is how QEMU takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The owner's Diffie-Hellman certificate: QEMU's `dh-cert-file`.
    pub godh: PathBuf,
    /// The session blob: QEMU's `session-file`.
    pub blob: PathBuf,
}

/// A command line that starts a guest of SEV or SEV-ES, and that a session can be put into.
#[derive(Clone, Debug)]
pub struct CommandLine {
    words: Vec<OsString>,
    /// The place of the emulator; a wrapper's words may stand before it.
    emulator: usize,
    /// The place of the object's value.
    object: usize,
    keys: Keys,
    has_kernel: bool,
    has_stop: bool,
    uuid: Option<VmId>,
}

/// Options with which a session makes no sense, and why.
const REFUSED: [(&str, &str); 4] = [
    (
        "incoming",
        "the guest is launched where it comes from, and this host has no launch to measure; start it there with the owner's session",
    ),
    (
        "loadvm",
        "a snapshot's memory would take the place of what was measured; start the guest without it",
    ),
    (
        "daemonize",
        "the VMM is waited for and ended as a process in the foreground, and one in the background is lost; put this command itself into the background",
    ),
    (
        "preconfig",
        "no machine is made and nothing launched until somebody says x-exit-preconfig; leave it out",
    ),
];

impl CommandLine {
    /// Reads a command's words, the program first; before QEMU's own program a wrapper's words may stand, as `sev-launch rehearse … --`.
    ///
    /// # Errors
    ///
    /// [`VmmError::Description`], with what to do: where there is not exactly one `-object sev-guest`, or the machine does not name it as its
    /// `confidential-guest-support`; for an SNP guest; for `-incoming`, `-loadvm`, `-daemonize` and `-preconfig`; for an option without its value.
    pub fn parse(words: &[OsString]) -> Result<Self, VmmError> {
        let emulator = options::emulator(words)?;
        let found = options::read(words, emulator)?;
        for (name, why) in REFUSED {
            if found.iter().any(|option| option.name == name) {
                return refused(format!("-{name}: {why}"));
            }
        }
        let machine = Machine::read(&found)?;
        let (object, keys) = the_object(&found, &machine)?;
        // QEMU takes an empty name for none. [QEMU, x86_load_linux]
        let kernel = found.iter().rev().find(|option| option.name == "kernel");
        let has_kernel =
            kernel.and_then(|option| option.value).is_some_and(|(_, name)| !name.is_empty());
        let has_kernel = has_kernel || machine.has_kernel;
        let has_stop = found.iter().any(|option| option.name == "S");
        let uuid = found.iter().rev().find(|option| option.name == "uuid");
        let uuid = uuid.and_then(|option| option.value?.1.to_str()?.parse().ok());
        let words = words.to_vec();
        Ok(Self { words, emulator, object, keys, has_kernel, has_stop, uuid })
    }

    /// The guest's UUID, where `-uuid` says one.
    #[must_use]
    pub fn uuid(&self) -> Option<VmId> {
        self.uuid
    }

    /// The policy that the line says.
    ///
    /// # Errors
    ///
    /// [`VmmError::Description`]: what it says is no policy.
    pub fn policy(&self) -> Result<Option<u32>, VmmError> {
        self.keys.number("policy").map_err(|error| wrong(&error))
    }

    /// Has it a kernel that would be started without being measured, if the owner does not say that it is?
    #[must_use]
    pub fn has_unmeasured_kernel(&self) -> bool {
        self.has_kernel && !matches!(self.keys.switch("kernel-hashes"), Ok(Some(true)))
    }

    /// Looks for what no session could be put into, before one is asked for.
    ///
    /// # Errors
    ///
    /// [`VmmError::Description`], as of [`with_session`](Self::with_session).
    pub fn check(&self) -> Result<(), VmmError> {
        for key in ["dh-cert-file", "session-file"] {
            if self.keys.has(key) {
                return refused(format!(
                    "-object sev-guest,{key}=…: the session comes from the owner, leave it out"
                ));
            }
        }
        self.policy()?;
        for key in ["cbitpos", "reduced-phys-bits"] {
            self.keys.number(key).map_err(|error| wrong(&error))?;
        }
        self.keys.switch("kernel-hashes").map_err(|error| wrong(&error)).map(drop)
    }

    /// The words up to and with the emulator: those that start it without a guest.
    #[must_use]
    pub fn emulator(&self) -> &[OsString] {
        self.words.get(..=self.emulator).unwrap_or(&self.words)
    }

    /// The command line with the owner's session: the two files, and where the line does not say them the policy, kernel-hashes, and the place of the C-bit
    /// with the bits that are lost; then `-S`, and a monitor of its own that listens at this path.
    ///
    /// A host that says 0 for the C-bit has none (QEMU asks the processor, and a rehearsal has another): what the line says of it is left to QEMU.
    /// Of the bits that are lost QEMU takes any number from 1 on, so a line may say another than the host.
    ///
    /// # Errors
    ///
    /// [`VmmError::Description`], with both values: a line with a session of its own, with another policy or kernel-hashes than the owner's, with another
    /// place of the C-bit than the host's, or without `-kernel` where the owner wants its hash; a path that QEMU cannot take.
    pub fn with_session(
        &self,
        session: &Session,
        host: &Host,
        files: &Files,
        monitor: &Path,
    ) -> Result<Vec<OsString>, VmmError> {
        let mut added = Vec::new();
        self.check()?;
        self.add_policy(session.policy, &mut added)?;
        self.add_kernel_hashes(session.kernel_hashes, &mut added)?;
        self.add_bits(host, &mut added)?;
        added.push(("dh-cert-file", Added::File(&files.godh)));
        added.push(("session-file", Added::File(&files.blob)));

        let mut words = self.words.clone();
        if let Some(object) = words.get_mut(self.object) {
            let with = self.keys.with(object, &added);
            *object = with.map_err(|error| wrong(&error))?;
        }
        if !self.has_stop {
            words.push("-S".into());
        }
        words.push("-qmp".into());
        words.push(monitor_of_its_own(monitor)?);
        Ok(words)
    }

    /// What this line would start, as far as it is known, with the files that it names as they are now.
    #[must_use]
    pub fn started(&self) -> Started {
        let words = self.words.iter().skip(self.emulator);
        let words: Vec<_> = words.map(|word| word.as_bytes().to_vec()).collect();
        match qemu::from_argv(&words, "the command line") {
            Ok(import) => Started::described(&import.description),
            Err(_) => Started::default(),
        }
    }

    fn add_policy(&self, policy: u32, added: &mut Vec<(&str, Added<'_>)>) -> Result<(), VmmError> {
        match self.keys.number("policy").map_err(|error| wrong(&error))? {
            None => added.push(("policy", Added::Hex(policy))),
            Some(said) if said == policy => {}
            Some(said) => {
                return refused(format!(
                    "-object sev-guest,policy={said:#x}: the owner's policy is {policy:#x}, and the session holds for no other; write that, or leave the key out"
                ));
            }
        }
        Ok(())
    }

    fn add_kernel_hashes(
        &self,
        wanted: Option<bool>,
        added: &mut Vec<(&str, Added<'_>)>,
    ) -> Result<(), VmmError> {
        let key = "kernel-hashes";
        let said = self.keys.switch(key).map_err(|error| wrong(&error))?;
        match (wanted, said) {
            (Some(true), _) if !self.has_kernel => refused(
                "the owner wants the kernel's hash measured (kernel-hashes), and the line has no -kernel",
            ),
            (Some(true), None) => {
                added.push((key, Added::Switch(true)));
                Ok(())
            }
            (Some(wanted), Some(said)) if wanted != said => {
                let (wanted, said) = (on_or_off(wanted), on_or_off(said));
                refused(format!(
                    "-object sev-guest,{key}={said}: the owner says {wanted}; write that, or leave the key out"
                ))
            }
            // Off is QEMU's default, and releases before 6.2 do not know the key.
            _ => Ok(()),
        }
    }

    fn add_bits(&self, host: &Host, added: &mut Vec<(&str, Added<'_>)>) -> Result<(), VmmError> {
        let said = self.keys.number("cbitpos").map_err(|error| wrong(&error))?;
        match (said, host.cbitpos) {
            (_, 0) => {}
            (None, place) => added.push(("cbitpos", Added::Number(place))),
            (Some(said), place) if said == place => {}
            (Some(said), place) => {
                return refused(format!(
                    "-object sev-guest,cbitpos={said}: the C-bit of this host is at {place}; write that, or leave the key out"
                ));
            }
        }
        let key = "reduced-phys-bits";
        if self.keys.number(key).map_err(|error| wrong(&error))?.is_none() {
            added.push((key, Added::Number(host.reduced_phys_bits)));
        }
        Ok(())
    }
}

/// What the machine says of it.
#[derive(Default)]
struct Machine {
    /// The object that encrypts its memory.
    object: Option<String>,
    has_kernel: bool,
}

impl Machine {
    fn read(found: &[Found<'_>]) -> Result<Self, VmmError> {
        let mut machine = Self::default();
        let (mut new, mut old) = (None, None);
        for (_, value) in values(found, &["machine", "M"]) {
            let keys = Keys::read(value, "type")
                .map_err(|error| VmmError::Description(format!("-machine: {error}")))?;
            let text = |key: &str| keys.text(key).map(str::to_owned);
            new = text("confidential-guest-support").or(new);
            old = text("memory-encryption").or(old);
            if let Some(kernel) = keys.text("kernel") {
                machine.has_kernel = !kernel.is_empty();
            }
        }
        if let (Some(new), Some(old)) = (&new, &old)
            && new != old
        {
            return refused(format!(
                "-machine has confidential-guest-support={new} and memory-encryption={old}, which is the same key's old name: leave the old one out"
            ));
        }
        machine.object = new.or(old);
        Ok(machine)
    }
}

/// The place of the only SEV object's value, and what it says.
fn the_object(found: &[Found<'_>], machine: &Machine) -> Result<(usize, Keys), VmmError> {
    let mut guests = Vec::new();
    for (at, value) in values(found, &["object"]) {
        let keys = Keys::read(value, "qom-type")
            .map_err(|error| VmmError::Description(format!("-object: {error}")))?;
        match keys.text("qom-type") {
            Some("sev-guest") => guests.push((at, keys)),
            Some("sev-snp-guest") => {
                return refused(
                    "-object sev-snp-guest: an SNP guest takes no session and no launch secret; it fetches its own report when it runs (sev-launch report fetch)",
                );
            }
            _ => {}
        }
    }
    let count = guests.len();
    let mut guests = guests.into_iter();
    let (Some((at, keys)), None) = (guests.next(), guests.next()) else {
        return refused(match count {
            0 => "the line has no -object sev-guest: wanted -object sev-guest,id=sev0 and -machine …,confidential-guest-support=sev0".to_owned(),
            _ => format!("the line has {count} times -object sev-guest, wanted one"),
        });
    };
    let Some(id) = keys.text("id") else {
        return refused("-object sev-guest has no id that is text: wanted one, as id=sev0");
    };
    match &machine.object {
        None => refused(format!(
            "-machine has no confidential-guest-support, so QEMU would start the guest without SEV: wanted -machine …,confidential-guest-support={id}"
        )),
        Some(named) if named != id => refused(format!(
            "-machine names the object {named} as its confidential-guest-support, and the one of -object sev-guest is {id}"
        )),
        Some(_) => Ok((at, keys)),
    }
}

fn values<'a>(
    found: &'a [Found<'a>],
    names: &'a [&'a str],
) -> impl Iterator<Item = (usize, &'a OsStr)> {
    found.iter().filter(|option| names.contains(&option.name)).filter_map(|option| option.value)
}

/// The value of `-qmp` for a Unix socket that QEMU makes at this path and that it does not wait at.
///
/// # Errors
///
/// [`VmmError::Description`] for a path that is too long for a socket.
pub(super) fn monitor_of_its_own(path: &Path) -> Result<OsString, VmmError> {
    let path = path.as_os_str().as_bytes();
    if path.is_empty() || path.len() > MOST_PATH {
        return refused(format!(
            "the monitor's path has {} bytes, wanted 1 to {MOST_PATH}, which is all that a Unix socket has room for: {}",
            path.len(),
            path.escape_ascii()
        ));
    }
    // Without its key, a path with an equals sign would be taken for another key.
    let key: &[u8] = if path.contains(&b'=') { b"unix:path=" } else { b"unix:" };
    Ok(OsString::from_vec([key, &escaped(path), b",server=on,wait=off"].concat()))
}

fn on_or_off(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

fn wrong(error: &str) -> VmmError {
    VmmError::Description(format!("-object sev-guest: {error}"))
}

fn refused<T>(text: impl Into<String>) -> Result<T, VmmError> {
    Err(VmmError::Description(text.into()))
}

#[cfg(test)]
mod tests;
