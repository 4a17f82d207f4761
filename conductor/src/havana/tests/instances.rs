//! One instance: read, updated, forgotten.

use conductor_api::havana::Instances as _;
use rpc_runtime::Context;
use serde_json::{Value as Json, json};

use super::super::Options;
use super::{Bench, OTHER, UUID, error, instance, sent};
use crate::store::{Query, ReadDeleted};

/// An instance with rows in every table that is joined.
async fn joined() -> Bench {
    let bench = Bench::new().await;
    bench
        .put_instance(
            UUID,
            json!({"host": "one", "task_state": "spawning", "vm_state": "building"}),
        )
        .await;
    for (table, values) in [
        (
            "instance_info_caches",
            json!({"instance_uuid": UUID, "network_info": "[]"}),
        ),
        (
            "instance_metadata",
            json!({"instance_uuid": UUID, "key": "role", "value": "web"}),
        ),
        (
            "instance_system_metadata",
            json!({"instance_uuid": UUID, "key": "image", "value": "i"}),
        ),
        (
            "instance_system_metadata",
            json!({"instance_uuid": UUID, "key": "old", "value": "o"}),
        ),
        ("security_groups", json!({"name": "default", "project_id": "p"})),
        (
            "security_group_instance_association",
            json!({"instance_uuid": UUID, "security_group_id": 1}),
        ),
        (
            "security_group_rules",
            json!({"parent_group_id": 1, "protocol": "tcp", "from_port": 22}),
        ),
    ] {
        bench.put(table, values).await;
    }
    bench
}

async fn update(
    bench: &Bench,
    updates: Json,
) -> Result<conductor_api::havana::Row, conductor_api::havana::NovaError> {
    bench
        .havana
        .instance_update(&bench.ctx, UUID.to_owned(), sent(updates), None)
        .await
}

#[tokio::test]
async fn one_comes_with_the_rows_of_other_tables() {
    let bench = joined().await;
    let found = bench
        .havana
        .instance_get_by_uuid(&bench.ctx, UUID.to_owned(), None)
        .await
        .unwrap();
    assert_eq!(found["name"], "instance-00000001");
    assert_eq!(found["info_cache"]["network_info"], "[]");
    assert_eq!(found["metadata"][0]["value"], "web");
    assert_eq!(found["system_metadata"].as_array().unwrap().len(), 2);
    assert_eq!(found["security_groups"][0]["rules"][0]["from_port"], 22);
    assert_eq!(bench.havana.instance_get(&bench.ctx, 1).await, Ok(found));

    let columns = Some(vec!["metadata".to_owned()]);
    let some = bench
        .havana
        .instance_get_by_uuid(&bench.ctx, UUID.to_owned(), columns)
        .await
        .unwrap();
    assert_eq!(
        (&some["metadata"][0]["key"], &some["system_metadata"]),
        (&json!("role"), &json!([]))
    );
    let odd = Some(vec!["friends".to_owned()]);
    let odd = bench
        .havana
        .instance_get_by_uuid(&bench.ctx, UUID.to_owned(), odd)
        .await;
    assert_eq!(error(odd).0, "ValueError");
}

#[tokio::test]
async fn a_user_sees_the_instances_of_the_project() {
    let bench = joined().await;
    let get = async |ctx: &Context| {
        bench
            .havana
            .instance_get_by_uuid(ctx, UUID.to_owned(), None)
            .await
    };
    let user = |project| Context::new().user("somebody").project(project);
    get(&user("p")).await.unwrap();
    let missing = (
        "InstanceNotFound".to_owned(),
        format!("Instance {UUID} could not be found."),
    );
    assert_eq!(error(get(&user("q")).await), missing);
    assert_eq!(error(get(&Context::new()).await).0, "NotAuthorized");
    assert_eq!(
        error(bench.havana.instance_get(&bench.ctx, 7).await),
        ("InstanceNotFound".into(), "Instance 7 could not be found.".into())
    );
}

#[tokio::test]
async fn an_update_writes_columns_and_the_system_metadata() {
    let bench = joined().await;
    let updated = update(
        &bench,
        json!({
            "task_state": null, "vm_state": "active", "power_state": 1, "node": "n", "memory_mb": "512",
            "launched_at": "2013-10-17T12:00:01.000042", "access_ip_v4": "10.0.0.7",
            "system_metadata": {"image": "j", "new": 5},
        }),
    )
    .await
    .unwrap();
    for (column, expected) in [
        ("task_state", json!(null)),
        ("vm_state", json!("active")),
        ("power_state", json!(1)),
        ("memory_mb", json!(512)),
        ("launched_at", json!("2013-10-17T12:00:01.000042")),
        ("access_ip_v4", json!("10.0.0.7")),
        ("host", json!("one")),
    ] {
        assert_eq!(updated[column], expected, "{column}");
    }
    assert!(updated["updated_at"].is_string());
    let metadata = updated["system_metadata"].as_array().unwrap().iter();
    let mut metadata: Vec<_> = metadata
        .map(|row| (row["key"].clone(), row["value"].clone()))
        .collect();
    metadata.sort_by_key(|(key, _)| key.to_string());
    assert_eq!(
        metadata,
        [(json!("image"), json!("j")), (json!("new"), json!("5"))]
    );
    // What is not mentioned is forgotten; other metadata is left alone.
    let forgotten = Query::of("instance_system_metadata").deleted(ReadDeleted::Only);
    assert_eq!(bench.count(forgotten).await, 1);
    assert_eq!(updated["metadata"][0]["value"], "web");
}

