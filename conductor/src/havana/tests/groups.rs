//! Security groups, and the rules of the provider.

use conductor_api::havana::SecurityGroups as _;
use serde_json::{Value as Json, json};

use super::{Bench, OTHER, UUID, instance, sent};
use crate::notifier::testing::Heard;
use crate::store::Query;

/// One instance in the group `web`, whose rule lets in the group `db`, in which another is.
async fn cloud() -> Bench {
    let bench = Bench::new().await;
    bench.put_instance(UUID, json!({"host": "one"})).await;
    bench.put_instance(OTHER, json!({"host": "two"})).await;
    for name in ["web", "db"] {
        bench
            .put("security_groups", json!({"name": name, "project_id": "p"}))
            .await;
    }
    for (uuid, group) in [(UUID, 1), (OTHER, 2)] {
        let member = json!({"instance_uuid": uuid, "security_group_id": group});
        bench.put("security_group_instance_association", member).await;
    }
    for rule in [
        json!({"parent_group_id": 1, "group_id": 2, "protocol": "tcp"}),
        json!({"parent_group_id": 1, "cidr": "10.0.0.0/8", "protocol": "udp"}),
    ] {
        bench.put("security_group_rules", rule).await;
    }
    let metadata = json!({"instance_uuid": OTHER, "key": "image", "value": "i"});
    bench.put("instance_system_metadata", metadata).await;
    bench
}

#[tokio::test]
async fn groups_come_with_rules_and_rules_with_whom_they_let_in() {
    let bench = cloud().await;
    let groups = bench
        .havana
        .security_group_get_by_instance(&bench.ctx, instance(UUID))
        .await
        .unwrap();
    assert_eq!((groups.len(), &groups[0]["name"]), (1, &json!("web")));
    let rules = &groups[0]["rules"];
    assert_eq!(rules[0]["grantee_group"]["name"], "db");
    assert_eq!(
        (&rules[1]["cidr"], &rules[1]["grantee_group"]),
        (&json!("10.0.0.0/8"), &json!(null))
    );

    let web = sent(json!({"id": 1}));
    let rules = bench
        .havana
        .security_group_rule_get_by_security_group(&bench.ctx, web)
        .await
        .unwrap();
    let member = &rules[0]["grantee_group"]["instances"][0];
    assert_eq!(
        (
            &member["uuid"],
            &member["system_metadata"][0]["value"],
            &member["info_cache"]
        ),
        (&json!(OTHER), &json!("i"), &json!(null))
    );
    assert_eq!(rules[1]["grantee_group"], Json::Null);
    let db = sent(json!({"id": 2}));
    let none = bench
        .havana
        .security_group_rule_get_by_security_group(&bench.ctx, db)
        .await;
    assert_eq!(none, Ok(Vec::new()));
}

#[tokio::test]
async fn the_rules_of_the_provider_are_rows() {
    let bench = Bench::new().await;
    let ask = async || bench.havana.provider_fw_rule_get_all(&bench.ctx).await.unwrap();
    assert!(ask().await.is_empty());
    bench
        .put(
            "provider_fw_rules",
            json!({"protocol": "tcp", "cidr": "10.0.0.0/8"}),
        )
        .await;
    assert_eq!(ask().await[0]["cidr"], "10.0.0.0/8");
}

#[tokio::test]
async fn hosts_refresh_the_rules_of_those_that_let_a_group_in() {
    let bench = cloud().await;
    let mut compute = Heard::listen_as(&bench.bus, "compute", "one").await;
    let refresh = async |ids: &[i64]| {
        bench
            .havana
            .security_groups_trigger_members_refresh(&bench.ctx, ids.to_vec())
            .await
    };
    refresh(&[2]).await.unwrap();
    let told = compute.next().await;
    assert_eq!(
        (
            &told["method"],
            &told["version"],
            &told["args"]["instance"]["uuid"]
        ),
        (
            &json!("refresh_instance_security_rules"),
            &json!("2.0"),
            &json!(UUID)
        )
    );
    // Nobody lets the web servers in, and an instance without a host has nothing to refresh.
    refresh(&[1]).await.unwrap();
    let homeless = Query::of("instances").eq("uuid", UUID);
    let host = crate::store::Row::new().with("host", None::<&str>);
    bench.store.update(&homeless, &host).await.unwrap();
    refresh(&[2]).await.unwrap();
    assert!(compute.is_empty());
    // Outside of Nova there is nobody to tell.
    let event = "instance_add_security_group".to_owned();
    let told = bench
        .havana
        .security_groups_trigger_handler(&bench.ctx, event, Vec::new());
    told.await.unwrap();
}
