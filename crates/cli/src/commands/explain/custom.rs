//! Further values to try: what a description lists beyond the launch itself, and whole descriptions of them.

use std::path::PathBuf;

use sev_launch_abi::Technology;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_description::Field;
use sev_launch_description::axes::{Cpu, VcpuCounts};
use sev_launch_description::description::{Blob, Cmdline, Description, Image, Kernel};
use sev_launch_explain::Custom;

use crate::inputs::{self, Named};

/// Values of the search's axes, and files for its pool.
#[derive(Default)]
pub(super) struct Further {
    pub(super) values: Vec<Custom>,
    pub(super) files: Vec<PathBuf>,
}

/// Leaves the first value of each list in the description, and takes the others out of it.
pub(super) fn further(description: &mut Description, named: &Named) -> Further {
    /// All values but the first.
    fn rest<T>(field: &mut Field<Vec<T>>) -> Vec<T> {
        match field {
            Some(field) if field.value.len() > 1 => field.value.split_off(1),
            _ => Vec::new(),
        }
    }
    let mut further = Further::default();
    if let Some(counts) = &mut description.vcpus
        && let [first, others @ ..] = counts.value.counts()
    {
        further.values.extend(others.iter().copied().map(Custom::Vcpus));
        counts.value = VcpuCounts::one(*first);
    }
    // Every profile is tried anyway, and kernel-hashes both ways.
    rest(&mut description.profiles);
    rest(&mut description.boot.kernel_hashes);
    let features = rest(&mut description.sev_features);
    further.values.extend(features.into_iter().map(Custom::SevFeatures));
    rest(&mut description.cpus).iter().for_each(|cpu| further.add_cpu(cpu));
    let cmdlines = rest(&mut description.boot.cmdlines);
    cmdlines.into_iter().for_each(|cmdline| further.add_cmdline(cmdline, named));
    rest(&mut description.firmware.images).iter().for_each(|image| further.add_image(image));
    rest(&mut description.boot.kernels).iter().for_each(|kernel| further.add_kernel(kernel));
    rest(&mut description.boot.initrds).iter().for_each(|initrd| further.add_initrd(initrd));
    further
}

impl Further {
    /// Everything that a description says, as values to try.
    pub(super) fn add_all(&mut self, description: &Description, named: &Named) {
        fn all<T>(field: &Field<Vec<T>>) -> impl Iterator<Item = &T> {
            field.iter().flat_map(|field| &field.value)
        }
        let counts = description.vcpu_counts().into_iter().flat_map(VcpuCounts::counts);
        self.values.extend(counts.copied().map(Custom::Vcpus));
        self.values.extend(all(&description.sev_features).copied().map(Custom::SevFeatures));
        all(&description.cpus).for_each(|cpu| self.add_cpu(cpu));
        all(&description.boot.cmdlines)
            .for_each(|cmdline| self.add_cmdline(cmdline.clone(), named));
        all(&description.firmware.images).for_each(|image| self.add_image(image));
        all(&description.boot.kernels).for_each(|kernel| self.add_kernel(kernel));
        all(&description.boot.initrds).for_each(|initrd| self.add_initrd(initrd));
        let is_snp =
            description.technology.as_ref().is_some_and(|field| field.value == Technology::Snp);
        let policy = description.policy.as_ref().and_then(|field| u32::try_from(field.value).ok());
        let policy = policy.filter(|_| !is_snp).map(Policy::from_bits);
        self.values.extend(policy.map(Custom::Policy));
    }

    fn add_cpu(&mut self, cpu: &Cpu) {
        let (name, signature) = (cpu.to_string(), cpu.signature);
        self.values.push(Custom::Signature { name, signature });
    }

    fn add_cmdline(&mut self, cmdline: Cmdline, named: &Named) {
        let (name, bytes) = match cmdline {
            Cmdline::Bytes(bytes) => (format!("{:?}", String::from_utf8_lossy(&bytes)), bytes),
            Cmdline::File(path) => match inputs::read_named(&path, inputs::SMALL, named) {
                Ok(bytes) => (format!("of file {}", inputs::name(&path)), bytes),
                // Told when it is read as one of the pool.
                Err(_) => return self.files.push(path),
            },
            // A hash without bytes is a launch of its own: describe it, and it is compared as it is.
            Cmdline::Sha256(_) => return,
        };
        self.values.push(Custom::Cmdline { name, bytes });
    }

    fn add_image(&mut self, image: &Image) {
        match image {
            Image::File(path) | Image::Absorbed(path) | Image::Igvm(path) => {
                self.files.push(path.clone());
            }
        }
    }

    fn add_kernel(&mut self, kernel: &Kernel) {
        match kernel {
            Kernel::File(path) | Kernel::Uki(path) => self.files.push(path.clone()),
            Kernel::Sha256(_) => {}
        }
    }

    fn add_initrd(&mut self, initrd: &Blob) {
        match initrd {
            Blob::File(path) => self.files.push(path.clone()),
            Blob::Sha256(_) => {}
        }
    }
}
