//! Keeps a conductor busy with heartbeats for some time, and prints what came of it as JSON: the part of
//! `tests/nova/run heartbeats` that asks. Whose conductor it is, it does not know.

use std::io::{Write as _, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use rpc_runtime::transport::url::TransportUrl;
use rpc_runtime::wire::Argument;
use rpc_runtime::{Bus, Failure, Settings, UntypedClient, Version};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// The version of a service that Nova 34 has.
const SERVICE_VERSION: u32 = 74;

/// Registers a service for each caller, then sends heartbeats of them for some time.
#[derive(Parser)]
struct Options {
    /// Where the conductor listens; topics are those of the exchange `nova`.
    transport_url: String,
    /// What is sent.
    kind: Kind,
    /// How many services there are; each sends one heartbeat after the other.
    #[arg(long, default_value_t = 32)]
    callers: usize,
    /// How long to measure.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// How long to send before that, unmeasured.
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
}

/// The two ways of saying that a service is alive.
#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// Today's: `Service.save` through `object_action` of major 3.
    Save,
    /// Havana's: `service_update` of major 1.
    Update,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let told = measure(&Options::parse()).await;
    match told.and_then(|told| Ok(writeln!(stdout(), "{told}")?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(options: &Options) -> Result<Value, Failed> {
    let url: TransportUrl = options.transport_url.parse()?;
    let settings = Settings {
        control_exchange: "nova".into(),
        ..Settings::default()
    };
    let bus = Bus::open(&url, settings)?;
    let mut services = Vec::new();
    for number in 0..options.callers {
        services.push(Service::register(&bus, options.kind, number).await?);
    }

    let begin = Instant::now() + Duration::from_secs_f64(options.warm_up);
    let end = begin + Duration::from_secs_f64(options.seconds);
    let mut busy: JoinSet<_> = services
        .into_iter()
        .map(|service| service.beat(begin, end))
        .collect();
    let mut sum = Beats::default();
    while let Some(beats) = busy.join_next().await {
        sum.add(beats?);
    }
    Ok(sum.told(begin.elapsed()))
}

/// What came of the heartbeats that were sent while it was measured.
#[derive(Default)]
struct Beats {
    /// How long each took.
    took: Vec<Duration>,
    failed: usize,
    /// All that were sent, also before it was measured.
    sent: u64,
    why: Option<String>,
}

impl Beats {
    fn add(&mut self, other: Self) {
        self.took.extend(other.took);
        self.failed += other.failed;
        self.sent += other.sent;
        self.why = self.why.take().or(other.why);
    }

    fn told(mut self, length: Duration) -> Value {
        self.took.sort_unstable();
        let percentile = |percent: usize| {
            let at = self.took.len() * percent / 100;
            self.took.get(at).map(|took| took.as_secs_f64() * 1000.0)
        };
        json!({
            "rate": self.took.len() as f64 / length.as_secs_f64(),
            "p50_ms": percentile(50),
            "p99_ms": percentile(99),
            "failed": self.failed,
            "sent": self.sent,
            "why": self.why,
        })
    }
}

/// A service that is registered.
struct Service {
    client: UntypedClient,
    kind: Kind,
    context: Value,
    /// What the conductor told of it.
    row: Value,
    beats: u64,
}

impl Service {
    /// Has the conductor make a row for it.
    async fn register(bus: &Bus, kind: Kind, number: usize) -> Result<Self, Failed> {
        let row = json!({
            "host": format!("host-{number}"),
            "binary": "nova-compute",
            "topic": "compute",
            "report_count": 0,
        });
        let version = match kind {
            Kind::Save => Version::new(3, 0),
            Kind::Update => Version::new(1, 0),
        };
        let mut service = Self {
            client: UntypedClient::new(bus, "conductor").version(version),
            kind,
            context: json!({"is_admin": true, "read_deleted": "no", "roles": []}),
            row,
            beats: 0,
        };
        match kind {
            Kind::Save => {
                service.row["version"] = SERVICE_VERSION.into();
                let changes = ["host", "binary", "topic", "report_count", "version"];
                service.row = service.act("create", &changes).await?;
            }
            Kind::Update => {
                service.row = service
                    .call("service_create", &[("values", &service.row)])
                    .await?;
            }
        }
        Ok(service)
    }

    /// Sends one heartbeat after the other, and notes those that were sent after `begin`.
    async fn beat(mut self, begin: Instant, end: Instant) -> Beats {
        let mut beats = Beats::default();
        loop {
            let now = Instant::now();
            if now >= end {
                beats.sent = self.beats;
                return beats;
            }
            let done = self.heartbeat().await;
            if now < begin {
                continue;
            }
            match done {
                Ok(()) => beats.took.push(now.elapsed()),
                Err(error) => {
                    beats.failed += 1;
                    beats.why.get_or_insert_with(|| error.to_string());
                }
            }
        }
    }

    async fn heartbeat(&mut self) -> Result<(), Failed> {
        self.beats += 1;
        match self.kind {
            Kind::Save => {
                self.row["report_count"] = self.beats.into();
                self.row = self.act("save", &["report_count"]).await?;
            }
            Kind::Update => {
                let values = json!({"report_count": self.beats});
                self.row = self
                    .call("service_update", &[("service", &self.row), ("values", &values)])
                    .await?;
            }
        }
        Ok(())
    }

    /// Runs a method of the object; its fields afterwards.
    async fn act(&self, method: &str, changes: &[&str]) -> Result<Value, Failed> {
        let object = json!({
            "nova_object.name": "Service",
            "nova_object.namespace": "nova",
            "nova_object.version": "1.22",
            "nova_object.data": self.row,
            "nova_object.changes": changes,
        });
        let args: &[(&str, &dyn Argument)] = &[
            ("objinst", &object),
            ("objmethod", &method),
            ("args", &json!([])),
            ("kwargs", &json!({})),
        ];
        let (updates, _): (Map<String, Value>, Value) = self.call("object_action", args).await?;
        let mut row = self.row.clone();
        for (field, value) in updates {
            if field != "obj_what_changed" {
                row[field] = value;
            }
        }
        Ok(row)
    }

    async fn call<T: DeserializeOwned + Send + 'static>(
        &self,
        method: &str,
        args: &[(&str, &dyn Argument)],
    ) -> Result<T, Failed> {
        Ok(self
            .client
            .call::<T, Failure>(method, &self.context, args)
            .await?)
    }
}
