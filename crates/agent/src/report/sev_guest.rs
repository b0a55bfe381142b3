//! An attestation report through `/dev/sev-guest`. [Linux, include/uapi/linux/sev-guest.h; 5.19 and newer]
//!
//! The one file of this crate with `unsafe` in it: an ioctl, whose argument's pointers the kernel follows. It was tried on no
//! hardware; its numbers and sizes are the header's.
#![allow(unsafe_code, reason = "an ioctl")]

use std::ffi::c_void;
use std::fs::OpenOptions;
use std::path::Path;

use rustix::ioctl::{Ioctl, IoctlOutput, Opcode, ioctl, opcode};

use super::{Fetched, REPORT_SIZE, ReportError};

/// Where the kernel has it.
pub const DEVICE: &str = "/dev/sev-guest";

/// `struct snp_report_req`.
#[repr(C)]
struct Request {
    user_data: [u8; 64],
    vmpl: u32,
    reserved: [u8; 28],
}

/// `struct snp_report_resp`: MSG_REPORT_RSP. [SNP-ABI, MSG_REPORT_RSP: STATUS, REPORT_SIZE, 24 reserved bytes, REPORT]
#[repr(C)]
struct Response {
    data: [u8; 4000],
}

/// `struct snp_guest_request_ioctl`.
#[repr(C)]
struct Call {
    version: u8,
    request: *mut Request,
    response: *mut Response,
    /// `exitinfo2`: the VMM's error above, the firmware's below.
    error: u64,
}

/// `SNP_GET_REPORT`: `_IOWR('S', 0x0, struct snp_guest_request_ioctl)`.
const GET_REPORT: Opcode = opcode::read_write::<Call>(b'S', 0);

struct GetReport<'a>(&'a mut Call);

// SAFETY: the opcode is that of the structure which the pointer is to, and both of its pointers are to structures that live as long as the
// call and are as large as the kernel's header has them, so that the kernel writes into nothing else.
unsafe impl Ioctl for GetReport<'_> {
    type Output = ();
    const IS_MUTATING: bool = true;

    fn opcode(&self) -> Opcode {
        GET_REPORT
    }

    fn as_ptr(&mut self) -> *mut c_void {
        std::ptr::from_mut(self.0).cast()
    }

    unsafe fn output_from_ptr(_: IoctlOutput, _: *mut c_void) -> rustix::io::Result<()> {
        Ok(())
    }
}

/// A report over `data`, at VMPL 0. This interface gives no certificates.
///
/// # Errors
///
/// [`ReportError`]: the device refuses, in numbers of its own, or answers what is no report.
pub fn fetch(device: &Path, data: &[u8; 64]) -> Result<Fetched, ReportError> {
    let failed = |source| ReportError::File { path: device.to_owned(), source };
    let file = OpenOptions::new().read(true).write(true).open(device).map_err(failed)?;
    let mut request = Request { user_data: *data, vmpl: 0, reserved: [0; 28] };
    let mut response = Response { data: [0; 4000] };
    let mut call =
        Call { version: 1, request: &raw mut request, response: &raw mut response, error: 0 };
    // SAFETY: the file is open, and `GetReport` says why its argument may be handed to the kernel.
    let done = unsafe { ioctl(&file, GetReport(&mut call)) };
    if let Err(errno) = done {
        let error = call.error;
        return Err(ReportError::Strange(format!(
            "{}: SNP_GET_REPORT: {errno} (VMM {:#x}, firmware {:#x})",
            device.display(),
            error >> 32,
            error & 0xffff_ffff
        )));
    }
    read(&response.data)
}

/// The report of a MSG_REPORT_RSP.
fn read(response: &[u8; 4000]) -> Result<Fetched, ReportError> {
    let number = |at: usize| {
        let bytes = response.get(at..).and_then(|rest| rest.first_chunk::<4>());
        bytes.map(|bytes| u32::from_le_bytes(*bytes)).unwrap_or_default()
    };
    let (status, size) = (number(0), number(4));
    if status != 0 || usize::try_from(size) != Ok(REPORT_SIZE) {
        return Err(ReportError::Strange(format!(
            "MSG_REPORT_RSP has status {status:#x} and a report of {size} bytes, wanted 0 and {REPORT_SIZE}"
        )));
    }
    let report = response.get(32..).and_then(|rest| rest.first_chunk::<REPORT_SIZE>());
    let report = report.ok_or_else(|| ReportError::Strange("no report".into()))?;
    Ok(Fetched { report: Box::new(*report), certificates: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    // include/uapi/linux/sev-guest.h: 'S', 0, 32 bytes, both directions; snp_report_req has 96 bytes.
    #[test]
    fn numbers_and_sizes_are_the_headers() {
        assert_eq!(GET_REPORT, 0xc020_5300);
        assert_eq!(size_of::<Request>(), 96);
        assert_eq!(size_of::<Response>(), 4000);
    }

    #[test]
    fn a_response_is_a_report_or_is_refused() {
        let mut response = [0; 4000];
        response[4..8].copy_from_slice(&1184_u32.to_le_bytes());
        response[32] = 7;
        response[32 + 1183] = 9;
        let fetched = read(&response).expect("a report");
        assert_eq!((fetched.report[0], fetched.report[1183]), (7, 9));
        response[0] = 0x16;
        assert!(read(&response).is_err());
        response[0] = 0;
        response[4] = 0;
        assert!(read(&response).is_err());
    }

    #[test]
    fn what_is_no_device_refuses() {
        let error = fetch("/dev/null".as_ref(), &[0; 64]).expect_err("no device").to_string();
        assert!(error.starts_with("/dev/null: SNP_GET_REPORT: "), "{error}");
    }
}
