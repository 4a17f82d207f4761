use rpc_runtime::Wire;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Wire)]
struct Host {
    #[serde(skip_serializing, default)]
    #[rpc(opaque)]
    password: String,
}

fn main() {}
