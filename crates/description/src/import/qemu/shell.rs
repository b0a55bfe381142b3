//! Pasted shell text into words: quotes, backslashes, comments and the ends of commands as a POSIX shell has them.
//!
//! Defined by POSIX, Shell Command Language, token recognition and quoting. Nothing is expanded: `$NAME` and substitutions
//! stay as they are, and the word tells of them.

use super::super::bounded;

/// A word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The first variable, substitution or pattern in it that a shell would have replaced.
    pub expansion: Option<String>,
    /// Does one stand outside of quotes, so that a shell may make several words of it, or none?
    pub splits: bool,
}

impl From<&[u8]> for Word {
    fn from(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), ..Self::default() }
    }
}

/// Splits a text into the words of each command. An error for a quote or a substitution that is not closed, and for a
/// redirection within a word.
pub(super) fn split(text: &[u8]) -> Result<Vec<Vec<Word>>, String> {
    let (commands, words, word) = Default::default();
    let mut reader = Reader { text, at: 0, commands, words, word, is_target: false };
    reader.read()?;
    Ok(reader.commands)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    commands: Vec<Vec<Word>>,
    words: Vec<Word>,
    /// The word that is being read; none between words.
    word: Option<Word>,
    /// Is the next word a redirection's target, and none of the command's?
    is_target: bool,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn word(&mut self) -> &mut Word {
        self.word.get_or_insert_default()
    }

    fn push(&mut self, byte: u8) {
        self.word().bytes.push(byte);
    }

    fn end_word(&mut self) {
        let Some(mut word) = self.word.take() else { return };
        if std::mem::take(&mut self.is_target) {
            return;
        }
        // Alone it opens a group of commands.
        if word.bytes == b"{" {
            (word.expansion, word.splits) = (None, false);
        }
        self.words.push(word);
    }

    fn end_command(&mut self) {
        self.end_word();
        self.is_target = false;
        if !self.words.is_empty() {
            self.commands.push(std::mem::take(&mut self.words));
        }
    }

    fn read(&mut self) -> Result<(), String> {
        while let Some(byte) = self.next() {
            match byte {
                b' ' | b'\t' | b'\r' => self.end_word(),
                b'&' if self.peek() == Some(b'>') => self.redirect_both()?,
                b'(' => self.opening()?,
                b'\n' | b';' | b'&' | b'|' | b')' => self.end_command(),
                b'#' if self.word.is_none() => self.skip_comment(),
                b'<' | b'>' if self.peek() == Some(b'(') => {
                    self.expansion(byte, false)?;
                }
                b'<' | b'>' => self.skip_redirection(byte)?,
                b'\'' => self.single_quoted()?,
                b'"' => self.double_quoted()?,
                b'\\' => self.backslash(),
                b'$' if matches!(self.peek(), Some(b'\'' | b'"')) => {
                    self.note("$'…'".into(), false);
                }
                b'~' if self.word.as_ref().is_none_or(before_a_folder) => {
                    self.note("~".into(), true);
                    self.push(byte);
                }
                b'*' | b'?' | b'[' | b'{' => {
                    self.note(char::from(byte).to_string(), true);
                    self.push(byte);
                }
                _ => self.expansion(byte, true)?,
            }
        }
        self.end_command();
        Ok(())
    }

    fn skip_comment(&mut self) {
        while self.peek().is_some_and(|byte| byte != b'\n') {
            self.at += 1;
        }
    }

    /// `2>&1`, `> file`: neither the descriptor before nor the target after is a word of the command. Where a word stands right
    /// before it, it is a placeholder that nobody filled in, or a quote was lost: a shell would take what follows for a file.
    fn skip_redirection(&mut self, byte: u8) -> Result<(), String> {
        if self.word.as_ref().is_some_and(|word| !word.bytes.iter().all(u8::is_ascii_digit)) {
            let (sign, at) = (char::from(byte), self.at - 1);
            return Err(format!(
                "{sign} at byte {at} stands within a word, where a shell cuts the word and takes what follows for a file: put \
                the value in a placeholder's place, or quote the word"
            ));
        }
        self.word = None;
        while let Some(byte @ (b'<' | b'>' | b'&' | b'|' | b' ' | b'\t')) = self.peek() {
            let is_substitution = matches!(byte, b'<' | b'>')
                && self.text.get(self.at + 1).is_some_and(|next| *next == b'(');
            if is_substitution {
                break;
            }
            self.at += 1;
        }
        self.is_target = true;
        Ok(())
    }

    /// `&> log`: bash redirects both outputs and goes on with the command, and a POSIX shell ends it there. So nothing may follow.
    fn redirect_both(&mut self) -> Result<(), String> {
        let at = self.at - 1;
        self.end_word();
        while self.peek().is_some_and(|byte| matches!(byte, b'>' | b' ' | b'\t')) {
            self.at += 1;
        }
        let rest = self.text.get(self.at..).unwrap_or_default();
        let is_end = |byte: &u8| matches!(byte, b'\n' | b';' | b'&' | b'|' | b')');
        let line = rest.iter().position(is_end).and_then(|end| rest.get(..end)).unwrap_or(rest);
        if line.trim_ascii().iter().any(u8::is_ascii_whitespace) {
            return Err(format!(
                "words follow the &> at byte {at}: bash takes them for the command's and other shells for another command, so put \
                &> and its file last"
            ));
        }
        self.at += line.len();
        self.end_command();
        Ok(())
    }

    /// `(` starts a group, a function's brackets or an array; within another word it is a pattern of bash's.
    fn opening(&mut self) -> Result<(), String> {
        let is_array = |word: &Word| word.bytes.ends_with(b"=");
        if self.word.as_ref().is_some_and(|word| !is_array(word)) && self.peek() != Some(b')') {
            let at = self.at - 1;
            return Err(format!("( at byte {at} stands within a word: quote the word"));
        }
        self.end_command();
        Ok(())
    }

    fn single_quoted(&mut self) -> Result<(), String> {
        let start = self.at - 1;
        self.word();
        loop {
            match self.next() {
                Some(b'\'') => return Ok(()),
                Some(byte) => self.push(byte),
                None => return Err(format!("the ' at byte {start} has no end")),
            }
        }
    }

    fn double_quoted(&mut self) -> Result<(), String> {
        let start = self.at - 1;
        self.word();
        loop {
            match self.next() {
                Some(b'"') => return Ok(()),
                Some(b'\\') => match self.peek() {
                    Some(byte @ (b'"' | b'\\' | b'$' | b'`')) => {
                        self.at += 1;
                        self.push(byte);
                    }
                    Some(b'\n') => self.at += 1,
                    _ => self.push(b'\\'),
                },
                Some(byte) => self.expansion(byte, false)?,
                None => return Err(format!("the \" at byte {start} has no end")),
            }
        }
    }

    /// A backslash takes the next byte as it is; before the end of a line it is no more than a break. What was copied from a
    /// terminal or from Windows may have `\r\n` there, and what was copied from a web page spaces before it.
    fn backslash(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
        let is_break = rest.get(blank) == Some(&b'\n') && (blank == 0 || self.word.is_none());
        match self.peek() {
            _ if is_break => self.at += blank + 1,
            Some(b'\r') if rest.get(1) == Some(&b'\n') => self.at += 2,
            Some(byte) => {
                self.at += 1;
                self.push(byte);
            }
            None => {}
        }
    }

    fn note(&mut self, text: String, splits: bool) {
        let word = self.word();
        word.expansion.get_or_insert(text);
        word.splits |= splits;
    }

    /// Takes a byte in, and with it the whole of a substitution that it may start: what stands in one is no part of the line's
    /// own words.
    fn expansion(&mut self, byte: u8, splits: bool) -> Result<(), String> {
        let start = self.at - 1;
        let end = match (byte, self.peek()) {
            (b'`', _) => {
                let rest = self.text.get(self.at..).unwrap_or_default();
                let end = rest.iter().position(|byte| *byte == b'`');
                Some(end.map(|end| self.at + end + 1).ok_or_else(|| open(byte, start))?)
            }
            (b'$' | b'<' | b'>', Some(b'(')) => {
                Some(self.closed(b'(', b')').ok_or_else(|| open(byte, start))?)
            }
            (b'$', Some(b'{')) => Some(self.closed(b'{', b'}').ok_or_else(|| open(byte, start))?),
            (b'$', Some(b'[')) => Some(self.closed(b'[', b']').ok_or_else(|| open(byte, start))?),
            (b'$', Some(next)) if is_name(next) => {
                let rest = self.text.get(self.at..).unwrap_or_default();
                Some(self.at + rest.iter().take_while(|byte| is_name(**byte)).count())
            }
            (b'$', Some(b'@' | b'*' | b'#' | b'?' | b'!' | b'$' | b'-')) => Some(self.at + 1),
            _ => None,
        };
        let Some(end) = end else {
            self.push(byte);
            return Ok(());
        };
        let whole = self.text.get(start..end).unwrap_or_default().to_vec();
        // "$@" and "${A[@]}" are as many words as there are, in quotes too.
        let is_list = whole.starts_with(b"$@") || whole.starts_with(b"${") && whole.contains(&b'@');
        self.note(bounded(&String::from_utf8_lossy(&whole)), splits || is_list);
        self.word().bytes.extend(whole);
        self.at = end;
        Ok(())
    }

    /// Behind the bracket that closes the one at `at`; quotes count as a shell has them, nearly.
    fn closed(&self, opening: u8, closing: u8) -> Option<usize> {
        let (mut depth, mut quote) = (0_usize, None);
        let mut bytes = self.text.get(self.at..)?.iter().enumerate();
        while let Some((at, byte)) = bytes.next() {
            match (*byte, quote) {
                (b'\\', None | Some(b'"')) => {
                    bytes.next();
                }
                (byte, Some(end)) if byte == end => quote = None,
                (_, Some(_)) => {}
                (b'\'' | b'"', None) => quote = Some(*byte),
                (byte, None) if byte == opening => depth += 1,
                (byte, None) if byte == closing => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(self.at + at + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

fn open(byte: u8, start: usize) -> String {
    format!("the substitution by {} at byte {start} has no end", char::from(byte))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Behind these signs a shell takes `~` for a folder, as at a word's start.
fn before_a_folder(word: &Word) -> bool {
    matches!(word.bytes.last(), Some(b'=' | b':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        let text_of = |word: Word| String::from_utf8(word.bytes).unwrap();
        let commands = split(text.as_bytes()).unwrap();
        commands.into_iter().map(|command| command.into_iter().map(text_of).collect()).collect()
    }

    // As dash has them, redirections and line breaks of other systems apart.
    #[test]
    fn words_are_those_of_a_shell() {
        for (text, expected) in [
            ("a  b\tc", vec!["a", "b", "c"]),
            ("'a b' \"c d\"", vec!["a b", "c d"]),
            ("a\\ b", vec!["a b"]),
            ("a\\\nb", vec!["ab"]),
            ("a \\\n  b", vec!["a", "b"]),
            ("a \\\r\n b", vec!["a", "b"]),
            ("a \\  \n b", vec!["a", "b"]),
            ("a\\ \nb", vec!["a "]),
            ("''", vec![""]),
            ("x\"y\"'z'", vec!["xyz"]),
            (r#""\"\\\$\n""#, vec![r#""\$\n"#]),
            (r"'\'", vec!["\\"]),
            ("a#b #c d", vec!["a#b"]),
            ("a 2>&1 >/dev/null b", vec!["a", "b"]),
            ("\"a\\\nb\"", vec!["ab"]),
            ("a > 'x y' b >|c 2>&1", vec!["a", "b"]),
            ("a &> log", vec!["a"]),
            ("a &>>log ; c", vec!["a"]),
            ("a >log&& b", vec!["a"]),
            (r#"a "$(cat "b c" 'd)') e" f"#, vec!["a", r#"$(cat "b c" 'd)') e"#, "f"]),
            ("a `b c`d e", vec!["a", "`b c`d", "e"]),
        ] {
            assert_eq!(words(text)[0], expected, "{text:?}");
        }
        assert_eq!(words("a; b | c &\nd"), [["a"], ["b"], ["c"], ["d"]]);
        assert_eq!(words("(a b) \n"), [["a", "b"]]);
        assert!(words(" \n # x").is_empty());
    }

    #[test]
    fn open_quotes_are_errors_and_variables_are_told() {
        for text in [
            "'a", "\"a", "a '", "$(a", "`a", "${a", "\"$(a\"", "a<b>,c", "a=<b>", "$[1",
            "a &> l b", "a@(b)",
        ] {
            assert!(split(text.as_bytes()).is_err(), "{text}");
        }
        let expansion = |text: &str| {
            let words: Vec<_> = split(text.as_bytes()).unwrap().into_iter().flatten().collect();
            let word = words.into_iter().find(|word| word.expansion.is_some());
            word.map(|word| (word.expansion.unwrap(), word.splits))
        };
        assert_eq!(expansion("a $OVMF,b"), Some(("$OVMF".into(), true)));
        assert_eq!(expansion("\"${A}/x\""), Some(("${A}".into(), false)));
        assert_eq!(expansion("`uname`"), Some(("`uname`".into(), true)));
        assert_eq!(expansion("a <(b)"), Some(("<(b)".into(), false)));
        assert_eq!(expansion("\"$@\""), Some(("$@".into(), true)));
        assert_eq!(expansion("\"${A[@]}\""), Some(("${A[@]}".into(), true)));
        assert_eq!(expansion("\"$*\""), Some(("$*".into(), false)));
        assert_eq!(expansion("\"$-\""), Some(("$-".into(), false)));
        assert_eq!(expansion("$[1+1]"), Some(("$[1+1]".into(), true)));
        assert_eq!(expansion("a{1..3}"), Some(("{".into(), true)));
        assert_eq!(expansion("file=~/x"), Some(("~".into(), true)));
        for none in ["{ a; }", "'$A'", r"\$A", r#""\$A""#, "a$", "$"] {
            assert_eq!(expansion(none), None, "{none}");
        }
    }
}
