//! Periodic tasks: methods of a manager that run again and again, with the rules of OpenStack's.
//!
//! Tasks run one after the other, in passes. A task is due when its spacing has passed since its last run, or will
//! have in a fifth of a second; one without spacing runs in every pass. Between passes lies the time to the next due
//! task, and never more than a minute. What fails is logged, and changes nothing for the others.

mod report;
mod schedule;

use std::fmt;
use std::time::Duration;

pub(super) use report::Reports;
pub use report::TaskReport;
pub(super) use schedule::{Schedule, Timing};

use super::BoxError;
use crate::context::Context;
use crate::transport::BoxFuture;

/// What a manager does again and again. `#[periodic_tasks]` implements it.
#[diagnostic::on_unimplemented(
    message = "which periodic tasks does `{Self}` have?",
    label = "this manager does not say what is to be done again and again",
    note = "put `#[periodic_tasks]` on an impl block with its tasks, or write `impl PeriodicTasks for {Self} {{}}`"
)]
pub trait PeriodicTasks {
    /// The tasks, in the order in which they run. Asked for once, when the service starts.
    fn periodic_tasks(&self) -> Vec<PeriodicTask<Self>> {
        Vec::new()
    }
}

/// Runs a task once.
pub type Run<M> = for<'a> fn(&'a M, &'a Context) -> BoxFuture<'a, Result<(), BoxError>>;

/// A task of a manager of type `M`.
pub struct PeriodicTask<M: ?Sized> {
    name: &'static str,
    spacing: Duration,
    run_immediately: bool,
    enabled: bool,
    run: Run<M>,
}

impl<M: ?Sized> PeriodicTask<M> {
    /// A task that runs in every pass.
    pub fn new(name: &'static str, run: Run<M>) -> Self {
        Self {
            name,
            spacing: Duration::ZERO,
            run_immediately: false,
            enabled: true,
            run,
        }
    }

    /// Lets so much time pass between two runs; none means every pass.
    #[must_use]
    pub fn spacing(mut self, spacing: Duration) -> Self {
        self.spacing = spacing;
        self
    }

    /// Runs it in the first pass, instead of one spacing later.
    #[must_use]
    pub fn run_immediately(mut self) -> Self {
        self.run_immediately = true;
        self
    }

    /// Whether it runs at all.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// The method's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it runs at all.
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }
}

impl<M: ?Sized> fmt::Debug for PeriodicTask<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeriodicTask")
            .field("name", &self.name)
            .field("spacing", &self.spacing)
            .field("run_immediately", &self.run_immediately)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

/// What a task returns: nothing, or a `Result` of nothing.
#[diagnostic::on_unimplemented(
    message = "a periodic task returns nothing, or `Result<(), E>`",
    label = "nobody is there to take what it returns",
    note = "`E` is an error, or anything that becomes a `Box<dyn Error + Send + Sync>`"
)]
pub trait Outcome {
    /// The same in one form.
    fn into_result(self) -> Result<(), BoxError>;
}

impl Outcome for () {
    fn into_result(self) -> Result<(), BoxError> {
        Ok(())
    }
}

impl<E: Into<BoxError>> Outcome for Result<(), E> {
    fn into_result(self) -> Result<(), BoxError> {
        self.map_err(Into::into)
    }
}
