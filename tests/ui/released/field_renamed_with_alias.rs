use std::convert::Infallible;

use rpc_runtime::{Context, Wire, rpc_api};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Wire)]
struct Book {
    #[serde(alias = "name", alias = "title")]
    label: String,
    kind: Kind,
}

#[derive(Serialize, Deserialize, Wire)]
enum Kind {
    #[serde(alias = "Story")]
    Novel,
    Poem,
}

#[derive(Serialize, Deserialize, Wire)]
struct Place {
    row: u32,
}

#[rpc_api(topic = "shelf", version = "1.3", released = "ui/released/shelf.rpc")]
trait Shelf {
    #[rpc(cast)]
    async fn put(&self, ctx: &Context, book: Book);

    #[rpc(call)]
    async fn get(&self, ctx: &Context, shelf: Place) -> Result<Place, Infallible>;
}

fn main() {}
