use rpc_runtime::rpc_api;

#[rpc_api(version = "1.0")]
trait Calc {}

fn main() {}
