//! Where JSON text comes from: from bytes, or out of the string that it stands in, unescaped on the way.
//!
//! Reading the inner document straight out of the envelope's string saves a pass over every message.

use std::ops::Range;

use super::escape::{decode, hex_digit, plain_run, special};
use super::grammar::Bad;
use super::span::{Span, Text};

/// JSON text, byte by byte where grammar is concerned and string by string where not.
///
/// A source is moved through the loop that reads it, so that its parts can stay in registers.
pub(super) trait Source: Sized {
    /// What a string begins with.
    const QUOTE: u8;

    /// Whether a byte means nothing between two tokens.
    fn is_blank(byte: u8) -> bool;

    /// The byte that stands here; NUL, which has no place in JSON, at the end.
    fn peek(&self) -> u8;

    /// Passes the byte that stands here.
    fn pass(&mut self, byte: u8);

    /// Passes a byte that stands here for nothing: a blank.
    fn skip(&mut self);

    /// Passes a string, whose first quote stands here.
    fn string(&mut self) -> Result<Text, Bad>;

    /// Whether the end is here.
    fn ended(&self) -> bool;

    /// The length of the text so far.
    fn length(&self) -> usize;

    /// The text, at least so far.
    fn text(&self) -> &[u8];

    /// The place in the bytes that were given.
    fn place(&self) -> usize;

    /// The byte that stands here is the offence.
    #[cold]
    fn bad(&self) -> Bad {
        Bad::At(self.place())
    }
}

/// Bytes that are the text.
#[derive(Clone, Debug)]
pub(super) struct Plain<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Plain<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Passes so many bytes.
    #[inline]
    pub(super) fn pass_all(&mut self, bytes: usize) {
        self.at += bytes;
    }
}

/// The end of a string, from the place of an escape in it. It takes no source, so that the parts of one can stay in
/// registers.
#[cold]
fn after_escapes(bytes: &[u8], mut at: usize) -> Result<usize, Bad> {
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.first() == Some(&b'"') {
            return Ok(at);
        }
        let (_, length) = decode(rest).ok_or(Bad::At(at))?;
        at += length;
        at += plain_run(bytes.get(at..).unwrap_or_default());
    }
}

impl Source for Plain<'_> {
    const QUOTE: u8 = b'"';

    #[inline]
    fn is_blank(byte: u8) -> bool {
        matches!(byte, b' ' | b'\n' | b'\t' | b'\r')
    }

    #[inline]
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or_default()
    }

    #[inline]
    fn pass(&mut self, _: u8) {
        self.at += 1;
    }

    #[inline]
    fn skip(&mut self) {
        self.at += 1;
    }

    #[inline]
    fn string(&mut self) -> Result<Text, Bad> {
        if self.peek() != b'"' {
            return Err(self.bad());
        }
        let start = self.at + 1;
        let mut end = start + plain_run(self.bytes.get(start..).unwrap_or_default());
        let escaped = self.bytes.get(end) != Some(&b'"');
        if escaped {
            end = after_escapes(self.bytes, end)?;
        }
        self.at = end + 1;
        let span = Span::new(start, end);
        Ok(Text { span, escaped })
    }

    #[inline]
    fn ended(&self) -> bool {
        self.at >= self.bytes.len()
    }

    #[inline]
    fn length(&self) -> usize {
        self.at
    }

    #[inline]
    fn text(&self) -> &[u8] {
        self.bytes
    }

    #[inline]
    fn place(&self) -> usize {
        self.at
    }
}

/// The inside of a JSON string that means JSON text, as every encoder writes it: with escapes for quotes and
/// backslashes only. Others are refused, though they may mean a JSON text, too.
///
/// The text is written over the bytes that were read, which are more. Blanks between its tokens are left out of it.
#[derive(Debug)]
pub(super) struct Nested<'a> {
    bytes: &'a mut [u8],
    at: usize,
    length: usize,
}

/// A run is copied in whole words.
const WORD: usize = 8;

impl<'a> Nested<'a> {
    /// How many bytes must precede the string: what is written is at least so far behind what is read.
    pub(super) const LEAD: usize = WORD;

