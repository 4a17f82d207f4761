//! The server: echoes calls and counts casts.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{FutureExt as _, StreamExt as _};
use lapin::ExchangeKind;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicQosOptions, ExchangeDeclareOptions, QueueBindOptions,
};
use lapin::types::FieldTable;
use serde::Serialize;

use super::envelope::{self, ReplyOut, Request};
use super::publisher::Publisher;
use super::{EXCHANGE, PREFETCH, TOPIC, connect, declare_queue};
use crate::Failed;
use crate::payload::ArgsRef;
use crate::worker::say;

/// As oslo.messaging: the ids of the last messages, to drop doubles.
const REMEMBERED: usize = 16;

/// Serves until the connection ends.
pub(crate) async fn serve(url: &str) -> Result<(), Failed> {
    let connection = connect(url).await?;
    let channel = connection.create_channel().await?;
    let exchange = ExchangeDeclareOptions::default();
    channel
        .exchange_declare(
            EXCHANGE.into(),
            ExchangeKind::Topic,
            exchange,
            FieldTable::default(),
        )
        .await?;
    declare_queue(&channel, TOPIC).await?;
    let bind = QueueBindOptions::default();
    channel
        .queue_bind(
            TOPIC.into(),
            EXCHANGE.into(),
            TOPIC.into(),
            bind,
            FieldTable::default(),
        )
        .await?;
    channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
    let consume = BasicConsumeOptions::default();
    let mut requests = channel
        .basic_consume(TOPIC.into(), "1".into(), consume, FieldTable::default())
        .await?;
    let echo = Arc::new(Echo {
        publisher: Publisher::open(url).await?,
        casts: AtomicU64::new(0),
        seen: Mutex::default(),
    });
    say("ready")?;

    while let Some(request) = requests.next().await {
        let mut next = Some(request?);
        let mut last = 0;
        // All that is here is acknowledged at once, before it runs, as oslo.messaging does.
        while let Some(delivery) = next {
            last = delivery.delivery_tag;
            tokio::spawn(handle(echo.clone(), delivery.data));
            next = requests.next().now_or_never().flatten().transpose()?;
        }
        let _ = channel
            .basic_ack(last, BasicAckOptions { multiple: true })
            .now_or_never();
    }
    Ok(())
}

struct Echo {
    publisher: Publisher,
    casts: AtomicU64,
    seen: Mutex<VecDeque<Box<str>>>,
}

async fn handle(echo: Arc<Echo>, body: Vec<u8>) {
    if let Err(error) = echo.run(&body).await {
        eprintln!("a request failed: {error}");
    }
}

impl Echo {
    fn is_new(&self, unique_id: &str) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.iter().any(|id| **id == *unique_id) {
            return false;
        }
        seen.push_back(unique_id.into());
        if seen.len() > REMEMBERED {
            seen.pop_front();
        }
        true
    }

    async fn run(&self, body: &[u8]) -> Result<(), Failed> {
        let inner = envelope::open(body)?;
        let request: Request<'_> = serde_json::from_str(&inner)?;
        if !self.is_new(request._unique_id) {
            return Ok(());
        }
        let body = match request.method {
            "object_action" => {
                let args: ArgsRef<'_> = serde_json::from_str(request.args.get())?;
                answer(&request, &args)?
            }
            "cast_action" => {
                let args: ArgsRef<'_> = serde_json::from_str(request.args.get())?;
                std::hint::black_box(args);
                self.casts.fetch_add(1, Relaxed);
                return Ok(());
            }
            "count" => answer(&request, &self.casts.load(Relaxed))?,
            other => return Err(format!("no method '{other}'").into()),
        };
        let Some(address) = request._reply_q else {
            return Ok(());
        };
        self.publisher.publish("", address, body, true, None).await
    }
}

fn answer<T: Serialize>(request: &Request<'_>, result: &T) -> Result<Vec<u8>, Failed> {
    let unique_id = uuid::Uuid::new_v4().simple().to_string();
    envelope::enveloped(&ReplyOut {
        result,
        failure: None,
        ending: true,
        _msg_id: request._msg_id.unwrap_or_default(),
        _unique_id: &unique_id,
    })
}
