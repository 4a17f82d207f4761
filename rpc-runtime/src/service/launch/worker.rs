//! A service in a worker process.

use tracing::warn;

use super::signals::Signals;
use super::{Ended, LaunchError, Reload, Tether, in_process};
use crate::service::{BoxError, Service};

/// Starts the service, tells the launcher that it is up, and ends it when the launcher says so.
pub(super) async fn run(
    start: impl Future<Output = Result<Service, BoxError>>,
    mut signals: Signals,
    reload: Reload,
    mut tether: Tether,
) -> Result<Ended, LaunchError> {
    let up = || {
        if let Err(error) = tether.ready() {
            warn!(%error, "the launcher cannot be told that this worker is up");
        }
    };
    in_process::serve(start, &mut signals, reload, up).await
}
