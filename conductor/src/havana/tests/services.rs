//! Services: found, registered, alive, forgotten.

use conductor_api::havana::Services as _;
use rpc_runtime::Context;
use serde_json::{Value as Json, json};

use super::super::Options;
use super::{Bench, error, sent};
use crate::store::{Query, ReadDeleted};

/// Two hosts with a compute service each, one of them disabled, and a scheduler.
async fn cloud() -> Bench {
    let bench = Bench::new().await;
    for (host, topic, disabled) in [
        ("one", "compute", false),
        ("two", "compute", true),
        ("one", "scheduler", false),
        ("two", "network", true),
    ] {
        let binary = format!("nova-{topic}");
        let row = json!({"host": host, "topic": topic, "binary": binary, "disabled": disabled});
        let id = bench.put("services", row).await;
        if topic == "compute" {
            let node = json!({
                "service_id": id, "hypervisor_hostname": format!("node-{host}"), "vcpus": 4,
                "memory_mb": 1, "local_gb": 1, "vcpus_used": 0, "memory_mb_used": 0,
                "local_gb_used": 0, "hypervisor_type": "fake", "hypervisor_version": 1, "cpu_info": "",
            });
            bench.put("compute_nodes", node).await;
        }
    }
    bench
}

async fn ask(bench: &Bench, topic: Option<&str>, host: Option<&str>, binary: Option<&str>) -> Json {
    let own = |text: Option<&str>| text.map(str::to_owned);
    let asked = bench
        .havana
        .service_get_all_by(&bench.ctx, own(topic), own(host), own(binary));
    asked.await.unwrap()
}

/// Host and topic of each in a list.
fn names(list: &Json) -> Vec<String> {
    let name = |row: &Json| {
        format!(
            "{} {}",
            row["host"].as_str().unwrap(),
            row["topic"].as_str().unwrap()
        )
    };
    list.as_array().unwrap().iter().map(name).collect()
}

#[tokio::test]
async fn what_is_answered_depends_on_what_is_given() {
    let bench = cloud().await;
    let all = ask(&bench, None, None, Some("")).await;
    assert_eq!(
        names(&all),
        ["one compute", "two compute", "one scheduler", "two network"]
    );
    assert_eq!(all[0]["deleted"], 0);

    // A compute service, disabled or not, comes as a list of one with its nodes.
    let compute = ask(&bench, Some("compute"), Some("two"), None).await;
    assert_eq!(names(&compute), ["two compute"]);
    assert_eq!(compute[0]["compute_node"][0]["hypervisor_hostname"], "node-two");

    // Another one comes alone, if it is enabled.
    let scheduler = ask(&bench, Some("scheduler"), Some("one"), None).await;
    assert_eq!(scheduler["binary"], "nova-scheduler");
    assert_eq!(ask(&bench, Some("network"), Some("two"), None).await, json!(null));
    assert_eq!(
        ask(&bench, Some("scheduler"), Some("two"), None).await,
        json!(null)
    );

    let network = ask(&bench, None, Some("two"), Some("nova-network")).await;
    assert_eq!(network["topic"], "network");
    // With a topic and a host the binary is not looked at.
    let topic_first = ask(&bench, Some("scheduler"), Some("one"), Some("nova-network")).await;
    assert_eq!(topic_first["binary"], "nova-scheduler");

    assert_eq!(
        names(&ask(&bench, Some("compute"), None, None).await),
        ["one compute"]
    );
    assert_eq!(
        names(&ask(&bench, None, Some("two"), None).await),
        ["two compute", "two network"]
    );
}

#[tokio::test]
async fn what_is_not_there_is_an_error_or_null_or_nothing() {
    let bench = cloud().await;
    let ask = async |topic: &str, host: &str, binary: &str| {
        let given = |text: &str| Some(text.to_owned());
        bench
            .havana
            .service_get_all_by(&bench.ctx, given(topic), given(host), given(binary))
            .await
    };
    assert_eq!(
        error(ask("compute", "three", "").await),
        (
            "ComputeHostNotFound".into(),
            "Compute host three could not be found.".into()
        )
    );
    assert_eq!(
        error(ask("", "one", "nova-network").await),
        (
            "HostBinaryNotFound".into(),
            "Could not find binary nova-network on host one.".into()
        )
    );
    assert_eq!(ask("", "three", "").await, Ok(json!([])));
    assert_eq!(ask("cells", "", "").await, Ok(json!([])));
    assert_eq!(error(ask("", "", "nova-compute").await).0, "ValueError");
    let user = Context::new().user("u").project("p");
    let refused = bench.havana.service_get_all_by(&user, None, None, None).await;
    assert_eq!(error(refused).0, "AdminRequired");
}

