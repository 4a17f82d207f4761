//! Deleting an instance, and all that is nobody's without it. What was done to it stays known.

use conductor_api::NovaObject;
use rpc_runtime::Failure;

use super::super::class::Class;
use super::super::exception::object_action;
use super::super::primitive;
use super::super::request::Request;
use super::{INSTANCES, not_found, row_of, uuid_of, visible};
use crate::store::{Query, ReadDeleted, Row, Transaction};

/// Tables whose rows go with the instance, and the column that says whose they are.
const BESIDE: [(&str, &str); 10] = [
    ("security_group_instance_association", "instance_uuid"),
    ("instance_info_caches", "instance_uuid"),
    ("instance_metadata", "instance_uuid"),
    ("instance_faults", "instance_uuid"),
    ("instance_extra", "instance_uuid"),
    ("instance_system_metadata", "instance_uuid"),
    ("block_device_mapping", "instance_uuid"),
    ("migrations", "instance_uuid"),
    ("virtual_interfaces", "instance_uuid"),
    ("instance_id_mappings", "uuid"),
];
/// The same, for rows that are not marked when deleted.
const UNMARKED: [(&str, &str); 2] = [("tags", "resource_id"), ("console_auth_tokens", "instance_uuid")];

pub(super) async fn destroy(
    request: &Request<'_>,
    class: &'static Class,
    instance: &mut NovaObject,
    hard: bool,
) -> Result<(), Failure> {
    if !instance.is_set("id") {
        return Err(object_action("destroy", "already destroyed"));
    }
    if !instance.is_set("uuid") {
        return Err(object_action("destroy", "no uuid"));
    }
    let uuid = uuid_of(instance)?;
    let row = row_of(request, &uuid).await?;

    let own = visible(request).eq("uuid", uuid.as_str());
    // An instance that was on no host may have come to one in the meantime.
    let placed = instance.text("host").is_some_and(|host| !host.is_empty());
    let as_known = if placed {
        own.clone()
    } else {
        own.clone().is_null("host")
    };
    let mut transaction = request.store.begin().await?;
    if transaction.soft_delete(&as_known).await? == 0 {
        transaction.first(&own).await?.ok_or_else(|| not_found(&uuid))?;
        return Err(object_action("destroy", "host changed"));
    }
    for (table, column) in BESIDE {
        let rows = Query::of(table).eq(column, uuid.as_str());
        if hard {
            transaction.delete(&rows.deleted(ReadDeleted::Yes)).await?;
        } else {
            transaction.soft_delete(&rows).await?;
        }
    }
    for (table, column) in UNMARKED {
        transaction
            .delete(&Query::of(table).eq(column, uuid.as_str()))
            .await?;
    }
    let this = Query::of(INSTANCES)
        .deleted(ReadDeleted::Yes)
        .eq("id", row.get("id").clone());
    let row = transaction.first(&this).await?.unwrap_or(row);
    if hard {
        forget(&mut transaction, &uuid).await?;
        transaction.delete(&this).await?;
    }
    transaction.commit().await?;

    let mut read = primitive::object(class, &row)?;
    instance.data.append(&mut read.data);
    instance.changes = None;
    // An instance without a number is not in the database.
    instance.data.remove("id");
    Ok(())
}

/// Deletes what was done to an instance.
async fn forget(transaction: &mut Transaction, uuid: &str) -> Result<(), Failure> {
    let actions = Query::of("instance_actions")
        .deleted(ReadDeleted::Yes)
        .eq("instance_uuid", uuid);
    let rows: Vec<Row> = transaction.select(&actions).await?;
    let events = Query::of("instance_actions_events")
        .deleted(ReadDeleted::Yes)
        .is_in("action_id", rows.iter().filter_map(|row| row.int("id")));
    transaction.delete(&events).await?;
    transaction.delete(&actions).await?;
    Ok(())
}
