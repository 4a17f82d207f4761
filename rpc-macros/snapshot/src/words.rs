//! A line as words, and what each may stand for.

use crate::expression;
use crate::model::Version;
use crate::name;
use crate::shape::{Shape, Text, collect_names};

/// The part of a line that is still to be read.
pub(crate) struct Words<'a> {
    rest: &'a str,
    /// The types that were named so far.
    pub(crate) types: Vec<String>,
}

/// What is wrong is told without its line.
pub(crate) type Fallible<T> = Result<T, String>;

impl<'a> Words<'a> {
    pub(crate) fn new(line: &'a str) -> Self {
        Self {
            rest: line,
            types: Vec::new(),
        }
    }

    pub(crate) fn next(&mut self) -> Option<&'a str> {
        let (word, rest) = self.split();
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    /// The next word, and what is behind it.
    fn split(&self) -> (&'a str, &'a str) {
        let rest = self.rest.trim_start();
        rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()))
    }

    pub(crate) fn expect(&mut self, what: &str) -> Fallible<&'a str> {
        self.next()
            .ok_or_else(|| format!("{what} is missing at the end of the line"))
    }

    pub(crate) fn name(&mut self) -> Fallible<String> {
        let word = self.expect("a name")?;
        name::read(word).ok_or_else(|| format!("{word:?} is not a name: a backslash begins no escape there"))
    }

    pub(crate) fn text(&mut self) -> Fallible<Text> {
        self.name().map(Text::Owned)
    }

    pub(crate) fn version(&mut self) -> Fallible<Version> {
        let word = self.expect("a version")?;
        let read = || {
            let (major, minor) = word.split_once('.')?;
            Some(Version {
                major: major.parse().ok()?,
                minor: minor.parse().ok()?,
            })
        };
        read().ok_or_else(|| format!("{word:?} is not a version: write major.minor, as in 1.0"))
    }

    pub(crate) fn shape(&mut self) -> Fallible<Shape> {
        let word = self.expect("a shape")?;
        let shape = expression::read(word);
        let shape = shape.ok_or_else(|| format!("{word:?} is not a shape, as text? or [u32] are"))?;
        collect_names(&shape, &mut self.types);
        Ok(shape)
    }

    /// A shape, or `_`.
    pub(crate) fn known_shape(&mut self) -> Fallible<Option<Shape>> {
        if self.eat("_") {
            return Ok(None);
        }
        self.shape().map(Some)
    }

    pub(crate) fn eat(&mut self, word: &str) -> bool {
        let (next, rest) = self.split();
        let eaten = next == word;
        if eaten {
            self.rest = rest;
        }
        eaten
    }

    /// The rest of the line, as it is.
    pub(crate) fn remaining(&mut self) -> String {
        std::mem::take(&mut self.rest).trim().to_owned()
    }

    pub(crate) fn end(&mut self) -> Fallible<()> {
        match self.next() {
            None => Ok(()),
            Some(word) => Err(format!("{word:?} says nothing here")),
        }
    }
}
