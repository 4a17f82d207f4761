//! Collects every mistake of a user's input, so that all are told at once.
//!
//! A collector exists only inside [`Errors::told_after`], which puts what was collected behind the expansion: a
//! mistake cannot be forgotten on the way. Knows nothing of RPC.

use std::fmt::{Display, Write};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt};

/// Where something stands in the user's source: from the first token to the last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    start: Span,
    end: Span,
}

impl Place {
    /// All of `tokens`.
    pub(crate) fn of(tokens: &impl ToTokens) -> Self {
        let mut tokens = tokens.to_token_stream().into_iter();
        let start = tokens.next().map_or_else(Span::call_site, |token| token.span());
        let end = tokens.last().map_or(start, |token| token.span());
        Self { start, end }
    }

    pub(crate) fn start(&self) -> Span {
        self.start
    }

    pub(crate) fn end(&self) -> Span {
        self.end
    }

    /// From the start of one place to the end of another.
    pub(crate) fn between(start: impl Into<Self>, end: impl Into<Self>) -> Self {
        Self {
            start: start.into().start,
            end: end.into().end,
        }
    }
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Self {
            start: span,
            end: span,
        }
    }
}

impl ToTokens for Place {
    /// Two tokens that stand for everything between them.
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append(Ident::new("_place", self.start));
        tokens.append(Ident::new("_place", self.end));
    }
}

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(crate) struct Located<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

/// One mistake: what is wrong, what to write instead, why.
#[derive(Debug)]
#[must_use = "a mistake is told only when it is added to the errors"]
pub(crate) struct Mistake {
    place: Place,
    text: String,
    second: Option<(Place, String)>,
}

impl Mistake {
    pub(crate) fn at(place: impl Into<Place>, text: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            text: text.into(),
            second: None,
        }
    }

    /// What to write instead.
    pub(crate) fn help(self, text: impl Display) -> Self {
        self.line("help", &text)
    }

    /// Why, or what is known besides.
    pub(crate) fn note(self, text: impl Display) -> Self {
        self.line("note", &text)
    }

    /// The other place that has a part in it.
    pub(crate) fn see(mut self, place: impl Into<Place>, text: impl Into<String>) -> Self {
        self.second = Some((place.into(), text.into()));
        self
    }

    fn line(mut self, kind: &str, text: &dyn Display) -> Self {
        // Writing to a String does not fail.
        let _ = write!(self.text, "\n{kind}: {text}");
        self
    }
}

/// The mistakes found so far.
#[derive(Debug)]
pub(crate) struct Errors {
    found: Vec<Found>,
}

/// A mistake and what is to be seen with it.
#[derive(Debug)]
struct Found {
    error: syn::Error,
    see: Option<syn::Error>,
}

impl Errors {
    /// Runs `expand` and puts an error for each mistake behind what it returns, in the order of the source.
    pub(crate) fn told_after(expand: impl FnOnce(&mut Self) -> TokenStream) -> TokenStream {
        let mut errors = Self { found: Vec::new() };
        let mut tokens = expand(&mut errors);
        errors.found.sort_by_key(|found| {
            let start = found.error.span().start();
            (start.line, start.column)
        });
        for found in &errors.found {
            for error in [Some(&found.error), found.see.as_ref()].into_iter().flatten() {
                tokens.extend(error.to_compile_error());
            }
        }
        tokens
    }

    pub(crate) fn add(&mut self, mistake: Mistake) {
        self.found.push(Found {
            error: syn::Error::new_spanned(mistake.place, mistake.text),
            see: mistake
                .second
                .map(|(place, text)| syn::Error::new_spanned(place, text)),
        });
    }

    /// Adds what the parser of Rust's own syntax says.
    pub(crate) fn add_syntax(&mut self, error: syn::Error) {
        self.found.push(Found { error, see: None });
    }

    /// How many there are; more than before means that what was read meanwhile is not sound.
    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }
}
