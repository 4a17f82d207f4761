//! Keys and values that users and Nova note of an instance, a row each.

use std::collections::BTreeMap;

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;

use super::super::request::Request;
use crate::store::{Query, Row, Transaction};

/// The table of a field of an instance. Rows of Nova's own notes are really deleted, so that those of a deleted
/// instance are the last ones.
const TABLES: [(&str, &str, bool); 2] = [
    ("metadata", "instance_metadata", false),
    ("system_metadata", "instance_system_metadata", true),
];

/// Makes the rows of an instance those that its fields say, for each field that is marked as changed.
pub(super) async fn write(
    transaction: &mut Transaction,
    uuid: &str,
    instance: &NovaObject,
) -> Result<(), Failure> {
    for (field, table, really) in TABLES {
        if !instance.is_changed(field) {
            continue;
        }
        let wanted: BTreeMap<String, Option<String>> = wanted(instance, field)?;
        let own = Query::of(table).eq("instance_uuid", uuid);
        let rows = transaction.select(&own).await?;
        for row in &rows {
            let key = row.text("key").unwrap_or_default();
            let this = Query::of(table).eq("id", row.get("id").clone());
            match wanted.get(key) {
                Some(value) if value.as_deref() == row.text("value") => {}
                Some(value) => {
                    transaction
                        .update(&this, &Row::new().with("value", value.as_deref()))
                        .await?;
                }
                None if really => {
                    transaction.delete(&this).await?;
                }
                None => {
                    transaction.soft_delete(&this).await?;
                }
            }
        }
        let is_new = |key: &str| !rows.iter().any(|row| row.text("key") == Some(key));
        for (key, value) in wanted.iter().filter(|(key, _)| is_new(key)) {
            let row = Row::new()
                .with("key", key)
                .with("value", value.as_deref())
                .with("instance_uuid", uuid);
            transaction.insert(table, &row).await?;
        }
    }
    Ok(())
}

fn wanted(instance: &NovaObject, field: &str) -> Result<BTreeMap<String, Option<String>>, Failure> {
    let value = instance.data.get(field).cloned().unwrap_or(Json::Null);
    serde_json::from_value::<Option<_>>(value)
        .map(Option::unwrap_or_default)
        .map_err(|error| Failure::new("builtins", "ValueError", format!("Instance.{field}: {error}")))
}

/// Deletes one key of a user's notes.
pub(super) async fn delete(request: &Request<'_>, uuid: &str, key: &str) -> Result<(), Failure> {
    let query = Query::of("instance_metadata")
        .eq("instance_uuid", uuid)
        .eq("key", key);
    request.store.soft_delete(&query).await?;
    Ok(())
}
