//! An owner without a service: a folder of files that somebody carries to the owner and back.
//!
//! Each step has its file twice: in the protocol's own JSON, for whoever hands it to a service elsewhere, and as the files that
//! `sev-launch session` and `sev-launch verify` take and write.
//!
//! | the agent writes | and waits for |
//! |---|---|
//! | `launch-request.json`; `platform.chain` (PDH, PEK, OCA and CEK, 8336 bytes) | `launch-answer.json`; or `vm_godh.b64` and `vm_session.b64` |
//! | `validate-request.json`; `evidence.txt` (QMP's answers to `query-sev` and `query-sev-launch-measure`) | `validate-answer.json`; or `header.b64` and `payload.b64` |
//! | `acknowledgement.json`, or `given-up.json` where the launch is over before | |

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sev_launch_protocol::launch::{
    Injection, LaunchAnswer, LaunchRequest, ValidateAnswer, ValidateRequest,
};
use sev_launch_protocol::registration::Scheme;
use sev_launch_protocol::text::{Blob, Exact, LaunchId, Time};

use crate::owner::{Owner, OwnerError, acknowledgement};
use crate::regular;

/// The longest file that is read, in bytes.
const MOST: u64 = 1 << 20;
/// How often the folder is looked at.
const PAUSE: Duration = Duration::from_millis(500);
/// And at every so many looks at the guest, which takes longer.
const GUEST: u32 = 4;
/// A payload that is the same for so long is whole.
const STEADY: Duration = Duration::from_secs(2);
/// A file that is being written is whole after so many looks.
const LOOKS: u32 = 8;

/// A folder of files.
#[derive(Clone, Debug)]
pub struct Offline {
    /// The folder; it is there.
    pub folder: PathBuf,
    /// The policy, where the owner's answer is a session alone, which does not say it.
    pub policy: Option<u32>,
    /// How long an answer is waited for.
    pub patience: Duration,
}

/// What is found in the place of an answer.
enum Found<T> {
    Nothing,
    /// It may be written at this moment.
    Unread(String),
    Answer(T),
}

