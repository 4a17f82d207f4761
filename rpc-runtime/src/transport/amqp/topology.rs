//! Which exchanges, queues and bindings there are: oslo.messaging's, under its options. Plain data.

use lapin::ExchangeKind;
use lapin::types::{AMQPValue, FieldTable, ShortString};

use crate::transport::TransportError;
use crate::transport::url::{Profile, RabbitOptions};

/// An exchange as we want it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Exchange {
    pub(super) name: ShortString,
    pub(super) kind: ExchangeKind,
    pub(super) durable: bool,
    pub(super) auto_delete: bool,
}

/// A queue as we want it. None is exclusive.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Queue {
    pub(super) name: ShortString,
    pub(super) durable: bool,
    pub(super) auto_delete: bool,
    pub(super) arguments: FieldTable,
}

/// The shapes that a set of options asks for.
#[derive(Clone, Debug)]
pub(super) struct Topology {
    options: RabbitOptions,
}

/// A name AMQP can carry.
pub(super) fn short(name: impl Into<String>) -> Result<ShortString, TransportError> {
    let name = name.into();
    ShortString::try_new(name.as_str()).map_err(|_| {
        TransportError::InvalidTarget(format!("a name has {} bytes, the limit is 255", name.len()))
    })
}

impl Topology {
    pub(super) fn new(options: &RabbitOptions) -> Self {
        let mut options = options.clone();
        if options.profile == Profile::Modern {
            options.quorum_queue = true;
            options.transient_quorum_queue = true;
        }
        Self { options }
    }

    /// The exchange that scopes topics.
    pub(super) fn topic_exchange(&self, name: ShortString) -> Exchange {
        let options = &self.options;
        Exchange {
            name,
            kind: ExchangeKind::Topic,
            durable: options.durable_queues || options.quorum_queue,
            auto_delete: options.auto_delete,
        }
    }

    /// The exchange of a topic's fan-out casts. It ignores the one that scopes the topic.
    pub(super) fn fanout_exchange(&self, topic: &str) -> Result<Exchange, TransportError> {
        Ok(Exchange {
            name: short(format!("{topic}_fanout"))?,
            kind: ExchangeKind::Fanout,
            durable: self.options.transient_quorum_queue,
            auto_delete: true,
        })
    }

    /// The exchange through which servers before oslo.messaging 9.2 reply.
    pub(super) fn reply_exchange(&self, address: ShortString) -> Exchange {
        Exchange {
            name: address,
            kind: ExchangeKind::Direct,
            durable: false,
            auto_delete: true,
        }
    }

    /// The queue of a topic, or of one server of it.
    pub(super) fn topic_queue(&self, name: ShortString) -> Queue {
        let options = &self.options;
        let mut arguments = Arguments::default();
        if options.quorum_queue {
            arguments.quorum(options);
        }
        if options.ha_queues {
            arguments.ha();
        }
        Queue {
            name,
            durable: options.durable_queues || options.quorum_queue,
            auto_delete: options.auto_delete,
            arguments: arguments.0,
        }
    }

    /// A queue that expires when its consumer is gone: a server's for fan-out casts, a client's for replies.
    pub(super) fn transient_queue(&self, name: ShortString) -> Queue {
        let options = &self.options;
        let mut arguments = Arguments::default();
        if options.transient_quorum_queue {
            arguments.quorum(options);
        }
        if options.ha_queues {
            arguments.ha();
        }
        let expires = options.transient_queues_ttl.as_millis();
        if expires > 0 {
            // RabbitMQ takes 32 bits of milliseconds.
            let expires = i32::try_from(expires).unwrap_or(i32::MAX);
            arguments.set("x-expires", AMQPValue::LongInt(expires));
        }
        Queue {
            name,
            durable: options.transient_quorum_queue,
            auto_delete: false,
            arguments: arguments.0,
        }
    }

    /// What a consumer is subscribed with.
    pub(super) fn consume_arguments(&self) -> FieldTable {
        let mut arguments = Arguments::default();
        if self.options.cancel_on_failover {
            arguments.set("x-cancel-on-ha-failover", AMQPValue::Boolean(true));
        }
        arguments.0
    }
}

#[derive(Default)]
struct Arguments(FieldTable);

impl Arguments {
    fn set(&mut self, name: &'static str, value: AMQPValue) {
        self.0.insert(name.into(), value);
    }

    fn quorum(&mut self, options: &RabbitOptions) {
        self.set("x-queue-type", AMQPValue::LongString("quorum".into()));
        let limits = [
            ("x-delivery-limit", options.quorum_delivery_limit),
            ("x-max-in-memory-length", options.quorum_max_memory_length),
            ("x-max-in-memory-bytes", options.quorum_max_memory_bytes),
        ];
        for (name, limit) in limits {
            if limit > 0 {
                self.set(name, AMQPValue::LongLongInt(limit.into()));
            }
        }
    }

    fn ha(&mut self) {
        self.set("x-ha-policy", AMQPValue::LongString("all".into()));
    }
}
