//! Runs a service in this process: its start, its signals, its end. A worker process runs it so, too.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tracing::{error, info, warn};

use super::signals::{Signals, Told};
use super::{Ended, LaunchError, Ready, Reload, systemd};
use crate::panic;
use crate::service::{BoxError, Service};
use crate::transport::BoxFuture;

/// Starts the service, and ends it when a signal says so.
pub(super) async fn run(
    start: impl Future<Output = Result<Service, BoxError>>,
    signals: Signals,
    reload: Reload,
    ready: Option<Ready>,
) -> Result<Ended, LaunchError> {
    let up = || {
        systemd::ready("serving");
        if let Some(ready) = ready {
            ready();
        }
    };
    serve(start, signals, reload, up, Again::EndsAtOnce).await
}

/// What a second signal to end means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// That what is at work is not waited for.
    EndsAtOnce,
    /// Nothing.
    Ignored,
}

/// The same, of a process that tells others in its own way that it is up.
pub(super) async fn serve(
    start: impl Future<Output = Result<Service, BoxError>>,
    mut signals: Signals,
    reload: Reload,
    up: impl FnOnce(),
    again: Again,
) -> Result<Ended, LaunchError> {
    let service = tokio::select! {
        started = start => started.map_err(LaunchError::Start)?,
        signal = signals.end(&*reload) => return Ok(Ended::Signalled(signal)),
    };
    up();
    let idle = || -> BoxFuture<'_, ()> { Box::pin(std::future::pending()) };
    // Beside the rest, so that a reset which hangs keeps nobody from ending the service. The last one counts.
    let mut reset = idle();
    loop {
        tokio::select! {
            told = signals.next() => match told {
                Told::End(_) => break,
                Told::Reload => {
                    systemd::reloading();
                    reload();
                    reset = caught(service.manager.reset());
                }
            },
            () = &mut reset => {
                reset = idle();
                info!("reloaded");
                systemd::ready("serving");
            }
            () = service.ended() => return Err(LaunchError::BusClosed),
        }
    }
    drop(reset);
    info!(at_work = service.server().at_work(), "stopping");
    systemd::stopping();
    let stop = async {
        let stopped = service.stop().await;
        // What was sent last may still be on its way.
        service.bus.close().await;
        stopped
    };
    tokio::select! {
        stopped = stop => {
            if stopped.abandoned > 0 {
                warn!(abandoned = stopped.abandoned, "requests were not finished");
            }
            Ok(Ended::Stopped { abandoned: stopped.abandoned })
        }
        signal = signals.end(|| ()), if again == Again::EndsAtOnce => Ok(Ended::Signalled(signal)),
    }
}

/// A panic of a manager's reset ends the reset, and not the service.
pub(super) fn caught(reset: BoxFuture<'_, ()>) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        if let Err(payload) = AssertUnwindSafe(reset).catch_unwind().await {
            error!(panic = panic::text(&*payload), "the manager's reset panicked");
        }
    })
}
