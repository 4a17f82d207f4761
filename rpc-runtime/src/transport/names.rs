//! Which names every bus can carry. Nothing here knows a bus; the limits are those of AMQP with oslo's naming, so
//! that a service tried out in memory does not meet new ones on a broker.

use super::{Listen, Route, TransportError};

/// An AMQP short string, in bytes.
const SHORT_STRING: usize = 255;

/// Bytes of a topic: `topic_fanout_` and 32 digits have to fit into the name of a queue.
const TOPIC: usize = SHORT_STRING - "_fanout_".len() - 32;

impl Route {
    /// Refuses names that no bus can carry, as sending there would.
    pub fn check(&self) -> Result<(), TransportError> {
        match self {
            Route::Topic {
                exchange,
                topic,
                server,
            } => {
                check_exchange(exchange)?;
                check_topic(topic)?;
                match server {
                    Some(server) => check_server(topic, server),
                    None => Ok(()),
                }
            }
            Route::Fanout { topic } => check_topic(topic),
            Route::Reply { address } => check_address(address),
        }
    }
}

/// Refuses names no bus can carry.
pub(crate) fn check_listen(to: &Listen) -> Result<(), TransportError> {
    check_exchange(&to.exchange)?;
    check_topic(&to.topic)?;
    check_server(&to.topic, &to.server)
}

/// Refuses an address for replies no bus can carry.
pub(crate) fn check_address(address: &str) -> Result<(), TransportError> {
    if address.is_empty() {
        return Err(TransportError::InvalidTarget(
            "the reply address is empty".to_owned(),
        ));
    }
    if address.len() > SHORT_STRING {
        return Err(too_long("reply address", address.len(), SHORT_STRING));
    }
    check_line("reply address", address)
}

fn check_exchange(exchange: &str) -> Result<(), TransportError> {
    if exchange.is_empty() {
        return Err(TransportError::InvalidTarget("the exchange is empty".to_owned()));
    }
    if exchange.len() > SHORT_STRING {
        return Err(too_long("exchange", exchange.len(), SHORT_STRING));
    }
    check_line("exchange", exchange)?;
    check_reserved("exchange", exchange)
}

fn check_topic(topic: &str) -> Result<(), TransportError> {
    if topic.is_empty() {
        return Err(TransportError::InvalidTarget("a topic is required".to_owned()));
    }
    if topic.len() > TOPIC {
        return Err(too_long("topic", topic.len(), TOPIC));
    }
    check_line("topic", topic)?;
    check_reserved("topic", topic)?;
    check_words("topic", topic)
}

fn check_server(topic: &str, server: &str) -> Result<(), TransportError> {
    if server.is_empty() {
        return Err(TransportError::InvalidTarget(
            "the server's name is empty".to_owned(),
        ));
    }
    let length = topic.len() + 1 + server.len();
    if length > SHORT_STRING {
        return Err(too_long("'topic.server'", length, SHORT_STRING));
    }
    check_line("server", server)?;
    check_words("server", server)
}

/// RabbitMQ drops these characters from the names of what is declared, but not from those messages are sent to.
fn check_line(what: &str, name: &str) -> Result<(), TransportError> {
    if name.bytes().any(|byte| matches!(byte, b'\r' | b'\n')) {
        return Err(TransportError::InvalidTarget(format!(
            "the {what} {name:?} has a line break, which brokers drop"
        )));
    }
    Ok(())
}

/// A broker refuses to declare what begins so.
fn check_reserved(what: &str, name: &str) -> Result<(), TransportError> {
    if name.starts_with("amq.") {
        return Err(TransportError::InvalidTarget(format!(
            "the {what} '{name}' begins with 'amq.', which brokers reserve"
        )));
    }
    Ok(())
}

/// A word `*` or `#` in a binding would receive what is meant for others.
fn check_words(what: &str, name: &str) -> Result<(), TransportError> {
    let wild = |word: &[u8]| word == b"*" || word == b"#";
    if name.as_bytes().split(|&byte| byte == b'.').any(wild) {
        return Err(TransportError::InvalidTarget(format!(
            "the {what} '{name}' has a word '*' or '#', which matches other names on a broker"
        )));
    }
    Ok(())
}

fn too_long(what: &str, length: usize, limit: usize) -> TransportError {
    TransportError::InvalidTarget(format!("the {what} has {length} bytes, the limit is {limit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(topic: &str, server: Option<&str>) -> Result<(), TransportError> {
        let route = Route::Topic {
            exchange: "openstack".into(),
            topic: topic.into(),
            server: server.map(Into::into),
        };
        route.check()
    }

    #[test]
    fn ordinary_names_pass() {
        topic("conductor", None).unwrap();
        topic("compute.cell1", Some("node-3.example.com")).unwrap();
        topic("größe", Some("東京")).unwrap();
        topic("a#b", Some("c*d")).unwrap();
        topic(&"t".repeat(215), Some(&"s".repeat(39))).unwrap();
    }

    #[test]
    fn names_a_broker_cannot_carry_are_refused() {
        for (name, server) in [
            ("", None),
            ("a", Some("")),
            ("#", None),
            ("a.*", None),
            ("a", Some("#.b")),
            ("amq.topic", None),
            ("a\nb", None),
            ("a", Some("b\r")),
        ] {
            assert!(
                matches!(topic(name, server), Err(TransportError::InvalidTarget(_))),
                "{name:?} {server:?}"
            );
        }
        assert!(topic(&"t".repeat(216), None).is_err());
        assert!(topic(&"t".repeat(215), Some(&"s".repeat(40))).is_err());
        assert!(check_address("").is_err());
        assert!(check_address(&"r".repeat(256)).is_err());
    }
}
