//! What tests of transports send, and where to.

use super::{Listen, Message, Route};

/// A listener to a topic.
pub(super) fn listen_to(topic: &str) -> Listen {
    Listen {
        exchange: "openstack".into(),
        topic: topic.into(),
        server: "s".into(),
        prefetch: 10,
    }
}

/// The way to any server of a topic.
pub(super) fn topic(topic: &str) -> Route {
    Route::Topic {
        exchange: "openstack".into(),
        topic: topic.into(),
        server: None,
    }
}

/// A message that somebody must listen for.
pub(super) fn message(body: &'static str) -> Message {
    Message {
        body: body.into(),
        mandatory: true,
        ..Message::default()
    }
}
