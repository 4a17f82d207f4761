//! Runs a service in a worker process, which its launcher watches through the tether.

use tracing::warn;

use super::in_process::{self, Again};
use super::signals::Signals;
use super::{Ended, LaunchError, Reload, Tether};
use crate::service::{BoxError, Service};

/// Starts the service, tells the launcher that it is up, and ends it when the launcher says so.
pub(super) async fn run(
    start: impl Future<Output = Result<Service, BoxError>>,
    signals: Signals,
    reload: Reload,
    mut tether: Tether,
) -> Result<Ended, LaunchError> {
    let up = || {
        if let Err(error) = tether.ready() {
            warn!(%error, "the launcher cannot be told that this worker is up");
        }
    };
    // Who ends a whole group of processes, as systemd does, tells a worker once, and the launcher tells it again. When
    // it is to end at once, the launcher kills it.
    in_process::serve(start, signals, reload, up, Again::Ignored).await
}
