//! Whom the guest belongs to: the attestation service that decides, or a folder of files that somebody carries there and back.

use sev_launch_client::Client;
use sev_launch_protocol::launch::{
    Acknowledgement, Injection, LaunchAnswer, LaunchRequest, ValidateAnswer, ValidateRequest,
};
use sev_launch_protocol::problem::Refusal;
use sev_launch_protocol::text::{Label, LaunchId, VmId};

/// Why an owner's side gives no answer that lets a launch go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OwnerError {
    /// It said no.
    #[error(transparent)]
    No(#[from] Box<Refused>),
    /// It does not answer. The same request may be sent again.
    #[error("{0}")]
    Silent(String),
    /// What answers is not it, or not understood, and asking again would not help.
    #[error("{0}")]
    Unusable(String),
}

/// A no, with the client's words around it.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct Refused {
    /// The service's own.
    pub refusal: Refusal,
    /// For people.
    pub text: String,
}

impl From<sev_launch_client::Error> for OwnerError {
    fn from(error: sev_launch_client::Error) -> Self {
        let text = error.to_string();
        match error {
            // What may be otherwise the next time is no no.
            sev_launch_client::Error::Refused(refusal)
                if refusal.retryable || refusal.status >= 500 =>
            {
                Self::Silent(text)
            }
            sev_launch_client::Error::Refused(refusal) => {
                Self::No(Box::new(Refused { refusal: *refusal, text }))
            }
            sev_launch_client::Error::Unreachable { .. } => Self::Silent(text),
            _ => Self::Unusable(text),
        }
    }
}

/// What the host asks of an owner, for one guest.
pub trait Owner {
    /// What people are told before it is asked for a session: it may take long.
    fn asks_for_session(&self) -> String {
        "asking the owner for a session".into()
    }

    /// What they are told before it is shown the measurement; empty where it takes no time.
    fn asks_for_verdict(&self) -> String {
        String::new()
    }

    /// Asks for a session. The same `key` with the same request is one launch.
    ///
    /// # Errors
    ///
    /// [`OwnerError`], as of every request here.
    fn launch(&self, request: &LaunchRequest, key: &str) -> Result<LaunchAnswer, OwnerError>;

    /// Shows a measurement. The same request again gets the same answer, for a while. Where the answer may take long, `still_there` is asked now and then
    /// whether there is a guest that it would be of use to.
    ///
    /// # Errors
    ///
    /// [`OwnerError`].
    fn validate(
        &self,
        request: &ValidateRequest,
        still_there: &mut dyn FnMut() -> bool,
    ) -> Result<ValidateAnswer, OwnerError>;

    /// Says what became of the packet; `error` is the VMM's words where it did not take it.
    ///
    /// # Errors
    ///
    /// [`OwnerError`].
    fn acknowledge(
        &self,
        launch: LaunchId,
        result: Injection,
        error: Option<&str>,
    ) -> Result<(), OwnerError>;

    /// Gives a launch up: its keys are destroyed.
    ///
    /// # Errors
    ///
    /// [`OwnerError`].
    fn give_up(&self, launch: LaunchId) -> Result<(), OwnerError>;
}

/// A guest at a service.
#[derive(Debug)]
pub struct AtService {
    /// The service.
    pub client: Client,
    /// The guest's name there.
    pub vmid: VmId,
}

impl Owner for AtService {
    fn launch(&self, request: &LaunchRequest, key: &str) -> Result<LaunchAnswer, OwnerError> {
        Ok(self.client.launch(self.vmid, request, key)?)
    }

    fn validate(
        &self,
        request: &ValidateRequest,
        _: &mut dyn FnMut() -> bool,
    ) -> Result<ValidateAnswer, OwnerError> {
        Ok(self.client.validate(self.vmid, request)?)
    }

    fn acknowledge(
        &self,
        launch: LaunchId,
        result: Injection,
        error: Option<&str>,
    ) -> Result<(), OwnerError> {
        let acknowledgement = acknowledgement(result, error);
        Ok(self.client.acknowledge(self.vmid, launch, &acknowledgement)?)
    }

    fn give_up(&self, launch: LaunchId) -> Result<(), OwnerError> {
        Ok(self.client.revoke(self.vmid, launch)?)
    }
}

pub(crate) fn acknowledgement(result: Injection, error: Option<&str>) -> Acknowledgement {
    let words = error.map(|words| {
        // As many as a label has room for, in bytes.
        let mut room = Label::MOST;
        let printable = words.chars().map(|c| if c.is_control() { ' ' } else { c });
        let fits = printable.take_while(|c| {
            let fits = c.len_utf8() <= room;
            room = room.saturating_sub(c.len_utf8());
            fits
        });
        fits.collect::<String>()
    });
    // What is no label is not said: the result counts.
    let error: Option<Label> = words.and_then(|words| words.trim().parse().ok());
    Acknowledgement { result, error }
}
