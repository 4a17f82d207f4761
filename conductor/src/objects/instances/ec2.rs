//! The numbers under which the old EC2 interface knows an instance and its images. They are given when first asked for.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;

use super::super::request::Request;
use crate::store::{Query, ReadDeleted, Row, StoreError};

/// The numbers of an instance.
pub(super) async fn ids(request: &Request<'_>, instance: &NovaObject) -> Result<NovaObject, Failure> {
    let mut ids = NovaObject::new("EC2Ids", "1.0");
    let uuid = instance.text("uuid");
    ids.set(
        "instance_id",
        id(request, "instance_id_mappings", "i", uuid).await?,
    );
    let images = [
        ("ami_id", "ami", "image_ref"),
        ("kernel_id", "aki", "kernel_id"),
        ("ramdisk_id", "ari", "ramdisk_id"),
    ];
    for (field, prefix, image) in images {
        let image = instance.text(image).filter(|image| !image.is_empty());
        ids.set(field, id(request, "s3_images", prefix, image).await?);
    }
    Ok(ids)
}

async fn id(request: &Request<'_>, table: &str, prefix: &str, uuid: Option<&str>) -> Result<Json, Failure> {
    let Some(uuid) = uuid else {
        return Ok(Json::Null);
    };
    let number = number(request, table, uuid).await?;
    Ok(format!("{prefix}-{number:08x}").into())
}

/// The number that a table gives an identifier.
async fn number(request: &Request<'_>, table: &str, uuid: &str) -> Result<i64, Failure> {
    let query = Query::of(table).deleted(ReadDeleted::Yes).eq("uuid", uuid);
    let row = match request.store.first(&query).await? {
        Some(row) => Some(row),
        None => match request.store.insert(table, &Row::new().with("uuid", uuid)).await {
            Ok(row) => Some(row),
            // Another was faster.
            Err(StoreError::Duplicate { .. }) => request.store.first(&query).await?,
            Err(error) => return Err(error.into()),
        },
    };
    Ok(row.and_then(|row| row.int("id")).unwrap_or_default())
}
