//! The services of a cloud, as their rows tell: which are up, where they belong, and what an operator may do to them.
//! It knows the store, and neither the bus nor the command line.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::DateTime;

use crate::store::{Condition, Order, Query, Row, Store, StoreError, Transaction, Value};

/// The program whose services run instances.
const COMPUTE: &str = "nova-compute";

/// The zone of hosts that no aggregate puts into one.
const DEFAULT_ZONE: &str = "nova";

/// The zone of services that run no instances.
const INTERNAL_ZONE: &str = "internal";

/// Which services are meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    pub(crate) host: Option<String>,
    pub(crate) binary: Option<String>,
    /// A number, or a UUID.
    pub(crate) id: Option<String>,
}

/// A service, and what follows from its row.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) row: Row,
    pub(crate) zone: String,
    pub(crate) up: bool,
}

/// Why a service was not deleted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeleteError {
    #[error("{count} instances are on its host")]
    InUse { count: u64 },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How long ago a service gave its last sign of life; nothing for one that somebody says is down, or that never gave
/// any.
pub(crate) fn silence(service: &Row, now: DateTime) -> Option<Duration> {
    if service.bool("forced_down") == Some(true) {
        return None;
    }
    // In a database of 2013.2, every change of the row is a sign of life.
    let seen = if service.contains("last_seen_up") {
        service.time("last_seen_up")
    } else {
        service.time("updated_at")
    };
    let last = seen.or_else(|| service.time("created_at"))?;
    // In the future, too: clocks differ.
    Some(now.duration_since(last).unsigned_abs())
}

/// Whether a service lives: it is not silent for longer than the limit.
pub(crate) fn is_up(service: &Row, now: DateTime, limit: Duration) -> bool {
    silence(service, now).is_some_and(|silence| silence <= limit)
}

impl Selection {
    fn query(&self) -> Query {
        let mut query = Query::of("services").order_by("id", Order::Ascending);
        if let Some(host) = &self.host {
            query = query.eq("host", host);
        }
        if let Some(binary) = &self.binary {
            query = query.eq("binary", binary);
        }
        if let Some(id) = &self.id {
            query = query.with(match id.parse::<i64>() {
                Ok(number) => Condition::eq("id", number),
                Err(_) => Condition::eq("uuid", id),
            });
        }
        query
    }
}

/// The services that are meant, in the order in which they were registered.
pub(crate) async fn list(
    store: &Store,
    selection: &Selection,
    now: DateTime,
    limit: Duration,
) -> Result<Vec<Service>, StoreError> {
    let rows = store.select(&selection.query()).await?;
    let zones = zones(store).await?;
    Ok(rows
        .into_iter()
        .map(|row| Service {
            zone: zone(&row, &zones),
            up: is_up(&row, now, limit),
            row,
        })
        .collect())
}

/// Lets a service get work, or keeps it from it, for a reason.
pub(crate) async fn set_disabled(
    store: &Store,
    service: &Row,
    disabled: bool,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    let changes = Row::new()
        .with("disabled", disabled)
        .with("disabled_reason", reason);
    store.update(&by_id(service), &changes).await?;
    Ok(())
}

/// Deletes a service, and with one that runs instances the nodes of its host; not while there are instances.
pub(crate) async fn delete(store: &Store, service: &Row) -> Result<(), DeleteError> {
    let mut transaction = store.begin().await?;
    let host = service
        .text("host")
        .filter(|_| service.text("binary") == Some(COMPUTE));
    if let Some(host) = host {
        let count = transaction
            .count(&Query::of("instances").eq("host", host))
            .await?;
        if count > 0 {
            transaction.rollback().await?;
            return Err(DeleteError::InUse { count });
        }
    }
    remove(&mut transaction, service).await?;
    transaction.commit().await?;
    Ok(())
}

/// Marks a service as deleted, and with one that runs instances the nodes of its host.
pub(crate) async fn remove(transaction: &mut Transaction, service: &Row) -> Result<(), StoreError> {
    transaction.soft_delete(&by_id(service)).await?;
    if service.text("binary") != Some(COMPUTE) {
        return Ok(());
    }
    // In 2013.2, nodes know their service, and not their host.
    let has = |transaction: &Transaction, column| {
        let table = transaction.schema().table("compute_nodes");
        table.is_some_and(|table| table.has(column))
    };
    let of_service = [("service_id", "id"), ("host", "host")]
        .into_iter()
        .filter(|(column, _)| has(transaction, column))
        .map(|(column, of)| Condition::eq(column, service.get(of).clone()));
    let nodes = Query::of("compute_nodes").any_of(of_service.collect::<Vec<_>>());
    // The cell that such a node is in is looked for again when it comes back.
    if has(transaction, "mapped") {
        let unmapped = Row::new().with("mapped", 0);
        transaction.update(&nodes, &unmapped).await?;
    }
    transaction.soft_delete(&nodes).await?;
    Ok(())
}

fn by_id(service: &Row) -> Query {
    Query::of("services").eq("id", service.get("id").clone())
}

