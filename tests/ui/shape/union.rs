use rpc_runtime::Wire;

#[derive(Wire)]
union Both {
    a: u8,
    b: u8,
}

fn main() {}
