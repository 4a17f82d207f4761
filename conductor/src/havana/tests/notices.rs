//! What listeners to notifications hear.

use conductor_api::havana::{Instances as _, Usage as _};
use serde_json::{Value as Json, json};

use super::super::{AuditPeriod, Options, StateChanges};
use super::{Bench, UUID, sent};
use crate::notifier::testing::Heard;
use crate::store::now;

async fn bench(state_changes: StateChanges) -> (Bench, Heard) {
    let options = Options {
        state_changes,
        ..Options::default()
    };
    let bench = Bench::with(options).await;
    let row = json!({
        "host": "one", "vm_state": "building", "task_state": "spawning", "display_name": "web",
        "root_gb": 10, "ephemeral_gb": 2, "image_ref": "i-1", "instance_type_id": 5,
    });
    bench.put_instance(UUID, row).await;
    let network = json!([{"address": "aa:bb", "network": {"label": "private"}}]);
    let cache = json!({"instance_uuid": UUID, "network_info": network.to_string()});
    bench.put("instance_info_caches", cache).await;
    for (key, value) in [("image_os", "linux"), ("instance_type_name", "small")] {
        let row = json!({"instance_uuid": UUID, "key": key, "value": value});
        bench.put("instance_system_metadata", row).await;
    }
    let heard = Heard::listen(&bench.bus).await;
    (bench, heard)
}

async fn update(bench: &Bench, updates: Json) {
    let service = Some("conductor".to_owned());
    let updated = bench
        .havana
        .instance_update(&bench.ctx, UUID.to_owned(), sent(updates), service);
    updated.await.unwrap();
}

/// The members of what was told.
fn states(told: &Json) -> [&Json; 4] {
    ["old_state", "state", "old_task_state", "new_task_state"].map(|key| &told["payload"][key])
}

#[tokio::test]
async fn updates_are_told_with_the_states_that_changed() {
    let (bench, mut heard) = bench(StateChanges::Machine).await;
    let usage = json!({
        "uuid": UUID, "mac": "aa:bb", "bw_in": 5, "bw_out": 7,
        "start_period": AuditPeriod::Month.begin(now()).to_string(),
    });
    bench.put("bw_usage_cache", usage).await;
    update(&bench, json!({"vm_state": "active", "task_state": null})).await;
    let told = heard.next().await;
    assert_eq!(
        (&told["event_type"], &told["publisher_id"]),
        (&json!("compute.instance.update"), &json!("conductor.controller"))
    );
    assert_eq!(
        states(&told),
        [
            &json!("building"),
            &json!("active"),
            &json!("spawning"),
            &json!(null)
        ]
    );
    for (key, expected) in [
        ("instance_id", json!(UUID)),
        ("tenant_id", json!("p")),
        ("disk_gb", json!(12)),
        ("instance_type", json!("small")),
        ("image_meta", json!({"os": "linux"})),
        ("image_ref_url", json!("images/i-1")),
        ("launched_at", json!("")),
        ("bandwidth", json!({"private": {"bw_in": 5, "bw_out": 7}})),
    ] {
        assert_eq!(told["payload"][key], expected, "{key}");
    }

    // The task alone counts only if that is wanted; the update is told all the same.
    update(&bench, json!({"task_state": "rebooting"})).await;
    let told = heard.next().await;
    assert_eq!(
        states(&told),
        [&json!(null), &json!("active"), &json!(null), &json!("rebooting")]
    );
}

#[tokio::test]
async fn changes_of_tasks_are_told_if_that_is_wanted_and_none_if_not() {
    let (tasks, mut heard) = bench(StateChanges::MachineAndTask).await;
    update(&tasks, json!({"task_state": "networking"})).await;
    let told = heard.next().await;
    assert_eq!(
        states(&told),
        [
            &json!("building"),
            &json!("building"),
            &json!("spawning"),
            &json!("networking")
        ]
    );
    let (silent, mut heard) = bench(StateChanges::None).await;
    update(&silent, json!({"vm_state": "active"})).await;
    assert!(heard.is_empty());
}

#[tokio::test]
async fn what_instances_and_volumes_use_is_told() {
    let (bench, mut heard) = bench(StateChanges::None).await;
    let instance = bench.havana.instance_get(&bench.ctx, 1).await.unwrap();
    let extra = Some(sent(json!({"audit": "extra"})));
    let told = bench
        .havana
        .notify_usage_exists(&bench.ctx, instance.clone(), true, true, None, extra);
    told.await.unwrap();
    let told = heard.next().await;
    assert_eq!(
        (
            &told["event_type"],
            &told["publisher_id"],
            &told["payload"]["audit"]
        ),
        (
            &json!("compute.instance.exists"),
            &json!("compute.one"),
            &json!("extra")
        )
    );
    let period =
        ["audit_period_beginning", "audit_period_ending"].map(|key| told["payload"][key].as_str().unwrap());
    assert!(
        period[0].ends_with("-01 00:00:00") && period[0] < period[1],
        "{period:?}"
    );
    let last = bench
        .havana
        .notify_usage_exists(&bench.ctx, instance.clone(), false, true, None, None);
    last.await.unwrap();
    assert_eq!(heard.next().await["payload"]["audit_period_ending"], period[0]);

    let used = bench
        .havana
        .vol_usage_update(&bench.ctx, "v".to_owned(), 1, 2, 3, 4, instance, None, false);
    used.await.unwrap();
    let told = heard.next().await;
    assert_eq!(told["event_type"], "volume.usage");
    for (key, expected) in [
        ("volume_id", json!("v")),
        ("instance_id", json!(UUID)),
        ("reads", json!(1)),
        ("write_bytes", json!(4)),
    ] {
        assert_eq!(told["payload"][key], expected, "{key}");
    }
}
