//! The move of an instance's network, which the network service carries out. What it must be told is in the
//! database.

use conductor_api::havana::{NovaError, Row as Sent};
use rpc_runtime::{CallError, Context, Failure, SendError};
use serde_json::Value as Json;

use super::errors::{missing, unexpected};
use super::{Havana, rows};
use crate::store::{Query, Row};

/// Which end of the move.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Start,
    Finish,
}

impl Havana {
    pub(super) async fn move_network(
        &self,
        ctx: &Context,
        end: End,
        instance: &Sent,
        migration: &Sent,
    ) -> Result<(), NovaError> {
        let uuid = rows::text(instance, "uuid")?;
        let factor = rxtx_factor(instance)?;
        let project = rows::text(instance, "project_id")?;
        let source = rows::text(migration, "source_compute")?;
        let dest = rows::text(migration, "dest_compute")?;
        let mut network = self.peers.network.clone();
        let mut floating = None;
        // Where each host has a network service of its own, it is the one of the host that is left, or come to.
        let addresses = self.addresses(uuid).await?;
        if self.is_multi_host(&addresses).await? {
            floating = Some(self.floating_addresses(&addresses).await?);
            network = network.on(match end {
                End::Start => source,
                End::Finish => dest,
            });
        }
        let network = network.call();
        let done = match end {
            End::Start => {
                network
                    .migrate_instance_start(ctx, uuid, factor, project, source, dest, floating)
                    .await
            }
            End::Finish => {
                network
                    .migrate_instance_finish(ctx, uuid, factor, project, source, dest, floating)
                    .await
            }
        };
        done.map(drop).map_err(|error| match error {
            CallError::Api(failure) | CallError::Remote(failure) => unexpected(failure.into()),
            CallError::Answer(text) => unexpected(NovaError::ValueError(text)),
            CallError::Send(error) => not_sent(&error),
        })
    }

    /// The addresses of an instance that are its own.
    async fn addresses(&self, instance: &str) -> Result<Vec<Row>, NovaError> {
        Ok(self
            .store
            .select(&Query::of("fixed_ips").eq("instance_uuid", instance))
            .await?)
    }

    async fn is_multi_host(&self, addresses: &[Row]) -> Result<bool, NovaError> {
        let Some(network) = addresses.first().and_then(|address| address.int("network_id")) else {
            return Ok(false);
        };
        let network = self.store.first(&Query::of("networks").eq("id", network)).await?;
        Ok(network
            .and_then(|network| network.bool("multi_host"))
            .unwrap_or(false))
    }

    /// The addresses that lead to those of an instance from outside.
    async fn floating_addresses(&self, addresses: &[Row]) -> Result<Vec<String>, NovaError> {
        let ids = addresses.iter().filter_map(|address| address.int("id"));
        let floating = self
            .store
            .select(&Query::of("floating_ips").is_in("fixed_ip_id", ids))
            .await?;
        let address = |row: &Row| row.text("address").map(str::to_owned);
        Ok(floating.iter().filter_map(address).collect())
    }
}

/// A request to another service that did not come back with an answer.
pub(super) fn not_sent(error: &SendError) -> NovaError {
    let class = match error {
        SendError::Timeout { .. } | SendError::ServerLost { .. } => "Timeout",
        _ => "RPCException",
    };
    let module = "nova.openstack.common.rpc.common";
    unexpected(Failure::new(module, class, error.to_string()).into())
}

/// The share of the network that the flavor of an instance gives it. It is kept with the instance, for flavors
/// change.
fn rxtx_factor(instance: &Sent) -> Result<f64, NovaError> {
    const KEY: &str = "instance_type_rxtx_factor";
    let value = match rows::field(instance, "system_metadata") {
        // As rows of keys and values, or as a map.
        Some(Json::Array(rows)) => rows
            .iter()
            .find(|row| row.get("key").and_then(Json::as_str) == Some(KEY))
            .and_then(|row| row.get("value")),
        Some(map) => map.get(KEY),
        None => None,
    };
    let number = value.and_then(|value| value.as_f64().or_else(|| value.as_str()?.parse().ok()));
    number.ok_or_else(|| missing(KEY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_share_of_the_network_is_kept_with_the_instance() {
        let factor = |metadata: Json| {
            let instance = Sent::from_iter([("system_metadata".to_owned(), metadata)]);
            rxtx_factor(&instance)
        };
        let rows = json!([
            {"key": "instance_type_id", "value": "5"},
            {"key": "instance_type_rxtx_factor", "value": "1.5"},
        ]);
        assert_eq!(factor(rows), Ok(1.5));
        assert_eq!(factor(json!({"instance_type_rxtx_factor": 2})), Ok(2.0));
        for lacking in [
            json!([]),
            json!({}),
            json!(null),
            json!({"instance_type_rxtx_factor": "much"}),
        ] {
            let error = factor(lacking).unwrap_err();
            assert_eq!(error, NovaError::KeyError("instance_type_rxtx_factor".to_owned()));
        }
    }
}
