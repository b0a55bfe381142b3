//! `sev-launch manifest check`.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sev_launch_description::description::Image;
use sev_launch_description::{Description, Origin};
use sev_launch_digest::Warning;
use sev_launch_digest::firmware::KernelHashCheck;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_manifest::check;
use sev_launch_manifest::check::{Recorded, annotations, junit, markdown};
use sev_launch_manifest::differences::InputSide;
use sev_launch_manifest::{Acceptance, Manifest, Obtained, Role};

use crate::again::quoted;
use crate::exit::Answer;
use crate::guest::args::Guest;
use crate::inputs::{Named, Reach};
use crate::manifest::signing::{ManifestFile, ManifestKeys};
use crate::snp::endorsement;
use crate::snp::launch_endorsement::RootFlags;
use crate::{guest, inputs, manifest, output, text};
use sev_launch_sweep::Mode;

/// What the long help adds.
pub(super) const LONG_HELP: &str = "\
Examples:
  sev-launch manifest check manifest.json
  sev-launch manifest check manifest.json --firmware build/OVMF.fd --format junit > report.xml

The launches that the manifest describes are computed again, from the files where it says they are;
flags replace single fields. Rows that were observed or endorsed are kept and not compared; those
of an endorsement that is kept are proven again with --endorsement-root, and held against what is
computed with the operator's profile for as many vCPUs. Where a firmware is another build, the
modules that changed are named, if the manifest has a list of them.

A manifest may come from anybody, so it reads files below its own folder only, links followed: name
others by their flags, or their folders with --allow-outside.

Exit codes:
  0  every computed row is the same
  1  something changed: what it is, is on standard output; or the manifest is not signed by a
     --manifest-key
  2  could not decide: wrong usage, malformed input, a missing file";

/// The largest image of before, in bytes, that is read again.
const MOST_READ: u64 = 64 << 20;

/// How the outcome is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Text for people.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// JUnit's XML, a test case for each row and input.
    Junit,
    /// Annotations that a CI run shows beside the change: workflow commands.
    Annotations,
    /// Markdown for a CI run's summary: the table of digests, and what changed.
    Markdown,
}

/// Compute a manifest again from the files at hand, and name what changed.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The manifest.
    #[arg(value_name = "MANIFEST")]
    manifest: PathBuf,
    #[command(flatten)]
    guest: Guest,
    #[command(flatten)]
    roots: RootFlags,
    /// How the outcome is printed.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: Form,
    /// Print JSON: --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    keys: ManifestKeys,
}

/// Said beside the outcome: a firmware that checks no hashes, and that the manifest does not say so, as one of before cannot. That is no
/// difference, and who verifies with the manifest would not know.
fn remarks(recorded: &Manifest, again: &Manifest) {
    let found = |manifest: &Manifest| manifest.kernel_hash_check(&Acceptance::COMPUTED);
    if found(again) != Some(KernelHashCheck::No) {
        return;
    }
    output::remark("warning", &Warning::KernelHashesUnchecked);
    if found(recorded) == Some(KernelHashCheck::Unknown) {
        output::remark("warning", &"the manifest does not say so: build it again");
    }
}

/// The images that a manifest's description names, before a flag names others.
struct Before {
    images: Vec<PathBuf>,
    named: Named,
}

impl Before {
    fn of(base: &Description, reach: &Reach) -> Self {
        let images = base.firmware.images.iter().flat_map(|field| &field.value);
        let images = images.filter_map(|image| match image {
            Image::File(path) => Some(path.clone()),
            Image::Absorbed(_) | Image::Igvm(_) => None,
        });
        Self { images: images.collect(), named: Named::of(base, reach) }
    }

    /// Is the image of before still at hand? Only what has the recorded hash is.
    fn has(&self, path: &Path, side: &InputSide) -> bool {
        let size = || inputs::size_of_file(path, &self.named).ok();
        let bytes = |size| inputs::read_named(path, size, &self.named).ok();
        self.images.iter().any(|image| image == path)
            && side.size.is_some()
            && size() == side.size
            && side
                .size
                .filter(|size| *size <= MOST_READ)
                .and_then(bytes)
                .is_some_and(|bytes| Sha256Digest::of(&bytes) == side.sha256)
    }

