//! vCPUs and their model.
//!
//! Defined by [KubeVirt, GetCPUTopology, CPUDomainConfigurator]. A cluster fills in what its owner leaves out, by its own settings.

use sev_launch_abi::Technology;

use super::super::{Import, found, vcpu_count};
use super::node::Node;
use crate::axes::{Cpu, VcpuCounts};
use crate::error::Error;

/// Reads how many vCPUs there are.
///
/// With a most number of sockets, those of all sockets but the first are hot-pluggable, and libvirt adds them later. A cluster
/// whose rollout strategy is LiveUpdate gives each object such a number, so that only one that has the cluster's defaults tells that
/// there is none. [KubeVirt, setupCPUHotplug] Plain SEV measures no vCPU.
pub(super) fn read_vcpus(
    import: &mut Import,
    domain: &Node<'_>,
    technology: Technology,
    has_defaults: bool,
) -> Result<(), Error> {
    let cpu = domain.get("cpu")?;
    let part = |key: &str| Ok::<_, Error>(cpu.get(key)?.number()?.filter(|number| *number != 0));
    let (cores, sockets, threads) = (part("cores")?, part("sockets")?, part("threads")?);
    if cores.is_none() && sockets.is_none() && threads.is_none() {
        let can_add = !has_defaults && technology != Technology::Sev;
        return read_resources(import, domain, &cpu, can_add);
    }
    let one = |part: Option<u32>| part.unwrap_or(1);
    let product = one(cores).checked_mul(one(sockets)).and_then(|n| n.checked_mul(one(threads)));
    let Some(count) = product.and_then(vcpu_count) else {
        return cpu.error("cores, sockets and threads make more vCPUs than any host starts");
    };
    let most = cpu.get("maxSockets")?;
    let can_add = part("maxSockets")?.is_some() || !has_defaults;
    if can_add && one(sockets) > 1 && technology != Technology::Sev {
        let place = if most.is_some() { most.place() } else { cpu.place() };
        say_late(import, place);
        return Ok(());
    }
    import.description.vcpus = found(VcpuCounts::one(count), cpu.place());
    Ok(())
}

fn say_late(import: &mut Import, place: &str) {
    let text = "where virt-launcher can add vCPUs, those of all sockets but the first are added late, with other registers";
    let settled_by = "the domain of the running guest (`virsh dumpxml` in virt-launcher's pod), by `import libvirt`";
    import.unknown("vcpus", place, text, settled_by);
}

/// Without a topology, the CPUs that are asked for decide; which of limits and requests comes first differs between releases. Each is a
/// socket of its own, and all but the first are added late where `can_add`. [KubeVirt, SetDefaultGuestCPUTopology]
fn read_resources(
    import: &mut Import,
    domain: &Node<'_>,
    cpu: &Node<'_>,
    can_add: bool,
) -> Result<(), Error> {
    let resources = domain.get("resources")?;
    let mut counts = Vec::new();
    for list in ["limits", "requests"] {
        let node = resources.get(list)?.get("cpu")?;
        if let Some(quantity) = node.word()? {
            let Some(count) = whole_cpus(&quantity).and_then(vcpu_count) else {
                return node.error(format!("{quantity:?} is no number of CPUs"));
            };
            counts.push((count, node.place().to_owned()));
        }
    }
    counts.dedup_by_key(|(count, _)| *count);
    match counts.pop() {
        Some((count, place)) if counts.is_empty() && can_add && count.number() > 1 => {
            say_late(import, &place);
        }
        Some((count, place)) if counts.is_empty() => {
            import.description.vcpus = found(VcpuCounts::one(count), place);
        }
        Some(_) => import.unknown(
            "vcpus",
            resources.place(),
            "limits and requests differ, and which decides differs between releases of KubeVirt",
            "the object as the cluster has it, whose cpu says cores, sockets and threads",
        ),
        None => import.unknown(
            "vcpus",
            cpu.place(),
            "there is no topology, and the cluster may have a default of its own",
            "the object as the cluster has it, whose cpu says cores, sockets and threads",
        ),
    }
    Ok(())
}

/// A quantity of CPUs, rounded up: `2`, `1500m`. [Kubernetes, Quantity.Value]
fn whole_cpus(quantity: &str) -> Option<u32> {
    match quantity.strip_suffix('m') {
        Some(thousandths) => Some(thousandths.parse::<u32>().ok()?.div_ceil(1000)),
        None => match quantity.split_once('.') {
            Some((whole, part)) if part.bytes().all(|byte| byte.is_ascii_digit()) => {
                let is_more = part.bytes().any(|byte| byte != b'0');
                whole.parse::<u32>().ok()?.checked_add(u32::from(is_more))
            }
            _ => quantity.parse().ok(),
        },
    }
}

pub(super) fn read_model(
    import: &mut Import,
    domain: &Node<'_>,
    technology: Technology,
) -> Result<(), Error> {
    let model = domain.get("cpu")?.get("model")?;
    let why = match model.text()?.filter(|name| !name.is_empty()) {
        Some(name @ ("host-model" | "host-passthrough")) => {
            format!("it is {name}: the node's own decides")
        }
        Some(name) => match Cpu::of_model(name) {
            Ok(cpu) => {
                import.description.cpus = found(vec![cpu], model.place());
                return Ok(());
            }
            Err(error) => error.to_string(),
        },
        None => {
            "there is none: the cluster's default is host-model, and it may have another".into()
        }
    };
    // Plain SEV measures no registers.
    if technology != Technology::Sev {
        import.unknown_cpu(model.place(), &why);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Kubernetes, Quantity.Value: rounded up to a whole number.
    #[test]
    fn quantities_are_rounded_up() {
        let cases = [("2", 2), ("500m", 1), ("1500m", 2), ("2000m", 2), ("1.5", 2), ("2.0", 2)];
        for (quantity, cpus) in cases {
            assert_eq!(whole_cpus(quantity), Some(cpus), "{quantity}");
        }
        for wrong in ["", "m", "x", "-1", "1.x", "4294967296", "4294967295.1"] {
            assert_eq!(whole_cpus(wrong), None, "{wrong}");
        }
    }
}
