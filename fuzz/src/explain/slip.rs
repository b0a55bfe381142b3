//! What a slip makes of a command line, by its name alone.

/// What Kata's runtime puts before everything else. [Kata, qemu_amd64.go]
const KATA: &[u8] = b"tsc=reliable no_timer_check rcupdate.rcu_expedited=1 i8042.direct=1 i8042.dumbkbd=1 i8042.nopnp=1 \
    i8042.noaux=1 noreplace-smp reboot=k cryptomgr.notests net.ifnames=0 pci=lastbus=0";

/// What is measured of a line with the slip of this name, its NUL included: one of these, since a token may stand in several places.
///
/// # Panics
///
/// If nothing is known of the name: then nobody looks at what it stands for.
pub(super) fn measured(line: &[u8], name: &str) -> Vec<Vec<u8>> {
    if name == "hashed without its NUL" {
        return vec![line.to_vec()];
    }
    let lines = match fixed(line, name) {
        Some(line) => vec![line],
        None => of_tokens(line, name),
    };
    assert!(!lines.is_empty(), "no slip of {:?} is known as {name}", String::from_utf8_lossy(line));
    lines.into_iter().map(|line| [&line[..], b"\0"].concat()).collect()
}

/// Slips whose names hold no token.
fn fixed(line: &[u8], name: &str) -> Option<Vec<u8>> {
    let without_end = |end: &[u8]| line.strip_suffix(end).map(<[u8]>::to_vec);
    let replaced = |from: u8, to: &[u8]| -> Vec<u8> {
        line.iter().flat_map(|&byte| if byte == from { to.to_vec() } else { vec![byte] }).collect()
    };
    let unwrapped = |quote: &[u8]| Some(line.strip_prefix(quote)?.strip_suffix(quote)?.to_vec());
    Some(match name {
        "missing" => Vec::new(),
        "with a NUL at its end" => [line, b"\0"].concat(),
        "without its trailing NUL" => without_end(b"\0")?,
        "with a newline at its end" => [line, b"\n"].concat(),
        "with CR LF at its end" => [line, b"\r\n"].concat(),
        "with a space at its end" => [line, b" "].concat(),
        "with a space before it" => [b" ", line].concat(),
        "without its trailing newline" => without_end(b"\n")?,
        "without its trailing CR LF" => without_end(b"\r\n")?,
        "with LF in place of its trailing CR LF" => [&without_end(b"\r\n")?[..], b"\n"].concat(),
        "without its trailing space" => without_end(b" ")?,
        "without its leading space" => line.strip_prefix(b" ")?.to_vec(),
        "without white space around it" => {
            let mut rest = line;
            while let [b' ' | b'\t' | b'\n' | b'\r' | 0xc, inner @ ..] = rest {
                rest = inner;
            }
            while let [inner @ .., b' ' | b'\t' | b'\n' | b'\r' | 0xc] = rest {
                rest = inner;
            }
            rest.to_vec()
        }
        "without CR" => replaced(b'\r', b""),
        "with each tab as a space" => replaced(b'\t', b" "),
        "with each newline as a space" => replaced(b'\n', b" "),
        "with doubled spaces made single" => {
            let mut single = line.to_vec();
            while let Some(at) = single.windows(2).position(|pair| pair == b"  ") {
                single.remove(at);
            }
            single
        }
        "wrapped in double quotes" => [b"\"", line, b"\""].concat(),
        "wrapped in single quotes" => [b"'", line, b"'"].concat(),
        "without the double quotes around it" => unwrapped(b"\"")?,
        "without the single quotes around it" => unwrapped(b"'")?,
        "without any double quotes" => replaced(b'"', b""),
        "without any single quotes" => replaced(b'\'', b""),
        "with Kata's parameters before it" => joined(KATA, line),
        "without Kata's parameters" => {
            let rest = line.strip_prefix(KATA)?;
            rest.strip_prefix(b" ").unwrap_or(rest).to_vec()
        }
        _ => return None,
    })
}

/// Slips that name a token, or two. A token is what stands between two spaces, and its name is how Rust shows it.
fn of_tokens(line: &[u8], name: &str) -> Vec<Vec<u8>> {
    let plain = |text: &str| text.trim_matches('"').as_bytes().to_vec();
    let between = |start: &str, end: &str| name.strip_prefix(start)?.strip_suffix(end);
    if let Some(token) = between("with ", " at its end") {
        return vec![joined(line, &plain(token))];
    }
    if let Some(token) = between("with ", " before it") {
        return vec![joined(&plain(token), line)];
    }
    let tokens = tokens(line);
    let put =
        |place: &(usize, usize), token: &[u8]| [&line[..place.0], token, &line[place.1..]].concat();
    if let Some(token) = between("with ", " in its place") {
        let first = tokens.iter().find(|(from, to)| line[*from..*to].starts_with(b"nr_cpus="));
        return first.map(|place| put(place, &plain(token))).into_iter().collect();
    }
    if let Some((token, other)) =
        between("with ", "").and_then(|two| two.split_once(" in place of "))
    {
        let other = plain(other);
        let first = tokens.iter().find(|(from, to)| line[*from..*to] == other);
        return first.map(|place| put(place, &plain(token))).into_iter().collect();
    }
    let shown =
        |(from, to): &(usize, usize)| format!("{:?}", String::from_utf8_lossy(&line[*from..*to]));
    let mut lines = Vec::new();
    for (number, place) in tokens.iter().enumerate() {
        let (from, to) = *place;
        if name == format!("without {}", shown(place)) {
            // One of the spaces around it goes with it.
            let (from, to) =
                if to < line.len() { (from, to + 1) } else { (from.saturating_sub(1), to) };
            lines.push([&line[..from], &line[to..]].concat());
        }
        let Some(next) = tokens.get(number + 1) else { continue };
        if name == format!("with two spaces after {}", shown(place)) {
            lines.push([&line[..to], b" ", &line[to..]].concat());
        }
        if name == format!("with {} after {}", shown(place), shown(next)) {
            let other = &line[next.0..next.1];
            lines.push([&line[..from], other, b" ", &line[from..to], &line[next.1..]].concat());
        }
    }
    lines
}

/// Where the tokens start and end; between two spaces stands one of no bytes.
fn tokens(line: &[u8]) -> Vec<(usize, usize)> {
    let spaces = (0..line.len()).filter(|at| line[*at] == b' ');
    let starts = [0].into_iter().chain(spaces.clone().map(|at| at + 1));
    starts.zip(spaces.chain([line.len()])).collect()
}

/// Two parts with a space between; an empty one needs none.
fn joined(one: &[u8], other: &[u8]) -> Vec<u8> {
    match one.is_empty() || other.is_empty() {
        true => [one, other].concat(),
        false => [one, b" ", other].concat(),
    }
}
