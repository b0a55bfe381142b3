//! What is done with the package, and what must come of it.

/// The README's first digest.
const DIGEST: &str = "094545c7079dd4c981f681a586dd823b639d0094d207796d7baa44d959563f3175c199ca7c038184780c12cb0874bb25";
/// The flags that describe its guest, below a folder.
const GUEST: &str = "digest --mode snp --firmware $D/firmware/amdsev.fd --kernel $D/boot/vmlinuz --initrd $D/boot/initrd.img \
     --cmdline-file $D/boot/cmdline --vcpus 4 --vcpu-type EPYC-Milan";
/// Before what a step is, and after what it said.
const BEFORE: &str = "== ";
const AFTER: &str = "-- exit code ";

/// Every file of the system but those that dpkg and apt keep about all packages: what they know, did, and have at hand.
const FILES: &str = "find / -xdev \\( -path /proc -o -path /shared -o -path /var/cache -o -path /var/log -o -path /var/lib/apt \
     -o -path '/var/lib/dpkg/*-old' -o -path '/var/lib/dpkg/lock*' -o -path '/var/lib/dpkg/triggers/*' \\) -prune -o -print | sort";

/// One thing that is done.
pub(crate) struct Step {
    /// What it shows.
    pub(crate) what: String,
    script: String,
    wanted: Wanted,
}

enum Wanted {
    /// That it succeeds.
    Success,
    /// That it succeeds and says this alone.
    Said(String),
}

/// Every step, in order.
pub(super) fn all(version: &str, mans: usize, has_static: bool) -> Vec<Step> {
    let system = |script: &str| format!("chroot /mnt/root sh -ec {}", quoted(script));
    let said = |text: &str| Wanted::Said(text.to_owned());
    let guest = |folder: &str| GUEST.replace("$D", folder);
    let mut steps = Vec::new();
    let mut step = |what: &str, script: String, wanted| {
        steps.push(Step { what: what.to_owned(), script, wanted });
    };
    step("the files before are listed", system(&format!("{FILES} >/shared/before")), said(""));
    let install = "apt-get install --quiet=2 --yes --no-install-recommends /shared/sev-launch.deb";
    step("apt installs it, with nothing from a network", system(install), Wanted::Success);
    step(
        "`sev-launch --version`",
        system("sev-launch --version"),
        said(&format!("sev-launch {version}")),
    );
    let digest = system(&format!("sev-launch {}", guest("/shared/testdata")));
    step("`sev-launch digest` gives the README's first digest", digest, said(DIGEST));
    let beside = "for name in serve agent remote; do sev-launch $name --help; done";
    step(
        "`sev-launch serve`, `agent` and `remote` find their programs",
        system(beside),
        Wanted::Success,
    );
    let mans_of = "n=0; for page in $(dpkg -L sev-launch | grep '/man1/.*gz$'); do gzip -dc $page | grep -q '^[.]TH sev-launch' && n=$((n + 1)); done; echo $n";
    step(
        "every man page of docs/man is there, and is one",
        system(mans_of),
        said(&mans.to_string()),
    );
    let completions = "test -s /usr/share/bash-completion/completions/sev-launch; test -s /usr/share/zsh/vendor-completions/_sev-launch; \
                       test -s /usr/share/fish/vendor_completions.d/sev-launch.fish; bash -n /usr/share/bash-completion/completions/sev-launch";
    step("completions are where bash, zsh and fish look", system(completions), said(""));
    step(
        "`dpkg --verify` finds every file as packed",
        system("dpkg --verify sev-launch"),
        said(""),
    );
    let purge = "apt-get purge --quiet=2 --yes sev-launch";
    step("apt purges it", system(purge), Wanted::Success);
    step(
        "dpkg knows it no more",
        system(
            "dpkg-query --show --showformat='${db:Status-Status}' sev-launch 2>/dev/null || echo none",
        ),
        said("none"),
    );
    let left = format!("{FILES} >/shared/after; diff /shared/before /shared/after");
    step("not a file or folder is left, and none is missing", system(&left), said(""));
    if has_static {
        let here = "PATH=/shared/empty/usr/bin:$PATH sev-launch";
        let digest = system(&format!("{here} {}", guest("/shared/testdata")));
        step("the static command gives that digest in bookworm", digest, said(DIGEST));
        let empty = "chroot /mnt/empty /usr/bin/sev-launch";
        let digest = format!("{empty} {}", guest("/testdata"));
        step("and in a folder with nothing else, not even a C library", digest, said(DIGEST));
        let beside =
            format!("for name in serve agent remote; do {empty} $name --help || exit; done");
        step("there too the static `serve`, `agent` and `remote` start", beside, Wanted::Success);
    }
    steps
}

/// One script that takes all steps, whatever comes of each, and says so.
pub(super) fn script(steps: &[Step]) -> String {
    let lines = steps.iter().map(|Step { what, script, .. }| {
        format!(
            "echo {}\n( {script} ) 2>&1 </dev/null\necho \"{AFTER}$?\"\n",
            quoted(&format!("{BEFORE}{what}"))
        )
    });
    lines.collect()
}

/// What came otherwise than it must, of what the script said.
pub(super) fn judge(steps: &[Step], said: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut rest = said;
    for Step { what, wanted, .. } in steps {
        let head = format!("{BEFORE}{what}\n");
        let part = rest.split_once(&head).and_then(|(_, rest)| rest.split_once(AFTER));
        let Some((text, after)) = part else {
            wrong.push(format!(
                "{what}: nothing was said, wanted its end; what was said last:\n{}",
                rest.trim()
            ));
            continue;
        };
        rest = after;
        let code = after.lines().next().unwrap_or_default();
        let text = text.trim();
        if code != "0" {
            wrong.push(format!("{what}: exit code {code}, wanted 0:\n{text}"));
        } else if let Wanted::Said(wanted) = wanted
            && text != wanted
        {
            wrong.push(format!("{what}: it said {text:?}, wanted {wanted:?}"));
        }
    }
    wrong
}

/// As a shell reads it as one word.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Vec<Step> {
        let step = |what: &str, wanted| Step { what: what.into(), script: "true".into(), wanted };
        vec![step("it's first", Wanted::Success), step("second", Wanted::Said("yes".into()))]
    }

    #[test]
    fn what_came_is_held_against_what_must() {
        let right = "== it's first\nwords\n-- exit code 0\n== second\nyes\n-- exit code 0\n";
        assert_eq!(judge(&two(), right), [""; 0]);
        let wrong = judge(&two(), "== it's first\n-- exit code 1\n== second\nno\n-- exit code 0\n");
        assert!(wrong[0].contains("exit code 1") && wrong[1].contains("\"no\""), "{wrong:?}");
        assert_eq!(judge(&two(), "").len(), 2);
    }

    #[test]
    fn the_script_tells_steps_apart() {
        let script = script(&two());
        assert!(
            script.starts_with("echo '== it'\\''s first'\n( true ) 2>&1 </dev/null\n"),
            "{script}"
        );
    }
}
