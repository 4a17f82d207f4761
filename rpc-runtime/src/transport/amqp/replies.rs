//! Receives replies, at one address that outlives every connection.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use lapin::options::{BasicConsumeOptions, BasicQosOptions};
use lapin::types::ShortString;
use lapin::{Channel, Consumer};
use tokio::sync::watch;
use tokio::time::sleep;
use tracing::{debug, warn};

use super::declare::{Declarer, MISSING_PAUSE, REFUSED_PAUSE, Undeclared};
use super::link::{Session, Status};
use super::properties;
use super::tally::Settle;
use super::topology::Topology;
use crate::transport::ReplySink;

/// Replies on their way to us that are not acknowledged.
const PREFETCH: u16 = 1000;
/// So many are acknowledged at once at the latest.
const BATCH: usize = 64;

/// How far the address is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) enum Progress {
    #[default]
    Opening,
    /// It was open at least once: it will be again.
    Open,
    Refused(String),
}

/// The task that receives replies.
pub(super) struct Replies {
    pub(super) address: ShortString,
    pub(super) sink: Arc<dyn ReplySink>,
    pub(super) topology: Topology,
    pub(super) prefetch: Option<u16>,
    pub(super) status: watch::Receiver<Status>,
    pub(super) progress: watch::Sender<Progress>,
}

impl Replies {
    pub(super) async fn run(mut self) {
        loop {
            let status = self.status.borrow_and_update().clone();
            let session = match status {
                Status::Closed => return,
                Status::Up(session) if !session.is_over() => session,
                _ => match self.status.changed().await {
                    Ok(()) => continue,
                    Err(_) => return,
                },
            };
            tokio::select! {
                () = self.serve(&session) => {}
                () = session.over() => {}
            }
        }
    }

    async fn serve(&self, session: &Session) {
        let (channel, mut consumer) = match self.subscribe(session).await {
            Ok(subscribed) => subscribed,
            Err(Undeclared::Gone) => return session.over().await,
            Err(Undeclared::Missing) => return sleep(MISSING_PAUSE).await,
            Err(Undeclared::Refused(text)) => {
                warn!(reason = text, "replies cannot be received at the moment");
                self.progress.send_replace(Progress::Refused(text));
                return sleep(REFUSED_PAUSE).await;
            }
        };
        self.progress.send_replace(Progress::Open);
        debug!(address = %self.address, connection = session.number(), "waiting for replies");
        self.receive(&channel, &mut consumer).await;
        debug!(address = %self.address, "the reply queue is gone: it is declared again");
    }

    async fn subscribe(&self, session: &Session) -> Result<(Channel, Consumer), Undeclared> {
        let queue = self.topology.transient_queue(self.address.clone());
        let exchange = self.topology.reply_exchange(self.address.clone());
        let mut declarer = Declarer::new(session);
        declarer.queue(&queue).await?;
        // For servers before oslo.messaging 9.2; without it, those of today still reach us.
        match declarer.exchange(&exchange).await {
            Ok(()) => declarer.bind(&queue.name, &exchange.name, &self.address).await?,
            Err(Undeclared::Refused(text)) => debug!(text, "no exchange for the replies of old servers"),
            Err(error) => return Err(error),
        }
        let channel = session.channel().await.ok_or(Undeclared::Gone)?;
        let prefetch = self.prefetch.unwrap_or(PREFETCH);
        let qos = channel.basic_qos(prefetch, BasicQosOptions { global: false });
        let limited = session.step("limiting the prefetch", qos).await;
        limited.and_then(Result::ok).ok_or(Undeclared::Gone)?;
        let consume = channel.basic_consume(
            queue.name.clone(),
            "1".into(),
            BasicConsumeOptions::default(),
            self.topology.consume_arguments(),
        );
        match session.step("subscribing", consume).await {
            Some(Ok(consumer)) => Ok((channel, consumer)),
            Some(Err(error)) if error.is_amqp_soft_error() => Err(Undeclared::Refused(error.to_string())),
            _ => Err(Undeclared::Gone),
        }
    }

    /// Hands replies over until the consumer ends. They are acknowledged when there is a pause, or many.
    async fn receive(&self, channel: &Channel, consumer: &mut Consumer) {
        while let Some(first) = consumer.next().await {
            let (mut last, mut untold) = (0, 0);
            let mut waiting = Some(Some(first));
            while let Some(Some(Ok(received))) = waiting {
                match properties::read(&received.properties) {
                    Ok(headers) => {
                        last = received.delivery_tag;
                        untold += 1;
                        self.sink.deliver(Bytes::from(received.data), headers);
                    }
                    Err(content_type) => {
                        warn!(content_type, "a reply that is not JSON was rejected");
                        channel.reject(received.delivery_tag, false);
                    }
                }
                waiting = match untold < BATCH {
                    true => consumer.next().now_or_never(),
                    false => None,
                };
            }
            if untold > 0 {
                channel.ack_up_to(last);
            }
            // An error, or the end. It does not come twice.
            if waiting.is_some() {
                return;
            }
        }
    }
}
