//! `launchSecurity`: the technology, the policy, and what is in the report besides.

use sev_launch_abi::Technology;

use super::super::{Import, checks, default, found};
use super::node::Node;
use crate::error::Error;
use crate::number::number;

/// SEV's policy always forbids debugging; SNP's without one of its own is QEMU's. [KubeVirt, SEVPolicyToBits, SEVSNPPolicyToBits]
const NO_DEBUG: u64 = 1;
const ENCRYPTED_STATE: u64 = 1 << 2;
const SNP_POLICY: u64 = 0x30000;

/// Reads it. `is_stored` says that a cluster had the object, and dropped what its release does not know.
pub(super) fn read(
    import: &mut Import,
    spec: &Node<'_>,
    domain: &Node<'_>,
    is_stored: bool,
) -> Result<Technology, Error> {
    let security = domain.get("launchSecurity")?;
    let (sev, snp) = (security.get("sev")?, security.get("snp")?);
    let tdx = security.get("tdx")?;
    match (sev.is_some(), snp.is_some(), tdx.is_some()) {
        (true, false, false) => read_sev(import, spec, &sev),
        (false, true, false) => read_snp(import, &snp, is_stored),
        (false, false, true) => tdx.error("this is a guest of Intel's"),
        (false, false, false) => security.error(match security.is_some() {
            true => "it has neither sev nor snp",
            false => "there is none: the guest's memory is not encrypted",
        }),
        _ => security
            .error("it has more than one kind, of which releases of KubeVirt choose differently"),
    }
}

fn read_sev(import: &mut Import, spec: &Node<'_>, sev: &Node<'_>) -> Result<Technology, Error> {
    let state = sev.get("policy")?.get("encryptedState")?;
    let is_encrypted = state.switch()?;
    let policy = NO_DEBUG | if is_encrypted == Some(true) { ENCRYPTED_STATE } else { 0 };
    let technology = checks::technology(false, policy);
    import.description.technology = match is_encrypted {
        Some(_) => found(technology, state.place()),
        None => default(technology, format!("without {} it is plain SEV", state.place())),
    };
    import.description.policy =
        default(policy, "KubeVirt's policy forbids debugging, and nothing else");
    import.check_policy(technology, policy);
    import.description.boot.kernel_hashes =
        default(vec![false], "KubeVirt writes no kernelHashes for SEV and SEV-ES");
    let attestation = sev.get("attestation")?;
    let strategy = spec.get("startStrategy")?;
    if attestation.is_some() && strategy.text()? != Some("Paused") {
        return attestation
            .error(format!("KubeVirt refuses it without {}: Paused", strategy.place()));
    }
    let has_session = sev.get("session")?.text()?.is_some() && sev.get("dhCert")?.text()?.is_some();
    // With attestation the owner gives them while the guest is paused.
    if !attestation.is_some() && !has_session {
        let why = format!("{} has neither attestation nor session with dhCert", sev.place());
        import.warn_of_no_session(&why);
    }
    Ok(technology)
}

fn read_snp(import: &mut Import, snp: &Node<'_>, is_stored: bool) -> Result<Technology, Error> {
    let technology = Technology::Snp;
    import.description.technology = found(technology, snp.place());
    let policy = snp.get("policy")?;
    let word = policy.word()?.filter(|word| !word.is_empty());
    let bits = match &word {
        // In the bases of Go. [KubeVirt, ConfigureSEVSNPLaunchSecurity]
        Some(word) => number(word).or_else(|message| policy.error(message))?,
        None => SNP_POLICY,
    };
    import.description.policy = match word {
        Some(_) => found(bits, policy.place()),
        None => default(bits, "KubeVirt's policy where none is given"),
    };
    import.check_policy(technology, bits);
    read_hashes(import, snp, is_stored)?;
    if let Some((node, text)) = text_of(snp, "hostData")? {
        import.host_data(node.place(), &text).or_else(|message| node.error(message))?;
    }
    for key in ["attestation", "initDataRef"] {
        let node = snp.get(key)?;
        if node.is_some() {
            let text = "what it names gives the guest its HOST_DATA before it is started";
            import.unknown(
                "host_data",
                node.place(),
                text,
                "the InitData object's hostData, in hex",
            );
        }
    }
    let (block, auth) = (text_of(snp, "idBlock")?, text_of(snp, "idAuth")?);
    let place = |key: &str| format!("{}.{key}", snp.place());
    let (block_at, auth_at) = (place("idBlock"), place("idAuth"));
    let value = |one: &Option<(Node<'_>, String)>| one.as_ref().map(|(_, text)| text.clone());
    let (block, auth) = (value(&block), value(&auth));
    let author = yes_or_no(&snp.get("authorKey")?)?;
    let author = author.and_then(|on| found(on, place("authorKey")));
    let (block, auth) = ((&*block_at, block.as_deref()), (&*auth_at, auth.as_deref()));
    import.id_block(snp.source(), block, auth, author)?;
    Ok(technology)
}

/// The first releases with SNP do not know the key, and their clusters drop it.
fn read_hashes(import: &mut Import, snp: &Node<'_>, is_stored: bool) -> Result<(), Error> {
    let hashes = snp.get("kernelHashes")?;
    match yes_or_no(&hashes)? {
        Some(on) if is_stored => {
            import.description.boot.kernel_hashes = found(vec![on], hashes.place());
        }
        Some(true) => import.unknown(
            "boot.kernel_hashes",
            hashes.place(),
            "releases of KubeVirt that do not know this key drop it",
            "the object as the cluster has it: `kubectl get vmi NAME -o yaml`",
        ),
        Some(false) => {
            import.description.boot.kernel_hashes = found(vec![false], hashes.place());
        }
        None => {
            let reason = "libvirt leaves kernelHashes to QEMU, whose default is off";
            import.description.boot.kernel_hashes = default(vec![false], reason);
        }
    }
    Ok(())
}

fn text_of<'a>(node: &Node<'a>, key: &str) -> Result<Option<(Node<'a>, String)>, Error> {
    let node = node.get(key)?;
    let text = node.text()?.filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(text.map(|text| (node, text)))
}

/// A switch, which some releases have as libvirt's words.
fn yes_or_no(node: &Node<'_>) -> Result<Option<bool>, Error> {
    match node.text() {
        Ok(Some("yes")) => Ok(Some(true)),
        Ok(Some("no")) => Ok(Some(false)),
        Ok(Some("") | None) => Ok(None),
        Ok(Some(other)) => node.error(format!("{other:?} is neither yes nor no")),
        Err(_) => node.switch(),
    }
}
