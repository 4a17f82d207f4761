use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

#[rpc_api(topic = "history", version = "2.4", accepts = "1.3", released = "ui/released/history.rpc")]
trait History {
    #[rpc(call)]
    async fn resize(
        &self,
        ctx: &Context,
        #[rpc(below("2.1", to_text, of_text))] size: u64,
        #[rpc(since = "2.2", default = true)] clean: bool,
    ) -> Result<(), Infallible>;

    #[deprecated(note = "nothing is remembered")]
    #[rpc(call, removed = "4.0")]
    async fn forget(&self, ctx: &Context) -> Result<(), Infallible>;
}

fn to_text(size: &u64) -> String {
    size.to_string()
}

fn of_text(size: String) -> Result<u64, std::num::ParseIntError> {
    size.parse()
}

fn main() {}
