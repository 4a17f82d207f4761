//! The client: calls wait in a table for the reply that bears their id.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, Consumer};
use serde::Serialize;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::envelope::{self, Reply, RequestOut};
use super::publisher::Publisher;
use super::{EXCHANGE, PREFETCH, TOPIC, connect, declare_queue};
use crate::Failed;
use crate::payload::ArgsRef;
use crate::worker::Caller;

const LIMIT: Duration = Duration::from_secs(60);
/// The same in milliseconds, as the broker takes it.
const EXPIRATION: &str = "60000";

/// By message id; the answer is the inner document of the reply.
type Table = HashMap<String, oneshot::Sender<String>>;
type Waiting = Arc<Mutex<Table>>;

#[derive(Clone)]
pub(crate) struct Client {
    _connection: Arc<Connection>,
    publisher: Publisher,
    address: Arc<str>,
    waiting: Waiting,
    args: Arc<ArgsRef<'static>>,
}

impl Client {
    pub(crate) async fn connect(url: &str) -> Result<Self, Failed> {
        let connection = connect(url).await?;
        let channel = connection.create_channel().await?;
        let address = format!("reply_{}", uuid::Uuid::new_v4().simple());
        declare_queue(&channel, &address).await?;
        channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
        let consume = BasicConsumeOptions::default();
        let replies = channel
            .basic_consume(
                address.as_str().into(),
                "1".into(),
                consume,
                FieldTable::default(),
            )
            .await?;
        let publisher = Publisher::open(url).await?;
        let waiting = Waiting::default();
        tokio::spawn(receive(channel, replies, waiting.clone()));
        Ok(Self {
            _connection: Arc::new(connection),
            publisher,
            address: address.into(),
            waiting,
            args: Arc::new(ArgsRef::sample()?),
        })
    }

    /// Calls a method; the answer is the inner document of the reply.
    async fn ask<A: Serialize>(&self, method: &str, args: &A) -> Result<String, Failed> {
        let msg_id = uuid::Uuid::new_v4().simple().to_string();
        let unique_id = uuid::Uuid::new_v4().simple().to_string();
        let body = envelope::enveloped(&RequestOut {
            method,
            version: "1.0",
            args,
            _msg_id: Some(&msg_id),
            _reply_q: Some(&self.address),
            _timeout: Some(()),
            _unique_id: &unique_id,
        })?;
        let (answer, answered) = oneshot::channel();
        lock(&self.waiting).insert(msg_id.clone(), answer);
        let sent = async {
            self.publisher
                .publish(EXCHANGE, TOPIC, body, true, Some(EXPIRATION))
                .await?;
            Ok(answered.await?)
        };
        let answer = timeout(LIMIT, sent).await;
        if !matches!(answer, Ok(Ok(_))) {
            lock(&self.waiting).remove(&msg_id);
        }
        answer?
    }
}

impl Caller for Client {
    async fn call(&self) -> Result<(), Failed> {
        let inner = self.ask("object_action", &*self.args).await?;
        let reply: Reply<'_> = serde_json::from_str(&inner)?;
        let echo: ArgsRef<'_> = serde_json::from_str(reply.result.get())?;
        if reply.ending && reply.failure.is_none() && echo.is_sample() {
            Ok(())
        } else {
            Err("the echo differs".into())
        }
    }

    async fn cast(&self) -> Result<(), Failed> {
        let unique_id = uuid::Uuid::new_v4().simple().to_string();
        let body = envelope::enveloped(&RequestOut {
            method: "cast_action",
            version: "1.0",
            args: &*self.args,
            _msg_id: None,
            _reply_q: None,
            _timeout: None,
            _unique_id: &unique_id,
        })?;
        self.publisher.publish(EXCHANGE, TOPIC, body, false, None).await
    }

    async fn count(&self) -> Result<u64, Failed> {
        let inner = self.ask("count", &serde_json::Map::new()).await?;
        let reply: Reply<'_> = serde_json::from_str(&inner)?;
        Ok(serde_json::from_str(reply.result.get())?)
    }
}

fn lock(waiting: &Mutex<Table>) -> MutexGuard<'_, Table> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives replies to those who wait, and acknowledges all that are here at once.
async fn receive(channel: Channel, mut replies: Consumer, waiting: Waiting) {
    while let Some(Ok(reply)) = replies.next().await {
        let mut next = Some(reply);
        let mut last = 0;
        while let Some(delivery) = next {
            last = delivery.delivery_tag;
            if let Err(error) = hand_over(&delivery.data, &waiting) {
                eprintln!("a reply was ignored: {error}");
            }
            next = replies.next().now_or_never().flatten().and_then(Result::ok);
        }
        let _ = channel
            .basic_ack(last, BasicAckOptions { multiple: true })
            .now_or_never();
    }
}

fn hand_over(body: &[u8], waiting: &Waiting) -> Result<(), Failed> {
    #[derive(serde::Deserialize)]
    struct Head<'a> {
        _msg_id: &'a str,
    }
    let inner = envelope::open(body)?;
    let head: Head<'_> = serde_json::from_str(&inner)?;
    let answer = lock(waiting).remove(head._msg_id);
    if let Some(answer) = answer {
        let _ = answer.send(inner);
    }
    Ok(())
}
