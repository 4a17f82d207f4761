use rpc_runtime::{Context, Wire, rpc_api};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Wire)]
#[serde(deny_unknown_fields)]
struct Book {
    title: String,
    author: Option<String>,
}

#[rpc_api(topic = "shelf", version = "1.3", released = "ui/released/strict.rpc")]
trait Shelf {
    #[rpc(cast)]
    async fn put(&self, ctx: &Context, book: Book);
}

fn main() {}
