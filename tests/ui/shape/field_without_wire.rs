use rpc_runtime::Wire;

struct Name;

#[derive(Wire)]
struct Host {
    name: Vec<Name>,
}

fn main() {}
