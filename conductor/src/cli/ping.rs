//! `conductor ping`: asks a service whether it is there.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use conductor_api::BaseClient;
use rpc_runtime::{Bus, Context};
use serde_json::Value;

use super::bus::{self, BusOptions, time_limit};
use super::exit::{CODES, Class, Failed};
use super::print;
use crate::service::TOPIC;
use crate::settings::Loaded;

/// Ask a service whether it is there
///
/// The method asked is ping in the namespace baseapi, which every service of Nova has.
#[derive(Args, Debug)]
#[command(after_help = CODES)]
pub(crate) struct Ping {
    /// Ask this server of the topic
    #[arg(long, value_name = "NAME")]
    server: Option<String>,

    /// How long to wait for the answer: seconds, or 200ms, 5m, 1h
    #[arg(long, value_name = "TIME", default_value = "10", value_parser = time_limit)]
    timeout: Duration,

    /// The topic of the service
    #[arg(long, value_name = "NAME", default_value = TOPIC)]
    topic: String,

    #[command(flatten)]
    pub(super) bus: BusOptions,
}

impl Ping {
    pub(super) async fn run(self, loaded: &Loaded) -> Result<ExitCode, Failed> {
        let start = Instant::now();
        let bus = bus::connect(loaded, self.timeout).await?;
        let done = self
            .ping(&bus, self.timeout.saturating_sub(start.elapsed()))
            .await;
        bus.close().await;
        done.map(|()| ExitCode::SUCCESS)
    }

    async fn ping(&self, bus: &Bus, timeout: Duration) -> Result<(), Failed> {
        let mut client = BaseClient::new(bus).topic(self.topic.as_str()).timeout(timeout);
        if let Some(server) = &self.server {
            client = client.on(server.as_str());
        }
        let arg = Value::from(std::process::id());
        let start = Instant::now();
        let pong = client.call().ping(&Context::new(), &arg).await?;
        let took = start.elapsed();
        if pong.arg != arg {
            return Err(Failed::new(
                Class::Remote,
                format!("the server answered another ping: {} and not {arg}", pong.arg),
            ));
        }
        print::line(format_args!("{} answers in {took:.1?}", pong.service))
    }
}
