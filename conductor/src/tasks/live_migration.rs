//! Moving an instance while it runs: both hosts must be up and fit each other, and the one it goes to must agree.

use conductor_api::MigrateError;
use conductor_api::havana::Code;
use rpc_runtime::Context;
use serde_json::{Map, Value, json};
use tracing::{debug, error};

use super::Tasks;
use super::errors::TaskError;
use super::instance::Instance;
use super::request_spec;
use crate::services::is_up;
use crate::store::{Condition, Query, Row, now};

/// The power state of an instance that runs.
const RUNNING: i64 = 1;

/// How an instance is to be moved while it runs.
#[derive(Debug)]
pub(super) struct LiveMigration {
    /// Where to; the scheduler's choice if nobody says.
    pub(super) destination: Option<String>,
    pub(super) block_migration: Option<bool>,
    pub(super) disk_over_commit: Option<bool>,
}

impl Tasks {
    /// Tells the instance's host to move it. When that cannot be, the instance is as before, but for a fault.
    pub(super) async fn migrate_live(
        &self,
        ctx: &Context,
        instance: &Instance,
        how: LiveMigration,
    ) -> Result<(), TaskError> {
        let Err(failed) = self.move_live(ctx, instance, &how).await else {
            return Ok(());
        };
        if failed.is_expected() {
            let vm_state = instance.text("vm_state");
            self.records
                .failed(ctx, &instance.uuid, "migrate_server", vm_state, &failed)
                .await;
            return Err(failed);
        }
        error!(
            instance = instance.uuid,
            "its live migration failed unexpectedly: {failed}"
        );
        self.records
            .failed(ctx, &instance.uuid, "migrate_server", Some("error"), &failed)
            .await;
        Err(TaskError::MigrationError {
            reason: failed.to_string(),
            code: Code,
        })
    }

    async fn move_live(
        &self,
        ctx: &Context,
        instance: &Instance,
        how: &LiveMigration,
    ) -> Result<(), TaskError> {
        if instance.int("power_state") != Some(RUNNING) {
            return Err(TaskError::InstanceNotRunning {
                instance_id: instance.uuid.clone(),
                code: Code,
            });
        }
        let source = instance.host()?;
        self.check_is_up(source).await?;
        let (destination, data) = match &how.destination {
            Some(destination) => {
                if destination == source {
                    return Err(MigrateError::UnableToMigrateToSelf {
                        instance_id: instance.uuid.clone(),
                        host: destination.clone(),
                        code: Code,
                    }
                    .into());
                }
                self.check_is_up(destination).await?;
                self.check_memory(instance, destination).await?;
                let data = self.check_host(ctx, instance, source, destination, how).await?;
                (destination.clone(), data)
            }
            None => self.find_destination(ctx, instance, source, how).await?,
        };
        let compute = self.peers.havana_compute.on(source);
        let cast = compute.cast();
        cast.live_migration(ctx, &instance.object, &destination, how.block_migration, &data)
            .await?;
        Ok(())
    }

    /// A host of the scheduler's choice that agrees, with what it says. Each is asked once.
    async fn find_destination(
        &self,
        ctx: &Context,
        instance: &Instance,
        source: &str,
        how: &LiveMigration,
    ) -> Result<(String, Value), TaskError> {
        let image = request_spec::image_of(instance);
        let flavor = self.havana_flavor(instance).await?;
        let spec = request_spec::havana(std::slice::from_ref(instance), &image, flavor);
        let mut tried = vec![source.to_owned()];
        loop {
            let properties = Map::from_iter([("ignore_hosts".to_owned(), json!(tried))]);
            let host = self.havana_host(ctx, spec.clone(), properties).await?.host;
            if tried.contains(&host) {
                // A scheduler that does not listen would be asked for ever.
                return Err(TaskError::no_valid_host(format!(
                    "The scheduler insists on {host}."
                )));
            }
            match self.check_host(ctx, instance, source, &host, how).await {
                Ok(data) => return Ok((host, data)),
                Err(error) if error.is_of_host() => {
                    debug!(instance = instance.uuid, host, "will not do: {error}");
                    tried.push(host);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether a host can take an instance over; what it says is for the one that gives it away.
    async fn check_host(
        &self,
        ctx: &Context,
        instance: &Instance,
        source: &str,
        destination: &str,
        how: &LiveMigration,
    ) -> Result<Value, TaskError> {
        let (from, to) = (self.node(source).await?, self.node(destination).await?);
        if from.get("hypervisor_type") != to.get("hypervisor_type") {
            return Err(MigrateError::InvalidHypervisorType { code: Code }.into());
        }
        if from.int("hypervisor_version") > to.int("hypervisor_version") {
            return Err(MigrateError::DestinationHypervisorTooOld { code: Code }.into());
        }
        let compute = self.peers.havana_compute.on(destination);
        let call = compute.call();
        let checked = call
            .check_can_live_migrate_destination(
                ctx,
                &instance.object,
                how.block_migration,
                how.disk_over_commit,
            )
            .await;
        match checked {
            Err(error) if error.is_timeout() => Err(TaskError::pre_check(format!(
                "Timeout while checking if we can live migrate to host: {destination}"
            ))),
            answered => Ok(answered?),
        }
    }

    async fn check_is_up(&self, host: &str) -> Result<(), TaskError> {
        match self.records.store().first(&compute_service(host)).await? {
            Some(service) if is_up(&service, now(), self.down_time) => Ok(()),
            _ => Err(TaskError::unavailable(host)),
        }
    }

    async fn check_memory(&self, instance: &Instance, host: &str) -> Result<(), TaskError> {
        let free = self.node(host).await?.int("free_ram_mb").unwrap_or_default();
        match instance.int("memory_mb") {
            Some(needed) if needed > 0 && free > needed => Ok(()),
            needed => Err(TaskError::pre_check(format!(
                "Unable to migrate {} to {host}: Lack of memory(host:{free} <= instance:{})",
                instance.uuid,
                needed.unwrap_or_default()
            ))),
        }
    }

    /// The row of the first node of a host.
    async fn node(&self, host: &str) -> Result<Row, TaskError> {
        let store = self.records.store();
        let service = store.first(&compute_service(host)).await?;
        // Rows of Havana name no host, but their service.
        let of_service = service.map(|row| Condition::eq("service_id", row.get("id").clone()));
        let of_host = Condition::eq("host", host);
        let query = Query::of("compute_nodes").any_of([of_host].into_iter().chain(of_service));
        let node = store.first(&query).await?;
        node.ok_or_else(|| {
            let host = host.to_owned();
            MigrateError::ComputeHostNotFound { host, code: Code }.into()
        })
    }
}

fn compute_service(host: &str) -> Query {
    Query::of("services").eq("host", host).eq("topic", "compute")
}
