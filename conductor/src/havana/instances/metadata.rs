//! The metadata of instances: rows of keys and values in the database, maps where they are written.

use conductor_api::havana::Row as Sent;
use serde_json::Value as Json;

use super::rows;
use crate::store::{Query, Row, StoreError, Transaction};

/// Makes the metadata of an instance what `wanted` says: keys that it lacks are forgotten.
pub(super) async fn replace(
    tx: &mut Transaction,
    table: &str,
    instance_uuid: &str,
    wanted: &Sent,
) -> Result<(), StoreError> {
    let of_instance = || Query::of(table).eq("instance_uuid", instance_uuid);
    let existing = tx.select(&of_instance()).await?;
    for (key, value) in wanted {
        let value = text(value);
        match existing.iter().find(|row| row.text("key") == Some(key)) {
            Some(row) if row.text("value") == value.as_deref() => {}
            Some(_) => {
                tx.update(&of_instance().eq("key", key), &Row::new().with("value", value))
                    .await?;
            }
            None => {
                let row = Row::new().with("instance_uuid", instance_uuid);
                tx.insert(table, &row.with("key", key).with("value", value))
                    .await?;
            }
        }
    }
    tx.soft_delete(&of_instance().not_in("key", wanted.keys()))
        .await?;
    Ok(())
}

/// A value as the column keeps it.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// A row of key and value, as a member of a map.
pub(super) fn pair(row: &Row) -> (String, Json) {
    let key = row.text("key").unwrap_or_default().to_owned();
    (key, rows::json(row.get("value")))
}
