use rpc_runtime::{Context, rpc_api};

#[rpc_api(topic = "shelf", version = "1.2", released = "ui/released/merged.rpc")]
trait Shelf {
    #[rpc(cast, alias = "put")]
    async fn store(&self, ctx: &Context, book: String);
}

fn main() {}
