//! Reads in the broker's words whose fault the end of a channel was, and judges what was not confirmed on it.

use std::collections::HashSet;

use lapin::ErrorKind;
use lapin::types::ShortString;

use super::outgoing::Outgoing;
use crate::transport::{Rejected, TransportError};

/// An exchange that vanishes so often between its declaration and a publish is not ours to restore.
const HOMELESS: u8 = 5;

/// What the broker said.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Blame {
    /// Messages larger than this many bytes.
    Larger { than: usize, text: String },
    /// Those to an exchange that does not exist.
    NoExchange { name: String, text: String },
    /// Those to an exchange that may not be written to, or with a key that may not be used there. Empty for the
    /// default exchange.
    Denied {
        exchange: String,
        key: Option<String>,
        text: String,
    },
    /// A message that could not be framed.
    Frame(String),
    /// One of them, which does not become clear.
    Somebody(String),
    /// None of them: the channel ended for another reason.
    Nobody,
}

impl Blame {
    /// Whether this message is to blame, which is one of several or the only one.
    pub(super) fn is_for(&self, outgoing: &Outgoing, single: bool) -> bool {
        let exchange = outgoing.exchange.as_str();
        match self {
            Self::Larger { than, .. } => outgoing.message.body.len() > *than,
            Self::NoExchange { name, .. } => name == exchange,
            Self::Denied {
                exchange: denied,
                key,
                ..
            } => denied == exchange && key.as_ref().is_none_or(|key| key == outgoing.key.as_str()),
            Self::Frame(_) | Self::Somebody(_) => single,
            Self::Nobody => false,
        }
    }
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
                key: between(text, "access to topic '", "' in exchange '").map(str::to_owned),
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

/// Refuses the messages that the broker closed the channel for; what is returned may be tried again.
pub(super) fn judge(
    left: Vec<Outgoing>,
    reason: &Blame,
    declared: &mut HashSet<ShortString>,
    alone: &mut usize,
) -> Vec<Outgoing> {
    let single = left.len() == 1;
    // The broker works a channel off in order: it may have taken what stands before the first one it blames, and has
    // taken nothing behind that.
    let culprit = left.iter().position(|outgoing| reason.is_for(outgoing, single));
    let taken = culprit.unwrap_or(left.len());
    let mut again = Vec::with_capacity(left.len());
    for (place, mut outgoing) in left.into_iter().enumerate() {
        outgoing.doubtful |= place < taken;
        let size = outgoing.message.body.len();
        match reason {
            reason if !reason.is_for(&outgoing, single) => again.push(outgoing),
            Blame::Larger { text, .. } | Blame::Frame(text) => {
                let detail = text.clone();
                outgoing.finish(Err(Rejected::Oversize { size, detail }.into()));
            }
            Blame::Denied { text, .. } | Blame::Somebody(text) => {
                outgoing.finish(Err(Rejected::Denied(text.clone()).into()));
            }
            Blame::NoExchange { text, .. } if outgoing.homeless == HOMELESS => {
                outgoing.finish(Err(TransportError::Lost(text.clone())));
            }
            Blame::NoExchange { .. } => {
                outgoing.homeless += 1;
                declared.remove(&outgoing.exchange);
                again.push(outgoing);
            }
            Blame::Nobody => again.push(outgoing),
        }
    }
    if matches!(reason, Blame::Somebody(_) | Blame::Frame(_)) {
        *alone = again.len();
    }
    again
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;
    use crate::transport::amqp::outgoing::Waiting;
    use crate::transport::{Message, Route};

    #[test]
    fn the_words_of_rabbitmq_are_understood() {
        let size = "PRECONDITION_FAILED - message size 200000 is larger than configured max size 100000";
        assert!(matches!(read(406, size), Blame::Larger { than: 100_000, .. }));
        let missing = "NOT_FOUND - no exchange 'a'b' in vhost 'x'";
        assert!(matches!(read(404, missing), Blame::NoExchange { name, .. } if name == "a'b"));
        let denied =
            "ACCESS_REFUSED - write access to exchange 'amq.default' in vhost '/' refused for user 'u'";
        assert!(
            matches!(read(403, denied), Blame::Denied { exchange, key: None, .. } if exchange.is_empty())
        );
        let topic =
            "ACCESS_REFUSED - write access to topic 'k' in exchange 'x' in vhost '/' refused for user 'u'";
        assert!(
            matches!(read(403, topic), Blame::Denied { exchange, key: Some(key), .. } if exchange == "x" && key == "k")
        );
        let other = "PRECONDITION_FAILED - fast reply consumer does not exist";
        assert!(matches!(read(406, other), Blame::Somebody(_)));
        assert_eq!(read(320, "CONNECTION_FORCED - shutdown"), Blame::Nobody);
    }

    fn to(topic: &str) -> (Outgoing, Waiting) {
        let route = Route::Topic {
            exchange: "x".into(),
            topic: topic.into(),
            server: None,
        };
        Outgoing::new(route, Message::default(), Instant::now()).unwrap()
    }

    /// What goes again, and whether it may have been taken before.
    fn judged(reason: &Blame, topics: &[&str]) -> (Vec<(String, bool)>, Vec<Waiting>) {
        let (left, waiting): (Vec<_>, Vec<_>) = topics.iter().map(|topic| to(topic)).unzip();
        let again = judge(left, reason, &mut HashSet::new(), &mut 0);
        let again = again
            .into_iter()
            .map(|outgoing| (outgoing.key.to_string(), outgoing.doubtful));
        (again.collect(), waiting)
    }

    #[test]
    fn one_denied_key_denies_no_other_and_leaves_doubt_before_it_alone() {
        let denied = Blame::Denied {
            exchange: "x".to_owned(),
            key: Some("secret".to_owned()),
            text: "no".to_owned(),
        };
        let (again, waiting) = judged(&denied, &["a", "secret", "b", "secret"]);
        assert_eq!(again, [("a".to_owned(), true), ("b".to_owned(), false)]);
        let told = waiting.into_iter().map(|mut waiting| waiting.done.try_recv());
        let refused = told.filter(|told| *told == Ok(Err(Rejected::Denied("no".to_owned()).into())));
        assert_eq!(refused.count(), 2);
    }

    /// The broker would have refused the first copy for its size as well; what else it says of the second is no news
    /// of the first.
    #[test]
    fn size_alone_clears_a_doubt() {
        let too_large = Rejected::Oversize {
            size: 9,
            detail: "no".to_owned(),
        };
        for (refusal, clears) in [(too_large, true), (Rejected::QueueFull, false)] {
            let (mut outgoing, mut waiting) = to("a");
            outgoing.doubtful = true;
            outgoing.finish(Err(refusal.clone().into()));
            let told = waiting.done.try_recv().unwrap();
            assert_eq!(told == Err(refusal.into()), clears);
        }
    }

    #[test]
    fn whatever_may_have_been_taken_is_in_doubt_when_nobody_is_known_to_blame() {
        for reason in [Blame::Nobody, Blame::Somebody("?".to_owned())] {
            let (again, _waiting) = judged(&reason, &["a", "b"]);
            assert_eq!(again, [("a".to_owned(), true), ("b".to_owned(), true)]);
        }
    }
}