impl Offline {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes a file whole.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), OwnerError> {
        let path = self.path(name);
        let written = tempfile::NamedTempFile::new_in(&self.folder).and_then(|mut file| {
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            // The owner's people, who carry it away, may be others.
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
            file.as_file().set_permissions(mode)?;
            file.persist(&path).map_err(|error| error.error).map(drop)
        });
        written.map_err(|error| OwnerError::Unusable(format!("{}: {error}", path.display())))
    }

    fn put_json(&self, name: &str, value: &impl Serialize) -> Result<(), OwnerError> {
        let mut bytes = serde_json::to_vec_pretty(value)
            .map_err(|error| OwnerError::Unusable(error.to_string()))?;
        bytes.push(b'\n');
        self.put(name, &bytes)
    }

    /// Looks again and again until there is an answer.
    fn wait<T>(
        &self,
        names: &str,
        still_there: &mut dyn FnMut() -> bool,
        look: impl Fn() -> Found<T>,
    ) -> Result<T, OwnerError> {
        let begun = Instant::now();
        let mut unread = 0;
        for number in 1_u32.. {
            if number % GUEST == 0 && !still_there() {
                return Err(OwnerError::Unusable(
                    "the guest is gone while its owner was waited for".into(),
                ));
            }
            match look() {
                Found::Answer(answer) => return Ok(answer),
                Found::Unread(why) if unread == LOOKS => return Err(OwnerError::Unusable(why)),
                Found::Unread(_) => unread += 1,
                Found::Nothing => unread = 0,
            }
            if begun.elapsed() >= self.patience {
                let seconds = self.patience.as_secs();
                let folder = self.folder.display();
                return Err(OwnerError::Unusable(format!(
                    "{folder}: neither {names} came within {seconds} s"
                )));
            }
            std::thread::sleep(PAUSE);
        }
        Err(OwnerError::Unusable(format!("{}: no answer came", self.folder.display())))
    }

    fn read(&self, name: &str) -> Found<Vec<u8>> {
        match regular::read(&self.path(name), MOST) {
            Ok(bytes) => Found::Answer(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Found::Nothing,
            Err(error) => Found::Unread(format!("{}: {error}", self.path(name).display())),
        }
    }

    fn read_json<T: DeserializeOwned>(&self, name: &str) -> Found<T> {
        match self.read(name) {
            Found::Answer(bytes) => match serde_json::from_slice(&bytes) {
                Ok(value) => Found::Answer(value),
                Err(error) => Found::Unread(format!("{}: {error}", self.path(name).display())),
            },
            Found::Nothing => Found::Nothing,
            Found::Unread(why) => Found::Unread(why),
        }
    }

    /// Two files of base64.
    fn read_two(&self, names: [&str; 2], size: [Option<usize>; 2]) -> Found<[Vec<u8>; 2]> {
        let mut both = [Vec::new(), Vec::new()];
        for ((to, name), size) in both.iter_mut().zip(names).zip(size) {
            let bytes = match self.read(name) {
                Found::Answer(bytes) => bytes,
                Found::Nothing => return Found::Nothing,
                Found::Unread(why) => return Found::Unread(why),
            };
            let path = self.path(name);
            match STANDARD.decode(bytes.trim_ascii()) {
                Ok(bytes) if size.is_none_or(|size| bytes.len() == size) => *to = bytes,
                Ok(bytes) => {
                    let wanted = size.unwrap_or_default();
                    let found = bytes.len();
                    return Found::Unread(format!(
                        "{}: {found} bytes, wanted {wanted}",
                        path.display()
                    ));
                }
                Err(error) => {
                    return Found::Unread(format!("{}: no base64: {error}", path.display()));
                }
            }
        }
        Found::Answer(both)
    }

    /// A packet. A payload says nothing of its length, so it has to be the same for a while: a copy that is on its way grows.
    fn packet(&self) -> Found<[Vec<u8>; 2]> {
        let look = || self.read_two(["header.b64", "payload.b64"], [Some(52), None]);
        let first = look();
        let Found::Answer([_, payload]) = &first else { return first };
        if payload.is_empty() || payload.len() % 16 != 0 {
            let (path, found) = (self.path("payload.b64"), payload.len());
            let path = path.display();
            return Found::Unread(format!("{path}: {found} bytes, wanted blocks of 16"));
        }
        std::thread::sleep(STEADY);
        match (first, look()) {
            (Found::Answer(first), Found::Answer(second)) if first == second => {
                Found::Answer(second)
            }
            _ => Found::Nothing,
        }
    }

    /// The answers that would be taken for those of a launch that begins now.
    const ANSWERS: [&str; 6] = [
        "launch-answer.json",
        "vm_godh.b64",
        "vm_session.b64",
        "validate-answer.json",
        "header.b64",
        "payload.b64",
    ];

    fn session(&self, [godh, blob]: [Vec<u8>; 2]) -> Result<LaunchAnswer, OwnerError> {
        let policy = self.policy.ok_or_else(|| {
            OwnerError::Unusable("a session does not say its policy: name it, as policy=… of the sev-guest object, or with --policy".into())
        })?;
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| OwnerError::Unusable(error.to_string()))?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = Time::from_millis(u64::try_from(now.as_millis()).unwrap_or_default());
        let patience = u64::try_from(self.patience.as_millis()).unwrap_or(u64::MAX);
        Ok(LaunchAnswer {
            launch_id: LaunchId::from_random(random),
            // Bit 2 of the policy: SEV-ES. [SEV-API, guest policy structure]
            scheme: if policy & 4 == 0 { Scheme::AmdSev } else { Scheme::AmdSevEs },
            session: Some(Blob(blob)),
            owner_cert: Some(Blob(godh)),
            nonce: None,
            policy: policy.into(),
            kernel_hashes: None,
            expires_at: now.after(patience),
            simulated: false,
        })
    }
}

impl Owner for Offline {
    fn asks_for_session(&self) -> String {
        format!(
            "writing platform.chain and launch-request.json into {}, and waiting there for vm_godh.b64 and vm_session.b64, or launch-answer.json",
            self.folder.display()
        )
    }

    fn asks_for_verdict(&self) -> String {
        format!(
            "writing evidence.txt and validate-request.json into {}, and waiting there for header.b64 and payload.b64, or validate-answer.json; the guest stands still",
            self.folder.display()
        )
    }

