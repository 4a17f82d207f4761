//! `conductor call`: sends any method to any service, and prints its answer.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use rpc_runtime::wire::Argument;
use rpc_runtime::{Bus, CallError, Context, Failure, UntypedClient, Version};
use serde_json::value::RawValue;

use super::bus::{self, BusOptions, time_limit};
use super::exit::{CODES, Failed};
use super::fields::Fields;
use super::print;
use crate::service::TOPIC;
use crate::settings::Loaded;

const EXAMPLES: &str = "\
Examples:
  conductor call baseapi.ping arg=1
  conductor call --topic scheduler --exchange nova --version 4.5 --fanout \\
      update_aggregates --json aggregates.json
  echo '{\"host\": \"node-3\"}' | conductor call --topic compute --server node-3 stop --json -";

/// Call any method of any service that speaks oslo.messaging
///
/// The answer is written to the standard output, as JSON. Values of arguments are JSON where they can be read so,
/// and texts otherwise: count=3 is a number, name=web a text, and id='"3"' a text, too.
#[derive(Args, Debug)]
#[command(after_help = CODES, after_long_help = format!("{EXAMPLES}\n\n{CODES}"))]
pub(crate) struct Call {
    /// The method, with its namespace if it has one: baseapi.ping
    #[arg(value_name = "[NAMESPACE.]METHOD")]
    method: String,

    /// The arguments
    #[arg(value_name = "KEY=VALUE", conflicts_with = "json")]
    arguments: Vec<String>,

    /// The arguments as a JSON object, from a file (- is the standard input)
    #[arg(long, value_name = "FILE")]
    json: Option<String>,

    /// The request context as a JSON object [default: an administrator's]
    #[arg(long, value_name = "FILE")]
    context: Option<String>,

    /// Send without waiting for an answer
    #[arg(long)]
    cast: bool,

    /// Send to every server of the topic; there is no answer
    #[arg(long, conflicts_with = "server")]
    fanout: bool,

    /// Send to this server of the topic
    #[arg(long, value_name = "NAME")]
    server: Option<String>,

    /// The version the server's API must have, as in 1.4 [default: none, which is 1.0]
    #[arg(long, value_name = "VERSION")]
    version: Option<Version>,

    /// How long to wait for the answer: seconds, or 200ms, 5m, 1h
    #[arg(long, value_name = "TIME", default_value = "60", value_parser = time_limit)]
    timeout: Duration,

    /// The topic of the service
    #[arg(long, value_name = "NAME", default_value = TOPIC)]
    topic: String,

    #[command(flatten)]
    pub(super) bus: BusOptions,
}

impl Call {
    pub(super) async fn run(self, loaded: &Loaded) -> Result<ExitCode, Failed> {
        let (namespace, method) = self.names()?;
        if self.json.as_deref() == Some("-") && self.context.as_deref() == Some("-") {
            return Err(
                Failed::usage("--json and --context cannot both be read from the standard input")
                    .hint("write one of them to a file"),
            );
        }
        let fields = match &self.json {
            Some(path) => Fields::from_file("--json", path)?,
            None => Fields::from_words(&self.arguments)?,
        };
        let context: Box<dyn Argument> = match &self.context {
            Some(path) => Box::new(Fields::from_file("--context", path)?),
            None => Box::new(Context::admin()),
        };
        let arguments: Vec<(&str, &dyn Argument)> = fields
            .iter()
            .map(|(name, value)| (name, value as &dyn Argument))
            .collect();

        let start = Instant::now();
        let bus = bus::connect(loaded, self.timeout).await?;
        let connected = start.elapsed();
        let client = self.client(&bus, namespace, self.timeout.saturating_sub(connected));
        let done = self.send(&client, method, &*context, &arguments, connected).await;
        // Whatever came of it: a bus that is left open keeps its server waiting.
        bus.close().await;
        done.map(|()| ExitCode::SUCCESS)
    }

    async fn send(
        &self,
        client: &UntypedClient,
        method: &str,
        context: &dyn Argument,
        arguments: &[(&str, &dyn Argument)],
        connected: Duration,
    ) -> Result<(), Failed> {
        let sent = Instant::now();
        if self.cast || self.fanout {
            let cast = if self.fanout {
                client.fanout(method, context, arguments)
            } else {
                client.cast(method, context, arguments)
            };
            cast.await?;
            print::note(format_args!(
                "sent in {:.1?} (connected in {connected:.1?})",
                sent.elapsed()
            ));
        } else {
            let answer = client
                .call::<Box<RawValue>, Failure>(method, context, arguments)
                .await;
            let took = sent.elapsed();
            let outcome = match &answer {
                Err(CallError::Send(_)) => "no answer after",
                _ => "answered in",
            };
            print::note(format_args!(
                "{outcome} {took:.1?} (connected in {connected:.1?})"
            ));
            print::answer(&answer?)?;
        }
        Ok(())
    }

    /// The namespace and the method asked for.
    fn names(&self) -> Result<(Option<&str>, &str), Failed> {
        let (namespace, method) = match self.method.rsplit_once('.') {
            Some((namespace, method)) => (Some(namespace), method),
            None => (None, self.method.as_str()),
        };
        if method.is_empty() || namespace == Some("") {
            return Err(Failed::usage(format!("'{}' names no method", self.method))
                .hint("write METHOD, or NAMESPACE.METHOD as in baseapi.ping"));
        }
        Ok((namespace, method))
    }

    fn client(&self, bus: &Bus, namespace: Option<&str>, timeout: Duration) -> UntypedClient {
        let mut client = UntypedClient::new(bus, self.topic.as_str()).timeout(timeout);
        if let Some(namespace) = namespace {
            client = client.namespace(namespace);
        }
        if let Some(version) = self.version {
            client = client.version(version);
        }
        if let Some(server) = &self.server {
            client = client.on(server.as_str());
        }
        client
    }
}
