//! Secrets as the guest receives them: each an entry of its table, with a GUID and the bytes of a file.
//!
//! A secret comes out of a file or of standard input, never out of the command line, which every user of a machine can read.

use std::path::Path;

use anyhow::{Context as _, bail};
use sev_launch_abi::Guid;
use sev_launch_protocol::secret::SecretEntry;
use sev_launch_verify::sev::secret::LUKS_PASSPHRASE;

use crate::files;

/// The forms, for help and errors.
const FORMS: &str = "wanted luks-key:FILE or GUID:FILE, and - for FILE is standard input";

/// A secret that was read, and what is worth a thought of it.
#[derive(Debug)]
pub struct Read {
    /// The entry.
    pub entry: SecretEntry,
    /// A sentence, if there is one.
    pub warning: Option<String>,
}

/// Reads a secret of the form `luks-key:FILE` or `GUID:FILE`: the file's bytes, line ends included.
///
/// # Errors
///
/// Another form, whose text is not quoted, since it could be the secret itself; a file that cannot be read, is empty, or has more
/// than 1 MiB.
pub fn read(text: &str) -> anyhow::Result<Read> {
    let (name, path) = text.split_once(':').with_context(|| format!("--secret: {FORMS}"))?;
    let guid: Guid = match name {
        "luks-key" => LUKS_PASSPHRASE,
        name => name
            .parse()
            .ok()
            .with_context(|| format!("--secret: no GUID before the colon; {FORMS}"))?,
    };
    let data = files::read_secret(path.as_ref())?;
    let shown = files::name(Path::new(path));
    if data.is_empty() {
        bail!("{shown}: is empty, and so would be the secret");
    }
    let warning = (data.last() == Some(&b'\n'))
        .then(|| format!("{shown} ends with a newline, which is part of the secret"));
    Ok(Read { entry: SecretEntry::new(guid, data), warning })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        std::fs::write(&path, text).expect("written");
        let path = path.to_str().expect("text").to_owned();
        (folder, path)
    }

    #[test]
    fn every_byte_of_the_file_is_the_secret() {
        let (_folder, path) = file("correct horse\n");
        let read = read(&format!("luks-key:{path}")).expect("a secret");
        assert_eq!(read.entry.expose(), b"correct horse\n");
        // QEMU's and libvirt's documents have this GUID for a LUKS passphrase.
        assert_eq!(read.entry.guid().to_string(), "736869e5-84f0-4973-92ec-06879ce3da0b");
        assert!(read.warning.expect("a newline").contains("ends with a newline"));
    }

    #[test]
    fn a_secret_on_the_command_line_is_not_repeated() {
        for text in ["hunter2", "hunter2:x", "57f669c2-c427-4132-bc7a:x"] {
            let error = format!("{:#}", read(text).expect_err(text));
            assert!(error.contains("luks-key:FILE") && !error.contains("hunter2"), "{error}");
        }
        let (_folder, path) = file("");
        assert!(
            format!("{:#}", read(&format!("luks-key:{path}")).expect_err("empty"))
                .contains("is empty")
        );
    }
}
