//! What a conductor tells of, as oslo.messaging's own listener hears it.

use rpc_runtime::testing::Broker;
use rpc_tests::python::Python;
use serde_json::{Value, json};

use crate::cloud::{Cloud, UUID, call};
use crate::tasks::migrate;

/// Checks that a notification is heard as one of oslo.messaging's own notifier that tells the same. Its context is left
/// out: that notifier sends those of oslo.context alone.
async fn compare(listener: &mut Python, heard: &Value) {
    let own = listener.take(heard).await;
    for key in ["priority", "publisher_id", "event_type", "payload"] {
        assert_eq!(heard[key], own[key], "{key}");
    }
    let texts = |metadata: &Value| {
        let members = metadata.as_object().unwrap().iter();
        let lengths = members.map(|(key, value)| (key.clone(), value.as_str().unwrap().len()));
        lengths.collect::<Vec<_>>()
    };
    assert_eq!(texts(&heard["metadata"]), texts(&own["metadata"]));
}

#[tokio::test]
async fn a_listener_of_python_hears_the_conductor() {
    let broker = Broker::shared().await.unwrap();
    let settings = [
        ("CONDUCTOR__NOTIFICATIONS__DRIVER", "messaging"),
        ("CONDUCTOR__NOTIFICATIONS__STATE_CHANGES", "vm_and_task_state"),
    ];
    let mut cloud = Cloud::with(broker, "notices", &settings).await;
    let topics = json!({"url": cloud.url(), "topics": ["notifications"]});
    let mut listener = Python::start("listener.py", &topics);
    listener.ready().await;

    let row =
        json!([{"uuid": UUID, "project_id": "p", "user_id": "u", "vm_state": "building", "deleted": 0}]);
    cloud.put("instances", row).await;
    let updates = json!({"vm_state": "active"});
    let update = json!({"instance_uuid": UUID, "updates": updates, "service": "compute"});
    let context = json!({"is_admin": true, "project_id": "p", "auth_token": "hunter2"});
    cloud
        .check([call("instance_update", update).context(context).gives(updates)])
        .await;
    let heard = listener.told().await;
    assert_eq!(
        (&heard["priority"], &heard["event_type"], &heard["publisher_id"]),
        (
            &json!("info"),
            &json!("compute.instance.update"),
            &json!("compute.controller")
        )
    );
    assert_eq!(heard["payload"]["old_state"], "building");
    assert_eq!(heard["payload"]["state"], "active");
    assert_eq!(heard["ctxt"]["project_id"], "p");
    assert!(!heard.to_string().contains("hunter2"), "{heard}");
    compare(&mut listener, &heard).await;

    // What failed has a topic of its own.
    let to_nowhere = call("migrate_server", migrate("cmp2", true))
        .namespace("compute_task")
        .version("1.4")
        .raises(
            "ComputeServiceUnavailable",
            "Compute service of cmp1 is unavailable at this time.",
        );
    cloud.check([to_nowhere]).await;
    let heard = listener.told().await;
    assert_eq!(
        (&heard["priority"], &heard["event_type"], &heard["publisher_id"]),
        (
            &json!("error"),
            &json!("compute_task.migrate_server"),
            &json!("compute_task.controller")
        )
    );
    assert_eq!(heard["payload"]["instance_id"], UUID);
    compare(&mut listener, &heard).await;
    listener.stop().await;
}
