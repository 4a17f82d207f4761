//! Tells the group at a steady pace that a service is alive. It knows no driver.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tracing::{error, info};

use super::ServiceGroup;
use crate::service::Identity;

/// The first sign of life comes no later than this, however long the interval is.
const FIRST: Duration = Duration::from_secs(5);

/// How often a service reports.
#[derive(Clone, Copy, Debug)]
pub(in crate::service) struct Pace(pub(in crate::service) Duration);

/// Reports for as long as this is polled. That the group cannot be told is logged once, and that it can again.
pub(in crate::service) async fn join(group: Arc<dyn ServiceGroup>, service: Identity, Pace(every): Pace) {
    let mut ticks = interval_at(Instant::now() + every.min(FIRST), every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut lost = false;
    loop {
        ticks.tick().await;
        // A report that is not through when the next is due has failed: two at once would help nobody.
        let reported = timeout(every, group.report(&service)).await;
        let reported = reported.unwrap_or_else(|_| Err(format!("no answer in {every:?}").into()));
        match reported {
            Ok(()) if lost => {
                lost = false;
                info!(%service, "Recovered model server connection!");
            }
            Ok(()) => {}
            Err(error) if !lost => {
                lost = true;
                error!(%service, %error, "model server went away");
            }
            Err(_) => {}
        }
    }
}
