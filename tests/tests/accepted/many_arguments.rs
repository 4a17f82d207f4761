//! As many arguments as a method may have, and no lint against them in what is made of it.
#![deny(clippy::all)]

use rpc_runtime::{Context, Failure, rpc_api};

#[rpc_api(topic = "a", version = "1.0")]
pub trait Calc {
    #[rpc(call)]
    async fn add(
        &self,
        ctx: &Context,
        a0: u8,
        a1: u16,
        a2: u32,
        a3: u64,
        a4: u8,
        a5: u16,
        a6: u32,
        a7: u64,
        a8: u8,
        a9: u16,
        a10: u32,
        a11: u64,
        a12: u8,
        a13: u16,
        a14: u32,
        a15: u64,
        a16: u8,
        a17: u16,
        a18: u32,
        a19: u64,
        a20: u8,
        a21: u16,
        a22: u32,
        a23: u64,
    ) -> Result<u64, Failure>;
}

#[test]
fn compiles() {
    assert_eq!(CalcApi::ADD.args.len(), 24);
}
