//! What an operator does to a broker: virtual hosts, queues, alarms, permissions.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::control::binary;
use super::{Broker, BrokerError};

/// A virtual host of one test. Dropping it deletes it with everything in it.
#[derive(Debug)]
pub struct Vhost<'broker> {
    broker: &'broker Broker,
    name: String,
}

/// A queue as the broker has it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[non_exhaustive]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// It survives the broker.
    pub durable: bool,
    /// It goes with its last consumer.
    pub auto_delete: bool,
    /// Its arguments, such as `x-expires`.
    pub arguments: Map<String, Value>,
    /// Messages in it, delivered but unsettled ones included.
    pub messages: u64,
    /// Messages that a consumer has and did not settle.
    pub messages_unacknowledged: u64,
    /// Consumers of it.
    pub consumers: u64,
}

/// An exchange as the broker has it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[non_exhaustive]
pub struct Exchange {
    /// Its name.
    pub name: String,
    /// `direct`, `topic`, `fanout` or `headers`.
    #[serde(rename = "type")]
    pub kind: String,
    /// It survives the broker.
    pub durable: bool,
    /// It goes with its last binding.
    pub auto_delete: bool,
}

/// A binding as the broker has it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[non_exhaustive]
pub struct Binding {
    /// The exchange.
    #[serde(rename = "source_name")]
    pub exchange: String,
    /// The queue.
    #[serde(rename = "destination_name")]
    pub queue: String,
    /// With which key.
    pub routing_key: String,
}

impl Broker {
    /// Makes a virtual host whose name begins with `name` and is new, open to the user `guest`.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn vhost(&self, name: &str) -> Result<Vhost<'_>, BrokerError> {
        let name = format!("{name}-{}", uuid::Uuid::new_v4().simple());
        let vhost = Vhost { broker: self, name };
        let quoted = vhost.quoted();
        self.eval(&format!(
            "ok = rabbit_vhost:add({quoted}, <<\"test\">>), {}",
            permit("guest", &vhost.name, [".*"; 3])
        ))
        .await?;
        Ok(vhost)
    }

    /// Adds a user who may nothing yet.
    ///
    /// # Errors
    /// When the user exists, or the broker does not answer.
    pub async fn add_user(&self, user: &str, password: &str) -> Result<(), BrokerError> {
        let (user, password) = (binary(user), binary(password));
        let add = format!("ok = rabbit_auth_backend_internal:add_user({user}, {password}, <<\"test\">>).");
        self.eval(&add).await.map(drop)
    }

    /// Sets or clears the alarm for memory, which blocks every connection that publishes.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn memory_alarm(&self, on: bool) -> Result<(), BrokerError> {
        self.alarm("memory", on).await
    }

    /// Sets or clears the alarm for disk space, which blocks every connection that publishes.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn disk_alarm(&self, on: bool) -> Result<(), BrokerError> {
        self.alarm("disk", on).await
    }

    async fn alarm(&self, resource: &str, on: bool) -> Result<(), BrokerError> {
        let alarm = format!("{{resource_limit, {resource}, node()}}");
        let change = if on {
            format!("rabbit_alarm:set_alarm({{{alarm}, []}}).")
        } else {
            format!("rabbit_alarm:clear_alarm({alarm}).")
        };
        self.eval(&change).await.map(drop)
    }

    /// Sets the largest body that the broker takes, in bytes, for channels opened from now on.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn max_message_size(&self, bytes: u64) -> Result<(), BrokerError> {
        let set = format!("application:set_env(rabbit, max_message_size, {bytes}).");
        self.eval(&set).await.map(drop)
    }
}

