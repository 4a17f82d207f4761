//! Services: signs of life, versions, and what is unique.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::{Map, Value, json};

use super::Served;
use crate::store::testing::{compute_node, compute_service};
use crate::store::{Query, Row};

fn new_service(host: &str, version: i64) -> NovaObject {
    let mut service = NovaObject::new("Service", "1.22");
    for (field, value) in [
        ("host", json!(host)),
        ("binary", json!("nova-compute")),
        ("topic", json!("compute")),
        ("report_count", json!(0)),
        ("version", json!(version)),
    ] {
        service.set(field, value);
    }
    service
}

/// What a method of a service changes in it.
async fn act(served: &Served, service: &NovaObject, method: &str) -> Result<Map<String, Value>, Failure> {
    let (updates, _) = served.act(&service.clone().into(), method, json!({})).await?;
    Ok(updates)
}

/// The object after what a method has done to it.
fn updated(mut object: NovaObject, updates: Map<String, Value>) -> NovaObject {
    object.changes = None;
    object.data.extend(updates);
    object.data.remove("obj_what_changed");
    object
}

#[tokio::test]
async fn a_heartbeat_is_a_sign_of_life_only_when_the_count_grows() {
    let served = Served::new().await;
    let service = new_service("a", 74);
    let updates = act(&served, &service, "create").await.unwrap();
    assert_eq!(updates["last_seen_up"], Value::Null);
    assert_eq!(
        (&updates["disabled"], &updates["forced_down"]),
        (&json!(false), &json!(false))
    );
    let mut service = updated(service, updates);

    service.set("report_count", 1);
    let updates = act(&served, &service, "save").await.unwrap();
    assert!(updates["last_seen_up"].is_string());
    let query = Query::of("services").eq("host", "a");
    let seen = |row: &Row| row.time("last_seen_up").unwrap();
    let first = seen(&served.store.first(&query).await.unwrap().unwrap());

    act(&served, &service, "save").await.unwrap();
    service.set("disabled", true);
    act(&served, &service, "save").await.unwrap();
    let row = served.store.first(&query).await.unwrap().unwrap();
    assert_eq!((seen(&row), row.bool("disabled")), (first, Some(true)));
}

#[tokio::test]
async fn a_new_service_waits_for_an_operator_if_settings_say_so() {
    let served = Served::with(false).await;
    let updates = act(&served, &new_service("a", 74), "create").await.unwrap();
    assert_eq!(updates["disabled"], json!(true));
    assert_eq!(
        updates["disabled_reason"],
        "New compute service disabled due to config option."
    );
}

#[tokio::test]
async fn a_second_service_of_a_host_is_told_what_is_taken() {
    let served = Served::new().await;
    act(&served, &new_service("a", 74), "create").await.unwrap();
    let failure = act(&served, &new_service("a", 74), "create").await.unwrap_err();
    assert_eq!(failure.class, "ServiceBinaryExists");
    let expected = json!({"host": "a", "binary": "nova-compute", "code": 500});
    assert_eq!(Value::Object(failure.kwargs), expected);

    let mut other = new_service("a", 74);
    other.set("binary", "nova-other");
    let failure = act(&served, &other, "create").await.unwrap_err();
    assert_eq!(failure.class, "ServiceTopicExists");
}

#[tokio::test]
async fn the_lowest_version_counts_and_older_services_are_kept_out() {
    let served = Served::new().await;
    let minimum = async || {
        let answer = served.ask(
            "Service",
            "get_minimum_version",
            json!(["nova-compute"]),
            json!({}),
        );
        answer.await.unwrap()
    };
    assert_eq!(minimum().await, 0);
    for (host, version) in [("a", 74), ("b", 73)] {
        let row = compute_service(host).with("version", version);
        served.store.insert("services", &row).await.unwrap();
    }
    assert_eq!(minimum().await, 73);
    let failure = act(&served, &new_service("c", 72), "create").await.unwrap_err();
    assert_eq!(failure.class, "ServiceTooOld");

    let forced = Query::of("services").eq("host", "b");
    served
        .store
        .update(&forced, &Row::new().with("forced_down", true))
        .await
        .unwrap();
    assert_eq!(minimum().await, 74);
    let wrong = served
        .ask("Service", "get_minimum_version", json!(["cinder"]), json!({}))
        .await;
    assert_eq!(wrong.unwrap_err().class, "ObjectActionError");
}

#[tokio::test]
async fn a_deleted_service_takes_its_nodes_with_it() {
    let served = Served::new().await;
    let service = new_service("a", 74);
    let updates = act(&served, &service, "create").await.unwrap();
    let service = updated(service, updates);
    let node = compute_node("a")
        .with("service_id", service.require::<i64>("id").unwrap())
        .with("uuid", "11111111-1111-1111-1111-111111111111")
        .with("mapped", 1);
    served.store.insert("compute_nodes", &node).await.unwrap();
    act(&served, &service, "destroy").await.unwrap();
    assert_eq!(served.store.count(&Query::of("compute_nodes")).await.unwrap(), 0);
    let failure = act(&served, &service, "save").await.unwrap_err();
    assert_eq!(failure.class, "ServiceNotFound");
    let gone = served
        .ask("ComputeNodeList", "get_all_by_host", json!(["a"]), json!({}))
        .await;
    assert_eq!(gone.unwrap_err().class, "ComputeHostNotFound");
}

#[tokio::test]
async fn what_is_not_there_fails_as_it_does_in_nova() {
    let served = Served::new().await;
    let class = |answer: Result<Value, Failure>| {
        let failure = answer.unwrap_err();
        format!("{}.{}", failure.module, failure.class)
    };
    let answer = served.ask("Pigeon", "get", json!([]), json!({})).await;
    assert_eq!(
        class(answer),
        "oslo_versionedobjects.exception.UnsupportedObjectError"
    );
    let answer = served.ask("Service", "get_by_colour", json!([]), json!({})).await;
    assert_eq!(class(answer), "builtins.AttributeError");
    let answer = served.ask("Service", "get_by_id", json!([]), json!({})).await;
    assert_eq!(class(answer), "builtins.TypeError");
    let mut newer = new_service("a", 74);
    newer.version = "1.99".to_owned();
    let failure = act(&served, &newer, "create").await.unwrap_err();
    assert_eq!(failure.class, "IncompatibleObjectVersion");
}
