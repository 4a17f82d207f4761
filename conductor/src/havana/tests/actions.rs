//! Events of actions, and faults.

use conductor_api::havana::{Actions as _, Row as Sent};
use serde_json::json;

use super::{Bench, UUID, error, sent};
use crate::store::Query;

fn event(name: &str) -> Sent {
    sent(json!({
        "event": name, "instance_uuid": UUID, "request_id": "req-1",
        "start_time": "2013-10-17T12:00:00.000001",
    }))
}

#[tokio::test]
async fn events_begin_and_end() {
    let bench = Bench::new().await;
    bench.put_instance(UUID, json!({})).await;
    let start = async |name| bench.havana.action_event_start(&bench.ctx, event(name)).await;
    let finish = async |name, result: &str| {
        let mut values = event(name);
        values.insert("result".to_owned(), result.into());
        values.insert("finish_time".to_owned(), "2013-10-17T12:00:05.5".into());
        bench.havana.action_event_finish(&bench.ctx, values).await
    };
    let missing = (
        "InstanceActionNotFound".to_owned(),
        format!("Action for request_id req-1 on instance {UUID} not found"),
    );
    assert_eq!(error(start("run").await), missing);
    assert_eq!(error(finish("run", "Success").await), missing);

    let action = json!({"action": "create", "instance_uuid": UUID, "request_id": "req-1"});
    bench.put("instance_actions", action).await;
    assert_eq!(
        error(finish("run", "Success").await),
        (
            "InstanceActionEventNotFound".into(),
            "Event run not found for action id 1".into()
        )
    );
    let started = start("run").await.unwrap();
    assert_eq!(
        (&started["action_id"], &started["start_time"], &started["result"]),
        (&json!(1), &json!("2013-10-17T12:00:00.000001"), &json!(null))
    );
    let message = async || {
        bench.rows(Query::of("instance_actions")).await[0]
            .text("message")
            .map(str::to_owned)
    };
    let finished = finish("run", "Success").await.unwrap();
    assert_eq!(
        (&finished["result"], &finished["finish_time"]),
        (&json!("Success"), &json!("2013-10-17T12:00:05.500000"))
    );
    assert_eq!(message().await, None);
    start("stop").await.unwrap();
    finish("stop", "Error").await.unwrap();
    assert_eq!(message().await.as_deref(), Some("Error"));

    let nameless = bench
        .havana
        .action_event_start(&bench.ctx, sent(json!({"request_id": "r"})))
        .await;
    assert_eq!(error(nameless), ("KeyError".into(), "instance_uuid".into()));
}

#[tokio::test]
async fn faults_are_recorded() {
    let bench = Bench::new().await;
    bench.put_instance(UUID, json!({})).await;
    let values = json!({
        "instance_uuid": UUID, "code": 500, "message": "NoValidHost", "details": "why", "host": "one",
    });
    let fault = bench
        .havana
        .instance_fault_create(&bench.ctx, sent(values))
        .await
        .unwrap();
    assert_eq!(
        (&fault["code"], &fault["message"], &fault["deleted"]),
        (&json!(500), &json!("NoValidHost"), &json!(0))
    );
}
