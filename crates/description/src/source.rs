//! What is read, and what is wrong with it: every error of a reader has its name.

use std::fmt;

use crate::error::Error;

/// What is read, by its name, as errors call it.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a>(pub(crate) &'a str);

impl Source<'_> {
    /// Not what it was said to be, or nothing that could be started.
    pub(crate) fn error<T>(self, message: impl Into<String>) -> Result<T, Error> {
        Err(Error::Import { file: self.0.into(), message: message.into() })
    }

    /// Not of the form that it should have.
    pub(crate) fn syntax(self, error: impl fmt::Display) -> Error {
        Error::Syntax { file: self.0.into(), message: error.to_string().trim_end().to_owned() }
    }

    /// No TOML, or of another shape: where, in one line, and without the text that stands there.
    pub(crate) fn toml(self, text: &str, error: &toml::de::Error) -> Error {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.chars().rev().take_while(|c| *c != '\n').count().saturating_add(1);
        let message = error.message().replace('\n', ", ");
        self.syntax(format!("TOML parse error at line {line}, column {column}: {message}"))
    }

    /// A value that cannot be what its place stands for.
    pub(crate) fn value(self, place: impl Into<String>, message: impl Into<String>) -> Error {
        Error::Value { file: self.0.into(), key: place.into(), message: message.into() }
    }

    pub(crate) fn check_size(self, found: usize, wanted: usize) -> Result<(), Error> {
        if found > wanted {
            return Err(Error::TooLarge { file: self.0.into(), found, wanted });
        }
        Ok(())
    }
}
