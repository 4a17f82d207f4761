//! The manager of `compute_task`: work on instances that takes more than one service, and is seen to its end.
//!
//! It asks the scheduler and the compute services of the caller's own era: those of Havana, whose instances are rows
//! or objects of major 1, or today's. What would need another service than these, or Nova's API database, is refused
//! by name, and becomes a fault of the instance.

mod build;
mod burial;
mod cold_migration;
mod errors;
mod filter_properties;
mod instance;
mod live_migration;
mod records;
mod request_spec;
#[cfg(test)]
mod tests;
mod unshelve;

use std::time::Duration;

use conductor_api::{ComputeTask, Conductor as _, Manifest, MigrateError, NovaObject, ObjectOr, Row};
use rpc_runtime::{Context, Failure, RpcError as _};
use serde_json::{Map, Value, json};
use tracing::error;

use crate::notifier::Notifier;
use crate::objects::ObjectManager;
use crate::peers::{HavanaHost, Peers};
use crate::store::{Query, Store};
use build::Build;
use errors::TaskError;
use filter_properties::FilterProperties;
use instance::{Era, Instance};
use live_migration::LiveMigration;
use records::Records;

/// Serves [`ComputeTask`].
#[derive(Clone, Debug)]
pub(crate) struct Tasks {
    records: Records,
    objects: ObjectManager,
    peers: Peers,
    /// How long a service is up without a sign of life.
    down_time: Duration,
}

/// Why today's moves are refused.
const PLACEMENT: &str =
    "what an instance has of its host is moved in placement, which this conductor does not speak to";
/// Why what begins with a request of nova-api is refused.
const API_DATABASE: &str =
    "build requests and the cells of hosts are in Nova's API database, which this conductor does not use";

impl Tasks {
    pub(crate) fn new(
        store: Store,
        notifier: Notifier,
        peers: Peers,
        host: &str,
        down_time: Duration,
    ) -> Self {
        Self {
            records: Records::new(store.clone(), notifier, host),
            objects: ObjectManager::new(store),
            peers,
            down_time,
        }
    }

    /// A host that Havana's scheduler chooses for one instance.
    async fn havana_host(
        &self,
        ctx: &Context,
        spec: Row,
        properties: FilterProperties,
    ) -> Result<HavanaHost, TaskError> {
        let scheduler = self.peers.havana_scheduler.call();
        let properties = filter_properties::plain(properties);
        let hosts = scheduler.select_destinations(ctx, &spec, &properties).await?;
        let first = hosts.into_iter().next();
        first.ok_or_else(|| TaskError::no_valid_host("The scheduler names none."))
    }

    /// The flavor of an instance of Havana, as its scheduler wants it.
    async fn havana_flavor(&self, instance: &Instance) -> Result<Row, TaskError> {
        self.with_extra_specs(request_spec::flavor_of(instance)).await
    }

    async fn with_extra_specs(&self, mut flavor: Row) -> Result<Row, TaskError> {
        let store = self.records.store();
        let mut specs = Map::new();
        if let Some(id) = flavor.get("flavorid").and_then(Value::as_str)
            && let Some(found) = store
                .first(&Query::of("instance_types").eq("flavorid", id))
                .await?
        {
            let of_flavor =
                Query::of("instance_type_extra_specs").eq("instance_type_id", found.get("id").clone());
            for row in store.select(&of_flavor).await? {
                specs.insert(
                    row.text("key").unwrap_or_default().to_owned(),
                    json!(row.text("value")),
                );
            }
        }
        flavor.insert("extra_specs".to_owned(), specs.into());
        Ok(flavor)
    }

    /// The disks of an instance.
    async fn block_devices(&self, ctx: &Context, uuid: &str) -> Result<NovaObject, TaskError> {
        let class = "BlockDeviceMappingList".to_owned();
        let versions = Manifest::from([
            (class.clone(), "1.18".to_owned()),
            ("BlockDeviceMapping".to_owned(), "1.22".to_owned()),
        ]);
        let method = "get_by_instance_uuid".to_owned();
        let found = self
            .objects
            .object_class_action_versions(ctx, class, method, versions, vec![uuid.into()], Map::new())
            .await?;
        serde_json::from_value(found).map_err(|error| TaskError::ValueError(error.to_string()))
    }