#[tokio::test]
async fn a_service_registers_itself_once() {
    let bench = Bench::new().await;
    let create = async |host: &str, topic: &str, binary: &str| {
        let values =
            sent(json!({"host": host, "topic": topic, "binary": binary, "report_count": 0, "odd": 1}));
        bench.havana.service_create(&bench.ctx, values).await
    };
    let created = create("one", "compute", "nova-compute").await.unwrap();
    assert_eq!(
        (
            &created["disabled"],
            &created["report_count"],
            &created["deleted"]
        ),
        (&json!(false), &json!(0), &json!(0))
    );
    // Microseconds, and no zone.
    let at = created["created_at"].as_str().unwrap();
    assert!(
        at.len() == "2013-10-17T00:00:00.000000".len() && !at.ends_with('Z'),
        "{at}"
    );
    assert_eq!(
        error(create("one", "other", "nova-compute").await),
        (
            "ServiceBinaryExists".into(),
            "Service with host one binary nova-compute exists.".into()
        )
    );
    assert_eq!(
        error(create("one", "compute", "nova-other").await),
        (
            "ServiceTopicExists".into(),
            "Service with host one topic compute exists.".into()
        )
    );
    create("two", "compute", "nova-compute").await.unwrap();
}

#[tokio::test]
async fn new_services_may_have_to_wait_to_be_enabled() {
    let options = Options {
        enable_new_services: false,
        ..Options::default()
    };
    let bench = Bench::with(options).await;
    let values = sent(json!({"host": "one", "topic": "compute", "binary": "nova-compute"}));
    let created = bench.havana.service_create(&bench.ctx, values).await.unwrap();
    assert_eq!(created["disabled"], true);
}

#[tokio::test]
async fn a_heartbeat_moves_the_time_of_the_row() {
    let bench = cloud().await;
    let before = ask(&bench, None, Some("one"), Some("nova-compute")).await;
    let update = async |values: Json| {
        let service = sent(before.clone());
        bench
            .havana
            .service_update(&bench.ctx, service, sent(values))
            .await
    };
    let updated = update(json!({"report_count": 1})).await.unwrap();
    assert_eq!(updated["report_count"], 1);
    assert!(updated["updated_at"].is_string());
    // What today's Nova looks at.
    assert!(updated["last_seen_up"].is_string());
    let seen = updated["last_seen_up"].clone();
    let disabled = update(json!({"disabled": true, "disabled_reason": "rest"}))
        .await
        .unwrap();
    assert_eq!(
        (
            &disabled["disabled"],
            &disabled["disabled_reason"],
            &disabled["last_seen_up"]
        ),
        (&json!(true), &json!("rest"), &seen)
    );

    let nobody = sent(json!({"id": 99}));
    let lost = bench
        .havana
        .service_update(&bench.ctx, nobody, sent(json!({"report_count": 2})))
        .await;
    assert_eq!(
        error(lost),
        ("ServiceNotFound".into(), "Service 99 could not be found.".into())
    );
    let without_id = bench
        .havana
        .service_update(&bench.ctx, sent(json!({})), sent(json!({})))
        .await;
    assert_eq!(error(without_id), ("KeyError".into(), "id".into()));
    let odd = update(json!({"report_count": "many"})).await;
    assert_eq!(error(odd).0, "ValueError");
}

#[tokio::test]
async fn a_service_is_forgotten_with_its_nodes() {
    let bench = cloud().await;
    bench.havana.service_destroy(&bench.ctx, 1).await.unwrap();
    let nodes = Query::of("compute_nodes");
    assert_eq!(bench.count(nodes.clone()).await, 1);
    let gone = bench.rows(nodes.deleted(ReadDeleted::Only)).await;
    assert_eq!(
        (gone[0].int("service_id"), gone[0].int("deleted")),
        (Some(1), Some(1))
    );
    assert_eq!(
        error(bench.havana.service_destroy(&bench.ctx, 1).await),
        ("ServiceNotFound".into(), "Service 1 could not be found.".into())
    );
    // The name is free again.
    let values = sent(json!({"host": "one", "topic": "compute", "binary": "nova-compute"}));
    bench.havana.service_create(&bench.ctx, values).await.unwrap();
    let all = bench.ctx.clone().with("read_deleted", "yes");
    let all = bench
        .havana
        .service_get_all_by(&all, None, None, None)
        .await
        .unwrap();
    assert_eq!(all.as_array().unwrap().len(), 5);
}
