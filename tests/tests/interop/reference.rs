//! The Python peers among themselves: that they are what the other tests take them for.

use super::*;

#[tokio::test]
async fn python_calls_python() {
    let bench = Bench::new("reference").await;
    let server = bench.python_server("peer", "one").await;
    let mut client = bench.python_client();
    let mut ask = async |step: Value| client.take(&to("peer", &step)).await;

    assert_eq!(
        ask(json!({"method": "add", "args": {"a": 2, "b": 3}})).await,
        json!({"result": 5})
    );
    let whoami = json!({"method": "whoami", "prepare": {"namespace": "admin", "version": "2.1"}});
    assert_eq!(ask(whoami).await, json!({"result": "one/admin/2.3"}));

    let error = &ask(json!({"method": "fail", "args": {"kind": "not_found"}})).await["error"];
    assert_eq!(error["class"], "InstanceNotFound_Remote");
    assert_eq!(error["bases"][0], "peer_errors.InstanceNotFound");
    assert_eq!(error["kwargs"], json!({"instance_id": "i-42"}));
    let error = &ask(json!({"method": "fail", "args": {"kind": "value"}})).await["error"];
    assert_eq!(
        (error["module"].as_str(), error["class"].as_str()),
        (Some("builtins"), Some("ValueError"))
    );

    assert_eq!(
        ask(json!({"do": "cast", "method": "note", "args": {"value": 7}})).await,
        json!({"result": null})
    );
    assert_eq!(
        ask(json!({"method": "notes", "args": {"count": 1}})).await,
        json!({"result": [7]})
    );
    assert_eq!(
        ask(json!({"do": "can_send", "args": {"version": "1.9"}, "prepare": {"version_cap": "1.5"}})).await,
        json!({"result": false})
    );
    client.stop().await;
    server.stop().await;
}
