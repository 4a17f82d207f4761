use std::convert::Infallible;

use rpc_runtime::{Context, rpc_api};

struct Secret(i64);

fn to_secret(number: &i64) -> Secret {
    Secret(*number)
}

fn of_secret(secret: Secret) -> Result<i64, Infallible> {
    Ok(secret.0)
}

#[rpc_api(version = "1.26")]
trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Context, #[rpc(below("1.10", to_secret, of_secret))] a: i64) -> Result<i64, Infallible>;
}

fn main() {}
