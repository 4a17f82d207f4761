//! Objects in the form of 2013.2.

use conductor_api::NovaObject;
use conductor_api::havana::{NovaError, Objects as _};
use serde_json::{Map, Value as Json, json};

use super::{Bench, UUID, error};
use crate::store::Query;

async fn of_class(bench: &Bench, class: &str, method: &str, args: Json) -> Result<Json, NovaError> {
    let args = args.as_array().cloned().unwrap_or_default();
    let (class, method, version) = (class.to_owned(), method.to_owned(), "1.0".to_owned());
    let answer = bench
        .havana
        .object_class_action(&bench.ctx, class, method, version, args, Map::new());
    answer.await
}

async fn of_object(bench: &Bench, object: NovaObject, method: &str, kwargs: Json) -> Result<Json, NovaError> {
    let kwargs = kwargs.as_object().cloned().unwrap_or_default();
    let answer = bench
        .havana
        .object_action(&bench.ctx, object, method.to_owned(), Vec::new(), kwargs);
    answer.await
}

async fn with_instance() -> Bench {
    let bench = Bench::new().await;
    bench
        .put_instance(
            UUID,
            json!({"host": "one", "vm_state": "active", "task_state": "rebooting"}),
        )
        .await;
    let row = json!({"instance_uuid": UUID, "key": "image", "value": "i"});
    bench.put("instance_system_metadata", row).await;
    bench
}

#[tokio::test]
async fn every_object_travels_as_version_1_0() {
    let bench = with_instance().await;
    let attributes = json!(["one", ["system_metadata"]]);
    let list = of_class(&bench, "InstanceList", "get_by_host", attributes)
        .await
        .unwrap();
    assert_eq!(list["nova_object.version"], "1.0");
    let instance = &list["nova_object.data"]["objects"][0];
    assert_eq!(
        (&instance["nova_object.name"], &instance["nova_object.version"]),
        (&json!("Instance"), &json!("1.0"))
    );
    let data = &instance["nova_object.data"];
    assert_eq!(
        (&data["uuid"], &data["system_metadata"], &data["deleted"]),
        (&json!(UUID), &json!({"image": "i"}), &json!(false))
    );
    // What came after 2013.2 is not there.
    for later in ["flavor", "compute_id", "hidden", "trusted_certs"] {
        assert_eq!(data.get(later), None, "{later}");
    }
}

#[tokio::test]
async fn an_object_is_saved_under_the_conditions_of_its_method() {
    let bench = with_instance().await;
    let instance = of_class(&bench, "Instance", "get_by_uuid", json!([UUID]))
        .await
        .unwrap();
    let mut instance: NovaObject = serde_json::from_value(instance).unwrap();
    instance.set("task_state", Json::Null);
    let refused = of_object(
        &bench,
        instance.clone(),
        "save",
        json!({"expected_task_state": ["deleting"]}),
    );
    assert_eq!(error(refused.await).0, "UnexpectedTaskStateError");
    let saved = of_object(
        &bench,
        instance,
        "save",
        json!({"expected_task_state": ["rebooting"]}),
    );
    let saved = saved.await.unwrap();
    assert_eq!(saved[1], json!(null));
    let unsaved = saved[0]["obj_what_changed"].as_array().unwrap();
    assert!(
        unsaved
            .iter()
            .all(|name| name != "task_state" && name != "ec2_ids"),
        "{saved}"
    );
    let row = &bench.rows(Query::of("instances")).await[0];
    assert_eq!(row.text("task_state"), None);
}

#[tokio::test]
async fn what_there_was_not_is_an_error() {
    let bench = with_instance().await;
    let unknown = |class: &'static str| {
        (
            "UnsupportedObjectError".to_owned(),
            format!("Unsupported object type {class}"),
        )
    };
    assert_eq!(
        error(of_class(&bench, "Pigeon", "get", json!([])).await),
        unknown("Pigeon")
    );
    // It came later.
    assert_eq!(
        error(of_class(&bench, "BuildRequest", "get", json!([])).await),
        unknown("BuildRequest")
    );
    let (class, method) = ("Service".to_owned(), "get_by_id".to_owned());
    let newer =
        bench
            .havana
            .object_class_action(&bench.ctx, class, method, "1.9".to_owned(), vec![], Map::new());
    assert_eq!(error(newer.await).0, "IncompatibleObjectVersion");
    let missing = of_class(&bench, "Instance", "get_by_uuid", json!([super::OTHER])).await;
    assert_eq!(error(missing).0, "InstanceNotFound");
    let method = of_class(&bench, "Instance", "no_such_method", json!([])).await;
    assert_eq!(error(method).0, "AttributeError");
}

#[tokio::test]
async fn quotas_are_settled_once() {
    let bench = Bench::new().await;
    let usage = json!({"project_id": "p", "user_id": "u", "resource": "cores", "in_use": 1, "reserved": 2});
    bench.put("quota_usages", usage).await;
    let reservation = json!({
        "uuid": "r", "usage_id": 1, "project_id": "p", "user_id": "u", "resource": "cores", "delta": 2,
        "expire": "2999-01-01T00:00:00.0",
    });
    bench.put("reservations", reservation).await;
    let quotas = NovaObject::new("Quotas", "1.0")
        .with("reservations", json!(["r"]))
        .with("project_id", "p")
        .with("user_id", "u");
    let done = of_object(&bench, quotas.clone(), "commit", json!({})).await;
    assert_eq!(
        done,
        Ok(json!([{"reservations": null, "obj_what_changed": []}, null]))
    );
    let usage = &bench.rows(Query::of("quota_usages")).await[0];
    assert_eq!((usage.int("in_use"), usage.int("reserved")), (Some(3), Some(0)));
    let reserve = of_object(&bench, quotas, "reserve", json!({})).await;
    assert_eq!(
        error(reserve),
        ("NotImplementedError".into(), "Quotas.reserve".into())
    );
}
