//! Logs, on the standard error: the standard output is for answers.

use std::io::IsTerminal as _;

use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use super::exit::Failed;
use crate::settings::Loaded;

/// Starts logging. RUST_LOG says what, if it is set; a service without `--verbose` asks its settings.
pub(super) fn start(serves: bool, verbose: u8, loaded: &Loaded) -> Result<(), Failed> {
    let level = match verbose {
        // A command that is soon done tells what went wrong at its end, once.
        0 if !serves => "error",
        0 => loaded.settings.log.filter.as_str(),
        1 => "info",
        _ => "trace",
    };
    let wanted = match std::env::var("RUST_LOG") {
        Ok(text) if !text.is_empty() => EnvFilter::try_new(text)
            .map_err(|error| Failed::usage(format!("the variable RUST_LOG: {error}")))?,
        _ => EnvFilter::try_new(level).map_err(|error| {
            Failed::usage(format!(
                "{}: [log] filter: {error}",
                loaded.origin("log", "filter")
            ))
        })?,
    };
    // The AMQP library shows frames, and in them what is sent. The transport tells in its own words what matters of
    // it.
    let harmless = filter_fn(|event| !event.target().starts_with("lapin"));
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    tracing_subscriber::registry()
        .with(lines.with_filter(wanted.and(harmless)))
        .init();
    Ok(())
}
