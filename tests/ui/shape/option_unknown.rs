use rpc_runtime::Wire;

#[derive(Wire)]
struct Host {
    #[rpc(opaqe)]
    name: String,
}

fn main() {}
