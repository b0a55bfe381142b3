//! How many vCPUs `-smp` asks for.
//!
//! Defined by [QEMU, machine_parse_smp_config]: what is left out is computed from the rest, and a topology whose product
//! is not the largest number is refused. Only the vCPUs that exist at launch are measured, not those up to `maxcpus`.

use super::options::Options;

/// Every level of the topology but sockets, cores and threads, which are computed.
const LEVELS: [&str; 5] = ["drawers", "books", "dies", "clusters", "modules"];

/// The number of vCPUs at launch. An error, with QEMU's reason, for a topology that QEMU refuses.
pub(super) fn vcpus(options: &Options) -> Result<u64, String> {
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
    let Some(most) = most.or(cpus) else {
        return Ok(product([sockets, cores, threads].map(|level| level.unwrap_or(1))));
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
    let cpus = cpus.unwrap_or(most);
    if cpus > most {
        return Err(format!("{cpus} vCPUs are more than maxcpus, {most}"));
    }
    Ok(cpus)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<u64, String> {
        vcpus(&Options::parse(text, Some("cpus")).unwrap())
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

    #[test]
    fn what_qemu_refuses_is_an_error() {
        for text in
            ["0", "4,sockets=2,cores=1,threads=1", "8,maxcpus=4", "5,sockets=2", "cores=0", "x"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