    async fn migrate(&self, ctx: &Context, instance: &Instance, how: Migration) -> Result<(), TaskError> {
        let hint = |key: &str| how.hint.get(key).cloned();
        match (how.live, how.rebuild, how.flavor, instance.era) {
            (true, false, None, Era::Havana) => {
                let live = LiveMigration {
                    destination: hint("host").and_then(|host| host.as_str().map(str::to_owned)),
                    block_migration: how.block_migration,
                    disk_over_commit: how.disk_over_commit,
                };
                self.migrate_live(ctx, instance, live).await
            }
            (false, false, Some(flavor), Era::Havana) => {
                let properties = match hint("filter_properties") {
                    Some(Value::Object(properties)) => properties,
                    _ => FilterProperties::new(),
                };
                let task =
                    Box::pin(self.migrate_cold(ctx, instance, flavor.row(), properties, how.reservations));
                self.records
                    .event(ctx, &instance.uuid, "cold_migrate", task)
                    .await
            }
            (true, false, None, Era::Today) | (false, false, Some(_), Era::Today) => Err(self
                .refused(ctx, instance, "migrate_server", None, PLACEMENT)
                .await),
            _ => Err(TaskError::not_implemented(
                "migrate_server: either live without a flavor, or not live with one",
            )),
        }
    }

    /// Notes that a task is not done here, and why.
    async fn refused(
        &self,
        ctx: &Context,
        instance: &Instance,
        method: &str,
        vm_state: Option<&str>,
        why: &str,
    ) -> TaskError {
        let error = TaskError::not_implemented(format!("{method}: {why}"));
        self.records
            .failed(ctx, &instance.uuid, method, vm_state, &error)
            .await;
        error
    }

    /// The same for a request that nobody waits for.
    async fn refuse_cast(
        &self,
        ctx: &Context,
        instance: NovaObject,
        method: &str,
        vm_state: Option<&str>,
        why: &str,
    ) {
        match Instance::of(instance) {
            Ok(instance) => drop(self.refused(ctx, &instance, method, vm_state, why).await),
            Err(error) => told(method, &error),
        }
    }
}

/// How an instance is to be moved.
struct Migration {
    hint: Map<String, Value>,
    live: bool,
    rebuild: bool,
    flavor: Option<NovaObject>,
    block_migration: Option<bool>,
    disk_over_commit: Option<bool>,
    reservations: Vec<String>,
}

/// Says that a request failed whose caller does not wait.
fn told(method: &str, error: &TaskError) {
    error!("compute_task {method}: {error}");
}

impl ComputeTask for Tasks {
    async fn migrate_server(
        &self,
        ctx: &Context,
        instance: NovaObject,
        scheduler_hint: Option<Map<String, Value>>,
        live: bool,
        rebuild: bool,
        flavor: Option<NovaObject>,
        block_migration: Option<bool>,
        disk_over_commit: Option<bool>,
        reservations: Option<Vec<String>>,
        _clean_shutdown: bool,
        _request_spec: Option<ObjectOr<Row>>,
        _host_list: Option<Vec<NovaObject>>,
    ) -> Result<(), MigrateError> {
        let how = Migration {
            hint: scheduler_hint.unwrap_or_default(),
            live,
            rebuild,
            flavor,
            block_migration,
            disk_over_commit,
            reservations: reservations.unwrap_or_default(),
        };
        let instance = Instance::of(instance)?;
        Ok(Box::pin(self.migrate(ctx, &instance, how)).await?)
    }

    async fn build_instances(
        &self,
        ctx: &Context,
        instances: Vec<NovaObject>,
        image: Map<String, Value>,
        filter_properties: Map<String, Value>,
        admin_password: Option<String>,
        injected_files: Option<Vec<Value>>,
        requested_networks: Option<NovaObject>,
        security_groups: Value,
        block_device_mapping: Option<Vec<Row>>,
        legacy_bdm: bool,
        request_spec: Option<NovaObject>,
        host_lists: Option<Vec<Vec<NovaObject>>>,
    ) {
        let instances = instances.into_iter().map(Instance::of).collect::<Result<_, _>>();
        let built = match instances {
            Ok(instances) => {
                let build = Build {
                    instances,
                    image,
                    filter_properties,
                    admin_password,
                    injected_files,
                    requested_networks,
                    security_groups,
                    block_device_mapping,
                    legacy_bdm,
                    request_spec,
                    host_lists,
                };
                self.build(ctx, build).await
            }
            Err(error) => Err(error),
        };
        built.unwrap_or_else(|error| told("build_instances", &error));
    }

