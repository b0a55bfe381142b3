//! `sev-launch import`: a launch description from what already describes the guest.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, bail};
use serde::Serialize;
use serde_json::Value;
use sev_launch_description::Unknown;
use sev_launch_description::entries::Entry;
use sev_launch_description::import::kata::{self, Installed, Release, Runtime};
use sev_launch_description::import::nova::{self, Documents};
use sev_launch_description::import::{Import, Warning, kubevirt, libvirt, qemu};
use sev_launch_evidence::demands::check_policy::{self, CheckPolicy};

use crate::exit::Answer;
use crate::paths::seen_from;
use crate::{inputs, output};

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  virsh dumpxml guest | sev-launch import libvirt - -o launch.toml
  sev-launch import qemu --pid 4711 -o launch.toml
  sev-launch import qemu pasted.txt
  sev-launch import kata --release 4.1.0 --pod pod.yaml configuration-qemu-snp.toml
  openstack server show -f json ID > server.json
  sev-launch import nova server.json --flavor flavor.json --image image.json
  kubectl get vmi guest -o yaml | sev-launch import kubevirt - -o launch.toml
  qm showcmd 100 | sev-launch import proxmox - -o launch.toml
  sev-launch import check-policy policy.textproto -o demands.toml

What is printed is a launch description, each value with the place that it came from. What is
insecure, or cannot be attested, is warned of by name; what a digest needs and the input does not
say is listed as unknown, with what settles it, and stops whoever computes. Paths are the host's.

Exit codes:
  0  the description is on standard output, or in its file
  2  what was given describes no such guest, or none that its host would start";

// Where the description goes. Documentation proper would stand in place of each subcommand's own.
#[derive(Debug, clap::Args)]
pub(crate) struct Destination {
    /// Where the description is written; - is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Print JSON: the description, the place of each value, the warnings and what is unknown.
    #[arg(long)]
    json: bool,
}

/// What describes the guest.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub(crate) enum ImportCommand {
    /// A libvirt domain's XML; that of the running domain (virsh dumpxml) says most.
    Libvirt {
        /// The XML; - is standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        destination: Destination,
    },
    /// A QEMU command line: pasted text, the arguments themselves, those of a running process, or what Proxmox VE's qm showcmd prints.
    #[command(visible_alias = "proxmox")]
    Qemu {
        /// A file with the command line as a shell has it, or with NULs between the arguments; - is standard input.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// The file has an argument on each line.
        #[arg(long, requires = "file")]
        argv: bool,
        /// A running QEMU, by its process ID.
        #[arg(long, value_name = "PID", conflicts_with = "file")]
        pid: Option<u32>,
        /// The arguments themselves, after --.
        #[arg(last = true, value_name = "ARGUMENT", conflicts_with_all = ["file", "pid"])]
        words: Vec<OsString>,
        #[command(flatten)]
        destination: Destination,
    },
    /// A Kata Containers configuration, as it is installed.
    Kata {
        /// The configuration.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The pod, or its annotations alone, in YAML or JSON; `crictl inspectp ID` prints those of a pod that runs.
        #[arg(long, visible_alias = "pod", value_name = "FILE")]
        annotations: Option<PathBuf>,
        /// The runtime that starts the pod, go or rust; the configuration tells it too, and must not contradict.
        #[arg(long, value_name = "RUNTIME", value_parser = Runtime::from_str)]
        runtime: Option<Runtime>,
        /// The release that is installed (3.2 to 4.1, as 3.30.0, or CC-0.8.1): each assembles another kernel command line.
        #[arg(long, value_name = "RELEASE", value_parser = Release::from_str)]
        release: Option<Release>,
        /// How many CPUs the host has, where a configuration takes its vCPUs or nr_cpus from there.
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
        host_cpus: Option<u32>,
        #[command(flatten)]
        destination: Destination,
    },
    /// A policy of go-sev-guest's check, as text: what comes of it are demands, for `verify --demands`.
    CheckPolicy {
        /// The text of a check.Config (.textproto); - is standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        destination: Destination,
    },
    /// A KubeVirt VirtualMachineInstance, as YAML or JSON; what kubectl get vmi prints says most.
    #[command(name = "kubevirt")]
    KubeVirt {
        /// The object; - is standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        destination: Destination,
    },
    /// An OpenStack server with its flavor and image, as `openstack … show -f json` prints them.
    #[command(visible_alias = "openstack")]
    Nova {
        /// The server; - is standard input.
        #[arg(value_name = "SERVER", required_unless_present_any = ["server", "flavor", "image"])]
        file: Option<PathBuf>,
        /// The same by name.
        #[arg(long, value_name = "FILE", conflicts_with = "file")]
        server: Option<PathBuf>,
        /// The flavor.
        #[arg(long, value_name = "FILE")]
        flavor: Option<PathBuf>,
        /// The image.
        #[arg(long, value_name = "FILE")]
        image: Option<PathBuf>,
        #[command(flatten)]
        destination: Destination,
    },
}

/// The document of `import --json`; its schema is `docs/schemas/import.schema.json`.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    description: Value,
    values: Vec<Entry>,
    warnings: &'a [Warning],
    unknown: &'a [Unknown],
}