impl Vhost<'_> {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its broker.
    pub fn broker(&self) -> &Broker {
        self.broker
    }

    /// Its transport URL.
    pub fn url(&self) -> String {
        self.broker.url(&self.name)
    }

    /// As [`url`](Self::url), by way of another address, such as a [`Relay`](crate::testing::Relay)'s.
    pub fn url_by(&self, address: impl std::fmt::Display) -> String {
        self.broker.url_by(address, &self.name)
    }

    fn quoted(&self) -> String {
        binary(&self.name)
    }

    fn entity(&self, kind: &str, name: &str) -> String {
        format!("rabbit_misc:r({}, {kind}, {})", self.quoted(), binary(name))
    }

    /// Allows a user to configure, write and read what the three patterns match.
    ///
    /// # Errors
    /// When there is no such user, or the broker does not answer.
    pub async fn permit(&self, user: &str, patterns: [&str; 3]) -> Result<(), BrokerError> {
        self.broker
            .eval(&permit(user, &self.name, patterns))
            .await
            .map(drop)
    }

    /// Its queues.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn queues(&self) -> Result<Vec<Queue>, BrokerError> {
        self.list(&format!(
            "{{json, [begin
                Queue = maps:from_list(Info),
                Arguments = maps:from_list([{{Key, Value}} || {{Key, _, Value}} <- maps:get(arguments, Queue)]),
                Queue#{{name := element(4, maps:get(name, Queue)), arguments := Arguments}}
            end || Info <- rabbit_amqqueue:info_all({},
                [name, durable, auto_delete, arguments, messages, messages_unacknowledged, consumers])]}}.",
            self.quoted()
        ))
        .await
    }

    /// Its exchanges, those that every virtual host has included.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn exchanges(&self) -> Result<Vec<Exchange>, BrokerError> {
        self.list(&format!(
            "{{json, [begin
                Exchange = maps:from_list(Info),
                Exchange#{{name := element(4, maps:get(name, Exchange))}}
            end || Info <- rabbit_exchange:info_all({}, [name, type, durable, auto_delete])]}}.",
            self.quoted()
        ))
        .await
    }

    /// Its bindings, but for those of every queue to the default exchange.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn bindings(&self) -> Result<Vec<Binding>, BrokerError> {
        let all = format!("{{json, rabbit_binding:info_all({})}}.", self.quoted());
        let mut bindings: Vec<Binding> = self.list(&all).await?;
        bindings.retain(|binding| !binding.exchange.is_empty());
        Ok(bindings)
    }

    async fn list<T: for<'de> Deserialize<'de>>(&self, expressions: &str) -> Result<Vec<T>, BrokerError> {
        let answer = self.broker.eval(expressions).await?;
        serde_json::from_str(&answer).map_err(|error| BrokerError::Failed(format!("{error} in {answer}")))
    }

    /// How many connections are open to it, and how many channels on them.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn users(&self) -> Result<(usize, usize), BrokerError> {
        let count = format!(
            "Here = fun(Module, Pids) ->
                length([Pid || Pid <- Pids, (catch Module:info(Pid, [vhost])) =:= [{{vhost, {}}}]])
            end,
            {{json, [
                Here(rabbit_reader, rabbit_networking:connections_local()),
                Here(rabbit_channel, rabbit_channel:list_local())]}}.",
            self.quoted()
        );
        let answer = self.broker.eval(&count).await?;
        serde_json::from_str(&answer).map_err(|error| BrokerError::Failed(format!("{error} in {answer}")))
    }

    /// Declares an exchange, as an operator or another program does.
    ///
    /// # Errors
    /// When it exists otherwise, or the broker does not answer.
    pub async fn declare_exchange(&self, name: &str, kind: &str, durable: bool) -> Result<(), BrokerError> {
        self.broker
            .eval(&format!(
                "rabbit_exchange:declare({}, {}, {durable}, false, false, [], <<\"test\">>).",
                self.entity("exchange", name),
                quoted_atom(kind)
            ))
            .await
            .map(drop)
    }

    /// Declares a queue, as an operator or another program does. Arguments are texts or whole numbers.
    ///
    /// # Errors
    /// When an argument is something else, or the broker refuses.
    pub async fn declare_queue(
        &self,
        name: &str,
        durable: bool,
        arguments: &[(&str, Value)],
    ) -> Result<(), BrokerError> {
        let arguments: Result<Vec<String>, BrokerError> = arguments
            .iter()
            .map(|(key, value)| match value {
                Value::String(text) => Ok(format!("{{{}, longstr, {}}}", binary(key), binary(text))),
                Value::Number(number) if number.is_i64() => {
                    Ok(format!("{{{}, long, {number}}}", binary(key)))
                }
                other => Err(BrokerError::Failed(format!("no argument of a queue: {other}"))),
            })
            .collect();
        self.broker
            .eval(&format!(
                "{{new, _}} = rabbit_amqqueue:declare({}, {durable}, false, [{}], none, <<\"test\">>).",
                self.entity("queue", name),
                arguments?.join(",")
            ))
            .await
            .map(drop)
    }

    /// Waits until the queues are as wanted, at most 20 seconds, and gives them.
    ///
    /// # Errors
    /// When they do not become so, with what they are.
    pub async fn wait_queues(&self, wanted: impl Fn(&[Queue]) -> bool) -> Result<Vec<Queue>, BrokerError> {
        const LIMIT: Duration = Duration::from_secs(20);
        let limit = tokio::time::Instant::now() + LIMIT;
        loop {
            let queues = self.queues().await?;
            if wanted(&queues) {
                return Ok(queues);
            }
            if tokio::time::Instant::now() > limit {
                let complaint = format!("the queues did not become as wanted: {queues:#?}");
                return Err(BrokerError::Failed(complaint));
            }
            tokio::time::sleep(super::POLL).await;
        }
    }

    /// Deletes a queue under its consumers.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn delete_queue(&self, name: &str) -> Result<(), BrokerError> {
        self.broker
            .eval(&format!(
                "{{ok, _}} = rabbit_amqqueue:with({}, fun(Queue) ->
                    rabbit_amqqueue:delete(Queue, false, false, <<\"test\">>) end).",
                self.entity("queue", name)
            ))
            .await
            .map(drop)
    }

    /// Deletes an exchange with its bindings.
    ///
    /// # Errors
    /// When there is no such exchange.
    pub async fn delete_exchange(&self, name: &str) -> Result<(), BrokerError> {
        let exchange = self.entity("exchange", name);
        self.broker
            .eval(&format!(
                "ok = rabbit_exchange:delete({exchange}, false, <<\"test\">>)."
            ))
            .await
            .map(drop)
    }

    /// Closes every connection to it, as `rabbitmqctl close_all_connections` does; gives how many.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn close_all_connections(&self) -> Result<usize, BrokerError> {
        let closed = self
            .broker
            .eval(&format!(
                "lists:sum([
                    begin rabbit_networking:close_connection(Pid, \"closed by an operator\"), 1 end
                    || Pid <- rabbit_networking:connections_local(),
                    (catch rabbit_reader:info(Pid, [vhost])) =:= [{{vhost, {}}}]]).",
                self.quoted()
            ))
            .await?;
        closed
            .parse()
            .map_err(|_| BrokerError::Failed(format!("not a number: {closed}")))
    }
}

impl Drop for Vhost<'_> {
    fn drop(&mut self) {
        let delete = format!("rabbit_vhost:delete({}, <<\"test\">>).", self.quoted());
        // The broker may be down or frozen, and takes the virtual host with it when it ends.
        let limit = Duration::from_secs(2);
        let _ = self.broker.home.control().eval_blocking(&delete, limit);
    }
}

/// An atom in Erlang's syntax, whatever the text holds.
fn quoted_atom(text: &str) -> String {
    format!("binary_to_atom({}, utf8)", binary(text))
}

fn permit(user: &str, vhost: &str, [configure, write, read]: [&str; 3]) -> String {
    format!(
        "ok = rabbit_auth_backend_internal:set_permissions({}, {}, {}, {}, {}, <<\"test\">>).",
        binary(user),
        binary(vhost),
        binary(configure),
        binary(write),
        binary(read)
    )
}
