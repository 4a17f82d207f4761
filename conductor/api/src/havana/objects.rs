//! Nova's objects, in the form of their first release: one version instead of a manifest.

use rpc_runtime::{Context, rpc_api};
use serde_json::{Map, Value};

use super::NovaError;
use crate::NovaObject;

/// Methods of Nova's objects. Havana sends every object, and every `objver`, as version 1.0, whatever its class's
/// version is.
#[rpc_api(topic = "conductor", version = "1.58")]
pub trait Objects {
    /// Runs a method of a class.
    #[rpc(call, since = "1.50")]
    async fn object_class_action(
        &self,
        ctx: &Context,
        objname: String,
        objmethod: String,
        objver: String,
        args: Vec<Value>,
        kwargs: Map<String, Value>,
    ) -> Result<Value, NovaError>;

    /// Runs a method of an object. Answers with a pair: what changed in the object, and what the method returned.
    #[rpc(call, since = "1.50")]
    async fn object_action(
        &self,
        ctx: &Context,
        objinst: NovaObject,
        objmethod: String,
        args: Vec<Value>,
        kwargs: Map<String, Value>,
    ) -> Result<Value, NovaError>;
}