    fn launch(&self, request: &LaunchRequest, _: &str) -> Result<LaunchAnswer, OwnerError> {
        if let Some(name) = Self::ANSWERS.iter().find(|name| self.path(name).exists()) {
            let path = self.path(name);
            return Err(OwnerError::Unusable(format!(
                "{} is there before it was asked for: each launch has a folder of its own",
                path.display()
            )));
        }
        // A guest of SEV-SNP shows none.
        if let (Some(pdh), Some(chain)) = (&request.pdh, &request.cert_chain) {
            self.put("platform.chain", &[&pdh.0[..], &chain.0].concat())?;
        }
        self.put_json("launch-request.json", request)?;
        let names = "launch-answer.json nor vm_godh.b64 and vm_session.b64";
        self.wait(names, &mut || true, || match self.read_json("launch-answer.json") {
            Found::Nothing => {
                let names = ["vm_godh.b64", "vm_session.b64"];
                match self.read_two(names, [Some(2084), Some(128)]) {
                    Found::Answer(both) => Found::Answer(self.session(both)),
                    Found::Nothing => Found::Nothing,
                    Found::Unread(why) => Found::Unread(why),
                }
            }
            Found::Answer(answer) => Found::Answer(Ok(answer)),
            Found::Unread(why) => Found::Unread(why),
        })?
    }

    fn validate(
        &self,
        request: &ValidateRequest,
        still_there: &mut dyn FnMut() -> bool,
    ) -> Result<ValidateAnswer, OwnerError> {
        let data = request.measurement.map(|measurement| STANDARD.encode(measurement.0));
        let query = json!({ "return": {
            "enabled": true, "api-major": request.api_major, "api-minor": request.api_minor,
            "build-id": request.build_id, "policy": request.policy, "state": "launch-secret", "handle": 1,
        } });
        let evidence = format!("{query}\n{}\n", json!({ "return": { "data": data } }));
        if data.is_some() {
            self.put("evidence.txt", evidence.as_bytes())?;
        }
        self.put_json("validate-request.json", request)?;
        let names = "validate-answer.json nor header.b64 and payload.b64";
        self.wait(names, still_there, || match self.read_json("validate-answer.json") {
            Found::Nothing => {
                let both = self.packet();
                match (both, request.launch_id) {
                    (Found::Answer([header, table]), Some(launch_id)) => {
                        Found::Answer(ValidateAnswer {
                            launch_id,
                            verdict: None,
                            launch_state: None,
                            retry_after: None,
                            secret_header: header.try_into().ok().map(Exact),
                            secret_table: Some(Blob(table)),
                            report_only: false,
                            simulated: false,
                        })
                    }
                    (Found::Unread(why), _) => Found::Unread(why),
                    _ => Found::Nothing,
                }
            }
            found => found,
        })
    }

    fn acknowledge(
        &self,
        launch: LaunchId,
        result: Injection,
        error: Option<&str>,
    ) -> Result<(), OwnerError> {
        let acknowledgement = acknowledgement(result, error);
        let told = json!({ "launch-id": launch, "result": acknowledgement.result, "error": acknowledgement.error });
        self.put_json("acknowledgement.json", &told)
    }

    fn give_up(&self, launch: LaunchId) -> Result<(), OwnerError> {
        self.put_json("given-up.json", &json!({ "launch-id": launch }))
    }
}

/// A folder for a launch: made if it is not there. Whoever can write into it decides about the guest, so that is this user, or root, alone.
///
/// # Errors
///
/// It is none, cannot be made, or others can write into it.
pub fn folder(path: &Path) -> std::io::Result<PathBuf> {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
    // Whatever this user's mask is.
    std::fs::DirBuilder::new().recursive(true).mode(0o755).create(path)?;
    let metadata = path.metadata()?;
    let own = rustix::process::geteuid().as_raw();
    if metadata.mode() & 0o022 != 0 || ![own, 0].contains(&metadata.uid()) {
        let text =
            "others than this user can write into it, and so decide about the guest (chmod go-w)";
        return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, text));
    }
    path.canonicalize()
}
