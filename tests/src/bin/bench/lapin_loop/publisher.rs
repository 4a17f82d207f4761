//! Publishes from one task, since lapin mixes up confirms when several tasks publish on a channel, and hands
//! returned messages to whichever confirm comes next.

use std::collections::HashSet;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation, Connection};
use tokio::sync::{mpsc, oneshot};

use super::connect;
use crate::Failed;

/// Publishes that wait for their turn.
const QUEUE: usize = 4096;

#[derive(Clone)]
pub(super) struct Publisher {
    queue: mpsc::Sender<Publish>,
    _connection: Arc<Connection>,
}

/// A message on its way out.
struct Publish {
    exchange: &'static str,
    key: ShortString,
    body: Vec<u8>,
    mandatory: bool,
    expiration: Option<&'static str>,
    confirmed: oneshot::Sender<Result<(), Failed>>,
}

/// A publish that the broker has answered.
struct Settled {
    number: u64,
    confirmed: oneshot::Sender<Result<(), Failed>>,
    outcome: lapin::Result<Confirmation>,
}

impl Publisher {
    /// On a connection of its own, as ours and oslo.messaging's: a broker that is short of memory stops reading from
    /// those who publish, and acknowledgements must not wait for it.
    pub(super) async fn open(url: &str) -> Result<Self, Failed> {
        let connection = connect(url).await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let (queue, publishes) = mpsc::channel(QUEUE);
        tokio::spawn(run(channel, publishes));
        Ok(Self {
            queue,
            _connection: Arc::new(connection),
        })
    }

    /// Done when the broker has confirmed the message.
    pub(super) async fn publish(
        &self,
        exchange: &'static str,
        key: &str,
        body: Vec<u8>,
        mandatory: bool,
        expiration: Option<&'static str>,
    ) -> Result<(), Failed> {
        let (confirmed, done) = oneshot::channel();
        let publish = Publish {
            exchange,
            key: key.into(),
            body,
            mandatory,
            expiration,
            confirmed,
        };
        self.queue
            .send(publish)
            .await
            .map_err(|_| "the publisher has ended")?;
        done.await?
    }
}

async fn run(channel: Channel, mut publishes: mpsc::Receiver<Publish>) {
    let mut unconfirmed = FuturesUnordered::new();
    let mut settled = Vec::new();
    let mut returned = HashSet::new();
    let mut last = 0;
    poll_fn(|cx| {
        let open = loop {
            match publishes.poll_recv(cx) {
                Poll::Ready(Some(publish)) => {
                    last += 1;
                    unconfirmed.push(send(&channel, last, publish));
                }
                Poll::Ready(None) => break false,
                Poll::Pending => break true,
            }
        };
        while let Poll::Ready(Some(publish)) = unconfirmed.poll_next_unpin(cx) {
            settled.push(publish);
        }
        // The broker returns a message before it confirms it, and lapin resolves one after the other: when all that
        // is resolved has been looked at, the return of each of them is known.
        for publish in &settled {
            if let Ok(Confirmation::Ack(Some(back)) | Confirmation::Nack(Some(back))) = &publish.outcome {
                let id = back.properties.message_id().as_ref();
                returned.extend(id.and_then(|id| id.as_str().parse::<u64>().ok()));
            }
        }
        for publish in settled.drain(..) {
            let outcome = match publish.outcome {
                _ if !returned.is_empty() && returned.remove(&publish.number) => Err("nobody listens".into()),
                Ok(Confirmation::Ack(_)) => Ok(()),
                Ok(other) => Err(format!("not taken: {other:?}").into()),
                Err(error) => Err(error.into()),
            };
            let _ = publish.confirmed.send(outcome);
        }
        if open || !unconfirmed.is_empty() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

async fn send(channel: &Channel, number: u64, publish: Publish) -> Settled {
    let options = BasicPublishOptions {
        mandatory: publish.mandatory,
        ..BasicPublishOptions::default()
    };
    let mut properties = BasicProperties::default()
        .with_content_type("application/json".into())
        .with_content_encoding("utf-8".into())
        .with_delivery_mode(2)
        .with_priority(0);
    if publish.mandatory {
        properties = properties.with_message_id(number.to_string().as_str().into());
    }
    if let Some(expiration) = publish.expiration {
        properties = properties.with_expiration(expiration.into());
    }
    let published = channel
        .basic_publish(
            publish.exchange.into(),
            publish.key,
            options,
            &publish.body,
            properties,
        )
        .await;
    let outcome = match published {
        Ok(confirm) => confirm.await,
        Err(error) => Err(error),
    };
    Settled {
        number,
        confirmed: publish.confirmed,
        outcome,
    }
}
