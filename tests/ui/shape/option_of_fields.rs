use rpc_runtime::Wire;

#[derive(Wire)]
#[rpc(recursive = Host)]
struct Host {
    name: String,
}

fn main() {}
