//! Pasted shell text into words: quotes, backslashes, comments and the ends of commands as a POSIX shell has them.
//!
//! Defined by POSIX, Shell Command Language, token recognition and quoting. Nothing is expanded: `$NAME` and substitutions
//! stay as they are, and are told.

/// What was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Shell {
    /// The words of each command.
    pub commands: Vec<Vec<Vec<u8>>>,
    /// The first variable or substitution that a shell would have replaced.
    pub expansion: Option<String>,
    /// How many there are.
    pub expansions: usize,
}

/// Splits a text. An error for a quote that is not closed.
pub(super) fn split(text: &[u8]) -> Result<Shell, String> {
    let mut reader = Reader { text, at: 0, shell: Shell::default(), words: Vec::new(), word: None };
    reader.read()?;
    Ok(reader.shell)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    shell: Shell,
    words: Vec<Vec<u8>>,
    /// The word that is being read; none between words.
    word: Option<Vec<u8>>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let byte = self.text.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn push(&mut self, byte: u8) {
        self.word.get_or_insert_default().push(byte);
    }

    fn end_word(&mut self) {
        self.words.extend(self.word.take());
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.words.is_empty() {
            self.shell.commands.push(std::mem::take(&mut self.words));
        }
    }

    fn read(&mut self) -> Result<(), String> {
        while let Some(byte) = self.next() {
            match byte {
                b' ' | b'\t' | b'\r' => self.end_word(),
                b'\n' | b';' | b'&' | b'|' => self.end_command(),
                b'#' if self.word.is_none() => self.skip_comment(),
                b'<' | b'>' => self.skip_redirection(),
                b'\'' => self.single_quoted()?,
                b'"' => self.double_quoted()?,
                b'\\' => self.backslash(),
                b'$' if matches!(self.peek(), Some(b'\'' | b'"')) => {
                    self.expansion(|| "$'…'".to_owned());
                }
                b'~' | b'{' if self.word.is_none() => {
                    self.expansion(|| char::from(byte).to_string());
                    self.push(byte);
                }
                b'*' | b'?' => {
                    self.expansion(|| char::from(byte).to_string());
                    self.push(byte);
                }
                _ => {
                    self.note_expansion(byte);
                    self.push(byte);
                }
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

    /// `2>&1`, `> file`: neither the descriptor before nor the target after is a word of the command.
    fn skip_redirection(&mut self) {
        if self.word.as_ref().is_some_and(|word| word.iter().all(u8::is_ascii_digit)) {
            self.word = None;
        }
        self.end_word();
        while self.peek().is_some_and(|byte| matches!(byte, b'<' | b'>' | b'&' | b' ' | b'\t')) {
            self.at += 1;
        }
        while self.peek().is_some_and(|byte| !byte.is_ascii_whitespace() && byte != b';') {
            self.at += 1;
        }
    }

    fn single_quoted(&mut self) -> Result<(), String> {
        let start = self.at - 1;
        self.word.get_or_insert_default();
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
        self.word.get_or_insert_default();
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
                Some(byte) => {
                    self.note_expansion(byte);
                    self.push(byte);
                }
                None => return Err(format!("the \" at byte {start} has no end")),
            }
        }
    }

    /// A backslash takes the next byte as it is; before the end of a line it is no more than a break. What was copied from
    /// a terminal or from Windows may have `\r\n` there.
    fn backslash(&mut self) {
        match self.next() {
            Some(b'\n') => {}
            Some(b'\r') if self.peek() == Some(b'\n') => self.at += 1,
            Some(byte) => self.push(byte),
            None => {}
        }
    }

    fn expansion(&mut self, name: impl FnOnce() -> String) {
        self.shell.expansions += 1;
        self.shell.expansion.get_or_insert_with(name);
    }

    fn note_expansion(&mut self, byte: u8) {
        let starts = match (byte, self.peek()) {
            (b'`', _) => true,
            (b'$', Some(next)) => {
                next.is_ascii_alphanumeric() || matches!(next, b'_' | b'{' | b'(' | b'@' | b'*')
            }
            _ => false,
        };
        if starts {
            let rest = self.text.get(self.at - 1..).unwrap_or_default();
            let end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b',');
            self.expansion(|| {
                let name: Vec<u8> = rest.iter().copied().take_while(|b| !end(b)).take(40).collect();
                String::from_utf8_lossy(&name).into_owned()
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        let text_of = |word: Vec<u8>| String::from_utf8(word).unwrap();
        let commands = split(text.as_bytes()).unwrap().commands;
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
            ("''", vec![""]),
            ("x\"y\"'z'", vec!["xyz"]),
            (r#""\"\\\$\n""#, vec![r#""\$\n"#]),
            (r"'\'", vec!["\\"]),
            ("a#b #c d", vec!["a#b"]),
            ("a 2>&1 >/dev/null b", vec!["a", "b"]),
            ("\"a\\\nb\"", vec!["ab"]),
        ] {
            assert_eq!(words(text), [expected], "{text:?}");
        }
        assert_eq!(words("a; b | c &\nd"), [["a"], ["b"], ["c"], ["d"]]);
        assert!(words(" \n # x").is_empty());
    }

    #[test]
    fn open_quotes_are_errors_and_variables_are_told() {
        for text in ["'a", "\"a", "a '"] {
            assert!(split(text.as_bytes()).is_err(), "{text}");
        }
        let expansion = |text: &str| split(text.as_bytes()).unwrap().expansion;
        assert_eq!(expansion("a $OVMF,b"), Some("$OVMF".into()));
        assert_eq!(expansion("\"${A}/x\""), Some("${A}/x".into()));
        assert_eq!(expansion("`uname`"), Some("`uname`".into()));
        for none in ["'$A'", r"\$A", r#""\$A""#, "a$", "$"] {
            assert_eq!(expansion(none), None, "{none}");
        }
    }
}
