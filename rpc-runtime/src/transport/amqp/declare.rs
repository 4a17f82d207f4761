//! Declares exchanges, queues and bindings, and lives with those that exist in another shape.

use std::time::Duration;

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::{FieldTable, ShortString};
use lapin::{Channel, ErrorKind};
use tracing::{debug, warn};

use super::link::Session;
use super::topology::{Exchange, Queue};

/// Between two tries to declare what the broker refuses.
pub(super) const REFUSED_PAUSE: Duration = Duration::from_secs(5);
/// The same of what misses something else.
pub(super) const MISSING_PAUSE: Duration = Duration::from_millis(200);

const ACCESS_REFUSED: u16 = 403;
const NOT_FOUND: u16 = 404;
const RESOURCE_LOCKED: u16 = 405;
const PRECONDITION_FAILED: u16 = 406;
/// RabbitMQ 4.3 says so of transient queues that others may use, which the profile `oslo` declares.
const NOT_IMPLEMENTED: u16 = 540;
const INTERNAL_ERROR: u16 = 541;
/// What RabbitMQ says of something that exists in another shape. Other preconditions, such as a limit of the virtual
/// host, fail with the same code.
const EXISTS: &str = "inequivalent arg";

/// Why something could not be declared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Undeclared {
    /// The connection is gone, or about to go: try again on the next.
    Gone,
    /// What was to be bound, or bound to, is missing.
    Missing,
    /// It will not succeed until somebody changes something on the broker.
    Refused(String),
}

/// Declares on a channel of its own, since each refusal costs the channel.
#[derive(Debug)]
pub(super) struct Declarer<'s> {
    session: &'s Session,
    channel: Option<Channel>,
}

impl<'s> Declarer<'s> {
    pub(super) fn new(session: &'s Session) -> Self {
        Self {
            session,
            channel: None,
        }
    }

    /// Declares an exchange. One of the same name and kind is taken as it is.
    pub(super) async fn exchange(&mut self, wanted: &Exchange) -> Result<(), Undeclared> {
        let options = ExchangeDeclareOptions {
            durable: wanted.durable,
            auto_delete: wanted.auto_delete,
            ..ExchangeDeclareOptions::default()
        };
        let channel = self.channel().await?;
        let declare = channel.exchange_declare(
            wanted.name.clone(),
            wanted.kind.clone(),
            options,
            FieldTable::default(),
        );
        match self.done("declaring an exchange", declare).await? {
            Ok(()) => Ok(()),
            Err((PRECONDITION_FAILED, text)) if text.contains(EXISTS) && !text.contains("arg 'type'") => {
                debug!(exchange = %wanted.name, found = text, "the exchange exists otherwise, and is used");
                Ok(())
            }
            Err((_, text)) => Err(Undeclared::Refused(format!("exchange '{}': {text}", wanted.name))),
        }
    }

    /// Declares a queue. One that can be consumed from is taken as it is.
    pub(super) async fn queue(&mut self, wanted: &Queue) -> Result<(), Undeclared> {
        let mut options = QueueDeclareOptions {
            durable: wanted.durable,
            auto_delete: wanted.auto_delete,
            ..QueueDeclareOptions::default()
        };
        loop {
            let channel = self.channel().await?;
            let declare = channel.queue_declare(wanted.name.clone(), options, wanted.arguments.clone());
            let (code, found) = match self.done("declaring a queue", declare).await? {
                Ok(_) => return Ok(()),
                Err(refused) => refused,
            };
            let differs = |what: &str| found.contains(&format!("arg '{what}'"));
            if matches!(code, NOT_IMPLEMENTED | INTERNAL_ERROR) {
                return Err(Undeclared::Refused(format!(
                    "queue '{}' (wanted {}): {found}; add profile=modern to the URL for durable queues",
                    wanted.name,
                    shape(wanted)
                )));
            }
            let exists = code == PRECONDITION_FAILED && found.contains(EXISTS);
            if !exists || (differs("x-queue-type") && found.contains("'stream'")) {
                return Err(Undeclared::Refused(format!(
                    "queue '{}' (wanted {}): {found}",
                    wanted.name,
                    shape(wanted)
                )));
            }
            warn!(queue = %wanted.name, found, "the queue exists in another shape, and is used as it is");
            // The broker names one difference at a time, and behind a harmless one there may be a stream, from
            // which nothing is ever taken.
            if differs("durable") && options.durable == wanted.durable {
                options.durable = !wanted.durable;
            } else if differs("auto_delete") && options.auto_delete == wanted.auto_delete {
                options.auto_delete = !wanted.auto_delete;
            } else {
                return Ok(());
            }
        }
    }

