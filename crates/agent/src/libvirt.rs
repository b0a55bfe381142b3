//! SEV and SEV-ES guests of libvirt: a domain that is defined is started with a session, paused, and handled from there as every guest is.
//!
//! All goes through `virsh` ([`Virsh`]); no library of libvirt's is loaded. The domain's stored definition is read and not changed: the session is put into a copy of
//! it ([`with_session`]), which becomes the live definition of this one start [libvirt, virsh, create]. When the guest ends the copy is gone, and so is its session.
//!
//! A domain that already runs is refused before anything is done. One that somebody else starts at the same moment is refused by libvirt.

mod answer;
mod call;
mod domain_xml;
mod security;
mod started;
mod virsh;

use zeroize::Zeroizing;

pub use self::domain_xml::{Identity, identity, session, with_session};
pub use self::started::started;
pub use self::virsh::{Definition, DomainState, Virsh};
use crate::vmm::{Guest, Host, Measured, Session, Started, State, VmmError};

/// A host's libvirt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Libvirt {
    /// How it is reached.
    pub virsh: Virsh,
}

impl Libvirt {
    /// What the host shows of its platform.
    ///
    /// # Errors
    ///
    /// [`VmmError`], as [`Virsh::host`] has it.
    pub fn host(&self) -> Result<Host, VmmError> {
        self.virsh.host()
    }

    /// The stored XML of a domain by its name or UUID, with its passwords, and who it is.
    ///
    /// # Errors
    ///
    /// [`VmmError`]; `Description` too where libvirt took the name for something else: it takes a number for the id of a running domain.
    pub fn describe(&self, domain: &str) -> Result<(Zeroizing<String>, Identity), VmmError> {
        let xml = self.virsh.xml(domain, Definition::Stored)?;
        let identity = identity(&xml)?;
        let is_uuid = domain.eq_ignore_ascii_case(&identity.uuid.to_string());
        if !is_uuid && domain != identity.name {
            return Err(VmmError::Description(format!(
                "libvirt takes {domain:?} for the domain {:?} with UUID {}: name it by its UUID",
                identity.name, identity.uuid
            )));
        }
        Ok((xml, identity))
    }

    /// Is a domain shut off, so that it can be started? Whoever is about to ask for a session asks this first.
    ///
    /// # Errors
    ///
    /// [`VmmError`]; `Description` where it runs already, or is gone since its XML was read.
    pub fn check_off(&self, identity: &Identity) -> Result<(), VmmError> {
        let name = &identity.name;
        match self.virsh.state(&identity.uuid.to_string())? {
            Some(DomainState { state, .. }) if state == "shut off" => Ok(()),
            Some(DomainState { state, .. }) => Err(VmmError::Description(format!(
                "the domain {name:?} is {state}: a guest is attested when it is started, so shut it off first"
            ))),
            None => Err(VmmError::Description(format!(
                "the domain {name:?} is gone since its XML was read"
            ))),
        }
    }

    /// Starts a domain by its name or UUID with a session, paused before its first instruction.
    ///
    /// Nothing is left behind by an error, as far as libvirt can be reached: a start whose outcome is not known is looked for by its session, and ended.
    ///
    /// # Errors
    ///
    /// [`VmmError`]; `Description` where the domain runs already, or its XML cannot have this session ([`with_session`]).
    pub fn start(&self, domain: &str, session: &Session, host: &Host) -> Result<Domain, VmmError> {
        let (xml, identity) = self.describe(domain)?;
        self.check_off(&identity)?;
        let uuid = identity.uuid.to_string();
        let xml = Zeroizing::new(with_session(&xml, session, host)?);
        let domain = Domain::attached(self.virsh.clone(), uuid, session.blob.clone());
        match self.virsh.create(&xml) {
            Ok(()) => Ok(domain),
            Err(error @ VmmError::Unreachable { .. }) => {
                // The first error is the one to tell.
                let _ = domain.end_own();
                Err(error)
            }
            Err(error) => Err(error),
        }
    }
}

/// A domain that was started with a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    virsh: Virsh,
    uuid: String,
    /// The session blob: no other start has the same.
    session: Vec<u8>,
    /// Was it let run from here?
    has_run: bool,
}

impl Domain {
    /// A domain that was started before, by its UUID and the session blob that it was started with (128 bytes). Nothing is asked of libvirt yet.
    ///
    /// Where the domain runs with another session, this one is [`State::Gone`]. That a guest has run and was paused again is not seen.
    #[must_use]
    pub fn attached(virsh: Virsh, uuid: String, session: Vec<u8>) -> Self {
        Self { virsh, uuid, session, has_run: false }
    }

    /// Its UUID.
    #[must_use]
    pub fn uuid(&self) -> &str {
        &self.uuid
    }

    /// What was started, as the live XML and the files that it names have it.
    ///
    /// # Errors
    ///
    /// [`VmmError`] where there is no XML of it.
    pub fn started(&self) -> Result<Started, VmmError> {
        Ok(started(&self.virsh.xml(&self.uuid, Definition::Live)?))
    }

    /// Ends it, if it is there.
    fn end_own(&self) -> Result<(), VmmError> {
        if matches!(self.stands()?, State::Gone) {
            return Ok(());
        }
        match self.virsh.destroy(&self.uuid) {
            // It ended by itself in the meantime.
            Err(VmmError::Refused { .. }) if matches!(self.stands()?, State::Gone) => Ok(()),
            result => result,
        }
    }

    /// How it stands. Where somebody has started the domain again since, with another session or none, it is gone.
    fn stands(&self) -> Result<State, VmmError> {
        let state = self.of_state()?;
        if matches!(state, State::Gone) {
            return Ok(state);
        }
        let xml = match self.virsh.xml(&self.uuid, Definition::Live) {
            // It is transient, and ended in the meantime.
            Err(VmmError::Refused { words, .. }) if answer::is_unknown(&words) => {
                return Ok(State::Gone);
            }
            xml => xml?,
        };
        let is_own = session(&xml).as_ref() == Some(&self.session);
        Ok(if is_own { state } else { State::Gone })
    }

    /// What libvirt's word for its state means.
    fn of_state(&self) -> Result<State, VmmError> {
        let Some(DomainState { state, reason }) = self.virsh.state(&self.uuid)? else {
            return Ok(State::Gone);
        };
        // [libvirt, tools/virsh-domain-monitor.c, virshDomainState and virshDomainPausedReason]
        match (&*state, &*reason) {
            ("shut off" | "crashed", _) => Ok(State::Gone),
            // Every other reason is that of a guest which has run.
            ("paused", "user" | "starting up" | "unknown" | "") if !self.has_run => {
                Ok(State::Waiting)
            }
            ("paused" | "running" | "idle" | "in shutdown" | "pmsuspended", _) => {
                Ok(State::Running)
            }
            _ => answer::strange("domstate", format!("{state:?} is no state that is known")),
        }
    }
}

impl Guest for Domain {
    fn measured(&mut self) -> Result<Measured, VmmError> {
        self.virsh.measured(&self.uuid)
    }

    fn inject(&mut self, header: &[u8; 52], table: &[u8]) -> Result<(), VmmError> {
        self.virsh.inject(&self.uuid, header, table)
    }

    fn run(&mut self) -> Result<(), VmmError> {
        let result = self.virsh.resume(&self.uuid);
        // Where it is not known, it may have.
        self.has_run |= !matches!(result, Err(VmmError::Refused { .. } | VmmError::Description(_)));
        result
    }

    fn state(&mut self) -> Result<State, VmmError> {
        self.stands()
    }

    fn end(&mut self) -> Result<(), VmmError> {
        self.end_own()
    }
}
