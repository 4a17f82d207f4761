//! Which file answers for a method of a class, or of an object.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;

use super::arguments::Passed;
use super::class::Class;
use super::exception::no_such_method;
use super::request::Request;
use super::{
    actions, block_devices, compute_nodes, consoles, finders, info_caches, instances, interfaces, migrations,
    records, services, shares, tasks,
};

/// Runs a method of a class. The answer is what it returns.
pub(crate) async fn of_class(
    request: &Request<'_>,
    class: &'static Class,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    match class.name {
        "Service" | "ServiceList" => services::class_method(request, class, passed).await,
        "ComputeNode" | "ComputeNodeList" => compute_nodes::class_method(request, class, passed).await,
        "Instance" | "InstanceList" => instances::class_method(request, class, passed).await,
        "EC2Ids"
        | "InstanceDeviceMetadata"
        | "InstanceNUMATopology"
        | "InstancePCIRequests"
        | "MigrationContext"
        | "ResourceList"
        | "TrustedCerts"
        | "VirtCPUModel" => instances::parts_method(request, class, passed).await,
        "InstanceAction" | "InstanceActionEvent" | "InstanceActionList" => {
            actions::class_method(request, class, passed).await
        }
        "BlockDeviceMapping" | "BlockDeviceMappingList" => {
            block_devices::class_method(request, class, passed).await
        }
        "ConsoleAuthToken" => consoles::class_method(request, class, passed).await,
        "InstanceFaultList" => instances::faults_method(request, class, passed).await,
        "Migration" | "MigrationList" => migrations::class_method(request, class, passed).await,
        "ShareMappingList" => shares::class_method(request, class, passed).await,
        "VirtualInterface" => interfaces::class_method(request, class, passed).await,
        _ => finders::find(request, class, passed).await,
    }
}

/// Runs a method of an object, which may change the object. The answer is what it returns.
pub(crate) async fn of_object(
    request: &Request<'_>,
    class: &'static Class,
    object: &mut NovaObject,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    match class.name {
        "Service" => services::object_method(request, class, object, passed).await,
        "ComputeNode" => compute_nodes::object_method(request, class, object, passed).await,
        "Instance" => instances::object_method(request, class, object, passed).await,
        "InstanceAction" | "InstanceActionEvent" => {
            actions::object_method(request, class, object, passed).await
        }
        "BlockDeviceMapping" => block_devices::object_method(request, class, object, passed).await,
        "ConsoleAuthToken" => consoles::object_method(request, class, object, passed).await,
        "InstanceInfoCache" => info_caches::object_method(request, class, object, passed).await,
        "Migration" => migrations::object_method(request, class, object, passed).await,
        "ShareMapping" => shares::object_method(request, class, object, passed).await,
        "TaskLog" => tasks::object_method(request, class, object, passed).await,
        "VirtualInterface" => interfaces::object_method(request, class, object, passed).await,
        "InstanceFault" if passed.method == "create" => {
            passed.bind(&[])?;
            records::create(request, class, object).await?;
            Ok(Json::Null)
        }
        name => Err(no_such_method(name, passed.method)),
    }
}
