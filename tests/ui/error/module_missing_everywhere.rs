use rpc_runtime::RpcError;

#[derive(Debug, RpcError)]
enum CalcError {
    ValueError(String),
    TooMuch,
}

impl std::fmt::Display for CalcError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for CalcError {}

fn main() {}
