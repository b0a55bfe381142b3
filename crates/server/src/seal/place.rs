//! Where a sealed value belongs.
//!
//! A place goes into the associated data of both encryptions, as fields: a label, the kind, and what the kind has, each field being its
//! length in bytes (64 bits, little endian) and its bytes. The label says what the associated data is for, and its version. Kinds
//! have a fixed number of fields each, so no two places are the same bytes, whatever a tenant is called.

use sev_launch_abi::reader::wide;

/// What a sealed value belongs to. It opens at this place alone.
///
/// `tenant` is the tenant's name as stored. `vm`, `guid` and `launch` are the 16 bytes of a UUID, in one order always; `version`
/// counts the changes of a record, so that an older value of it does not open as the newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those above")]
pub enum Place<'a> {
    /// One secret of a guest; `guid` names it in the guest's secret table.
    Secret { tenant: &'a str, vm: [u8; 16], guid: [u8; 16], version: u64 },
    /// All secrets of a guest's registration, as one value.
    Registration { tenant: &'a str, vm: [u8; 16], version: u64 },
    /// TEK and TIK of a launch that has begun and not ended.
    LaunchKeys { tenant: &'a str, vm: [u8; 16], launch: [u8; 16] },
    /// The key of the audit log.
    AuditKey,
    /// The known value that shows whether a key ring is the right one.
    Canary,
    /// Anything that there is one of, by name.
    Other(&'a str),
}

impl Place<'_> {
    /// The associated data for one use, which `label` names; `last` is one more field.
    pub(super) fn associated_data(&self, label: &str, last: Option<&[u8]>) -> Vec<u8> {
        let mut data = Vec::new();
        let mut put = |fields: &[&[u8]]| {
            for field in fields {
                data.extend_from_slice(&wide(field.len()).to_le_bytes());
                data.extend_from_slice(field);
            }
        };
        put(&[label.as_bytes()]);
        match self {
            Self::Secret { tenant, vm, guid, version } => {
                put(&[b"secret", tenant.as_bytes(), vm, guid, &version.to_le_bytes()]);
            }
            Self::Registration { tenant, vm, version } => {
                put(&[b"registration", tenant.as_bytes(), vm, &version.to_le_bytes()]);
            }
            Self::LaunchKeys { tenant, vm, launch } => {
                put(&[b"launch-keys", tenant.as_bytes(), vm, launch]);
            }
            Self::AuditKey => put(&[b"audit-key"]),
            Self::Canary => put(&[b"canary"]),
            Self::Other(name) => put(&[b"other", name.as_bytes()]),
        }
        put(last.as_slice());
        data
    }
}
