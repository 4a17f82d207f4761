//! Tasks that take more than one service, and more than a moment: building, moving, rebuilding servers.

mod error;
mod legacy;

use rpc_runtime::{Context, Failure, rpc_api};
use serde_json::{Map, Value};

use crate::plain::Row;
use crate::{NovaObject, ObjectOr};

pub use error::MigrateError;

/// What the conductor does for nova-api and nova-compute, beside the database. The versions are those of Nova: Havana's
/// callers ask for at most 1.6.
#[rpc_api(
    topic = "conductor",
    namespace = "compute_task",
    version = "1.26",
    releases(
        havana = "1.6",
        queens = "1.20",
        ussuri = "1.23",
        zed = "1.24",
        antelope = "1.25"
    ),
    released = "api/compute_task.rpc"
)]
pub trait ComputeTask {
    /// Moves a server: to another host while it runs (`live`), or to another host or flavor.
    #[rpc(call, cast, since = "1.1", timeout = long, monitored)]
    async fn migrate_server(
        &self,
        ctx: &Context,
        #[rpc(below("1.6", legacy::instance_to_row, legacy::instance_of_row))] instance: NovaObject,
        scheduler_hint: Option<Map<String, Value>>,
        live: bool,
        rebuild: bool,
        #[rpc(below("1.10", legacy::flavor_to_row, legacy::flavor_of_row))] flavor: Option<NovaObject>,
        block_migration: Option<bool>,
        disk_over_commit: Option<bool>,
        #[rpc(since = "1.4")] reservations: Option<Vec<String>>,
        #[rpc(since = "1.11", default = true, unsent = drop)] clean_shutdown: bool,
        #[rpc(since = "1.13", unsent = drop)] request_spec: Option<ObjectOr<Row>>,
        #[rpc(since = "1.20", unsent = drop)] host_list: Option<Vec<NovaObject>>,
    ) -> Result<(), MigrateError>;

    /// Builds servers on hosts that are still to be chosen, or on one of `host_lists`.
    // Nova's client stops sending the block devices at 1.8; its history says 1.7.
    #[rpc(cast, since = "1.2")]
    async fn build_instances(
        &self,
        ctx: &Context,
        #[rpc(below("1.8", legacy::instances_as_they_are, legacy::instances_of_rows))] instances: Vec<
            NovaObject,
        >,
        image: Map<String, Value>,
        #[rpc(below("1.10", legacy::properties_to_rows, legacy::properties_of_rows))] filter_properties: Map<
            String,
            Value,
        >,
        #[rpc(secret)] admin_password: Option<String>,
        injected_files: Option<Vec<Value>>,
        #[rpc(below("1.9", legacy::networks_to_lists, legacy::networks_of_lists))] requested_networks: Option<
            NovaObject,
        >,
        security_groups: Value,
        #[rpc(until = "1.8")] block_device_mapping: Option<Vec<Row>>,
        #[rpc(since = "1.5", until = "1.8", default = true)] legacy_bdm: bool,
        #[rpc(since = "1.18", unsent = drop)] request_spec: Option<NovaObject>,
        #[rpc(since = "1.19", unsent = drop)] host_lists: Option<Vec<Vec<NovaObject>>>,
    );

    /// Brings a shelved server back.
    #[rpc(cast, since = "1.3")]
    async fn unshelve_instance(
        &self,
        ctx: &Context,
        instance: NovaObject,
        #[rpc(since = "1.14", unsent = drop)] request_spec: Option<NovaObject>,
    );

    /// Rebuilds a server from an image, or on another host when its own has failed (`recreate`).
    #[rpc(cast, since = "1.8")]
    async fn rebuild_instance(
        &self,
        ctx: &Context,
        instance: NovaObject,
        #[rpc(secret)] new_pass: Option<String>,
        injected_files: Option<Vec<Value>>,
        image_ref: Option<String>,
        orig_image_ref: Option<String>,
        orig_sys_metadata: Option<Map<String, Value>>,
        bdms: Option<NovaObject>,
        recreate: bool,
        on_shared_storage: Option<bool>,
        #[rpc(default = false)] preserve_ephemeral: bool,
        host: Option<String>,
        #[rpc(since = "1.12", unsent = drop)] request_spec: Option<NovaObject>,
        #[rpc(since = "1.24", default = false)] reimage_boot_volume: bool,
        #[rpc(since = "1.25")] target_state: Option<String>,
    );

    /// Moves a server that runs to another host, without an answer.
    #[rpc(cast, since = "1.15")]
    async fn live_migrate_instance(
        &self,
        ctx: &Context,
        instance: NovaObject,
        scheduler_hint: Option<Map<String, Value>>,
        block_migration: Option<bool>,
        disk_over_commit: Option<bool>,
        request_spec: Option<NovaObject>,
    );

    /// Chooses hosts for servers that nobody has chosen a cell for yet, and builds them there.
    #[rpc(cast, since = "1.16")]
    async fn schedule_and_build_instances(
        &self,
        ctx: &Context,
        build_requests: Vec<NovaObject>,
        request_specs: Vec<NovaObject>,
        image: Map<String, Value>,
        #[rpc(secret)] admin_password: Option<String>,
        injected_files: Option<Vec<Value>>,
        requested_networks: Option<NovaObject>,
        block_device_mapping: Value,
        #[rpc(since = "1.17", unsent = drop)] tags: Option<NovaObject>,
    );

    /// Has the hosts of an aggregate fetch images before they are needed.
    #[rpc(cast, since = "1.21")]
    async fn cache_images(&self, ctx: &Context, aggregate: NovaObject, image_ids: Vec<String>);

    /// Ends a resize across cells: the server stays where it is now.
    #[rpc(call, cast, since = "1.22")]
    async fn confirm_snapshot_based_resize(
        &self,
        ctx: &Context,
        instance: NovaObject,
        migration: NovaObject,
    ) -> Result<(), Failure>;

    /// Ends a resize across cells: the server goes back to where it was.
    #[rpc(cast, since = "1.23")]
    async fn revert_snapshot_based_resize(&self, ctx: &Context, instance: NovaObject, migration: NovaObject);

    /// Attaches a volume to a server, and answers with its block device mapping.
    #[rpc(call, cast, since = "1.26", timeout = long, monitored)]
    async fn attach_volume(
        &self,
        ctx: &Context,
        instance: NovaObject,
        volume: Map<String, Value>,
        device: Option<String>,
        disk_bus: Option<String>,
        device_type: Option<String>,
        #[rpc(default)] tag: Option<String>,
        #[rpc(default = false)] supports_multiattach: bool,
        #[rpc(default = false)] delete_on_termination: bool,
    ) -> Result<NovaObject, Failure>;
}
