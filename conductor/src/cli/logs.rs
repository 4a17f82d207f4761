//! Logs, on the standard error: the standard output is for answers.

use std::io::IsTerminal as _;

use tracing::error;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt, reload};

use super::exit::Failed;
use crate::settings::Loaded;

/// The filter in effect, and who has the last word on it.
pub(super) struct Logs {
    filter: reload::Handle<EnvFilter, Registry>,
    /// Neither RUST_LOG nor `--verbose` says what is logged.
    from_settings: bool,
}

impl Logs {
    /// Starts logging. RUST_LOG says what, if it is set; a service without `--verbose` asks its settings.
    pub(super) fn start(serves: bool, verbose: u8, loaded: &Loaded) -> Result<Self, Failed> {
        let variable = std::env::var("RUST_LOG").ok().filter(|text| !text.is_empty());
        let from_settings = variable.is_none() && verbose == 0 && serves;
        let wanted = match (&variable, verbose) {
            (Some(text), _) => EnvFilter::try_new(text)
                .map_err(|error| Failed::usage(format!("the variable RUST_LOG: {error}")))?,
            (None, 0) if serves => loaded.settings.log.filter.0.get(),
            // A command that is soon done tells what went wrong at its end, once.
            (None, 0) => EnvFilter::new("error"),
            (None, 1) => EnvFilter::new("info"),
            (None, _) => EnvFilter::new("trace"),
        };
        let (wanted, filter) = reload::Layer::new(wanted);
        // The AMQP library shows frames, and in them what is sent. The transport tells in its own words what matters
        // of it.
        let harmless = filter_fn(|event| !event.target().starts_with("lapin"));
        let lines = fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal());
        tracing_subscriber::registry()
            .with(lines.with_filter(wanted.and(harmless)))
            .init();
        Ok(Self {
            filter,
            from_settings,
        })
    }

    /// Follows settings that were read again.
    pub(super) fn follow(&self, loaded: &Loaded) {
        if !self.from_settings {
            return;
        }
        if let Err(problem) = self.filter.reload(loaded.settings.log.filter.0.get()) {
            error!("the logs stay as they are: {problem}");
        }
    }
}
