//! What somebody writes by hand who wants oslo.messaging's envelope and guarantees from lapin and serde_json alone,
//! for three methods and nothing else: the mark that the project is measured against.
//!
//! Publishes are confirmed, and mandatory where ours are; what is returned fails the publish it belongs to. They have
//! a connection of their own. Requests and replies are acknowledged by hand; a request is a task. There is no
//! reconnection, no drain, no limit.

mod client;
mod envelope;
mod publisher;
mod server;

use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties};

use crate::Failed;

pub(crate) use client::Client;
pub(crate) use server::serve;

const EXCHANGE: &str = "openstack";
const TOPIC: &str = "bench-lapin";
/// Deliveries on their way that are not acknowledged; as many as ours has.
const PREFETCH: u16 = 128;

async fn connect(url: &str) -> Result<Connection, Failed> {
    let url = url.replacen("rabbit://", "amqp://", 1);
    Ok(Connection::connect(&url, ConnectionProperties::default()).await?)
}

async fn declare_queue(channel: &Channel, name: &str) -> Result<(), Failed> {
    let options = QueueDeclareOptions::default();
    channel
        .queue_declare(name.into(), options, FieldTable::default())
        .await?;
    Ok(())
}
