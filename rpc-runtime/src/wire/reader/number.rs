//! Numbers, as Python writes them.

use std::str::FromStr;

use serde::de::{Error as _, Unexpected, Visitor};
use serde_json::{Error, Result};

use super::Reader;

/// How far the end of a short number is looked for. So many digits fit into 64 bits.
const FEW: usize = 12;

impl<'de> Reader<'de> {
    /// The value of a few digits that are next, and how many they are, when they are all of a number: most integers.
    #[inline]
    fn few_digits(&self) -> Option<(u64, usize)> {
        let rest = self.text.as_bytes().get(self.place()..)?;
        let mut value = 0;
        for (at, &byte) in rest.iter().take(FEW).enumerate() {
            match byte {
                b'0'..=b'9' => value = value * 10 + u64::from(byte - b'0'),
                // Digits that begin with a zero are no number, or zero itself.
                b',' | b'}' | b']' if at == 1 || at > 1 && rest.first() != Some(&b'0') => {
                    return Some((value, at));
                }
                _ => return None,
            }
        }
        None
    }

    /// The integer that is next, if it fits; its text, if it does not.
    #[inline]
    pub(super) fn integer<T: FromStr + TryFrom<u64>>(&mut self) -> Result<std::result::Result<T, &'de str>> {
        if let Some((value, digits)) = self.few_digits()
            && let Ok(number) = T::try_from(value)
        {
            self.source.pass_all(digits);
            return Ok(Ok(number));
        }
        let text = self.scalar()?;
        Ok(text.parse().map_err(|_| text))
    }
}

/// Any number, or what the visitor has against it.
#[cold]
pub(super) fn number<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value> {
    // An integer has no negative zero.
    if is_integer(text) && text != "-0" {
        if let Ok(number) = text.parse() {
            return visitor.visit_u64(number);
        }
        if let Ok(number) = text.parse() {
            return visitor.visit_i64(number);
        }
    }
    visitor.visit_f64(float(text)?)
}

/// What a number or a word is, for an error.
pub(super) fn unexpected(scalar: &str) -> Unexpected<'static> {
    match scalar {
        "null" => Unexpected::Unit,
        "true" => Unexpected::Bool(true),
        "false" => Unexpected::Bool(false),
        _ => match (scalar.parse(), scalar.parse()) {
            (Ok(number), _) => Unexpected::Unsigned(number),
            (_, Ok(number)) => Unexpected::Signed(number),
            _ => Unexpected::Float(scalar.parse().unwrap_or(f64::NAN)),
        },
    }
}

fn is_integer(number: &str) -> bool {
    number.bytes().all(|byte| matches!(byte, b'-' | b'0'..=b'9'))
}

/// The number nearest to a text, or what the words `NaN`, `Infinity` and `-Infinity` stand for.
pub(super) fn float<T: FromStr>(text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| Error::custom(format_args!("invalid type: {text}, expected a number")))
}
