use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

fn to_text(number: &i64) -> String {
    number.to_string()
}

fn of_text(text: String) -> Result<i64, std::num::ParseIntError> {
    text.parse()
}

#[rpc_api(version = "1.26")]
trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Context, #[rpc(below("1.10", to_text, of_text), below("1.10", to_text, of_text))] a: i64) -> Result<i64, Infallible>;
}

fn main() {}
