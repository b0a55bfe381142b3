//! The parameters by which the guest's kernel finds its root: the image's first partition, behind dm-verity where its hash is
//! given. [Kata, GetKernelRootParams; KernelVerityParams]

use super::Settings;
use crate::error::Error;

/// The partitions of an image, as a kind of device has them.
pub(super) struct Partitions {
    data: &'static str,
    hash: &'static str,
}

/// A virtio disk's.
pub(super) const VIRTIO: Partitions = Partitions { data: "/dev/vda1", hash: "/dev/vda2" };
/// A persistent memory's, which the Rust runtime alone gives to such guests.
pub(super) const PMEM: Partitions = Partitions { data: "/dev/pmem0p1", hash: "/dev/pmem0p2" };

/// The parameters, spaces within quotes included. The Go runtime to 3.16 has ext4's flags for xfs too.
pub(super) fn parameters(
    settings: &Settings<'_>,
    partitions: &Partitions,
    has_old_xfs: bool,
) -> Result<String, Error> {
    let kind = settings.text("rootfs_type")?.unwrap_or("ext4");
    let flags = match kind {
        "ext4" => "data=ordered,errors=remount-ro ro",
        "xfs" if has_old_xfs => "data=ordered,errors=remount-ro ro",
        "xfs" | "erofs" => "ro",
        _ => return settings.wrong("rootfs_type", "ext4, xfs or erofs"),
    };
    let Partitions { data, hash } = partitions;
    let Some(verity) = settings.text("kernel_verity_params")? else {
        return Ok(format!("root={data} rootflags={flags} rootfstype={kind}"));
    };
    let device = verity_device(verity, data, hash).map_err(|message| {
        settings.source.value(settings.place("kernel_verity_params"), message)
    })?;
    Ok(format!("dm-mod.create=\"{device}\" root=/dev/dm-0 rootflags={flags} rootfstype={kind}"))
}

/// The device-mapper's table: sizes are printed anew, hashes copied.
fn verity_device(text: &str, data: &str, hash: &str) -> Result<String, String> {
    let value = |key: &str| {
        let pairs = text.split(',').filter_map(|pair| pair.trim().split_once('='));
        let found = pairs.filter(|(name, _)| *name == key).map(|(_, value)| value).next_back();
        found.filter(|value| !value.is_empty()).ok_or_else(|| format!("no {key}"))
    };
    let number = |key: &str| {
        let text = value(key)?;
        text.parse::<u64>().map_err(|_| format!("{key}: {text:?} is no number"))
    };
    let size = |key: &str| match number(key)? {
        size if size > 0 && size.is_multiple_of(512) => Ok(size),
        size => Err(format!("{key}: {size} is no multiple of 512")),
    };
    let (root, salt, blocks) = (value("root_hash")?, value("salt")?, number("data_blocks")?);
    let (data_size, hash_size) = (size("data_block_size")?, size("hash_block_size")?);
    let sectors = (data_size / 512).checked_mul(blocks).ok_or("data_blocks: too many")?;
    Ok(format!(
        "dm-verity,,,ro,0 {sectors} verity 1 {data} {hash} {data_size} {hash_size} {blocks} 0 sha256 {root} {salt}"
    ))
}
