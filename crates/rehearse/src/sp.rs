//! The AMD-SP, and the record of what it was handed.

use rustix::io::Errno;
use sev_launch_abi::Technology;
use sev_launch_platform::{Handle, Platform, Status};

use crate::fault::Fault;
use crate::host::Host;
use crate::record::Record;
use crate::sev::command::{Failure, refused};

/// The most bytes that a VMM may have measured of one guest: two hundred times what any firmware has.
const MOST_MEASURED: u64 = 2 << 30;
/// The most updates that are kept, of all launches: pages of 1 GiB.
const MOST_UPDATES: usize = 1 << 18;
/// The most secrets of a launch.
const MOST_SECRETS: usize = 64;

/// The AMD-SP, the host around it, and what is kept of launches.
#[derive(Debug)]
pub(crate) struct Sp {
    pub(crate) platform: Platform,
    pub(crate) host: Host,
    /// Are the bytes of updates kept?
    pub(crate) keeps_bytes: bool,
    faults: Vec<Fault>,
    records: Vec<Record>,
    /// Whose each of them is.
    handles: Vec<Handle>,
    measured: u64,
}

impl Sp {
    /// Nothing launched yet.
    pub(crate) fn new(
        platform: Platform,
        host: Host,
        keeps_bytes: bool,
        faults: Vec<Fault>,
    ) -> Self {
        Self {
            platform,
            host,
            keeps_bytes,
            faults,
            records: Vec::new(),
            handles: Vec::new(),
            measured: 0,
        }
    }

    /// The launches so far.
    pub(crate) fn records(&self) -> &[Record] {
        &self.records
    }

    /// The same, to have what is known only later put into them.
    pub(crate) fn records_mut(&mut self) -> &mut [Record] {
        &mut self.records
    }

    /// The AMD-SP, and the launches.
    pub(crate) fn into_parts(self) -> (Platform, Vec<Record>) {
        (self.platform, self.records)
    }

    /// A launch begins.
    pub(crate) fn begin(
        &mut self,
        handle: Handle,
        technology: Technology,
        policy: u64,
        has_session: bool,
    ) {
        self.measured = 0;
        self.handles.push(handle);
        self.records.push(Record {
            technology,
            policy,
            has_session,
            updates: Vec::new(),
            digest: None,
            measurement: None,
            secrets: Vec::new(),
            host_data: None,
            id_block: None,
        });
    }

    /// Does this go wrong on purpose?
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// Is nothing measured yet, of this guest's launch?
    pub(crate) fn is_first(&self, handle: Handle) -> bool {
        let place = self.handles.iter().rposition(|other| *other == handle);
        let record = place.and_then(|place| self.records.get(place));
        record.is_none_or(|record| record.updates.is_empty())
    }

    /// A guest's launch: the last one, since a handle may be another guest's later.
    ///
    /// Errors: no launch of this guest; more in it than any VMM hands over.
    pub(crate) fn record(&mut self, handle: Handle) -> Result<&mut Record, Failure> {
        let kept: usize = self.records.iter().map(|record| record.updates.len()).sum();
        let place = self.handles.iter().rposition(|other| *other == handle);
        let record = place.and_then(|place| self.records.get_mut(place));
        let record = record.ok_or(Failure::from(Status::InvalidGuest))?;
        if kept >= MOST_UPDATES || record.secrets.len() >= MOST_SECRETS {
            return Err(refused(Errno::NOMEM, "more updates or secrets than any VMM has"));
        }
        Ok(record)
    }

    /// So many bytes are going to be measured.
    pub(crate) fn spend(&mut self, size: u64) -> Result<(), Failure> {
        let measured = self.measured.saturating_add(size);
        if measured > MOST_MEASURED {
            return Err(refused(Errno::NOMEM, "more than 2 GiB to measure"));
        }
        self.measured = measured;
        Ok(())
    }
}
