//! Parts of a text: where they stand, and what they are. Nothing here looks for them.

use std::borrow::Cow;

use super::escape::unescape;

/// A part of a text, in bytes. Half the size of a range; [`MAX_BODY`](super::MAX_BODY) keeps the numbers small.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Self {
        // Only a text of more than 4 GiB could be beyond, and that is refused before it is scanned.
        let (start, end) = (start as u32, end as u32);
        Self { start, end }
    }

    /// The part of `text`.
    pub(super) fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    /// The part of `bytes`.
    pub(super) fn of_bytes(self, bytes: &[u8]) -> &[u8] {
        bytes
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    pub(super) fn len(self) -> usize {
        (self.end - self.start) as usize
    }
}

/// The inside of a JSON string.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    /// Between the quotes.
    pub(super) span: Span,
    /// Whether it holds escapes, so that it means something else than it says.
    pub(super) escaped: bool,
}

impl Text {
    /// Without the first `bytes`, which hold no escapes.
    pub(super) fn without_prefix(self, bytes: usize) -> Self {
        let Span { start, end } = self.span;
        let span = Span::new(start as usize + bytes, end as usize);
        Self { span, ..self }
    }

    /// What it means. `text` is the one it was found in.
    pub(super) fn meaning(self, text: &str) -> Cow<'_, str> {
        let inside = self.span.of(text);
        if self.escaped {
            Cow::Owned(unescape(inside))
        } else {
            Cow::Borrowed(inside)
        }
    }

    /// If it holds escapes, puts what it means at the end of `text`, and is that.
    pub(super) fn settle(&mut self, text: &mut String) {
        if self.escaped {
            let start = text.len();
            let meaning = self.meaning(text).into_owned();
            text.push_str(&meaning);
            self.span = Span::new(start, text.len());
            self.escaped = false;
        }
    }

    /// What it means, when the text is not yet known to be UTF-8.
    #[cold]
    pub(super) fn meaning_of_bytes(self, text: &[u8]) -> Vec<u8> {
        unescape(&String::from_utf8_lossy(self.span.of_bytes(text))).into_bytes()
    }
}

/// What stands for a member.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    /// A string.
    Text(Text),
    /// Null.
    Null(Span),
    /// Anything else, as JSON.
    Other(Span),
}

impl Value {
    /// The string it is.
    pub(super) fn text(self) -> Option<Text> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null(_) | Self::Other(_) => None,
        }
    }

    /// Whether it is null.
    pub(super) fn is_null(self) -> bool {
        matches!(self, Self::Null(_))
    }

    /// The whole of it, as JSON.
    pub(super) fn json(self) -> Span {
        match self {
            Self::Text(Text { span, .. }) => Span {
                start: span.start - 1,
                end: span.end + 1,
            },
            Self::Null(span) | Self::Other(span) => span,
        }
    }
}
