//! When which task runs.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::{Instant, sleep};
use tracing::{debug, error, info};

use super::{BoxError, PeriodicTask, PeriodicTasks, Reports};
use crate::context::Context;
use crate::panic;

/// The longest time between two passes.
const IDLE: Duration = Duration::from_secs(60);
/// What is due this soon is due.
const SOON: Duration = Duration::from_millis(200);

/// When the first pass is, and how long two may lie apart.
#[derive(Clone, Copy, Debug)]
pub(in crate::service) struct Timing {
    /// The first pass is after a random part of this, so that the services of a cloud do not work in step.
    pub(in crate::service) fuzzy_delay: Duration,
    /// The longest time between two passes, if it is to be less than a minute.
    pub(in crate::service) interval_max: Option<Duration>,
}

/// The tasks of one manager.
pub(in crate::service) struct Schedule<M> {
    manager: Arc<M>,
    tasks: Vec<Scheduled<M>>,
    reports: Reports,
}

struct Scheduled<M> {
    task: PeriodicTask<M>,
    last_run: Option<Instant>,
}

impl<M: PeriodicTasks> Schedule<M> {
    /// The tasks that are enabled. The spacing of those that do not run immediately counts from now.
    pub(in crate::service) fn new(manager: Arc<M>) -> Self {
        let now = Instant::now();
        let (tasks, disabled): (Vec<_>, Vec<_>) = manager
            .periodic_tasks()
            .into_iter()
            .partition(|task| task.enabled);
        for task in disabled {
            info!(task = task.name, "a periodic task is disabled");
        }
        let tasks: Vec<Scheduled<M>> = tasks
            .into_iter()
            .map(|task| Scheduled {
                last_run: (!task.run_immediately).then_some(now),
                task,
            })
            .collect();
        Self {
            reports: Reports::of(tasks.iter().map(|scheduled| scheduled.task.name)),
            manager,
            tasks,
        }
    }

    pub(in crate::service) fn reports(&self) -> Reports {
        self.reports.clone()
    }

    /// Runs the tasks for as long as this is polled.
    pub(in crate::service) async fn run(mut self, timing: Timing) {
        if self.tasks.is_empty() {
            return;
        }
        sleep(timing.fuzzy_delay.mul_f64(fastrand::f64())).await;
        loop {
            let idle = self.pass().await;
            sleep(timing.interval_max.map_or(idle, |most| idle.min(most))).await;
        }
    }

    /// Runs what is due, and tells the time to the next pass.
    async fn pass(&mut self) -> Duration {
        let mut idle = IDLE;
        let ctx = Context::admin();
        for (at, Scheduled { task, last_run }) in self.tasks.iter_mut().enumerate() {
            let now = Instant::now();
            if !task.spacing.is_zero() {
                if let Some(last_run) = *last_run {
                    let wait = task.spacing.saturating_sub(now.duration_since(last_run));
                    if wait > SOON {
                        idle = idle.min(wait);
                        continue;
                    }
                }
                idle = idle.min(task.spacing);
            }
            debug!(task = task.name, "running a periodic task");
            *last_run = Some(now);
            self.reports.begins(at, now);
            let outcome = run(task, &self.manager, &ctx).await;
            self.reports.ends(at, outcome.is_err());
            if let Err(error) = outcome {
                error!(task = task.name, %error, "a periodic task failed");
            }
        }
        idle
    }
}

/// Runs a task; a panic is an error of it.
async fn run<M>(task: &PeriodicTask<M>, manager: &M, ctx: &Context) -> Result<(), BoxError> {
    let outcome = AssertUnwindSafe((task.run)(manager, ctx)).catch_unwind().await;
    outcome.unwrap_or_else(|payload| Err(format!("it panicked: {}", panic::text(&*payload)).into()))
}
