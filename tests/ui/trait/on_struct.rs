use rpc_runtime::rpc_api;

#[rpc_api(version = "1.0")]
struct Calc {
    sum: i64,
}

fn main() {
    let _ = Calc { sum: 1 }.sum;
}