    /// For each firmware that changed and lies elsewhere, the command that says more of it.
    fn remark(&self, outcome: &sev_launch_manifest::Check, folder: &Path) {
        for change in &outcome.differences().inputs {
            let (Role::Firmware, Some(old), Some(new)) = (change.role, &change.old, &change.new)
            else {
                continue;
            };
            let path = |side: &InputSide| side.path.as_ref().map(|path| folder.join(path));
            let Some((one, two)) = path(old).zip(path(new)) else { continue };
            if one == two || old.sha256 == new.sha256 || !self.has(&one, old) {
                continue;
            }
            let word = |path: &Path| quoted(path.to_str()?).filter(|word| !word.starts_with('-'));
            if let Some((one, two)) = word(&one).zip(word(&two)) {
                output::remark("note", &format!("sev-launch firmware diff {one} {two} says more"));
            }
        }
    }
}

impl Check {
    pub(super) fn run(&self) -> anyhow::Result<Answer> {
        let file = self.keys.read_file(&self.manifest)?;
        file.notes.iter().for_each(|text| output::remark("note", text));
        let ManifestFile { manifest: mut recorded, text: text_of_it, .. } = file;
        let proofs = self.roots.prove(&mut recorded, endorsement::now()?)?;
        self.check_root(&recorded)?;
        if !proofs.is_empty()
            && recorded.rows().iter().all(|row| row.obtained != Obtained::Computed)
        {
            // Nothing of a launch is known: what is endorsed is proven, and that is all there is.
            let outcome = sev_launch_manifest::Check::of_proofs(&recorded, &proofs)?;
            return self.print(&outcome, &recorded, &text_of_it);
        }
        let folder = self.manifest.parent().unwrap_or(Path::new(""));
        let mut before = None;
        let base = match self.guest.description {
            // A description given replaces the manifest's whole.
            Some(_) => Description::default(),
            None => {
                let bytes = serde_json::to_vec(&recorded.head().description)?;
                let origin = Origin::file(inputs::name(&self.manifest));
                let mut base = Description::from_json(&bytes, &origin, folder)?;
                if self.guest.replaces_firmware() {
                    let reach = self.guest.reach(Some(&self.manifest), true);
                    before = Some(Before::of(&base, &reach));
                    // Another build is what is asked about: the manifest has its own hash, and names the change.
                    base.firmware.sha256 = None;
                }
                base
            }
        };
        let described = self.guest.describe_over(None, base)?;
        let mode = Mode::of(&described).context("the manifest describes no technology")?;
        if mode == Mode::SnpFirmware {
            bail!("a manifest is of guests");
        }
        let reading = guest::inputs::for_manifest();
        // A manifest may be anybody's, so what it names is held to its folder.
        let named = match self.guest.description {
            Some(_) => self.guest.named(&described),
            None => Named::of(&described, &self.guest.reach(Some(&self.manifest), true)),
        };
        let inputs = self.guest.read_named(mode, described, reading, &named)?;
        let sweep = guest::inputs::sweep(&inputs)?;
        let again = manifest::of_sweep(&sweep, &recorded.head().name, folder)?;
        let outcome = check(&recorded, &again)?.with_proofs(&recorded, &again, &proofs);
        remarks(&recorded, &again);
        recorded.of_no_computed().for_each(|finding| output::remark("warning", &finding));
        if let Some(before) = before {
            before.remark(&outcome, folder);
        }
        self.print(&outcome, &recorded, &text_of_it)
    }

    /// Where every row is of an endorsement that is kept, nothing is checked without a root.
    fn check_root(&self, recorded: &Manifest) -> anyhow::Result<()> {
        let is_kept = |obtained: &Obtained| matches!(obtained, Obtained::EndorsementKept(_));
        if self.roots.is_given() || !recorded.rows().iter().all(|row| is_kept(&row.obtained)) {
            return Ok(());
        }
        let name = inputs::name(&self.manifest);
        bail!(
            "{name}: every row is of an endorsement, and proven by nothing else: give the root that it is signed under, --endorsement-root CERT"
        )
    }

    fn print(
        &self,
        outcome: &sev_launch_manifest::Check,
        recorded: &Manifest,
        text_of_it: &str,
    ) -> anyhow::Result<Answer> {
        let document = match if self.json { Form::Json } else { self.format } {
            Form::Text => {
                let text = outcome.to_string();
                output::print_text(|out| text::lines(out, text.trim_end()))?;
                return Ok(outcome.is_same().into());
            }
            Form::Json => outcome.to_json()?,
            Form::Junit => junit::write(outcome).into_bytes(),
            Form::Annotations => {
                let file = inputs::name(&self.manifest);
                let recorded = Recorded { file: &file, text: text_of_it, manifest: recorded };
                annotations::write(outcome, Some(recorded)).into_bytes()
            }
            Form::Markdown => markdown::write(outcome).into_bytes(),
        };
        output::write(Path::new(output::STDOUT), &document)?;
        Ok(outcome.is_same().into())
    }
}
