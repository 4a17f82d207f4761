//! The inside of a JSON string: where its escapes are, and what they mean.

/// The number of bytes before the first that ends or interrupts a JSON string: a quote, a backslash, a control
/// character.
#[inline]
pub(super) fn plain_run(bytes: &[u8]) -> usize {
    let place = |special: u64| (special.trailing_zeros() / 8) as usize;
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk() {
        let special = special(u64::from_le_bytes(*word));
        if special != 0 {
            return bytes.len() - rest.len() + place(special);
        }
        rest = after;
    }
    bytes.len() - rest.len() + place(special(word(rest)))
}

/// The first eight bytes. NUL, which is special, for those beyond the end.
#[inline]
pub(super) fn word(bytes: &[u8]) -> u64 {
    if let Some(word) = bytes.first_chunk() {
        return u64::from_le_bytes(*word);
    }
    let half = |half: &[u8; 4]| u64::from(u32::from_le_bytes(*half));
    match (bytes.first_chunk(), bytes.last_chunk()) {
        // They may overlap, and are the same there.
        (Some(first), Some(last)) => half(first) | half(last) << (8 * (bytes.len() - 4)),
        _ => bytes
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// The high bit of the lowest byte that is special is set, and of no lower one. Eight bytes are tested at a time:
/// subtraction borrows into the high bit of a byte that is too small.
#[inline]
pub(super) const fn special(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // Of the bytes below 0x80, exactly the control characters and the quote are below 0x21 once bit 1 is flipped.
    let quote_or_control = (word ^ (EACH * 0x02)).wrapping_sub(EACH * 0x21);
    let backslash = (word ^ (EACH * 0x5c)).wrapping_sub(EACH);
    (quote_or_control | backslash) & !word & (EACH * 0x80)
}

/// What the inside of a JSON string means. A lone surrogate becomes U+FFFD. What is no JSON string ends where it
/// ceases to be one.
#[cold]
pub(super) fn unescape(inside: &str) -> String {
    let mut meaning = String::with_capacity(inside.len());
    let mut rest = inside;
    loop {
        let (run, after) = rest.split_at(plain_run(rest.as_bytes()));
        meaning.push_str(run);
        let Some((char, length)) = decode(after.as_bytes()) else {
            return meaning;
        };
        meaning.push(char);
        rest = after.get(length..).unwrap_or_default();
    }
}

/// The character that the escape at the beginning of `bytes` stands for, and the length of the escape, which for a
/// surrogate pair is that of two.
pub(super) fn decode(bytes: &[u8]) -> Option<(char, usize)> {
    let [b'\\', letter, rest @ ..] = bytes else {
        return None;
    };
    let char = match letter {
        b'"' | b'\\' | b'/' => char::from(*letter),
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'u' => return unicode(rest),
        _ => return None,
    };
    Some((char, 2))
}

#[cold]
fn unicode(digits: &[u8]) -> Option<(char, usize)> {
    let first = hex4(digits)?;
    if let 0xd800..0xdc00 = first {
        let second = digits.get(4..).and_then(|next| hex4(next.strip_prefix(br"\u")?));
        if let Some(low @ 0xdc00..0xe000) = second {
            let code = 0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00);
            return Some((char::from_u32(code)?, 12));
        }
    }
    Some((char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6))
}

fn hex4(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.first_chunk::<4>()?;
    digits
        .iter()
        .try_fold(0, |code, digit| Some(code << 4 | hex_digit(*digit)?))
}

/// The value of a hexadecimal digit.
pub(super) fn hex_digit(digit: u8) -> Option<u32> {
    char::from(digit).to_digit(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_a_special_byte_is_found() {
        for special in 0..=255_u8 {
            let found = matches!(special, b'"' | b'\\' | 0..0x20);
            for length in 0..20 {
                for place in 0..length {
                    let mut bytes = vec![b'a'; length];
                    bytes[place] = special;
                    let run = if found { place } else { length };
                    assert_eq!(plain_run(&bytes), run, "{special} {length} {place}");
                }
            }
        }
    }

    #[test]
    fn escapes_mean_what_they_mean_in_json() {
        for (inside, meant) in [
            ("", ""),
            ("plain", "plain"),
            (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r"caf\u00e9 \u2603 \ud83d\ude00!", "café ☃ 😀!"),
            (r"\uD83D\uDE00", "😀"),
            (r"a\ud800b", "a\u{fffd}b"),
            (r"\udc00\ud800", "\u{fffd}\u{fffd}"),
            (r"\ud800\ud83d\ude00", "\u{fffd}😀"),
            (r"\ud800\u0041", "\u{fffd}A"),
            (
                r"a long run of text, then \n and more of it",
                "a long run of text, then \n and more of it",
            ),
            ("café ☃ 😀", "café ☃ 😀"),
            (r"\u0000", "\0"),
        ] {
            assert_eq!(unescape(inside), meant, "{inside}");
        }
        for bad in [r"\x", r"\u12 ", r"\u12g4", "\n", "\u{1}", r"\", "\""] {
            assert_eq!(
                unescape(&format!("123456789{bad}123456789")),
                "123456789",
                "{bad}"
            );
        }
    }
}
