//! What a walk does otherwise than its reader would: all of it.

/// Where the clone of a walk comes from, by the name that it has in the place.
pub(super) const CHECKOUT: &str = "SEV_LAUNCH_CHECKOUT";

/// A line of the table.
pub(super) struct Substitution {
    /// Both walks', or one's.
    pub(super) of: Walks,
    /// What the reader has, or types.
    pub(super) reader: &'static str,
    /// What the walk has in its place.
    pub(super) walk: &'static str,
}

/// Whose walk it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Walks {
    Newcomer,
    Author,
    Both,
}

/// The table. A command is replaced where it stands alone in its line; all else is about the place.
pub(super) const ALL: [Substitution; 5] = [
    Substitution {
        of: Walks::Both,
        reader: "git clone https://github.com/sev-launch/sev-launch",
        walk: "git clone --quiet \"$SEV_LAUNCH_CHECKOUT\" sev-launch",
    },
    Substitution {
        of: Walks::Newcomer,
        reader: "Rust, installed by rustup",
        walk: "this machine's toolchain, mounted read-only",
    },
    Substitution {
        of: Walks::Newcomer,
        reader: "a machine with a network",
        walk: "a chroot with this machine's resolv.conf, certificate authorities of its own, and apt settings for the network",
    },
    Substitution {
        of: Walks::Author,
        reader: "sev-launch-abi, sev-launch-digest and sev-launch-verify of the registry",
        walk: "the same as `cargo package` packs them out of this tree",
    },
    Substitution {
        of: Walks::Author,
        reader: "the newest fitting packages of others, from the registry",
        walk: "those of this repository's Cargo.lock, from cargo's cache",
    },
];

/// What is run for a command of a transcript.
pub(super) fn command(line: &str) -> &str {
    ALL.iter().find(|one| one.reader == line).map_or(line, |one| one.walk)
}

/// Prints what is replaced in one walk.
pub(super) fn tell(walk: Walks) {
    for Substitution { of, reader, walk: instead } in &ALL {
        if *of == walk || *of == Walks::Both {
            println!("walk: in place of {reader}: {instead}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_replaced_as_a_whole_or_not_at_all() {
        let clone = "git clone https://github.com/sev-launch/sev-launch";
        assert!(command(clone).contains(CHECKOUT));
        assert_eq!(command("git status"), "git status");
    }
}
