use rpc_runtime::RpcError;

#[derive(Debug, RpcError)]
#[rpc(module = "calc.exception")]
enum CalcError<T> {
    TooMuch(T),
}

fn main() {}
