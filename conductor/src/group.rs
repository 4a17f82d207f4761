//! The service group in the database: rows of the table `services`, in which Nova's own tools see who is up. It is
//! Nova's driver `db`.

use std::time::Duration;

use jiff::civil::DateTime;
use rpc_runtime::service::group::Member;
use rpc_runtime::service::{BoxError, Identity, ServiceGroup};
use rpc_runtime::transport::BoxFuture;
use uuid::Uuid;

use crate::services;
use crate::store::{Query, Row, Store, StoreError, now};

/// Keeps rows of services.
pub(crate) struct DatabaseGroup {
    store: Store,
    down_time: Duration,
    /// Whether work may be sent to a service from its first start on.
    enable_new: bool,
}

impl DatabaseGroup {
    pub(crate) fn new(store: Store, down_time: Duration, enable_new: bool) -> Self {
        Self {
            store,
            down_time,
            enable_new,
        }
    }

    async fn insert(&self, service: &Identity) -> Result<(), StoreError> {
        let mut row = Row::new()
            .with("host", &service.host)
            .with("binary", &service.binary)
            .with("topic", &service.topic)
            .with("report_count", 0)
            .with("disabled", !self.enable_new);
        let table = self.store.schema().table("services");
        // Since 2013.2, services have names for the world outside.
        if table.is_some_and(|table| table.has("uuid")) {
            row.set("uuid", Uuid::new_v4().to_string());
        }
        match self.store.insert("services", &row).await {
            // Workers of one service start at once.
            Ok(_) | Err(StoreError::Duplicate { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl ServiceGroup for DatabaseGroup {
    fn enroll<'a>(&'a self, service: &'a Identity) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move {
            if self.store.first(&row_of(service)).await?.is_none() {
                self.insert(service).await?;
            }
            Ok(())
        })
    }

    fn report<'a>(&'a self, service: &'a Identity) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move {
            let Some(row) = self.store.first(&row_of(service)).await? else {
                return Err(format!("the row of {service} is gone from the table of services").into());
            };
            let count = row.int("report_count").unwrap_or_default();
            let mut changes = Row::new().with("report_count", count.saturating_add(1));
            if row.contains("last_seen_up") {
                changes.set("last_seen_up", now());
            }
            self.store.update(&row_of(service), &changes).await?;
            Ok(())
        })
    }

    fn remove<'a>(&'a self, service: &'a Identity) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move {
            self.store.soft_delete(&row_of(service)).await?;
            Ok(())
        })
    }

    fn members<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<Vec<Member>, BoxError>> {
        Box::pin(async move {
            let rows = self
                .store
                .select(&Query::of("services").eq("topic", topic))
                .await?;
            let now = now();
            Ok(rows.iter().map(|row| member(row, now)).collect())
        })
    }

    fn down_time(&self) -> Duration {
        self.down_time
    }
}

fn row_of(service: &Identity) -> Query {
    Query::of("services")
        .eq("host", &service.host)
        .eq("binary", &service.binary)
}

