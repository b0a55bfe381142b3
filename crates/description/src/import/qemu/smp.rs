//! How many vCPUs `-smp` asks for.
//!
//! Defined by [QEMU, machine_parse_smp_config]: what is left out is computed from the rest, and a topology whose product
//! is not the largest number is refused. Only the vCPUs that exist at launch are measured, not those up to `maxcpus`.

use super::options::Options;

/// Every level of the topology but sockets, cores and threads, which are computed.
const LEVELS: [&str; 5] = ["drawers", "books", "dies", "clusters", "modules"];

/// The vCPUs at launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Vcpus {
    /// Their number, from QEMU 6.2 on.
    pub number: u64,
    /// The number in QEMU 6.0 and 6.1 where it is another. Without `cpus` they took the product of sockets, dies, cores and
    /// threads, whatever `maxcpus` said. [QEMU, pc_smp_parse of 6.0]
    pub of_old_qemu: Option<u64>,
}

/// The number of vCPUs at launch. An error, with QEMU's reason, for a topology that QEMU refuses.
pub(super) fn vcpus(options: &Options) -> Result<Vcpus, String> {
    let read = |key: &str| match options.number(key)? {
        Some(0) => Err(format!("{key}: topology parameters must be greater than zero")),
        Some(number) if number > u64::from(u32::MAX) => Err(format!("{key}: {number} is too many")),
        number => Ok(number),
    };
    let (cpus, most) = (read("cpus")?, read("maxcpus")?);
    let (sockets, cores, threads) = (read("sockets")?, read("cores")?, read("threads")?);
    let mut rest = 1_u64;
    for level in LEVELS {
        rest = rest.saturating_mul(read(level)?.unwrap_or(1));
    }
    let product = |factors: [u64; 3]| factors.into_iter().fold(rest, u64::saturating_mul);
    let given = product([sockets, cores, threads].map(|level| level.unwrap_or(1)));
    let Some(most) = most.or(cpus) else {
        return Ok(Vcpus { number: given, of_old_qemu: None });
    };
    // At most one of the three is computed by division; the other two are 1 where they were left out.
    let share = |other: u64, another: u64| most / product([other, another, 1]).max(1);
    let (sockets, cores, threads) = match (sockets, cores, threads) {
        (sockets, None, threads) => {
            let (sockets, threads) = (sockets.unwrap_or(1), threads.unwrap_or(1));
            (sockets, share(sockets, threads), threads)
        }
        (None, Some(cores), threads) => {
            let threads = threads.unwrap_or(1);
            (share(cores, threads), cores, threads)
        }
        (Some(sockets), Some(cores), None) => (sockets, cores, share(sockets, cores)),
        (Some(sockets), Some(cores), Some(threads)) => (sockets, cores, threads),
    };
    let total = product([sockets, cores, threads]);
    if total != most {
        return Err(format!(
            "the topology has {total} vCPUs and maxcpus is {most}: QEMU refuses it"
        ));
    }
    let number = cpus.unwrap_or(most);
    if number > most {
        return Err(format!("{number} vCPUs are more than maxcpus, {most}"));
    }
    let of_old_qemu = (cpus.is_none() && given != number).then_some(given);
    Ok(Vcpus { number, of_old_qemu })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(text: &str) -> Result<Vcpus, String> {
        vcpus(&Options::parse(text, Some("cpus")).unwrap())
    }

    fn read(text: &str) -> Result<u64, String> {
        both(text).map(|vcpus| vcpus.number)
    }

    // By QEMU's rules, worked by hand.
    #[test]
    fn what_is_left_out_is_computed() {
        for (text, expected) in [
            ("4", 4),
            ("4,maxcpus=255", 4),
            ("cpus=2,sockets=2,cores=1,threads=1", 2),
            ("sockets=2,cores=4,threads=2", 16),
            ("maxcpus=8", 8),
            ("1,sockets=8,cores=1,threads=1,maxcpus=8", 1),
            ("8,cores=2", 8),
            ("8,threads=2", 8),
            ("8,sockets=2,cores=2", 8),
            ("8,dies=2", 8),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
    }

    // By pc_smp_parse of QEMU 6.0, worked by hand: sockets, dies, cores and threads, each 1 where it is left out.
    #[test]
    fn maxcpus_alone_was_not_the_number_once() {
        for (text, expected) in [
            ("maxcpus=8", Some(1)),
            ("maxcpus=8,cores=2", Some(2)),
            ("maxcpus=8,dies=2,threads=2", Some(4)),
            ("maxcpus=8,sockets=2,cores=4", None),
            ("8,maxcpus=8", None),
            ("8", None),
            ("cores=2", None),
        ] {
            assert_eq!(both(text).map(|vcpus| vcpus.of_old_qemu), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_qemu_refuses_is_an_error() {
        for text in
            ["0", "4,sockets=2,cores=1,threads=1", "8,maxcpus=4", "5,sockets=2", "cores=0", "x"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
