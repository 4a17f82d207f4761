use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

fn to_text(number: &i64) -> String {
    number.to_string()
}

fn of_bytes(bytes: Vec<u8>) -> Result<i64, std::num::ParseIntError> {
    String::from_utf8_lossy(&bytes).parse()
}

#[rpc_api(version = "1.26")]
trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Context, #[rpc(below("1.10", to_text, of_bytes))] a: i64) -> Result<i64, Infallible>;
}

fn main() {}
