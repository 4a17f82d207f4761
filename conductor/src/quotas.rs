//! Reservations against quotas, committed or rolled back. It knows the store alone.

use tracing::warn;

use crate::store::{Order, Query, Row, Store, StoreError};

/// What becomes of a reservation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    Committed,
    RolledBack,
}

/// Settles reservations. That it fails is told in the log alone: what is reserved expires, and what is in use is
/// counted anew, so callers need not know.
pub(crate) async fn settle(store: &Store, fate: Fate, reservations: &[String]) {
    if let Err(error) = try_settle(store, fate, reservations).await {
        warn!(?reservations, ?fate, "reservations are not settled: {error}");
    }
}

async fn try_settle(store: &Store, fate: Fate, reservations: &[String]) -> Result<(), StoreError> {
    if reservations.is_empty() {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    let reservations = Query::of("reservations").is_in("uuid", reservations);
    // Usages are locked before reservations, everywhere: so no two settle in opposite order.
    let reserved = tx.select(&reservations).await?;
    let ids = reserved.iter().filter_map(|row| row.int("usage_id"));
    let usages = Query::of("quota_usages").is_in("id", ids);
    let mut usages = tx
        .select(&usages.order_by("id", Order::Ascending).locked())
        .await?;
    for reservation in tx.select(&reservations.clone().locked()).await? {
        let delta = reservation.int("delta").unwrap_or(0);
        let id = reservation.int("usage_id");
        let Some(usage) = usages.iter_mut().find(|usage| usage.int("id") == id) else {
            warn!(usage = id, "a reservation is of a usage that is deleted");
            continue;
        };
        let grown = |column, by| usage.int(column).unwrap_or(0) + by;
        let mut changes = Row::new();
        // Only what grows was set aside: less is always allowed.
        if delta >= 0 {
            changes.set("reserved", grown("reserved", -delta));
        }
        if fate == Fate::Committed {
            changes.set("in_use", grown("in_use", delta));
        }
        if changes.is_empty() {
            continue;
        }
        tx.update(&Query::of("quota_usages").eq("id", id), &changes)
            .await?;
        // Another reservation may be of the same usage.
        for (column, value) in changes {
            usage.set(&column, value);
        }
    }
    tx.soft_delete(&reservations).await?;
    tx.commit().await
}
