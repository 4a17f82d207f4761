//! The Python peers among themselves: that they are what the other tests take them for.

use super::*;

#[tokio::test]
async fn python_calls_python() {
    let bench = Bench::new("reference").await;
    let server = bench.python_server("one", json!({})).await;
    let mut client = bench.python_client(json!({}));
    let mut ask = async |step: Value| take(&mut client, PYTHON, &step).await;

    let add = json!({"method": "add", "args": {"a": 2, "b": 3}});
    assert_eq!(ask(add).await, json!({"result": 5}));
    let whoami = json!({"method": "whoami", "prepare": {"namespace": "admin", "version": "2.1"}});
    assert_eq!(ask(whoami).await, json!({"result": "one/admin/2.3"}));

    let fail = json!({"method": "fail", "args": {"kind": "not_found"}});
    let error = &ask(fail).await["error"];
    assert_eq!(error["class"], "InstanceNotFound_Remote");
    assert_eq!(error["bases"][0], "peer_errors.InstanceNotFound");
    assert_eq!(error["kwargs"], json!({"instance_id": "i-42"}));
    let fail = json!({"method": "fail", "args": {"kind": "value"}});
    let error = &ask(fail).await["error"];
    assert_eq!(
        (error["module"].as_str(), error["class"].as_str()),
        (Some("builtins"), Some("ValueError"))
    );

    let note = json!({"do": "cast", "method": "note", "args": {"value": 7}});
    assert_eq!(ask(note).await, json!({"result": null}));
    let notes = json!({"method": "notes", "args": {"count": 1}});
    assert_eq!(ask(notes).await, json!({"result": [7]}));
    client.stop().await;
    server.stop().await;
}