#[tokio::test]
async fn an_update_may_depend_on_the_task_state() {
    let bench = joined().await;
    let refused = update(
        &bench,
        json!({"vm_state": "active", "expected_task_state": [null, "deleting"]}),
    )
    .await;
    assert_eq!(
        error(refused),
        (
            "UnexpectedTaskStateError".into(),
            r#"Unexpected task state: expecting [null,"deleting"] but the actual state is spawning"#.into()
        )
    );
    let row = &bench.rows(Query::of("instances")).await[0];
    assert_eq!(row.text("vm_state"), Some("building"));

    let done = update(
        &bench,
        json!({"task_state": null, "expected_task_state": "spawning"}),
    )
    .await;
    assert_eq!(done.unwrap()["task_state"], json!(null));
    let none = update(
        &bench,
        json!({"task_state": "rebooting", "expected_task_state": null}),
    )
    .await;
    assert_eq!(none.unwrap()["task_state"], "rebooting");
}

#[tokio::test]
async fn what_cannot_be_updated_is_said() {
    let bench = joined().await;
    assert_eq!(
        error(update(&bench, json!({"uuid": OTHER})).await),
        ("KeyError".into(), "unexpected update keyword 'uuid'".into())
    );
    assert_eq!(
        error(update(&bench, json!({"launched_at": "soon"})).await).0,
        "ValueError"
    );
    let of = async |uuid: &str| {
        bench
            .havana
            .instance_update(&bench.ctx, uuid.to_owned(), sent(json!({})), None)
            .await
    };
    assert_eq!(error(of(OTHER).await).0, "InstanceNotFound");
    for odd in ["7", "", &UUID.to_uppercase(), &UUID.replace('-', "")] {
        let text = format!("Expected a uuid but received {odd}.");
        assert_eq!(error(of(odd).await), ("InvalidUUID".into(), text));
    }
}

#[tokio::test]
async fn one_is_forgotten_with_what_belongs_to_it() {
    let bench = joined().await;
    bench
        .havana
        .instance_destroy(&bench.ctx, instance(UUID))
        .await
        .unwrap();
    for (table, left) in [
        ("instances", 0),
        ("instance_info_caches", 0),
        ("instance_metadata", 0),
        ("security_group_instance_association", 0),
        ("instance_system_metadata", 2),
        ("security_groups", 1),
    ] {
        assert_eq!(bench.count(Query::of(table)).await, left, "{table}");
    }
    let again = bench.havana.instance_destroy(&bench.ctx, instance(UUID)).await;
    assert_eq!(error(again).0, "InstanceNotFound");
    assert_eq!(
        error(bench.havana.instance_destroy(&bench.ctx, instance("7")).await).0,
        "InvalidUUID"
    );
    let all = bench.ctx.clone().with("read_deleted", "yes");
    let gone = bench.havana.instance_get(&all, 1).await.unwrap();
    assert_eq!(
        (&gone["deleted"], &gone["security_groups"]),
        (&json!(1), &json!([]))
    );
}

#[tokio::test]
async fn network_information_is_written_read_and_forgotten() {
    let bench = Bench::new().await;
    bench.put_instance(UUID, json!({})).await;
    let write = async |ctx: &Context, info: &str| {
        let values = sent(json!({"network_info": info}));
        bench
            .havana
            .instance_info_cache_update(ctx, instance(UUID), values)
            .await
    };
    let cached = async || {
        let found = bench.havana.instance_get(&bench.ctx, 1).await.unwrap();
        found["info_cache"].clone()
    };
    assert_eq!(cached().await, json!(null));
    write(&bench.ctx, "[1]").await.unwrap();
    write(&bench.ctx, "[2]").await.unwrap();
    assert_eq!(cached().await["network_info"], "[2]");
    bench
        .havana
        .instance_info_cache_delete(&bench.ctx, instance(UUID))
        .await
        .unwrap();
    assert_eq!(bench.count(Query::of("instance_info_caches")).await, 0);
    let all = bench.ctx.clone().with("read_deleted", "yes");
    assert_eq!(error(write(&all, "[3]").await).0, "InstanceInfoCacheNotFound");
}

#[tokio::test]
async fn a_flavor_comes_with_its_extra_specs() {
    let bench = Bench::new().await;
    let flavor = json!({"name": "tiny", "memory_mb": 512, "vcpus": 1, "flavorid": "1", "swap": 0});
    bench.put("instance_types", flavor).await;
    let spec = json!({"instance_type_id": 1, "key": "quota", "value": "5"});
    bench.put("instance_type_extra_specs", spec).await;
    let found = bench.havana.instance_type_get(&bench.ctx, 1).await.unwrap();
    assert_eq!(
        (&found["name"], &found["extra_specs"]),
        (&json!("tiny"), &json!({"quota": "5"}))
    );
    assert_eq!(
        error(bench.havana.instance_type_get(&bench.ctx, 2).await).0,
        "FlavorNotFound"
    );
}

#[tokio::test]
async fn names_follow_the_template() {
    let options = Options {
        instance_name_template: "vm-%(uuid)s".to_owned(),
        ..Options::default()
    };
    let bench = Bench::with(options).await;
    bench.put_instance(UUID, json!({})).await;
    let found = bench.havana.instance_get(&bench.ctx, 1).await.unwrap();
    assert_eq!(found["name"], format!("vm-{UUID}"));
}
