//! The firmware's status codes: why it refused a command.
//!
//! Numbers and names are those of [Linux, sev_ret_code], which are those of [SEV-API, status codes] and [SNP-ABI, status codes]. Success is no
//! status here: it is `Ok`.
//!
//! ```
//! use sev_launch_platform::Status;
//!
//! assert_eq!(Status::BadMeasurement.code(), 11);
//! assert_eq!(Status::from_code(11), Some(Status::BadMeasurement));
//! assert!(Status::BadMeasurement.to_string().starts_with("BAD_MEASUREMENT: "));
//! ```

use core::fmt;

/// Declares the codes by one table: variant, number, the document's name, a plain sentence.
macro_rules! codes {
    ($($variant:ident = $code:literal, $name:literal, $text:literal;)+) => {
        /// Why the firmware refused a command.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[must_use]
        pub enum Status {
            $(#[doc = concat!($name, ": ", $text, ".")] $variant,)+
        }

        impl Status {
            /// All of them, by number.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$variant),+];

            /// The number that the host is given.
            pub const fn code(self) -> u32 {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The document's name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it means, as a sentence without its full stop.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

codes! {
    InvalidPlatformState = 0x01, "INVALID_PLATFORM_STATE", "the platform's state does not allow this command";
    InvalidGuestState = 0x02, "INVALID_GUEST_STATE", "the guest's state does not allow this command";
    InvalidConfig = 0x03, "INVALID_CONFIG", "the platform is not configured for this command";
    InvalidLength = 0x04, "INVALID_LENGTH", "a buffer has the wrong length";
    AlreadyOwned = 0x05, "ALREADY_OWNED", "the platform has an external owner already";
    InvalidCertificate = 0x06, "INVALID_CERTIFICATE", "a certificate is malformed or is not the one that was wanted";
    PolicyFailure = 0x07, "POLICY_FAILURE", "the guest's policy does not allow this, or this platform does not meet the policy";
    Inactive = 0x08, "INACTIVE", "the guest has no ASID";
    InvalidAddress = 0x09, "INVALID_ADDRESS", "an address is not aligned or is not allowed";
    BadSignature = 0x0a, "BAD_SIGNATURE", "a signature does not verify";
    BadMeasurement = 0x0b, "BAD_MEASUREMENT", "a MAC or a digest is not the one that was wanted";
    AsidOwned = 0x0c, "ASID_OWNED", "the ASID belongs to another guest";
    InvalidAsid = 0x0d, "INVALID_ASID", "the ASID is not one for such a guest";
    WbinvdRequired = 0x0e, "WBINVD_REQUIRED", "WBINVD has to be executed on all cores first";
    DfFlushRequired = 0x0f, "DF_FLUSH_REQUIRED", "DF_FLUSH has to be issued first";
    InvalidGuest = 0x10, "INVALID_GUEST", "no guest has this handle";
    InvalidCommand = 0x11, "INVALID_COMMAND", "this firmware does not know the command";
    Active = 0x12, "ACTIVE", "the guest has an ASID already";
    HwErrorPlatform = 0x13, "HWERROR_PLATFORM", "a hardware error, after which the platform is still safe";
    HwErrorUnsafe = 0x14, "HWERROR_UNSAFE", "a hardware error, after which the platform is not safe";
    Unsupported = 0x15, "UNSUPPORTED", "the feature is not there, or not switched on";
    InvalidParam = 0x16, "INVALID_PARAM", "a parameter is not allowed, or reserved bits are not zero";
    ResourceLimit = 0x17, "RESOURCE_LIMIT", "the firmware has no room for another guest";
    SecureDataInvalid = 0x18, "SECURE_DATA_INVALID", "stored data failed its integrity check";
    InvalidPageSize = 0x19, "INVALID_PAGE_SIZE", "the page has the wrong size";
    InvalidPageState = 0x1a, "INVALID_PAGE_STATE", "the page's state does not allow this command";
    InvalidMdataEntry = 0x1b, "INVALID_MDATA_ENTRY", "the metadata entry of a page is not valid";
    InvalidPageOwner = 0x1c, "INVALID_PAGE_OWNER", "the page belongs to another guest";
    AeadOverflow = 0x1d, "AEAD_OFLOW", "a message counter would wrap";
    RingBufferExit = 0x1f, "EXIT_RING_BUFFER", "the ring buffer was left";
    RmpInitRequired = 0x20, "RMP_INIT_REQUIRED", "the RMP has to be initialised first";
    BadSvn = 0x21, "BAD_SVN", "the firmware image has an older security version";
    BadVersion = 0x22, "BAD_VERSION", "the firmware image has the wrong version";
    ShutdownRequired = 0x23, "SHUTDOWN_REQUIRED", "the platform has to be shut down first";
    UpdateFailed = 0x24, "UPDATE_FAILED", "the firmware update failed";
    RestoreRequired = 0x25, "RESTORE_REQUIRED", "the firmware update has to be rolled back";
    RmpInitializationFailed = 0x26, "RMP_INITIALIZATION_FAILED", "the RMP could not be initialised";
    InvalidKey = 0x27, "INVALID_KEY", "the key is not there, or must not be used";
}

impl Status {
    /// The status with this number; `None` for success and for numbers that no document has.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

impl fmt::Display for Status {
    /// The document's name and a plain sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.meaning())
    }
}

impl core::error::Error for Status {}
