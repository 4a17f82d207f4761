//! Waiting for a service that may start later than those who need it.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use crate::bus::Bus;
use crate::deadline::deadline_in;
use crate::error::{CallError, SendError};
use crate::transport::ConnectError;

/// How many tries are short, and how short: whoever starts together with the service does not wait long for it.
const EARLY: (u32, Duration) = (10, Duration::from_secs(10));

/// How soon a service that nobody serves is asked for again, within one try.
const AGAIN: Duration = Duration::from_secs(1);

/// Pings a service until it answers: ten times for ten seconds, and then for as long as calls wait on this bus
/// (`rpc_response_timeout`), for ever.
///
/// `ping` makes a call that any server of the topic answers, within the time limit it is given. That nobody answers in
/// time, or that nobody serves the topic, means that the service is not there yet; whatever else a call can end with
/// ends the wait.
///
/// ```
/// use std::convert::Infallible;
///
/// use rpc_runtime::service::wait_until_ready;
/// use rpc_runtime::{Bus, CallError, Context, rpc_api};
///
/// #[rpc_api(namespace = "baseapi", version = "1.1")]
/// trait Base {
///     #[rpc(call)]
///     async fn ping(&self, ctx: &Context, arg: String) -> Result<String, Infallible>;
/// }
///
/// async fn wait_for_conductor(bus: &Bus) -> Result<String, CallError<Infallible>> {
///     let base = BaseClient::new(bus).topic("conductor");
///     let ctx = Context::admin();
///     wait_until_ready(bus, "conductor", |limit| base.timeout(limit).call().ping(&ctx, "1.21 GigaWatts")).await
/// }
/// ```
pub async fn wait_until_ready<T, E, C>(
    bus: &Bus,
    service: &str,
    mut ping: impl FnMut(Duration) -> C,
) -> Result<T, CallError<E>>
where
    C: Future<Output = Result<T, CallError<E>>>,
{
    let mut tries: u32 = 0;
    loop {
        let limit = if tries < EARLY.0 {
            EARLY.1
        } else {
            bus.settings().response_timeout
        };
        match ping_within(limit, &mut ping).await {
            Err(error) if error.is_timeout() || is_absent(&error) => {}
            answered => {
                if tries > 0 {
                    info!(service, "the service answers now");
                }
                return answered;
            }
        }
        tries = tries.saturating_add(1);
        warn!(
            service,
            tries, "no answer yet: is it running? or did this process start before it?"
        );
    }
}

/// One try. Where there is nobody to wait for an answer of, somebody may come: it is asked for again.
async fn ping_within<T, E, C>(
    limit: Duration,
    ping: &mut impl FnMut(Duration) -> C,
) -> Result<T, CallError<E>>
where
    C: Future<Output = Result<T, CallError<E>>>,
{
    let until = deadline_in(limit);
    let left = || until.saturating_duration_since(Instant::now());
    loop {
        match ping(left()).await {
            Err(error) if is_absent(&error) => {
                if left() <= AGAIN {
                    sleep(left()).await;
                    return Err(error);
                }
                sleep(AGAIN).await;
            }
            other => return other,
        }
    }
}

/// Nobody serves the topic, or nobody listens where the service would.
fn is_absent<E>(error: &CallError<E>) -> bool {
    match error {
        CallError::Send(SendError::Connect { reason, .. }) => *reason == ConnectError::Refused,
        error => error.is_no_server(),
    }
}
