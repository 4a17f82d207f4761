use rpc_runtime::RpcError;

#[derive(RpcError)]
union CalcError {
    a: i64,
    b: u64,
}

fn main() {}
