//! Somebody else on the broker, who declares what does not fit.

use lapin::options::{ExchangeDeclareOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};
use rpc_runtime::testing::Vhost;

pub(crate) struct Operator {
    // Exclusive queues live as long as this.
    _connection: Connection,
    channel: Channel,
}

impl Operator {
    pub(crate) async fn of(vhost: &Vhost<'_>) -> Self {
        let url = vhost.url().replacen("rabbit://", "amqp://", 1);
        let connection = Connection::connect(&url, ConnectionProperties::default()).await;
        let connection = connection.expect("a connection");
        let channel = connection.create_channel().await.expect("a channel");
        Self {
            _connection: connection,
            channel,
        }
    }

    pub(crate) async fn exchange(&self, name: &str, kind: ExchangeKind, durable: bool) {
        let options = ExchangeDeclareOptions {
            durable,
            ..ExchangeDeclareOptions::default()
        };
        self.channel
            .exchange_declare(name.into(), kind, options, FieldTable::default())
            .await
            .expect("an exchange");
    }

    pub(crate) async fn queue(
        &self,
        name: &str,
        options: QueueDeclareOptions,
        arguments: &[(&'static str, AMQPValue)],
    ) {
        let mut table = FieldTable::default();
        for (name, value) in arguments {
            table.insert((*name).into(), value.clone());
        }
        self.channel
            .queue_declare(name.into(), options, table)
            .await
            .expect("a queue");
    }
}

pub(crate) fn durable() -> QueueDeclareOptions {
    QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    }
}