impl ImportCommand {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        match self {
            Self::Libvirt { file, destination } => {
                let xml = inputs::read_piped(file, libvirt::MOST_BYTES)?;
                destination.write(libvirt::from_xml(&xml, &inputs::name(file))?)
            }
            Self::Qemu { words, destination, .. } if !words.is_empty() => {
                let words: Vec<_> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
                destination.write(qemu::from_argv(&words, "the arguments")?)
            }
            Self::Qemu { file, argv, pid, destination, .. } => {
                let path = match (file, pid) {
                    (Some(file), _) => file.clone(),
                    (None, Some(pid)) => format!("/proc/{pid}/cmdline").into(),
                    (None, None) => {
                        bail!("no command line: give a FILE, --pid, or the arguments after --")
                    }
                };
                let (bytes, name) =
                    (inputs::read_piped(&path, qemu::MOST_BYTES)?, inputs::name(&path));
                destination.write(match *argv || pid.is_some() || bytes.contains(&0) {
                    true => qemu::from_argv(&qemu::split_nul(&bytes), &name)?,
                    false => qemu::from_text(&bytes, &name)?,
                })
            }
            Self::Kata { file, annotations, runtime, release, host_cpus, destination } => {
                let text = inputs::read_piped(file, kata::MOST_BYTES)?;
                let pod = read(annotations.as_deref(), kata::MOST_BYTES)?;
                let (runtime, release, host_cpus) = (*runtime, *release, *host_cpus);
                let drop_ins = drop_ins(file)?;
                let installed = Installed { runtime, release, host_cpus, drop_ins: &drop_ins };
                let name = inputs::name(file);
                destination.write(kata::from_toml(&text, pod.as_deref(), installed, &name)?)
            }
            Self::CheckPolicy { file, destination } => {
                let name = inputs::name(file);
                let bytes = inputs::read_piped(file, MOST_POLICY)?;
                let text = String::from_utf8(bytes)
                    .with_context(|| format!("{name}: a policy's text is UTF-8"))?;
                destination.write_demands(&check_policy::read(&text, &name)?)
            }
            Self::KubeVirt { file, destination } => {
                let text = inputs::read_piped(file, kubevirt::MOST_BYTES)?;
                destination.write(kubevirt::from_text(&text, &inputs::name(file))?)
            }
            Self::Nova { file, server, flavor, image, destination } => {
                let server = if file.is_some() { file } else { server };
                let read = |path: &Option<PathBuf>| read(path.as_deref(), nova::MOST_BYTES);
                let (server, flavor, image) = (read(server)?, read(flavor)?, read(image)?);
                let documents = Documents {
                    server: server.as_deref(),
                    flavor: flavor.as_deref(),
                    image: image.as_deref(),
                };
                destination.write(nova::from_json(documents, "the server")?)
            }
        }
    }
}

fn read(path: Option<&Path>, limit: usize) -> anyhow::Result<Option<Vec<u8>>> {
    path.map(|path| inputs::read_piped(path, limit)).transpose()
}

/// The most drop-in files that are read: Kata's own installation writes a handful.
const MOST_DROP_INS: usize = 100;

/// All entries of `config.d` beside a configuration of Kata, in the order of their names, as the runtime reads them, which asks for
/// no extension. [Kata, decodeDropIns] A pipe has nothing beside it.
fn drop_ins(file: &Path) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    if !inputs::exists(file) {
        return Ok(Vec::new());
    }
    // The runtime takes the folder of the file itself, behind symbolic links.
    let path = fs::canonicalize(file).with_context(|| inputs::name(file))?;
    let folder = path.with_file_name("config.d");
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error).with_context(|| inputs::name(&folder)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.with_context(|| inputs::name(&folder))?.path());
        if paths.len() > MOST_DROP_INS {
            bail!("{}: more than {MOST_DROP_INS} files", inputs::name(&folder));
        }
    }
    paths.sort();
    let read =
        |path: &PathBuf| Ok((inputs::name(path), inputs::read_piped(path, kata::MOST_BYTES)?));
    paths.iter().map(read).collect()
}

/// The most bytes of a policy: keys in it are what may be long.
const MOST_POLICY: usize = 1 << 20;

impl Destination {
    /// Demands, and on standard error what the policy permits: nothing in a file of demands does.
    fn write_demands(&self, policy: &CheckPolicy) -> anyhow::Result<Answer> {
        let text = match self.json {
            true => output::json(&policy.document.to_json())?,
            false => policy.document.to_toml().into_bytes(),
        };
        for permitted in &policy.permits {
            output::remark("note", &format_args!("the policy permits {permitted} does so here"));
        }
        output::write(&self.output, &text)?;
        Ok(Answer::Yes)
    }

    fn write(&self, import: Import) -> anyhow::Result<Answer> {
        // Relative paths are taken from the folder of the description's file.
        let folder = output::folder(&self.output);
        let Import { description, warnings, .. } = import;
        let description = description.with_paths(|path| seen_from(path, folder));
        let text = if self.json {
            let document = Document {
                version: 1,
                description: description.to_json()?,
                values: description.entries(),
                warnings: &warnings,
                unknown: &description.unknown,
            };
            output::json(&document)?
        } else {
            description.unknown.iter().for_each(|unknown| output::remark("unknown", unknown));
            warnings.iter().for_each(|warning| output::remark("warning", warning));
            description.to_toml(true)?.into_bytes()
        };
        output::write(&self.output, &text)?;
        Ok(Answer::Yes)
    }
}
