//! What is known of the tasks of a service, for those who look at it while it runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A task as it stands.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct TaskReport {
    /// The method's name.
    pub name: &'static str,
    /// How often it was begun.
    pub runs: u64,
    /// How often it failed.
    pub failures: u64,
    /// Whether it runs now.
    pub running: bool,
    /// How many seconds ago it was last begun.
    pub seconds_ago: Option<u64>,
}

/// The tasks of a service, shared by the one who runs them and those who look.
#[derive(Clone, Default)]
pub(in crate::service) struct Reports(Arc<Mutex<Vec<Report>>>);

struct Report {
    name: &'static str,
    runs: u64,
    failures: u64,
    running: bool,
    begun: Option<Instant>,
}

impl Reports {
    pub(super) fn of(names: impl Iterator<Item = &'static str>) -> Self {
        let reports = names.map(|name| Report {
            name,
            runs: 0,
            failures: 0,
            running: false,
            begun: None,
        });
        Self(Arc::new(Mutex::new(reports.collect())))
    }

    pub(super) fn begins(&self, task: usize, now: Instant) {
        if let Some(report) = self.lock().get_mut(task) {
            report.runs += 1;
            report.running = true;
            report.begun = Some(now);
        }
    }

    pub(super) fn ends(&self, task: usize, failed: bool) {
        if let Some(report) = self.lock().get_mut(task) {
            report.running = false;
            report.failures += u64::from(failed);
        }
    }

    pub(in crate::service) fn read(&self) -> Vec<TaskReport> {
        let reports = self.lock();
        let read = reports.iter().map(|report| TaskReport {
            name: report.name,
            runs: report.runs,
            failures: report.failures,
            running: report.running,
            seconds_ago: report
                .begun
                .map(|begun| begun.elapsed())
                .map(|ago: Duration| ago.as_secs()),
        });
        read.collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Report>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
