//! virsh's answers: lists of `key : value`, and words of refusal.
//!
//! virsh pads keys so that the colons stand below each other, and releases differ in the width [libvirt, tools/virsh-domain.c and tools/virsh-host.c]. Keys that are not
//! known are passed over: libvirt adds some. A value is read strictly.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::vmm::VmmError;

/// Who answers, as errors call it.
pub(super) const LIBVIRT: &str = "libvirt";
/// The most characters of a refusal that are repeated.
const MOST_WORDS: usize = 1000;

/// A list of `key : value`, each key once.
pub(super) struct Listing<'a> {
    command: &'static str,
    pairs: Vec<(&'a str, &'a str)>,
}

impl<'a> Listing<'a> {
    /// Reads what a command printed.
    pub(super) fn read(command: &'static str, text: &'a str) -> Result<Self, VmmError> {
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let number = at.saturating_add(1);
            if line.trim_ascii().is_empty() {
                continue;
            }
            let Some((key, value)) = line.split_once(':') else {
                return strange(command, format!("line {number} is none of the form key : value"));
            };
            let (key, value) = (key.trim_ascii(), value.trim_ascii());
            if pairs.iter().any(|(other, _)| *other == key) {
                return strange(command, format!("line {number} says {} again", told(key)));
            }
            pairs.push((key, value));
        }
        Ok(Self { command, pairs })
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.pairs.iter().any(|(own, _)| *own == key)
    }

    fn value(&self, key: &str) -> Result<&'a str, VmmError> {
        match self.pairs.iter().find(|(own, _)| *own == key) {
            Some((_, value)) => Ok(value),
            None => {
                strange(self.command, format!("no {key}, wanted what libvirt 8.0 and newer have"))
            }
        }
    }

    /// A decimal number without a sign.
    pub(super) fn number(&self, key: &str) -> Result<u32, VmmError> {
        let value = self.value(key)?;
        let is_digits = value.bytes().all(|byte| byte.is_ascii_digit());
        match value.parse() {
            Ok(number) if is_digits => Ok(number),
            _ => strange(
                self.command,
                format!("{key} is {}, wanted a decimal number of 32 bits", told(value)),
            ),
        }
    }

    /// Base64 of so many bytes.
    pub(super) fn bytes(
        &self,
        key: &str,
        is_right: impl FnOnce(usize) -> bool,
        wanted: &str,
    ) -> Result<Vec<u8>, VmmError> {
        match BASE64.decode(self.value(key)?) {
            Ok(bytes) if is_right(bytes.len()) => Ok(bytes),
            Ok(bytes) => {
                strange(self.command, format!("{key} has {} bytes, wanted {wanted}", bytes.len()))
            }
            Err(error) => strange(self.command, format!("{key} is no base64: {error}")),
        }
    }
}

/// What libvirt wrote to standard error, in one line: `error:` before each of its lines is left out.
pub(super) fn words(errors: &[u8]) -> String {
    let text = String::from_utf8_lossy(errors);
    let lines = text.lines().map(|line| line.trim().trim_start_matches("error:").trim());
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let words = lines.join("; ");
    let words = words.chars().map(|c| if c.is_control() { ' ' } else { c });
    let words: String = words.take(MOST_WORDS).collect();
    if words.is_empty() { "without a word".to_owned() } else { words }
}

/// Did the way to libvirt, or libvirt's to QEMU, break? Then it is not known what was done.
pub(super) fn is_broken(words: &str) -> bool {
    // [libvirt, src/rpc/virnetsocket.c, src/rpc/virnetclient.c, src/qemu/qemu_monitor.c, tools/virsh.c]
    const BROKEN: [&str; 10] = [
        "failed to connect to the hypervisor",
        "Failed to connect socket",
        "End of file while reading data",
        "End of file from",
        "client socket is closed",
        "keepalive timeout",
        "Cannot recv data",
        "Cannot write data",
        "Unable to read from monitor",
        "Unable to write to monitor",
    ];
    BROKEN.iter().any(|broken| words.contains(broken))
}

/// Is there no such domain?
pub(super) fn is_unknown(words: &str) -> bool {
    !is_broken(words)
        && words.split("; ").all(|line| {
            line.starts_with("failed to get domain") || line.starts_with("Domain not found")
        })
}

pub(super) fn strange<T>(command: &str, detail: String) -> Result<T, VmmError> {
    Err(VmmError::Strange { vmm: LIBVIRT, command: command.to_owned(), detail })
}

/// A text in quotation marks, escaped and cut.
fn told(text: &str) -> String {
    format!("{:?}", text.chars().take(40).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    // The keys are libvirt-host.h's and libvirt-domain.h's, the widths those of virsh 9.0.
    #[test]
    fn both_spacings_are_read() {
        for text in [
            "sev-api-minor       : 55\nsev-policy: 3\n\n",
            "sev-policy     : 3\r\nsev-api-minor  : 55\r\n",
        ] {
            let list = Listing::read("domlaunchsecinfo", text).expect("a list");
            assert_eq!(list.number("sev-api-minor").expect("a number"), 55);
            assert_eq!(list.number("sev-policy").expect("a number"), 3);
            assert!(!list.has("sev-snp-policy"));
        }
    }

    #[test]
    fn numbers_and_sizes_are_strict() {
        for value in ["", "-1", "+1", "0x1", "1 2", "4294967296", "1.0", "\u{661}"] {
            let text = format!("cbitpos : {value}\n");
            let list = Listing::read("nodesevinfo", &text).expect("a list");
            assert!(list.number("cbitpos").is_err(), "{value}");
        }
        for value in ["", "QUJD=", "QUJ", "QUJDRA==", "QU JD", "QUJ-"] {
            let text = format!("pdh : {value}\n");
            let list = Listing::read("nodesevinfo", &text).expect("a list");
            assert!(list.bytes("pdh", |size| size == 3, "3").is_err(), "{value}");
        }
        assert!(Listing::read("nodesevinfo", "pdh : a\npdh : b\n").is_err());
        assert!(Listing::read("nodesevinfo", "no colon\n").is_err());
    }

    #[test]
    fn words_stay_in_one_line() {
        let errors = b"error: Failed to create domain from b.xml\nerror: unsupported flags (0x1) in function testDomainCreateXML\n\n";
        assert_eq!(
            words(errors),
            "Failed to create domain from b.xml; unsupported flags (0x1) in function testDomainCreateXML"
        );
        assert_eq!(words(b"error: \xff\x1b[31m\n"), "\u{fffd} [31m");
        assert_eq!(words(b"\n"), "without a word");
        assert_eq!(words(&[b'a'; 5000]).len(), MOST_WORDS);
    }

    #[test]
    fn a_broken_way_is_no_refusal() {
        let broken = "failed to connect to the hypervisor; Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory";
        assert!(is_broken(broken) && !is_unknown(broken));
        assert!(is_unknown("failed to get domain 'x'"));
        assert!(is_unknown(
            "failed to get domain 'x'; Domain not found: no domain with matching name 'x'"
        ));
        assert!(!is_unknown("failed to get domain 'x'; access denied"));
        assert!(!is_broken(
            "Failed to resume domain 'abc'; internal error: domain 'abc' not paused"
        ));
    }
}
