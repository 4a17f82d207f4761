use rpc_runtime::Wire;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Wire)]
struct Host {
    #[serde(rename(serialize = "host", deserialize = "name"))]
    name: String,
}

fn main() {}
