//! Instances: only saved in the state they are expected in, and gone with all that is theirs.

use conductor_api::NovaObject;
use serde_json::{Value, json};

use super::Served;
use crate::store::{Query, ReadDeleted, Row};

const UUID: &str = "c7da708e-3bce-4c2e-8b8d-0767f9c7950d";

/// Makes an instance by its own method, and answers what it is then.
async fn created(served: &Served) -> NovaObject {
    let mut instance = NovaObject::new("Instance", "2.8");
    let flavor = NovaObject::new("Flavor", "1.2")
        .with("id", 1)
        .with("name", "small");
    for (field, value) in [
        ("uuid", json!(UUID)),
        ("project_id", json!("p")),
        ("user_id", json!("u")),
        ("host", json!("cmp1")),
        ("vm_state", json!("building")),
        ("task_state", json!("scheduling")),
        ("image_ref", json!("cccccccc-cccc-cccc-cccc-cccccccccccc")),
        ("kernel_id", json!("")),
        ("metadata", json!({"a": "1", "b": "2"})),
        ("system_metadata", json!({"owner": "o"})),
        ("flavor", flavor.into()),
        ("hidden", json!(false)),
    ] {
        instance.set(field, value);
    }
    let (updates, _) = served
        .act(&instance.clone().into(), "create", json!({}))
        .await
        .unwrap();
    // As in Nova: numbers that were made up count as changed for ever.
    assert_eq!(updates["obj_what_changed"], json!(["ec2_ids"]));
    instance.changes = None;
    instance.data.extend(updates);
    instance.data.remove("obj_what_changed");
    instance
}

#[tokio::test]
async fn an_instance_comes_back_as_it_was_made() {
    let served = Served::new().await;
    let made = created(&served).await;
    assert_eq!(
        made.object("ec2_ids").unwrap().text("instance_id"),
        Some("i-00000001")
    );
    assert_eq!(
        made.object("ec2_ids").unwrap().text("ami_id"),
        Some("ami-00000001")
    );
    let expected =
        json!({"expected_attrs": ["metadata", "system_metadata", "flavor", "numa_topology", "ec2_ids"]});
    let answer = served
        .ask("Instance", "get_by_uuid", json!([UUID]), expected)
        .await
        .unwrap();
    let read: NovaObject = serde_json::from_value(answer).unwrap();
    assert_eq!(read.data["metadata"], json!({"a": "1", "b": "2"}));
    assert_eq!(read.data["system_metadata"], json!({"owner": "o"}));
    assert_eq!(read.object("flavor").unwrap().text("name"), Some("small"));
    assert_eq!(read.data["numa_topology"], Value::Null);
    assert!(!read.is_set("info_cache") && !read.is_set("tags"));
    assert_eq!(read.data["ec2_ids"], made.data["ec2_ids"]);
}

#[tokio::test]
async fn a_save_needs_the_state_that_it_expects() {
    let served = Served::new().await;
    let mut instance = created(&served).await;
    instance.set("task_state", "spawning");
    let save = async |instance: &NovaObject, expected: Value| {
        served.act(&instance.clone().into(), "save", expected).await
    };
    let failure = save(&instance, json!({"expected_task_state": [null, "networking"]}))
        .await
        .unwrap_err();
    assert_eq!(failure.class, "UnexpectedTaskStateError");
    assert_eq!(
        failure.kwargs["expected"],
        json!({"task_state": [null, "networking"]})
    );
    assert_eq!(failure.kwargs["actual"], json!({"task_state": "scheduling"}));
    let failure = save(&instance, json!({"expected_vm_state": "active"}))
        .await
        .unwrap_err();
    assert_eq!(failure.class, "InstanceUpdateConflict");

    save(&instance, json!({"expected_task_state": "scheduling"}))
        .await
        .unwrap();
    instance.set("task_state", Value::Null);
    let states = json!({"expected_task_state": ["spawning", null], "expected_vm_state": ["building"]});
    save(&instance, states).await.unwrap();
    instance.set("task_state", "deleting");
    save(&instance, json!({"expected_task_state": [null]}))
        .await
        .unwrap();
    let failure = save(&instance, json!({"expected_task_state": [null]}))
        .await
        .unwrap_err();
    assert_eq!(failure.class, "UnexpectedDeletingTaskStateError");

    instance.set("node", "n");
    let failure = save(&instance, json!({})).await.unwrap_err();
    assert_eq!(failure.class, "ObjectActionError");
}