    /// Binds a queue.
    pub(super) async fn bind(
        &mut self,
        queue: &ShortString,
        exchange: &ShortString,
        key: &ShortString,
    ) -> Result<(), Undeclared> {
        let channel = self.channel().await?;
        let bind = channel.queue_bind(
            queue.clone(),
            exchange.clone(),
            key.clone(),
            QueueBindOptions::default(),
            FieldTable::default(),
        );
        match self.done("binding a queue", bind).await? {
            Ok(()) => Ok(()),
            Err((NOT_FOUND, _)) => Err(Undeclared::Missing),
            Err((_, text)) => Err(Undeclared::Refused(format!(
                "binding of queue '{queue}' to exchange '{exchange}': {text}"
            ))),
        }
    }

    /// Deletes a queue, with what is in it.
    pub(super) async fn delete(&mut self, queue: &ShortString) -> Result<(), Undeclared> {
        let channel = self.channel().await?;
        let delete = channel.queue_delete(queue.clone(), QueueDeleteOptions::default());
        match self.done("deleting a queue", delete).await? {
            Ok(_) => Ok(()),
            Err((_, text)) => Err(Undeclared::Refused(format!("queue '{queue}': {text}"))),
        }
    }

    async fn channel(&mut self) -> Result<Channel, Undeclared> {
        if let Some(channel) = &self.channel {
            return Ok(channel.clone());
        }
        let channel = self.session.channel().await.ok_or(Undeclared::Gone)?;
        self.channel = Some(channel.clone());
        Ok(channel)
    }

    /// Waits for an answer. A refusal comes with its code and text, and takes the channel with it.
    async fn done<T>(
        &mut self,
        what: &str,
        work: impl Future<Output = lapin::Result<T>>,
    ) -> Result<Result<T, (u16, String)>, Undeclared> {
        let error = match self.session.step(what, work).await {
            None => return Err(Undeclared::Gone),
            Some(Ok(done)) => return Ok(Ok(done)),
            Some(Err(error)) => error,
        };
        self.channel = None;
        match error.kind() {
            ErrorKind::ProtocolError(told)
                if [
                    ACCESS_REFUSED,
                    NOT_FOUND,
                    RESOURCE_LOCKED,
                    PRECONDITION_FAILED,
                    NOT_IMPLEMENTED,
                    INTERNAL_ERROR,
                ]
                .contains(&told.get_id()) =>
            {
                Ok(Err((told.get_id(), told.get_message().to_string())))
            }
            _ => Err(Undeclared::Gone),
        }
    }
}

fn shape(queue: &Queue) -> String {
    let mut words = vec![
        format!("durable={}", queue.durable),
        format!("auto_delete={}", queue.auto_delete),
        "exclusive=false".to_owned(),
    ];
    for (name, value) in &queue.arguments {
        use lapin::types::AMQPValue as V;
        let value = match value {
            V::LongString(text) => text.to_string(),
            V::LongInt(number) => number.to_string(),
            V::LongLongInt(number) => number.to_string(),
            other => format!("{other:?}"),
        };
        words.push(format!("{name}={value}"));
    }
    words.join(", ")
}
