//! `/dev/sev`: what a VMM asks of the platform itself. [Linux, `include/uapi/linux/psp-sev.h`]

use rustix::io::Errno;
use sev_launch_platform::{Platform, Status};

use crate::answer::Answer;
use crate::bytes;
use crate::memory::{self, Memory};

/// `SEV_ISSUE_CMD`, the one ioctl: `_IOWR('S', 0, struct sev_issue_cmd)`, whose structure is packed to 16 bytes.
pub(crate) const SEV_ISSUE_CMD: u32 = 0xc010_5300;

/// The numbers of commands. [Linux, the enum that begins with SEV_FACTORY_RESET]
const PLATFORM_STATUS: u32 = 1;
const PEK_CSR: u32 = 3;
const PDH_CERT_EXPORT: u32 = 5;
const GET_ID2: u32 = 8;
const SNP_PLATFORM_STATUS: u32 = 9;

/// A command's failure: the AMD-SP's own, or the kernel's.
enum Failure {
    Status(Status),
    Errno(Errno),
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

/// Answers `SEV_ISSUE_CMD`: the command and what it points to in `struct sev_issue_cmd` (u32, u64, u32, packed).
pub(crate) fn ioctl(
    platform: &mut Platform,
    request: u32,
    argument: u64,
    memory: &dyn Memory,
) -> Result<Answer, Errno> {
    if request != SEV_ISSUE_CMD {
        return Err(Errno::NOTTY);
    }
    let mut issued = memory::array::<16>(memory, argument)?;
    let command = u32::from_le_bytes(bytes::at(&issued, 0));
    let data = u64::from_le_bytes(bytes::at(&issued, 4));
    let done = run(platform, command, data, memory);
    let (answer, status) = match done {
        Ok(()) => (Ok(Answer::Value(0)), 0),
        Err(Failure::Status(status)) => (Err(Errno::IO), status.code()),
        Err(Failure::Errno(errno)) => (Err(errno), 0),
    };
    bytes::put(&mut issued, 12, &status.to_le_bytes());
    memory.write(argument, &issued)?;
    answer
}

fn run(
    platform: &mut Platform,
    command: u32,
    data: u64,
    memory: &dyn Memory,
) -> Result<(), Failure> {
    match command {
        PLATFORM_STATUS => memory.write(data, &platform.status().to_bytes())?,
        SNP_PLATFORM_STATUS => memory.write(data, &platform.snp_platform_status()?.to_bytes())?,
        PDH_CERT_EXPORT => {
            // struct sev_user_data_pdh_cert_export: the address and size of the PDH, then those of the chain.
            let mut asked = memory::array::<24>(memory, data)?;
            let export = platform.pdh_cert_export()?;
            let parts = [(0, &export.pdh[..]), (12, &export.chain[..])];
            let mut fits = true;
            for (place, certificate) in parts {
                let size = u32::from_le_bytes(bytes::at(&asked, place + 8));
                let needed = u32::try_from(certificate.len()).map_err(|_| Errno::INVAL)?;
                fits &= size >= needed;
                bytes::put(&mut asked, place + 8, &needed.to_le_bytes());
            }
            memory.write(data, &asked)?;
            if !fits {
                return Err(Status::InvalidLength.into());
            }
            for (place, certificate) in parts {
                memory.write(u64::from_le_bytes(bytes::at(&asked, place)), certificate)?;
            }
        }
        GET_ID2 => {
            // struct sev_user_data_get_id2: an address and a size.
            let mut asked = memory::array::<12>(memory, data)?;
            give(platform.id().as_slice(), &mut asked, data, memory)?;
        }
        PEK_CSR => {
            let mut asked = memory::array::<12>(memory, data)?;
            let request = platform.pek_csr()?;
            give(&request, &mut asked, data, memory)?;
        }
        _ => return Err(Errno::INVAL.into()),
    }
    Ok(())
}

/// Gives bytes to who has an address and a size for them; tells the size that it takes where that is too little.
fn give(bytes: &[u8], asked: &mut [u8; 12], data: u64, memory: &dyn Memory) -> Result<(), Failure> {
    let room = u32::from_le_bytes(bytes::at(&asked[..], 8));
    let size = u32::try_from(bytes.len()).map_err(|_| Errno::INVAL)?;
    bytes::put(&mut asked[..], 8, &size.to_le_bytes());
    memory.write(data, &asked[..])?;
    if room < size {
        return Err(Status::InvalidLength.into());
    }
    Ok(memory.write(u64::from_le_bytes(bytes::at(&asked[..], 0)), bytes)?)
}