fn member(row: &Row, now: DateTime) -> Member {
    let text = |column| row.text(column).unwrap_or_default().to_owned();
    Member {
        service: Identity {
            host: text("host"),
            binary: text("binary"),
            topic: text("topic"),
        },
        enabled: row.bool("disabled") != Some(true),
        silent: services::silence(row, now).unwrap_or(Duration::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::Lab;

    fn conductor(host: &str) -> Identity {
        Identity {
            host: host.to_owned(),
            binary: "nova-conductor".to_owned(),
            topic: "conductor".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_service_has_one_row_which_its_signs_of_life_change() {
        let lab = Lab::sqlite();
        let store = lab.open().await;
        let group = DatabaseGroup::new(store.clone(), Duration::from_secs(60), true);
        let service = conductor("a");
        group.enroll(&service).await.unwrap();
        group.enroll(&service).await.unwrap();
        group.insert(&service).await.unwrap();
        assert_eq!(store.count(&Query::of("services")).await.unwrap(), 1);

        group.report(&service).await.unwrap();
        group.report(&service).await.unwrap();
        let row = store.first(&row_of(&service)).await.unwrap().unwrap();
        assert_eq!(row.int("report_count"), Some(2));
        assert!(row.time("last_seen_up").is_some() && row.text("uuid").is_some());
        assert_eq!(group.get_all("conductor").await.unwrap(), ["a"]);
        assert!(group.get_all("compute").await.unwrap().is_empty());

        group.remove(&service).await.unwrap();
        let gone = group.report(&service).await.unwrap_err().to_string();
        assert!(gone.contains("nova-conductor on a is gone"), "{gone}");
    }

    /// Its table of services has no `uuid`, no `last_seen_up` and no `forced_down`.
    #[tokio::test]
    async fn a_database_of_2013_has_room_for_it() {
        let lab = Lab::sqlite();
        lab.script(
            "CREATE TABLE migrate_version (repository_id VARCHAR(250), version INTEGER);
            CREATE TABLE instances (id INTEGER, uuid VARCHAR(36), host VARCHAR(255), vm_state VARCHAR(255),
                task_state VARCHAR(255), deleted INTEGER);
            CREATE TABLE compute_nodes (id INTEGER PRIMARY KEY, service_id INTEGER, hypervisor_hostname VARCHAR(255),
                vcpus INTEGER, deleted_at DATETIME, deleted INTEGER);
            INSERT INTO compute_nodes (id, service_id, deleted) VALUES (1, 1, 0), (2, 5, 0);
            CREATE TABLE services (created_at DATETIME, updated_at DATETIME, deleted_at DATETIME, deleted INTEGER,
                id INTEGER NOT NULL PRIMARY KEY, host VARCHAR(255), \"binary\" VARCHAR(255), topic VARCHAR(255),
                report_count INTEGER NOT NULL, disabled BOOLEAN, disabled_reason VARCHAR(255));",
        )
        .await;
        let store = lab.open().await;
        let group = DatabaseGroup::new(store.clone(), Duration::from_secs(60), true);
        let service = Identity {
            binary: "nova-compute".to_owned(),
            ..conductor("a")
        };
        group.enroll(&service).await.unwrap();
        let long_ago = Row::new().with("created_at", now() - jiff::SignedDuration::from_secs(61));
        store.update(&row_of(&service), &long_ago).await.unwrap();
        group.report(&service).await.unwrap();
        assert_eq!(group.get_all("conductor").await.unwrap(), ["a"]);

        let row = store.first(&row_of(&service)).await.unwrap().unwrap();
        services::delete(&store, &row).await.unwrap();
        assert!(store.first(&row_of(&service)).await.unwrap().is_none());
        assert_eq!(store.count(&Query::of("compute_nodes")).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn those_that_are_disabled_or_down_get_no_work() {
        let lab = Lab::sqlite();
        let store = lab.open().await;
        let new = DatabaseGroup::new(store.clone(), Duration::from_secs(60), false);
        new.enroll(&conductor("new")).await.unwrap();
        let group = DatabaseGroup::new(store.clone(), Duration::from_secs(60), true);
        for host in ["up", "silent", "forced"] {
            group.enroll(&conductor(host)).await.unwrap();
        }
        let long_ago = now() - jiff::SignedDuration::from_secs(61);
        let silent = Row::new().with("last_seen_up", long_ago);
        store
            .update(&row_of(&conductor("silent")), &silent)
            .await
            .unwrap();
        let forced = Row::new().with("forced_down", true);
        store
            .update(&row_of(&conductor("forced")), &forced)
            .await
            .unwrap();
        assert_eq!(group.get_all("conductor").await.unwrap(), ["up"]);
        assert_eq!(group.members("conductor").await.unwrap().len(), 4);
    }
}
