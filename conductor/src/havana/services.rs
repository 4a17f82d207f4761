//! Services and their heartbeats.

use conductor_api::havana::{Code, NovaError, Row as Sent, Services};
use rpc_runtime::Context;
use serde_json::Value as Json;

use super::caller::Caller;
use super::errors::unexpected;
use super::{Havana, rows};
use crate::store::{Query, Row, StoreError, now};

/// The topic of the services that have compute nodes.
const COMPUTE: &str = "compute";

impl Services for Havana {
    async fn service_get_all_by(
        &self,
        ctx: &Context,
        topic: Option<String>,
        host: Option<String>,
        binary: Option<String>,
    ) -> Result<Json, NovaError> {
        let caller = Caller::admin(ctx)?;
        // An empty text counts as none.
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let services = || Query::of("services");
        match (given(topic), given(host), given(binary)) {
            (None, None, None) => self.services(&caller.rows("services")).await,
            (Some(topic), Some(host), _) if topic == COMPUTE => self.compute_service(host).await,
            (Some(topic), Some(host), _) => {
                let enabled = services().eq("disabled", false);
                let found = self
                    .store
                    .first(&enabled.eq("host", host).eq("topic", topic))
                    .await?;
                Ok(found.map_or(Json::Null, |row| rows::sent(&row).into()))
            }
            (None, Some(host), Some(binary)) => {
                let query = caller.rows("services").eq("host", &host).eq("binary", &binary);
                let found = self.store.first(&query).await?;
                let found = found.ok_or(NovaError::HostBinaryNotFound {
                    host,
                    binary,
                    code: Code,
                })?;
                Ok(rows::sent(&found).into())
            }
            (Some(topic), None, _) => {
                self.services(&services().eq("disabled", false).eq("topic", topic))
                    .await
            }
            (None, Some(host), None) => self.services(&services().eq("host", host)).await,
            (None, None, Some(_)) => {
                let text = "a service is asked for by its binary, but not by its host";
                Err(unexpected(NovaError::ValueError(text.to_owned())))
            }
        }
    }

    async fn service_create(&self, ctx: &Context, values: Sent) -> Result<Sent, NovaError> {
        Caller::admin(ctx)?;
        let mut row = rows::new_row(&self.store, "services", &values)?;
        if !self.options.enable_new_services {
            row.set("disabled", true);
        }
        let name = |column| row.text(column).unwrap_or_default().to_owned();
        let (host, topic, binary) = (name("host"), name("topic"), name("binary"));
        match self.store.insert("services", &row).await {
            Ok(stored) => Ok(rows::sent(&stored)),
            Err(StoreError::Duplicate { columns, .. }) => {
                let exists = if columns.iter().any(|column| column == "binary") {
                    NovaError::ServiceBinaryExists {
                        host,
                        binary,
                        code: Code,
                    }
                } else {
                    NovaError::ServiceTopicExists {
                        host,
                        topic,
                        code: Code,
                    }
                };
                Err(unexpected(exists))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn service_destroy(&self, ctx: &Context, service_id: i64) -> Result<(), NovaError> {
        let caller = Caller::admin(ctx)?;
        let mut tx = self.store.begin().await?;
        if tx
            .soft_delete(&caller.rows("services").eq("id", service_id))
            .await?
            == 0
        {
            return Err(NovaError::ServiceNotFound {
                service_id,
                code: Code,
            });
        }
        let nodes = caller.rows("compute_nodes").eq("service_id", service_id);
        tx.soft_delete(&nodes).await?;
        Ok(tx.commit().await?)
    }

    async fn service_update(&self, ctx: &Context, service: Sent, values: Sent) -> Result<Sent, NovaError> {
        let caller = Caller::admin(ctx)?;
        let service_id = rows::id(&service, "id")?;
        let query = caller.rows("services").eq("id", service_id);
        let mut changes = rows::columns(&self.store, "services", &values)?;

        let mut tx = self.store.begin().await?;
        let found = tx.first(&query.clone().locked()).await?;
        let found = found.ok_or(NovaError::ServiceNotFound {
            service_id,
            code: Code,
        })?;
        if is_heartbeat(&found, &changes) {
            changes.set("last_seen_up", now());
        }
        tx.update(&query, &changes).await?;
        let updated = tx.first(&query).await?;
        tx.commit().await?;
        let updated = updated.ok_or(NovaError::ServiceNotFound {
            service_id,
            code: Code,
        })?;
        Ok(rows::sent(&updated))
    }
}

/// Whether the service says that it is alive. Today's Nova keeps the moment in a column of its own, which this one
/// writes too: both see the service alike.
fn is_heartbeat(service: &Row, changes: &Row) -> bool {
    service.contains("last_seen_up")
        && changes
            .int("report_count")
            .is_some_and(|count| count > service.int("report_count").unwrap_or(0))
}

impl Havana {
    async fn services(&self, query: &Query) -> Result<Json, NovaError> {
        Ok(rows::all_sent(&self.store.select(query).await?).into())
    }

    /// A list of the service of a compute host, with its nodes.
    async fn compute_service(&self, host: String) -> Result<Json, NovaError> {
        let query = Query::of("services").eq("host", &host).eq("topic", COMPUTE);
        let Some(service) = self.store.first(&query).await? else {
            let host = host.into();
            return Err(NovaError::ComputeHostNotFound { host, code: Code });
        };
        let nodes = Query::of("compute_nodes").eq("service_id", service.get("id").clone());
        let nodes = rows::all_sent(&self.store.select(&nodes).await?);
        let mut service = rows::sent(&service);
        service.insert("compute_node".to_owned(), nodes.into());
        Ok(vec![service].into())
    }
}
