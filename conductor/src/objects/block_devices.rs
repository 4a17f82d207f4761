//! Which disks an instance has: local ones, and volumes.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;

use super::arguments::Passed;
use super::class::Class;
use super::exception::{
    BDM_NOT_FOUND, INVALID_VOLUME, VOLUME_BDM_IS_MULTI_ATTACH, VOLUME_BDM_NOT_FOUND, no_such_method,
    object_action,
};
use super::request::{Request, list_of};
use super::{finders, instances, primitive, records};
use crate::store::{Order, Query, Row};

const DEVICES: &str = "block_device_mapping";

pub(crate) async fn class_method(
    request: &Request<'_>,
    class: &'static Class,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    match (class.name, passed.method) {
        ("BlockDeviceMappingList", "get_by_volume") => {
            let volume: String = passed.bind(&["volume_id", "use_slave?"])?.take("volume_id")?;
            let rows = of_volume(request, &volume).await?;
            Ok(list_of(class, &rows)?.into())
        }
        ("BlockDeviceMapping", "get_by_volume") => {
            let mut arguments = passed.bind(&["volume_id", "expected_attrs?"])?;
            let volume: String = arguments.take("volume_id")?;
            let attributes: Option<Vec<String>> = arguments.take("expected_attrs")?;
            let rows = of_volume(request, &volume).await?;
            if rows.len() > 1 {
                return Err(VOLUME_BDM_IS_MULTI_ATTACH.with([("volume_id", volume.into())]));
            }
            device(request, class, &rows[0], attributes).await
        }
        ("BlockDeviceMapping", "get_by_volume_id") => {
            let mut arguments = passed.bind(&["volume_id", "instance_uuid?", "expected_attrs?"])?;
            let volume: String = arguments.take("volume_id")?;
            let instance: Option<String> = arguments.take("instance_uuid")?;
            let attributes: Option<Vec<String>> = arguments.take("expected_attrs")?;
            let rows = of_volume(request, &volume).await?;
            if instance.is_some() && rows[0].text("instance_uuid") != instance.as_deref() {
                let reason = "Volume does not belong to the requested instance.";
                return Err(INVALID_VOLUME.with([("reason", reason.into())]));
            }
            device(request, class, &rows[0], attributes).await
        }
        ("BlockDeviceMapping", "get_by_volume_and_instance") => {
            let mut arguments = passed.bind(&["volume_id", "instance_uuid", "expected_attrs?"])?;
            let volume: String = arguments.take("volume_id")?;
            let instance: String = arguments.take("instance_uuid")?;
            let attributes: Option<Vec<String>> = arguments.take("expected_attrs")?;
            let query = devices(request)
                .eq("volume_id", volume.as_str())
                .eq("instance_uuid", instance);
            let row = request.store.first(&query).await?;
            let row = row.ok_or_else(|| VOLUME_BDM_NOT_FOUND.with([("volume_id", volume.into())]))?;
            device(request, class, &row, attributes).await
        }
        _ => finders::find(request, class, passed).await,
    }
}

fn devices(request: &Request<'_>) -> Query {
    Query::of(DEVICES)
        .deleted(request.read_deleted())
        .order_by("id", Order::Ascending)
}

/// The devices that are a volume: at least one.
async fn of_volume(request: &Request<'_>, volume: &str) -> Result<Vec<Row>, Failure> {
    let rows = request
        .store
        .select(&devices(request).eq("volume_id", volume))
        .await?;
    if rows.is_empty() {
        return Err(VOLUME_BDM_NOT_FOUND.with([("volume_id", volume.into())]));
    }
    Ok(rows)
}

/// The device of a row, with its instance if the caller expects it.
async fn device(
    request: &Request<'_>,
    class: &Class,
    row: &Row,
    attributes: Option<Vec<String>>,
) -> Result<Json, Failure> {
    let mut device = primitive::object(class, row)?;
    if attributes.iter().flatten().any(|name| name == "instance") {
        let uuid = row.text("instance_uuid").unwrap_or_default();
        let instance = instances::by_uuid(request, uuid, &[]).await?;
        device.data.insert("instance".to_owned(), instance.into());
    }
    Ok(device.into())
}

pub(crate) async fn object_method(
    request: &Request<'_>,
    class: &'static Class,
    device: &mut NovaObject,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    match passed.method {
        "create" => {
            passed.bind(&[])?;
            unassigned(device, "create", "instance assigned")?;
            records::create(request, class, device).await?;
        }
        "update_or_create" => {
            passed.bind(&[])?;
            unassigned(device, "create", "instance assigned")?;
            update_or_create(request, class, device).await?;
        }
        "save" => {
            passed.bind(&[])?;
            unassigned(device, "save", "instance changed")?;
            records::save(request, class, device, |id| BDM_NOT_FOUND.with([("id", id)])).await?;
        }
        "destroy" => {
            passed.bind(&[])?;
            if !device.is_set("id") {
                return Err(object_action("destroy", "already destroyed"));
            }
            records::destroy(request, class, device).await?;
            device.data.remove("id");
        }
        method => return Err(no_such_method(class.name, method)),
    }
    Ok(Json::Null)
}

/// The instance of a device is not written through the device.
fn unassigned(device: &NovaObject, action: &str, reason: &str) -> Result<(), Failure> {
    if device.is_changed("instance") {
        return Err(object_action(action, reason));
    }
    Ok(())
}

/// Writes a device over the one with its identifier, or else its name, if the instance has one.
async fn update_or_create(
    request: &Request<'_>,
    class: &Class,
    device: &mut NovaObject,
) -> Result<(), Failure> {
    let instance = device.text("instance_uuid").unwrap_or_default().to_owned();
    let own = |request| devices(request).eq("instance_uuid", instance.as_str());
    let mut found = None;
    for (field, column) in [("uuid", "uuid"), ("device_name", "device_name")] {
        let value = device.text(field).filter(|text| !text.is_empty());
        if let (None, Some(value)) = (&found, value) {
            found = request.store.first(&own(request).eq(column, value)).await?;
        }
    }
    match found {
        Some(row) => {
            let query = Query::of(DEVICES).eq("id", row.get("id").clone());
            let changes = records::changed_row(class, device)?;
            request.store.update(&query, &changes).await?;
            let row = request.store.first(&query).await?.unwrap_or(row);
            records::reload(class, device, &row)?;
        }
        None => records::create(request, class, device).await?,
    }
    // An instance has one swap disk.
    if device.text("source_type") == Some("blank") && device.text("guest_format") == Some("swap") {
        let others = own(request)
            .eq("source_type", "blank")
            .eq("guest_format", "swap")
            .ne("id", device.data.get("id").and_then(Json::as_i64));
        request.store.soft_delete(&others).await?;
    }
    Ok(())
}
