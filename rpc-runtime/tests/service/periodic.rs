//! When periodic tasks run. The clock is paused, so that what takes minutes takes none.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rpc_runtime::service::{Manager, PeriodicTasks, Service, periodic_tasks};
use rpc_runtime::{Bus, Context, Managers, RpcServer};
use tokio::time::{Instant, sleep};
use tracing::Level;

use crate::kit::{Log, within};

/// Notes when which task ran, in milliseconds since the start.
struct Clock {
    since: Instant,
    ran: Mutex<Vec<(&'static str, u128)>>,
    /// What the tasks do beside.
    slow: Duration,
    fails: AtomicBool,
    tick: Option<Duration>,
}

impl Clock {
    fn new() -> Self {
        Self {
            since: Instant::now(),
            ran: Mutex::default(),
            slow: Duration::ZERO,
            fails: AtomicBool::new(false),
            tick: None,
        }
    }

    fn note(&self, task: &'static str) {
        let at = self.since.elapsed().as_millis();
        self.ran.lock().unwrap().push((task, at));
    }

    fn times(&self, task: &str) -> Vec<u128> {
        let ran = self.ran.lock().unwrap();
        let times = ran.iter().filter(|(name, _)| *name == task);
        times.map(|(_, at)| *at).collect()
    }
}

/// A manager of nothing but tasks.
macro_rules! manager {
    ($name:ident) => {
        struct $name(std::sync::Arc<Clock>);

        impl RpcServer for $name {
            fn apis(&self) -> &[&'static rpc_runtime::ApiSpec] {
                &[]
            }

            fn dispatch(&self, _: rpc_runtime::Incoming) -> rpc_runtime::server::Dispatch<'_> {
                unreachable!("nothing is served")
            }
        }

        impl Manager for $name {}
    };
}

async fn run<M: Manager>(manager: M, seconds: u64, interval_max: Option<Duration>) -> Service {
    let mut builder = Service::builder(&Bus::memory(), manager)
        .topic("clock")
        .periodic_fuzzy_delay(Duration::ZERO);
    if let Some(interval) = interval_max {
        builder = builder.periodic_interval_max(interval);
    }
    let service = within(builder.start()).await.unwrap();
    sleep(Duration::from_secs(seconds)).await;
    service
}

fn clock(change: impl FnOnce(&mut Clock)) -> std::sync::Arc<Clock> {
    let mut clock = Clock::new();
    change(&mut clock);
    std::sync::Arc::new(clock)
}

manager!(Spaced);

#[periodic_tasks]
impl Spaced {
    #[periodic_task(spacing = "30s")]
    async fn half(&self, _: &Context) {
        self.0.note("half");
    }

    #[periodic_task(spacing = "30100ms")]
    async fn nearly_half(&self, _: &Context) {
        self.0.note("nearly_half");
    }

    #[periodic_task(spacing = "100s", run_immediately)]
    async fn at_once(&self, _: &Context) {
        self.0.note("at_once");
    }

    #[periodic_task(spacing = "1s", enabled = false)]
    async fn never(&self, _: &Context) {
        self.0.note("never");
    }
}

manager!(Patient);

#[periodic_tasks]
impl Patient {
    #[periodic_task(spacing = Duration::MAX, run_immediately)]
    async fn once(&self, _: &Context) {
        self.0.note("once");
    }

    #[periodic_task(spacing = "100s")]
    async fn often(&self, _: &Context) {
        self.0.note("often");
    }
}

/// A spacing that no clock can be set to.
#[tokio::test(start_paused = true)]
async fn a_spacing_may_be_longer_than_time() {
    let clock = clock(|_| ());
    let _service = run(Patient(clock.clone()), 250, None).await;
    assert_eq!(clock.times("once").len(), 1);
    assert_eq!(clock.times("often").len(), 2);
}

/// Zero is no interval at which anything could be done.
#[tokio::test(start_paused = true)]
async fn an_interval_of_zero_is_none() {
    let clock = clock(|_| ());
    let _service = run(Spaced(clock.clone()), 205, Some(Duration::ZERO)).await;
    assert_eq!(clock.times("at_once").len(), 3);
}

