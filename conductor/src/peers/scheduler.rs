//! nova-scheduler: which hosts have room.

use conductor_api::{NovaObject, Row};
use rpc_runtime::{Context, Failure, rpc_api};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The scheduler of today.
#[rpc_api(topic = "scheduler", version = "4.5")]
pub(crate) trait Scheduler {
    /// Hosts for each of the instances, the chosen one first. What they need is claimed for it.
    #[rpc(call, since = "4.5", timeout = long, monitored)]
    async fn select_destinations(
        &self,
        ctx: &Context,
        instance_uuids: Vec<String>,
        spec_obj: NovaObject,
        return_objects: bool,
        return_alternates: bool,
    ) -> Result<Vec<Vec<NovaObject>>, Failure>;
}

/// The scheduler of Havana.
#[rpc_api(topic = "scheduler", version = "2.9")]
pub(crate) trait HavanaScheduler {
    /// A host for each of the instances.
    #[rpc(call, since = "2.7")]
    async fn select_destinations(
        &self,
        ctx: &Context,
        request_spec: Row,
        filter_properties: Row,
    ) -> Result<Vec<HavanaHost>, Failure>;

    /// Chooses hosts for the instances, and has them built there.
    #[rpc(cast, since = "2.9")]
    async fn run_instance(
        &self,
        ctx: &Context,
        request_spec: Row,
        #[rpc(secret)] admin_password: Option<String>,
        injected_files: Option<Vec<Value>>,
        requested_networks: Value,
        is_first_time: bool,
        filter_properties: Row,
        legacy_bdm_in_spec: bool,
    );
}

/// A host that Havana's scheduler has chosen.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct HavanaHost {
    pub(crate) host: String,
    pub(crate) nodename: Option<String>,
    #[serde(default)]
    pub(crate) limits: Value,
}
