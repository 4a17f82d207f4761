//! Rows that an object, as it travels, must have come from.

use conductor_api::NovaObject;
use serde_json::{Map, Value, json};

use super::super::class::Class;
use super::super::{primitive, tables};
use crate::store::{Row, Store};

/// Makes the rows of an object, or of all objects of a list.
pub(super) async fn seed(store: &Store, object: &NovaObject) {
    if let Ok(objects) = object.objects() {
        for object in objects {
            Box::pin(seed(store, &object)).await;
        }
        return;
    }
    let class = Class::named(&object.name).unwrap();
    let Some(table) = tables::table(class.name) else {
        return;
    };
    if let Some(instance) = object.text("instance_uuid") {
        instance_of(store, instance).await;
    }
    let kept = store.schema().table(table).unwrap();
    let fields = object.data.keys().map(String::as_str);
    let fields = fields
        .filter(|field| *field != "deleted" && kept.column(tables::column(class.name, field)).is_some());
    let mut row = primitive::row(class, object, fields).unwrap();
    if let Some(cleaned) = row.bool("cleaned") {
        row.set("cleaned", i64::from(cleaned));
    }
    store.insert(table, &row).await.unwrap();
    if class.name == "Instance" {
        beside(store, object).await;
    }
}

/// What is kept beside an instance.
async fn beside(store: &Store, instance: &NovaObject) {
    let uuid = instance.text("uuid").unwrap();
    for (field, table) in [
        ("metadata", "instance_metadata"),
        ("system_metadata", "instance_system_metadata"),
    ] {
        let pairs: Option<Map<String, Value>> = instance.get(field).unwrap();
        for (key, value) in pairs.unwrap_or_default() {
            let row = Row::new().with("key", key).with("value", value.as_str());
            store
                .insert(table, &row.with("instance_uuid", uuid))
                .await
                .unwrap();
        }
    }
    for field in ["info_cache", "services"] {
        if let Ok(object) = instance.object(field) {
            Box::pin(seed(store, &object)).await;
        }
    }
    let flavors = json!({
        "cur": instance.data.get("flavor"),
        "old": instance.data.get("old_flavor"),
        "new": instance.data.get("new_flavor"),
    });
    let mut extra = Row::new().with("instance_uuid", uuid);
    if instance.is_set("flavor") {
        extra.set("flavor", flavors.to_string());
    }
    if let Ok(keypairs) = instance.object("keypairs") {
        extra.set("keypairs", Value::from(keypairs).to_string());
    }
    store.insert("instance_extra", &extra).await.unwrap();
}

/// An instance that other rows refer to, if there is none yet.
pub(super) async fn instance_of(store: &Store, uuid: &str) {
    let query = crate::store::Query::of("instances").eq("uuid", uuid);
    if store.count(&query).await.unwrap() == 0 {
        let row = Row::new().with("uuid", uuid).with("hidden", false);
        store.insert("instances", &row).await.unwrap();
    }
}
