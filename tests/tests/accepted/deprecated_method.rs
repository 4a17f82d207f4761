//! A deprecated method warns those who call it, and not the crate that declares it.
#![deny(warnings)]

use rpc_runtime::{Context, Failure, rpc_api};

#[rpc_api(topic = "a", version = "1.0")]
pub trait Calc {
    #[deprecated(note = "use sum")]
    #[rpc(call)]
    async fn add(&self, ctx: &Context, a: u8) -> Result<u8, Failure>;
}

#[test]
fn compiles() {}
