//! An impl block under `#[periodic_tasks]`.

use proc_macro2::Ident;
use syn::{Attribute, Expr, ItemImpl, Path};

/// The tasks of a manager.
pub(crate) struct PeriodicTasks {
    /// As written, without our attributes.
    pub(crate) item: ItemImpl,
    pub(crate) runtime: Path,
    pub(crate) tasks: Vec<Task>,
}

/// A method that is a task.
pub(crate) struct Task {
    pub(crate) ident: Ident,
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) spacing: Option<Spacing>,
    pub(crate) run_immediately: bool,
    pub(crate) enabled: Option<Expr>,
}

/// The time between two runs.
pub(crate) enum Spacing {
    Millis(u64),
    /// Known when the service starts.
    Computed(Box<Expr>),
}
