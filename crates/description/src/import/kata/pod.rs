//! How many CPUs a pod asks for: its containers' limits, as the kubelet adds them up for the sandbox, or the sandbox's annotations,
//! which have that sum.
//!
//! Defined by [Kubernetes, kuberuntime_sandbox_linux.go]. A container without a limit adds nothing; a restartable init container
//! (a sidecar) adds; an ordinary one counts with the sidecars before it, where that is more than all others together.

use serde_json::Value as Json;

/// What a pod may use, as the kubelet tells the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Its CPUs in thousandths, rounded up; 0 without a limit.
    pub cpu: u64,
    /// The weight of CPUs that the pod has for itself alone, and then no limit.
    pub exclusive: Option<u64>,
    /// Is its memory limited?
    pub memory: bool,
}

/// Kinds that hold a pod as `spec.template`.
const WORKLOADS: [&str; 6] =
    ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController"];

/// The pod of a document: the document itself, or the template of what starts pods.
///
/// Errors: another kind, of which no pod is known.
pub(super) fn of(document: &Json) -> Result<&Json, String> {
    let template = match document.get("kind").map(Json::as_str) {
        None | Some(Some("Pod")) => return Ok(document),
        Some(Some(kind)) if WORKLOADS.contains(&kind) => "/spec/template",
        Some(Some("CronJob")) => "/spec/jobTemplate/spec/template",
        Some(kind) => {
            return Err(format!(
                "kind: {:?} is neither a pod nor what starts one: give the pod's document",
                kind.unwrap_or_default()
            ));
        }
    };
    let found = document.pointer(template);
    found.ok_or_else(|| format!("no {}", template[1..].replace('/', ".")))
}

/// The limits that the annotations of containerd's sandbox have; `None` where there are none, or no numbers. [containerd,
/// annotations.go]
pub(super) fn sandbox_limits(annotation: impl Fn(&str) -> Option<String>) -> Option<Limits> {
    let number = |name: &str| annotation(name).map(|text| text.parse::<i64>().ok());
    let quota = number("cpu-quota")??;
    let period = u128::try_from(number("cpu-period")??).ok().filter(|period| *period > 0)?;
    let memory = number("memory").unwrap_or(Some(0))? > 0;
    let (cpu, exclusive) = match u128::try_from(quota) {
        Ok(quota) => (u64::try_from(quota.checked_mul(1000)?.div_ceil(period)).ok()?, None),
        Err(_) => (0, Some(u64::try_from(number("cpu-shares")??).ok()?)),
    };
    Some(Limits { cpu, exclusive, memory })
}

/// The limits of a pod; `None` if the document has no containers, or limits that only some kubelets take.
pub(super) fn limits(pod: &Json) -> Option<Limits> {
    let spec = pod.get("spec")?;
    let containers = spec.get("containers")?.as_array()?;
    // Limits of the pod itself replace the sum where a feature gate is on.
    if spec.get("resources").is_some() {
        return None;
    }
    let mut sum = 0_u64;
    for container in containers {
        sum = sum.checked_add(cpu(container)?)?;
    }
    let none = Vec::new();
    let init = spec.get("initContainers").map_or(Some(&none), Json::as_array)?;
    let (mut sidecars, mut peak) = (0_u64, 0_u64);
    for container in init {
        let own = cpu(container)?.checked_add(sidecars)?;
        if container.get("restartPolicy").and_then(Json::as_str) == Some("Always") {
            sidecars = own;
        } else {
            peak = peak.max(own);
        }
    }
    let all = containers.iter().chain(init);
    let memory = all.into_iter().any(|one| one.pointer("/resources/limits/memory").is_some());
    let cpu = match peak.max(sum.checked_add(sidecars)?) {
        0 => 0,
        // A quota is at least a hundredth of a CPU.
        cpu => cpu.max(10),
    };
    Some(Limits { cpu, exclusive: None, memory })
}

/// A container's limit in thousandths, rounded up as Kubernetes does; 0 without one, `None` for one that is not understood.
fn cpu(container: &Json) -> Option<u64> {
    let text = match container.pointer("/resources/limits/cpu") {
        None => return Some(0),
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        Some(_) => return None,
    };
    if let Some(milli) = text.strip_suffix('m') {
        return milli.parse().ok();
    }
    thousandths(&text)
}

/// A decimal number in thousandths, rounded up.
pub(super) fn thousandths(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let (kept, rest) = fraction.split_at(fraction.len().min(3));
    let kept: u64 = format!("{kept:0<3}").parse().ok()?;
    let up = u64::from(rest.bytes().any(|byte| byte != b'0'));
    whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(kept)?.checked_add(up)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact() {
        for (text, expected) in [
            ("2", Some(2000)),
            ("0.5", Some(500)),
            ("1.0001", Some(1001)),
            ("2.5", Some(2500)),
            ("", None),
            ("x", None),
            ("-1", None),
            ("1e3", None),
        ] {
            assert_eq!(thousandths(text), expected, "{text}");
        }
    }

    #[test]
    fn sandboxes_have_their_sum() {
        let limits = |quota: &str, memory: &str| {
            sandbox_limits(|name| {
                Some(match name {
                    "cpu-quota" => quota.to_owned(),
                    "cpu-period" => "100000".to_owned(),
                    "cpu-shares" => "4096".to_owned(),
                    _ => memory.to_owned(),
                })
            })
        };
        let found = |cpu, exclusive, memory| Some(Limits { cpu, exclusive, memory });
        assert_eq!(limits("150000", "0"), found(1500, None, false));
        assert_eq!(limits("150001", "1"), found(1501, None, true));
        assert_eq!(limits("0", "0"), found(0, None, false));
        assert_eq!(limits("-1", "0"), found(0, Some(4096), false));
        assert_eq!(limits("x", "0"), None);
        assert_eq!(limits("1", "x"), None);
        assert_eq!(sandbox_limits(|_| None), None);
    }

    // KEP-753's formula: max(sidecars before + the init container's own), and sidecars with all containers.
    #[test]
    fn init_containers_count_by_their_peak() {
        let container = |cpu: &str| serde_json::json!({"resources": {"limits": {"cpu": cpu}}});
        let sidecar = |cpu: &str| {
            let mut container = container(cpu);
            container["restartPolicy"] = "Always".into();
            container
        };
        let pod = |init: Vec<Json>, own: Vec<Json>| {
            limits(&serde_json::json!({"spec": {"initContainers": init, "containers": own}}))
                .map(|limits| limits.cpu)
        };
        assert_eq!(
            pod(vec![], vec![container("1"), container("500m"), serde_json::json!({})]),
            Some(1500)
        );
        assert_eq!(pod(vec![container("4")], vec![container("1")]), Some(4000));
        assert_eq!(pod(vec![sidecar("1"), container("2")], vec![container("1")]), Some(3000));
        assert_eq!(pod(vec![sidecar("1")], vec![container("1")]), Some(2000));
        assert_eq!(pod(vec![], vec![container("x")]), None);
    }
}
