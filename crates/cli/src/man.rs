//! Man pages, one for each command: clap_mangen's, with a title, and with what follows the flags in sections as a manual has them.

use std::io::{self, Write};

use clap::Command;
use clap_mangen::Man;

/// A page, and the name of its file.
pub struct Page {
    /// As `sev-launch-digest.1`.
    pub name: String,
    /// In roff.
    pub text: String,
}

/// The pages of a command and of all below it.
pub(crate) fn pages(command: Command) -> io::Result<Vec<Page>> {
    let mut pages = Vec::new();
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        pages.extend(self::pages(sub.clone())?);
    }
    let after = command.get_after_long_help().or_else(|| command.get_after_help());
    let after = after.map(ToString::to_string).unwrap_or_default();
    let has_flags = command.get_arguments().any(|flag| !flag.is_hide_set());
    let has_commands = command.get_subcommands().next().is_some();
    // A flag that -h leaves out has its place in the manual, where clap_mangen would leave its description out.
    let man = Man::new(command.mut_args(|flag| flag.hide_short_help(false)))
        .source(concat!("sev-launch ", env!("CARGO_PKG_VERSION")))
        .manual("sev-launch manual");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if has_flags {
        man.render_options_section(&mut page)?;
    }
    if has_commands {
        man.render_subcommands_section(&mut page)?;
    }
    sections(&after, &mut page)?;
    // Each section begins with the same definitions.
    let page = String::from_utf8(page).map_err(io::Error::other)?;
    let rest = page.strip_prefix(DEFINITIONS).unwrap_or(&page).replace(DEFINITIONS, "");
    pages.push(Page { name: man.get_filename(), text: [DEFINITIONS, &rest].concat() });
    Ok(pages)
}

/// What the roff library writes before whatever it writes: how an apostrophe is spelt.
const DEFINITIONS: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// What stands after the flags: paragraphs, of which some are titled lists of lines that stay as they are.
fn sections(text: &str, page: &mut impl Write) -> io::Result<()> {
    let mut is_in_notes = false;
    for part in text.split("\n\n") {
        let (title, lines) = part.split_once('\n').unwrap_or((part, ""));
        let section = match title {
            "Examples:" => Some("EXAMPLES"),
            "Exit codes:" => Some("EXIT STATUS"),
            _ => None,
        };
        match section {
            Some(section) => writeln!(page, ".SH \"{section}\"\n.nf")?,
            None if is_in_notes => writeln!(page, ".PP")?,
            None => writeln!(page, ".SH NOTES")?,
        }
        is_in_notes = section.is_none();
        // A list in notes keeps its lines too.
        let is_list = lines.lines().any(|line| line.starts_with(' ')) && section.is_none();
        if is_list {
            writeln!(page, ".nf")?;
        }
        for line in if section.is_some() { lines } else { part }.lines() {
            writeln!(page, "{}", escaped(line))?;
        }
        if section.is_some() || is_list {
            writeln!(page, ".fi")?;
        }
    }
    Ok(())
}

/// A line that is no request of roff's, and in which a dash is one that can be pasted.
fn escaped(line: &str) -> String {
    let text = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if text.starts_with('.') { format!("\\&{text}") } else { text }
}