/// The zones of hosts, by the aggregates that they are in.
async fn zones(store: &Store) -> Result<BTreeMap<String, String>, StoreError> {
    let schema = store.schema();
    // Newer releases of Nova keep them in another database.
    if schema.table("aggregate_hosts").is_none() || schema.table("aggregate_metadata").is_none() {
        return Ok(BTreeMap::new());
    }
    let named = Query::of("aggregate_metadata").eq("key", "availability_zone");
    let named = store.select(&named.order_by("id", Order::Ascending)).await?;
    let mut zones = BTreeMap::<String, String>::new();
    for zone in named {
        let Some(name) = zone.text("value") else { continue };
        let hosts = Query::of("aggregate_hosts").eq("aggregate_id", zone.get("aggregate_id").clone());
        for host in store.select(&hosts).await? {
            let Value::Text(host) = host.get("host") else {
                continue;
            };
            let known = zones.entry(host.clone()).or_default();
            if !known.split(',').any(|known| known == name) {
                let comma = if known.is_empty() { "" } else { "," };
                known.push_str(comma);
                known.push_str(name);
            }
        }
    }
    Ok(zones)
}

fn zone(service: &Row, zones: &BTreeMap<String, String>) -> String {
    if service.text("topic") != Some("compute") {
        return INTERNAL_ZONE.to_owned();
    }
    let zone = service.text("host").and_then(|host| zones.get(host));
    zone.map_or_else(|| DEFAULT_ZONE.to_owned(), Clone::clone)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::store::testing::{Lab, compute_node, compute_service};
    use crate::store::{ReadDeleted, now};

    const LIMIT: Duration = Duration::from_secs(60);

    #[test]
    fn a_service_is_up_for_a_while_after_a_sign_of_life() {
        let now = now();
        let ago = |seconds| now - SignedDuration::from_secs(seconds);
        let seen = |seconds| {
            Row::new()
                .with("created_at", ago(900))
                .with("last_seen_up", ago(seconds))
        };
        assert!(is_up(&seen(60), now, LIMIT));
        assert!(!is_up(&seen(61), now, LIMIT));
        assert!(is_up(&seen(-60), now, LIMIT));
        assert!(!is_up(&seen(1).with("forced_down", true), now, LIMIT));
        assert!(is_up(&Row::new().with("created_at", ago(59)), now, LIMIT));
        assert!(!is_up(&Row::new().with("created_at", ago(61)), now, LIMIT));
        assert!(!is_up(&Row::new(), now, LIMIT));

        // Where signs of life have a column of their own, another change is none.
        let changed = Row::new().with("created_at", ago(900)).with("updated_at", ago(1));
        assert!(is_up(&changed, now, LIMIT));
        assert!(!is_up(&changed.with("last_seen_up", None::<&str>), now, LIMIT));
    }

    #[tokio::test]
    async fn zones_are_those_of_the_aggregates() {
        let lab = Lab::sqlite();
        let store = lab.open().await;
        for host in ["a", "b"] {
            store.insert("services", &compute_service(host)).await.unwrap();
        }
        let conductor = Row::new()
            .with("host", "a")
            .with("binary", "nova-conductor")
            .with("topic", "conductor");
        store.insert("services", &conductor).await.unwrap();
        let aggregate = store
            .insert("aggregates", &Row::new().with("name", "fast"))
            .await
            .unwrap();
        let of = Row::new().with("aggregate_id", aggregate.get("id").clone());
        store
            .insert("aggregate_hosts", &of.clone().with("host", "b"))
            .await
            .unwrap();
        let zone = of.with("key", "availability_zone").with("value", "east");
        store.insert("aggregate_metadata", &zone).await.unwrap();

        let services = list(&store, &Selection::default(), now(), LIMIT).await.unwrap();
        let found: Vec<_> = services
            .iter()
            .map(|service| (service.zone.as_str(), service.up))
            .collect();
        assert_eq!(found, [("nova", true), ("east", true), ("internal", true)]);
    }

    #[tokio::test]
    async fn a_service_with_instances_stays() {
        let lab = Lab::sqlite();
        let store = lab.open().await;
        let service = store.insert("services", &compute_service("a")).await.unwrap();
        let node = compute_node("a").with("mapped", 1);
        store.insert("compute_nodes", &node).await.unwrap();
        let instance = Row::new()
            .with("uuid", "9ae5e4a0-0000-4000-8000-000000000001")
            .with("host", "a");
        store.insert("instances", &instance).await.unwrap();

        match delete(&store, &service).await {
            Err(DeleteError::InUse { count: 1 }) => {}
            other => panic!("{other:?}"),
        }
        store.soft_delete(&Query::of("instances")).await.unwrap();
        delete(&store, &service).await.unwrap();
        assert_eq!(store.count(&Query::of("services")).await.unwrap(), 0);
        assert_eq!(store.count(&Query::of("compute_nodes")).await.unwrap(), 0);
        let deleted = Query::of("compute_nodes").deleted(ReadDeleted::Only);
        let node = store.first(&deleted).await.unwrap().unwrap();
        assert_eq!(node.int("mapped"), Some(0));
    }
}