#[tokio::test]
async fn notes_are_replaced_as_a_whole() {
    let served = Served::new().await;
    let mut instance = created(&served).await;
    instance.set("metadata", json!({"a": "3", "c": "4"}));
    instance.set("system_metadata", json!({"new": null}));
    served
        .act(&instance.clone().into(), "save", json!({}))
        .await
        .unwrap();
    let rows = served
        .store
        .select(&Query::of("instance_metadata"))
        .await
        .unwrap();
    let mut notes: Vec<_> = rows
        .iter()
        .map(|row| (row.text("key"), row.text("value")))
        .collect();
    notes.sort();
    assert_eq!(notes, [(Some("a"), Some("3")), (Some("c"), Some("4"))]);
    let all = Query::of("instance_system_metadata").deleted(ReadDeleted::Yes);
    let rows = served.store.select(&all).await.unwrap();
    let keys: Vec<_> = rows.iter().map(|row| row.text("key")).collect();
    assert_eq!(keys, [Some("new")]);

    served
        .act(&instance.into(), "delete_metadata_key", json!({"key": "a"}))
        .await
        .unwrap();
    assert_eq!(
        served.store.count(&Query::of("instance_metadata")).await.unwrap(),
        1
    );
}

#[tokio::test]
async fn a_deleted_instance_is_gone_with_what_is_its_own() {
    let served = Served::new().await;
    let instance = created(&served).await;
    let tag = Row::new().with("resource_id", UUID).with("tag", "blue");
    served.store.insert("tags", &tag).await.unwrap();
    let (updates, _) = served
        .act(&instance.clone().into(), "destroy", json!({}))
        .await
        .unwrap();
    assert_eq!(updates["deleted"], json!(true));
    assert!(updates["deleted_at"].is_string());
    for table in [
        "instances",
        "instance_metadata",
        "instance_extra",
        "instance_info_caches",
        "tags",
    ] {
        assert_eq!(served.store.count(&Query::of(table)).await.unwrap(), 0, "{table}");
    }
    let failure = served
        .act(&instance.into(), "destroy", json!({}))
        .await
        .unwrap_err();
    assert_eq!(failure.class, "InstanceNotFound");
    let filters = json!([{"deleted": true, "host": "cmp1"}]);
    let found = served
        .ask("InstanceList", "get_by_filters", filters, json!({}))
        .await
        .unwrap();
    assert_eq!(
        found["nova_object.data"]["objects"][0]["nova_object.data"]["uuid"],
        UUID
    );
}

#[tokio::test]
async fn an_instance_that_came_to_a_host_meanwhile_is_not_deleted() {
    let served = Served::new().await;
    let instance = created(&served).await.with("host", Value::Null);
    let failure = served
        .act(&instance.into(), "destroy", json!({}))
        .await
        .unwrap_err();
    assert_eq!(failure.class, "ObjectActionError");
    assert_eq!(failure.kwargs["reason"], "host changed");
    assert_eq!(served.store.count(&Query::of("instances")).await.unwrap(), 1);
}

#[tokio::test]
async fn a_caller_without_rights_sees_the_instances_of_its_project() {
    let mut served = Served::new().await;
    created(&served).await;
    served.ctx = rpc_runtime::Context::new().project("p");
    assert!(
        served
            .ask("Instance", "get_by_uuid", json!([UUID]), json!({}))
            .await
            .is_ok()
    );
    served.ctx = rpc_runtime::Context::new().project("q");
    let failure = served
        .ask("Instance", "get_by_uuid", json!([UUID]), json!({}))
        .await
        .unwrap_err();
    assert_eq!(failure.class, "InstanceNotFound");
}
