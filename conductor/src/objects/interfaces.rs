//! Virtual network interfaces of instances.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;

use super::arguments::Passed;
use super::class::Class;
use super::exception::{no_such_method, object_action};
use super::request::Request;
use super::{finders, records};
use crate::store::Query;

const INTERFACES: &str = "virtual_interfaces";

pub(crate) async fn class_method(
    request: &Request<'_>,
    class: &'static Class,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    match passed.method {
        "delete_by_instance_uuid" => {
            let instance: String = passed.bind(&["instance_uuid"])?.take("instance_uuid")?;
            let query = Query::of(INTERFACES).eq("instance_uuid", instance);
            request.store.soft_delete(&query).await?;
            Ok(Json::Null)
        }
        _ => finders::find(request, class, passed).await,
    }
}

pub(crate) async fn object_method(
    request: &Request<'_>,
    class: &'static Class,
    interface: &mut NovaObject,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    match passed.method {
        "create" => {
            passed.bind(&[])?;
            records::create(request, class, interface).await?;
        }
        "save" => {
            passed.bind(&[])?;
            if interface.is_changed("address") {
                return Err(object_action("save", "address is not mutable"));
            }
            let missing = |id: Json| object_action("save", &format!("there is no interface {id}"));
            records::save(request, class, interface, missing).await?;
        }
        "destroy" => {
            passed.bind(&[])?;
            records::destroy(request, class, interface).await?;
        }
        method => return Err(no_such_method(class.name, method)),
    }
    Ok(Json::Null)
}