    async fn unshelve_instance(&self, ctx: &Context, instance: NovaObject, request_spec: Option<NovaObject>) {
        let unshelved = match Instance::of(instance) {
            Ok(instance) => self.unshelve(ctx, instance, request_spec).await,
            Err(error) => Err(error),
        };
        unshelved.unwrap_or_else(|error| told("unshelve_instance", &error));
    }

    async fn rebuild_instance(
        &self,
        ctx: &Context,
        instance: NovaObject,
        _new_pass: Option<String>,
        _injected_files: Option<Vec<Value>>,
        _image_ref: Option<String>,
        _orig_image_ref: Option<String>,
        _orig_sys_metadata: Option<Map<String, Value>>,
        _bdms: Option<NovaObject>,
        _recreate: bool,
        _on_shared_storage: Option<bool>,
        _preserve_ephemeral: bool,
        _host: Option<String>,
        _request_spec: Option<NovaObject>,
        _reimage_boot_volume: bool,
        _target_state: Option<String>,
    ) {
        self.refuse_cast(ctx, instance, "rebuild_instance", Some("error"), PLACEMENT)
            .await;
    }

    async fn live_migrate_instance(
        &self,
        ctx: &Context,
        instance: NovaObject,
        _scheduler_hint: Option<Map<String, Value>>,
        _block_migration: Option<bool>,
        _disk_over_commit: Option<bool>,
        _request_spec: Option<NovaObject>,
    ) {
        self.refuse_cast(ctx, instance, "live_migrate_instance", None, PLACEMENT)
            .await;
    }

    async fn schedule_and_build_instances(
        &self,
        ctx: &Context,
        build_requests: Vec<NovaObject>,
        request_specs: Vec<NovaObject>,
        _image: Map<String, Value>,
        _admin_password: Option<String>,
        _injected_files: Option<Vec<Value>>,
        _requested_networks: Option<NovaObject>,
        _block_device_mapping: Value,
        _tags: Option<NovaObject>,
    ) {
        let method = "schedule_and_build_instances";
        if build_requests.len() != request_specs.len() {
            let (builds, specs) = (build_requests.len(), request_specs.len());
            let error =
                TaskError::ValueError(format!("{builds} build requests come with {specs} request specs"));
            told(method, &error);
        }
        for request in build_requests {
            let buried = self.bury(ctx, &request, method).await;
            buried.unwrap_or_else(|error| told(method, &error));
        }
    }

    async fn cache_images(&self, _: &Context, _aggregate: NovaObject, _image_ids: Vec<String>) {
        told("cache_images", &TaskError::not_implemented(API_DATABASE));
    }

    async fn confirm_snapshot_based_resize(
        &self,
        ctx: &Context,
        instance: NovaObject,
        _migration: NovaObject,
    ) -> Result<(), Failure> {
        let instance = Instance::of(instance).map_err(|error| error.to_failure())?;
        let method = "confirm_snapshot_based_resize";
        Err(self
            .refused(ctx, &instance, method, None, API_DATABASE)
            .await
            .to_failure())
    }

    async fn revert_snapshot_based_resize(
        &self,
        ctx: &Context,
        instance: NovaObject,
        _migration: NovaObject,
    ) {
        self.refuse_cast(ctx, instance, "revert_snapshot_based_resize", None, API_DATABASE)
            .await;
    }

    async fn attach_volume(
        &self,
        _: &Context,
        _instance: NovaObject,
        _volume: Map<String, Value>,
        _device: Option<String>,
        _disk_bus: Option<String>,
        _device_type: Option<String>,
        _tag: Option<String>,
        _supports_multiattach: bool,
        _delete_on_termination: bool,
    ) -> Result<NovaObject, Failure> {
        let why = "attach_volume: attachments are made in Cinder, which this conductor does not speak to";
        Err(TaskError::not_implemented(why).to_failure())
    }
}
