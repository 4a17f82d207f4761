//! A manager may write a method as a function that gives a future.

use std::future::{Future, ready};

use rpc_runtime::{Context, Failure, rpc_api};

#[rpc_api(topic = "a", version = "1.0")]
pub trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Context, a: u8) -> Result<u8, Failure>;
}

struct Manager;

impl Calc for Manager {
    fn add(&self, _: &Context, a: u8) -> impl Future<Output = Result<u8, Failure>> + Send {
        ready(Ok(a))
    }
}

#[test]
fn compiles() {
    let _ = Manager;
}
