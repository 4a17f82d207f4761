//! `_msg_id` and `_unique_id`: 32 hexadecimal digits.

use std::fmt;

/// A fresh identifier as oslo.messaging makes them: a version 4 UUID without dashes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id(u128);

impl Id {
    /// A new one.
    #[allow(
        clippy::new_without_default,
        reason = "a default that differs each time would surprise"
    )]
    pub fn new() -> Self {
        Self(uuid::Uuid::new_v4().as_u128())
    }

    /// Reads exactly the form that [`Display`](fmt::Display) writes: 32 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: &[u8; 32] = text.as_bytes().try_into().ok()?;
        // Without a branch, so that the compiler takes many digits at once.
        let mut odd = false;
        let mut nibbles = [0; 32];
        for (nibble, &digit) in nibbles.iter_mut().zip(digits) {
            odd |= !matches!(digit, b'0'..=b'9' | b'a'..=b'f');
            *nibble = if digit < b'a' {
                digit & 15
            } else {
                digit - b'a' + 10
            };
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(nibbles.as_chunks().0) {
            let [high, low] = *pair;
            *byte = high << 4 | low;
        }
        (!odd).then(|| Self(u128::from_be_bytes(bytes)))
    }

    /// The 32 digits.
    pub fn digits(&self) -> [u8; 32] {
        let mut digits = [0; 32];
        let groups = digits.as_chunks_mut::<8>().0.iter_mut();
        for (group, shift) in groups.zip([96, 64, 32, 0]) {
            *group = eight_digits((self.0 >> shift) as u32);
        }
        digits
    }
}

/// Eight digits at a time: the nibbles are spread over the bytes of a word, and each becomes its digit there.
const fn eight_digits(value: u32) -> [u8; 8] {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let mut word = value as u64;
    word = (word | word << 16) & 0x0000_ffff_0000_ffff;
    word = (word | word << 8) & 0x00ff_00ff_00ff_00ff;
    word = (word | word << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    let letters = ((word + EACH * 6) >> 4) & EACH;
    (word + EACH * (b'0' as u64) + letters * (b'a' - b'0' - 10) as u64).to_be_bytes()
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_hexadecimal_and_read_back() {
        for value in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210] {
            let id = Id(value);
            assert_eq!(id.digits(), id.to_string().as_bytes());
            assert_eq!(Id::parse(&id.to_string()), Some(id));
        }
        let id = Id::new();
        assert_eq!(id.digits(), id.to_string().as_bytes());
        assert_ne!(id, Id::new());
        for bad in [
            "",
            "0",
            &"A".repeat(32),
            &format!("{:032}", "Z"),
            &format!("{:032}", "/"),
            &format!("{:032}", ":"),
            &format!("{:032}", "`"),
            &"g".repeat(32),
            &"0".repeat(33),
            &"é".repeat(16),
        ] {
            assert_eq!(Id::parse(bad), None, "{bad}");
        }
    }
}