/// A spacing is kept from the start on, or from the first run where that is immediate; what is due within 0.2 s runs
/// along.
#[tokio::test(start_paused = true)]
async fn a_task_runs_when_its_spacing_has_passed() {
    let clock = clock(|_| {});
    let service = run(Spaced(clock.clone()), 205, None).await;
    let near = |times: &[u128], expected: &[u128]| {
        assert_eq!(times.len(), expected.len(), "{times:?}");
        for (at, expected) in times.iter().zip(expected) {
            assert!(at.abs_diff(*expected * 1000) <= 1000, "{times:?}");
        }
    };
    near(&clock.times("half"), &[30, 60, 90, 120, 150, 180]);
    near(&clock.times("at_once"), &[0, 100, 200]);
    assert_eq!(clock.times("half"), clock.times("nearly_half"));
    assert!(clock.times("never").is_empty());

    let reports = service.periodic_tasks();
    let names: Vec<_> = reports.iter().map(|report| report.name).collect();
    assert_eq!(names, ["half", "nearly_half", "at_once"]);
    assert_eq!(
        (reports[2].runs, reports[2].failures, reports[2].running),
        (3, 0, false)
    );
    let _ = service.stop().await;
}

manager!(EveryPass);

#[periodic_tasks]
impl EveryPass {
    #[periodic_task]
    async fn always(&self, _: &Context) {
        self.0.note("always");
    }
}

/// Without spacing a task runs in every pass, of which there is one a minute, or more if so wanted.
#[tokio::test(start_paused = true)]
async fn a_pass_is_never_more_than_a_minute_away() {
    let clock = clock(|_| {});
    let _service = run(EveryPass(clock.clone()), 150, None).await;
    assert_eq!(clock.times("always").len(), 3);

    let clock = self::clock(|_| {});
    let _service = run(EveryPass(clock.clone()), 95, Some(Duration::from_secs(10))).await;
    assert_eq!(clock.times("always").len(), 10);
}

manager!(Faulty);

#[periodic_tasks]
impl Faulty {
    #[periodic_task(spacing = "10s")]
    async fn fails(&self, _: &Context) -> Result<(), std::io::Error> {
        self.0.note("fails");
        match self.0.fails.load(Ordering::Relaxed) {
            true => Err(std::io::Error::other("as asked")),
            false => Ok(()),
        }
    }

    #[periodic_task(spacing = "10s")]
    async fn panics(&self, _: &Context) {
        self.0.note("panics");
        assert!(!self.0.fails.load(Ordering::Relaxed), "as asked");
    }

    #[periodic_task(spacing = "10s")]
    async fn last(&self, _: &Context) {
        self.0.note("last");
    }
}

/// An error or a panic of a task keeps neither the others nor itself from running again.
#[tokio::test(start_paused = true)]
async fn a_task_that_fails_stops_nothing() {
    let log = Log::from(Level::INFO);
    let _logging = tracing::subscriber::set_default(log.clone());
    let clock = clock(|clock| clock.fails = AtomicBool::new(true));
    let service = run(Faulty(clock.clone()), 45, None).await;
    for task in ["fails", "panics", "last"] {
        assert_eq!(clock.times(task).len(), 4, "{task}");
    }
    let failures: Vec<u64> = service
        .periodic_tasks()
        .iter()
        .map(|task| task.failures)
        .collect();
    assert_eq!(failures, [4, 4, 0]);
    assert_eq!(log.count(r#"task="fails" error=as asked"#), 4);
    assert_eq!(log.count(r#"task="panics" error=it panicked: as asked"#), 4);
}

manager!(Slow);

#[periodic_tasks]
impl Slow {
    #[periodic_task(spacing = self.0.tick.unwrap(), enabled = self.0.tick.is_some())]
    async fn tick(&self, _: &Context) {
        self.0.note("tick");
        sleep(self.0.slow).await;
    }
}

/// Spacings may be computed. One run ends before the next begins, and what was missed is not made up for.
#[tokio::test(start_paused = true)]
async fn a_task_that_is_slow_runs_once_at_a_time() {
    let clock = clock(|clock| {
        clock.tick = Some(Duration::from_secs(2));
        clock.slow = Duration::from_secs(5);
    });
    let service = run(Slow(clock.clone()), 60, None).await;
    let times = clock.times("tick");
    assert!(times.len() >= 8, "{times:?}");
    for pair in times.windows(2) {
        assert!(pair[1] - pair[0] >= 5000, "{times:?}");
    }
    // The stop does not wait for one that is at work.
    let stop = Instant::now();
    let _ = service.stop().await;
    assert!(stop.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn managers_without_tasks_need_none() {
    struct Idle(Managers);

    impl RpcServer for Idle {
        fn apis(&self) -> &[&'static rpc_runtime::ApiSpec] {
            self.0.apis()
        }

        fn dispatch(&self, request: rpc_runtime::Incoming) -> rpc_runtime::server::Dispatch<'_> {
            self.0.dispatch(request)
        }
    }

    impl PeriodicTasks for Idle {}
    impl Manager for Idle {}

    let service = run(Idle(Managers::new()), 200, None).await;
    assert!(service.periodic_tasks().is_empty());
    assert_eq!(service.stop().await.abandoned, 0);
}
