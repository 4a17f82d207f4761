//! What `cargo rpc export --python` writes speaks to the trait that it was written from, on both sides.

use std::num::ParseIntError;

use rpc_runtime::{CallError, Context, Items, RpcError, Server, rpc_api};

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
    /// Fetches what another has: words of Python name it, and its arguments.
    #[rpc(call, name = "import")]
    async fn fetch(
        &self,
        ctx: &Context,
        #[rpc(name = "from")] origin: String,
        #[rpc(default = "plain".to_owned())] class: String,
        #[rpc(default)] tags: Vec<String>,
    ) -> Result<String, ShelfError>;
    #[rpc(call)]
    async fn store(
        &self,
        ctx: &Context,
        #[rpc(below("1.2", place_to_text, place_of_text))] place: u32,
    ) -> Result<u32, ShelfError>;
    #[rpc(stream)]
    async fn watch(&self, ctx: &Context) -> Result<Items<String, ShelfError>, ShelfError>;
}

fn place_to_text(place: &u32) -> String {
    place.to_string()
}

fn place_of_text(place: String) -> Result<u32, ParseIntError> {
    place.parse()
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

    async fn fetch(
        &self,
        _: &Context,
        origin: String,
        class: String,
        tags: Vec<String>,
    ) -> Result<String, ShelfError> {
        Ok(format!("{class} {origin} {tags:?}"))
    }

    async fn store(&self, _: &Context, place: u32) -> Result<u32, ShelfError> {
        Ok(place + 1)
    }

    async fn watch(&self, _: &Context) -> Result<Items<String, ShelfError>, ShelfError> {
        Err(ShelfError::Conflict("nobody asks".to_owned()))
    }
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
    let import = |args| json!({ "method": "import_", "args": args });
    for (args, expected) in [
        (json!({ "from_": "attic" }), "plain attic []"),
        (
            json!({ "from_": "attic", "class_": "odd", "tags": ["old"] }),
            "odd attic [\"old\"]",
        ),
    ] {
        assert_eq!(client.take(&import(args)).await, json!({ "result": expected }));
    }
    let store = json!({ "method": "store", "args": { "place": 4 } });
    assert_eq!(client.take(&store).await, json!({ "result": 5 }));
    let watch = json!({ "method": "watch", "args": {} });
    let refused = client.take(&watch).await;
    assert_eq!(refused["error"]["class"], "NotImplementedError", "{refused}");
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
    // The form of before is what the caller makes of the value; the server reads it.
    assert_eq!(pinned.take(&store).await, json!({ "result": 5 }));
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
    // What is not filled in yet is found by its name on the wire, and takes its arguments by theirs.
    let call = client.call().fetch(&ctx, "attic", "odd", Vec::new()).await;
    let Err(CallError::Remote(failed)) = call else {
        panic!("{call:?}")
    };
    assert_eq!(failed.class, "NotImplementedError", "{failed}");

    bus.close().await;
    server.stop().await;
}
