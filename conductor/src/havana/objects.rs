//! Nova's objects, as Havana asks for them.

use conductor_api::NovaObject;
use conductor_api::havana::{NovaError, Objects};
use rpc_runtime::Context;
use serde_json::{Map, Value as Json};

use super::Havana;
use super::errors::not_implemented;

impl Objects for Havana {
    async fn object_class_action(
        &self,
        _: &Context,
        objname: String,
        objmethod: String,
        _objver: String,
        _args: Vec<Json>,
        _kwargs: Map<String, Json>,
    ) -> Result<Json, NovaError> {
        Err(not_implemented(&format!("{objname}.{objmethod}")))
    }

    async fn object_action(
        &self,
        _: &Context,
        objinst: NovaObject,
        objmethod: String,
        _args: Vec<Json>,
        _kwargs: Map<String, Json>,
    ) -> Result<Json, NovaError> {
        Err(not_implemented(&format!("{}.{objmethod}", objinst.name)))
    }
}
