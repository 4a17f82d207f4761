//! A manager that writes down what is done with it.

use std::convert::Infallible;
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpc_runtime::service::{BoxError, Identity, Manager, periodic_tasks};
use rpc_runtime::{Bus, Context, RpcServer, rpc_api};
use tokio::time::timeout;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Nothing that a test waits for takes longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What was done, in order.
#[derive(Clone, Default, Debug)]
pub(crate) struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    pub(crate) fn write(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    pub(crate) fn read(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

#[rpc_api(topic = "hall", version = "1.0")]
pub(crate) trait Hall {
    #[rpc(call)]
    async fn ping(&self, ctx: &Context) -> Result<(), Infallible>;
    /// For ever.
    #[rpc(call)]
    async fn wait(&self, ctx: &Context) -> Result<(), Infallible>;
    #[rpc(fanout)]
    async fn tell(&self, ctx: &Context);
}

pub(crate) struct Porter(Diary);

impl Hall for Porter {
    async fn ping(&self, _: &Context) -> Result<(), Infallible> {
        Ok(())
    }

    async fn wait(&self, _: &Context) -> Result<(), Infallible> {
        self.0.write("waits");
        std::future::pending().await
    }

    async fn tell(&self, _: &Context) {
        self.0.write("told");
    }
}

/// A manager whose hooks ask the bus whether the service can be reached.
#[derive(RpcServer)]
pub(crate) struct House {
    #[rpc(HallApi)]
    hall: Porter,
    #[rpc(skip)]
    diary: Diary,
    #[rpc(skip)]
    bus: Bus,
    #[rpc(skip)]
    fails_in: Option<&'static str>,
}

impl House {
    pub(crate) fn new(bus: &Bus, diary: &Diary) -> Self {
        Self {
            hall: Porter(diary.clone()),
            diary: diary.clone(),
            bus: bus.clone(),
            fails_in: None,
        }
    }

    pub(crate) fn failing_in(self, hook: &'static str) -> Self {
        Self {
            fails_in: Some(hook),
            ..self
        }
    }

    /// Who answers now: the topic, and the server by name.
    async fn hook(&self, name: &'static str) -> Result<(), BoxError> {
        let client = HallClient::new(&self.bus);
        let mut reached = Vec::new();
        for (way, client) in [("topic", client.clone()), ("name", client.on("node-1"))] {
            if client.call().ping(&Context::new()).await.is_ok() {
                reached.push(way);
            }
        }
        self.diary.write(format!("{name}: {reached:?}"));
        match self.fails_in {
            Some(fails) if fails == name => Err("as asked".into()),
            _ => Ok(()),
        }
    }
}

impl Manager for House {
    async fn init_host(&self, service: &Identity) -> Result<(), BoxError> {
        assert_eq!((&*service.host, &*service.topic), ("node-1", "hall"));
        self.hook("init_host").await
    }

    async fn pre_start_hook(&self) -> Result<(), BoxError> {
        self.hook("pre_start_hook").await
    }

    fn backdoor(&self, port: u16) {
        assert_ne!(port, 0);
        self.diary.write("backdoor");
    }

    async fn post_start_hook(&self) -> Result<(), BoxError> {
        HallClient::new(&self.bus).fanout().tell(&Context::new()).await?;
        self.hook("post_start_hook").await
    }

    async fn reset(&self) {
        self.diary.write("reset");
    }
}

#[periodic_tasks]
impl House {
    #[periodic_task(spacing = "1h", run_immediately)]
    async fn sweep(&self, ctx: &Context) {
        assert!(ctx.is_admin());
        self.diary.write("sweep");
    }
}

/// Remembers what is logged on this thread.
#[derive(Clone)]
pub(crate) struct Log {
    level: Level,
    lines: Diary,
}

impl Log {
    /// From this level up.
    pub(crate) fn from(level: Level) -> Self {
        Self {
            level,
            lines: Diary::default(),
        }
    }

    /// How many lines have this text.
    pub(crate) fn count(&self, text: &str) -> usize {
        self.lines
            .read()
            .iter()
            .filter(|line| line.contains(text))
            .count()
    }
}

#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        self.lines.write(line.0);
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = Line::default();
        span.record(&mut line);
        self.lines.write(line.0);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Whether anybody answers.
pub(crate) async fn answers(bus: &Bus) -> bool {
    let client = HallClient::new(bus).timeout(Duration::from_millis(200));
    client.call().ping(&Context::new()).await.is_ok()
}

/// Waits, but not for ever.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("in time")
}
