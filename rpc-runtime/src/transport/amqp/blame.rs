//! Reads in the broker's words whose fault the end of a channel was.

use lapin::ErrorKind;

/// What the broker said.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Blame {
    /// Messages larger than this many bytes.
    Larger { than: usize, text: String },
    /// Those to an exchange that does not exist.
    NoExchange { name: String, text: String },
    /// Those to an exchange that may not be written to. Empty for the default exchange.
    Denied { exchange: String, text: String },
    /// A message that could not be framed.
    Frame(String),
    /// One of them, which does not become clear.
    Somebody(String),
    /// None of them: the channel ended for another reason.
    Nobody,
}

pub(super) fn blame(error: &lapin::Error) -> Blame {
    match error.kind() {
        ErrorKind::ProtocolError(told) => read(told.get_id(), told.get_message().as_str()),
        _ => Blame::Nobody,
    }
}

fn read(code: u16, text: &str) -> Blame {
    const CONTENT_TOO_LARGE: u16 = 311;
    const ACCESS_REFUSED: u16 = 403;
    const NOT_FOUND: u16 = 404;
    const PRECONDITION_FAILED: u16 = 406;
    const FRAME_ERROR: u16 = 501;
    let owned = || text.to_owned();
    match code {
        // "message size 200000 is larger than configured max size 100000"
        PRECONDITION_FAILED | CONTENT_TOO_LARGE if text.contains("message size") => match last_number(text) {
            Some(than) => Blame::Larger { than, text: owned() },
            None => Blame::Somebody(owned()),
        },
        // "no exchange 'x' in vhost '/'"
        NOT_FOUND => match between(text, "no exchange '", "' in vhost '") {
            Some(name) => Blame::NoExchange {
                name: name.to_owned(),
                text: owned(),
            },
            None => Blame::Somebody(owned()),
        },
        // "write access to exchange 'x' in vhost '/' refused for user 'u'", "access to topic 'k' in exchange 'x' ..."
        ACCESS_REFUSED => match between(text, "exchange '", "' in vhost '") {
            Some(name) => Blame::Denied {
                exchange: if name == "amq.default" { "" } else { name }.to_owned(),
                text: owned(),
            },
            None => Blame::Somebody(owned()),
        },
        FRAME_ERROR => Blame::Frame(owned()),
        // The connection goes for a reason of the broker's own: it stops, or an operator closed it.
        code if code >= 500 || code == 320 => Blame::Nobody,
        _ => Blame::Somebody(owned()),
    }
}

/// What stands between two marks, the second taken as late as possible: names may hold anything.
fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.rsplit_once(after).map(|(name, _)| name)
}

fn last_number(text: &str) -> Option<usize> {
    text.rsplit(|character: char| !character.is_ascii_digit())
        .find(|digits| !digits.is_empty())?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_rabbitmq_are_understood() {
        let size = "PRECONDITION_FAILED - message size 200000 is larger than configured max size 100000";
        assert!(matches!(read(406, size), Blame::Larger { than: 100_000, .. }));
        let missing = "NOT_FOUND - no exchange 'a'b' in vhost 'x'";
        assert!(matches!(read(404, missing), Blame::NoExchange { name, .. } if name == "a'b"));
        let denied =
            "ACCESS_REFUSED - write access to exchange 'amq.default' in vhost '/' refused for user 'u'";
        assert!(matches!(read(403, denied), Blame::Denied { exchange, .. } if exchange.is_empty()));
        let topic =
            "ACCESS_REFUSED - write access to topic 'k' in exchange 'x' in vhost '/' refused for user 'u'";
        assert!(matches!(read(403, topic), Blame::Denied { exchange, .. } if exchange == "x"));
        let other = "PRECONDITION_FAILED - fast reply consumer does not exist";
        assert!(matches!(read(406, other), Blame::Somebody(_)));
        assert_eq!(read(320, "CONNECTION_FORCED - shutdown"), Blame::Nobody);
    }
}
