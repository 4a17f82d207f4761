//! A text that is put together while the compiler evaluates a constant, where nothing can be allocated.

/// A text of limited length; what goes beyond is cut off.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    bytes: [u8; Self::MOST],
    len: usize,
}

impl Message {
    const MOST: usize = 768;

    /// Nothing yet.
    pub const fn new() -> Self {
        Self {
            bytes: [0; Self::MOST],
            len: 0,
        }
    }

    /// Adds a text.
    pub const fn push(&mut self, text: &str) {
        let text = text.as_bytes();
        let mut at = 0;
        while at < text.len() && self.len < Self::MOST {
            self.bytes[self.len] = text[at];
            self.len += 1;
            at += 1;
        }
    }

    /// Adds a number.
    pub const fn push_number(&mut self, number: u64) {
        if number >= 10 {
            self.push_number(number / 10);
        }
        let digit = [b'0' + (number % 10) as u8];
        if let Ok(digit) = std::str::from_utf8(&digit) {
            self.push(digit);
        }
    }

    /// What was added.
    pub const fn as_str(&self) -> &str {
        let mut len = self.len;
        loop {
            let (text, _) = self.bytes.split_at(len);
            match std::str::from_utf8(text) {
                Ok(text) => return text,
                // Cut off within a letter.
                Err(_) => len -= 1,
            }
        }
    }
}

impl Default for Message {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_letters() {
        let mut message = Message::new();
        message.push("x");
        for _ in 0..Message::MOST {
            message.push("é");
        }
        assert_eq!(message.as_str().len(), Message::MOST - 1);
        let mut message = Message::default();
        message.push_number(1_026);
        assert_eq!(message.as_str(), "1026");
    }
}
