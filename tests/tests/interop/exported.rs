//! What `cargo rpc export --python` writes speaks to the trait that it was written from, on both sides.

use rpc_runtime::{CallError, Context, RpcError, Server, rpc_api};

use super::*;

#[derive(Clone, PartialEq, Debug, thiserror::Error, RpcError)]
#[rpc(module = "peer_errors")]
pub(crate) enum ShelfError {
    #[error("{0}")]
    Conflict(String),
}

/// The compiler sees to it that the file is of this trait; the file is what Python's side is written from.
#[rpc_api(
    topic = "shelf",
    namespace = "stock",
    version = "1.2",
    released = "python/exported/shelf.rpc"
)]
pub(crate) trait Shelf {
    #[rpc(call, cast)]
    async fn take(
        &self,
        ctx: &Context,
        item: String,
        #[rpc(since = "1.1", default = 1)] count: u32,
        #[rpc(since = "1.2")] note: Option<String>,
    ) -> Result<String, ShelfError>;
    #[rpc(fanout)]
    async fn recount(&self, ctx: &Context);
}

struct Manager;

impl Shelf for Manager {
    async fn take(
        &self,
        _: &Context,
        item: String,
        count: u32,
        note: Option<String>,
    ) -> Result<String, ShelfError> {
        if item == "air" {
            return Err(ShelfError::Conflict("none is left".to_owned()));
        }
        Ok(format!("{count} {item} {}", note.as_deref().unwrap_or("None")))
    }

    async fn recount(&self, _: &Context) {}
}

fn take_of(args: Value) -> Value {
    json!({ "method": "take", "args": args })
}

#[tokio::test]
async fn the_written_client_calls() {
    let bench = Bench::new("exported_client").await;
    let bus = bench.bus().await;
    let server = Server::builder(&bus)
        .server("one")
        .serve::<ShelfApi, _>(Manager)
        .start()
        .await
        .unwrap();

    let mut client = Python::start("exported_client.py", &json!({ "url": bench.vhost.url() }));
    for (args, expected) in [
        (json!({ "item": "bolt" }), "1 bolt None"),
        (json!({ "item": "bolt", "count": 3 }), "3 bolt None"),
        (
            json!({ "item": "bolt", "count": 3, "note": "now", "server": "one" }),
            "3 bolt now",
        ),
    ] {
        assert_eq!(client.take(&take_of(args)).await, json!({ "result": expected }));
    }
    let failed = client.take(&take_of(json!({ "item": "air" }))).await;
    assert_eq!(failed["error"]["module"], "peer_errors_Remote", "{failed}");
    assert_eq!(failed["error"]["message"], "none is left", "{failed}");
    let cast = json!({ "method": "take_cast", "args": { "item": "bolt" } });
    assert_eq!(client.take(&cast).await, json!({ "result": null }));
    let recount = json!({ "method": "recount", "args": {} });
    assert_eq!(client.take(&recount).await, json!({ "result": null }));
    client.stop().await;

    // Pinned to what lacks an argument, it sends none, and refuses to lose one.
    let mut pinned = Python::start(
        "exported_client.py",
        &json!({ "url": bench.vhost.url(), "pin": "1.1" }),
    );
    let taken = pinned.take(&take_of(json!({ "item": "bolt", "count": 2 }))).await;
    assert_eq!(taken, json!({ "result": "2 bolt None" }));
    let refused = pinned
        .take(&take_of(json!({ "item": "bolt", "note": "now" })))
        .await;
    assert_eq!(refused["error"]["class"], "ValueError", "{refused}");
    pinned.stop().await;

    assert_eq!(server.stop().await.abandoned, 0);
}

#[tokio::test]
async fn the_written_manager_serves() {
    let bench = Bench::new("exported_manager").await;
    let bus = bench.bus().await;
    let mut server = Python::start("exported_server.py", &json!({ "url": bench.vhost.url() }));
    server.ready().await;

    let (client, ctx) = (ShelfClient::new(&bus), Context::new());
    let taken = client.call().take(&ctx, "bolt", 3, Some("now".to_owned())).await;
    assert_eq!(taken.unwrap(), "3 bolt now");
    // A client of 1.0 sends none of the later arguments: the manager has the trait's default.
    let first = client.pinned("1.0".parse::<rpc_runtime::Version>().unwrap());
    let taken = first.call().take(&ctx, "bolt", 1, None).await;
    assert_eq!(taken.unwrap(), "1 bolt None");
    let failed = client.call().take(&ctx, "air", 1, None).await.unwrap_err();
    assert!(
        matches!(&failed, CallError::Api(ShelfError::Conflict(text)) if text == "none is left"),
        "{failed:?}"
    );

    bus.close().await;
    server.stop().await;
}