    /// Bytes to read from, and write over: a copy of `body` from [`LEAD`](Self::LEAD) bytes before the inside of the
    /// string on. NULs behind it end every run, and make a whole word of what is left.
    pub(super) fn room(body: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(body.len() + WORD);
        bytes.extend_from_slice(body);
        bytes.extend_from_slice(&[0; WORD]);
        bytes
    }

    /// The string in what [`room`](Self::room) made.
    pub(super) fn new(bytes: &'a mut [u8]) -> Self {
        Self {
            bytes,
            at: Self::LEAD,
            length: 0,
        }
    }

    /// Whether a quote of the text stands here.
    #[inline(always)]
    fn at_quote(&self) -> bool {
        let rest = self.bytes.get(self.at..);
        rest.and_then(<[u8]>::first_chunk) == Some(&NESTED_QUOTE)
    }

    #[inline(always)]
    fn push(&mut self, byte: u8) {
        if let Some(room) = self.bytes.get_mut(self.length) {
            *room = byte;
            self.length += 1;
        }
    }

    /// Copies bytes up to the first that is special in a string.
    #[inline(always)]
    fn copy_run(&mut self) {
        while let Some(&word) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk)
            && let Some(room) = self
                .bytes
                .get_mut(self.length..)
                .and_then(<[u8]>::first_chunk_mut)
        {
            *room = word;
            let special = special(u64::from_le_bytes(word));
            let run = (special.trailing_zeros() / 8) as usize;
            self.at += run;
            self.length += run;
            if special != 0 {
                return;
            }
        }
    }
}

/// What an escape of a nested string, which stands at the beginning of `bytes`, is without one level of escapes: the
/// end of it.
#[cold]
fn nested_escape(bytes: &[u8]) -> Option<Range<usize>> {
    match bytes {
        [b'\\', b'\\', b'\\', b'"' | b'\\', ..] => Some(2..4),
        [b'\\', b'\\', b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(1..3),
        [b'\\', b'\\', b'u', digits @ ..] => {
            let digits = digits.first_chunk::<4>()?;
            let digits = digits.iter().all(|digit| hex_digit(*digit).is_some());
            digits.then_some(1..7)
        }
        _ => None,
    }
}

/// Copies an escape from one place to another, and tells the places after both. It takes no source, so that the parts
/// of one can stay in registers.
#[cold]
fn copy_escape(bytes: &mut [u8], from: usize, to: usize) -> Option<(usize, usize)> {
    let escape = nested_escape(bytes.get(from..)?)?;
    let end = from + escape.end;
    let length = escape.len();
    bytes.copy_within(from + escape.start..end, to);
    Some((end, to + length))
}

/// A quote of the text, as it stands in the string around.
const NESTED_QUOTE: [u8; 2] = *br#"\""#;

impl Source for Nested<'_> {
    const QUOTE: u8 = b'\\';

    /// The others cannot stand in a string as they are.
    #[inline(always)]
    fn is_blank(byte: u8) -> bool {
        byte == b' '
    }

    #[inline(always)]
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or_default()
    }

    #[inline(always)]
    fn pass(&mut self, byte: u8) {
        self.push(byte);
        self.at += 1;
    }

    #[inline(always)]
    fn skip(&mut self) {
        self.at += 1;
    }

    #[inline(always)]
    fn string(&mut self) -> Result<Text, Bad> {
        if !self.at_quote() {
            return Err(self.bad());
        }
        self.push(b'"');
        self.at += 2;
        let start = self.length;
        let mut escaped = false;
        loop {
            self.copy_run();
            if self.at_quote() {
                break;
            }
            (self.at, self.length) = copy_escape(self.bytes, self.at, self.length).ok_or(Bad::At(self.at))?;
            escaped = true;
        }
        let span = Span::new(start, self.length);
        self.push(b'"');
        self.at += 2;
        Ok(Text { span, escaped })
    }

    #[inline(always)]
    fn ended(&self) -> bool {
        self.peek() == b'"'
    }

    #[inline(always)]
    fn length(&self) -> usize {
        self.length
    }

    #[inline(always)]
    fn text(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    #[inline(always)]
    fn place(&self) -> usize {
        self.at
    }
}
