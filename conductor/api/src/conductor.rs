//! What nova-compute asks of its conductor today: methods of Nova's objects, run where the database is.

use std::collections::BTreeMap;

use rpc_runtime::{Context, Failure, rpc_api};
use serde_json::{Map, Value};

use crate::NovaObject;

/// The version that a caller knows of each class: the class asked for, and all that an answer may contain.
pub type Manifest = BTreeMap<String, String>;

/// The indirection API of Nova's objects, at its third major version. What a method raises is what the object raises,
/// so the error of all of them is any [`Failure`].
#[rpc_api(topic = "conductor", version = "3.0")]
pub trait Conductor {
    /// Runs a method of a class, and answers with what it returns: mostly an object, no newer than the caller knows.
    #[rpc(call)]
    async fn object_class_action_versions(
        &self,
        ctx: &Context,
        objname: String,
        objmethod: String,
        object_versions: Manifest,
        args: Vec<Value>,
        kwargs: Map<String, Value>,
    ) -> Result<Value, Failure>;

    /// Runs a method of an object, and answers with the fields that it has changed, and what it returns. Beside the
    /// fields there is `obj_what_changed`: those that are still not saved.
    #[rpc(call)]
    async fn object_action(
        &self,
        ctx: &Context,
        objinst: NovaObject,
        objmethod: String,
        args: Vec<Value>,
        kwargs: Map<String, Value>,
    ) -> Result<(Map<String, Value>, Value), Failure>;

    /// The same object in a version that the caller knows.
    #[rpc(call, idempotent)]
    async fn object_backport_versions(
        &self,
        ctx: &Context,
        objinst: NovaObject,
        object_versions: Manifest,
    ) -> Result<NovaObject, Failure>;

    /// The firewall rules of a provider. Nova has none any more; old callers still ask.
    #[rpc(call, idempotent)]
    async fn provider_fw_rule_get_all(&self, ctx: &Context) -> Result<Vec<Value>, Failure>;
}
