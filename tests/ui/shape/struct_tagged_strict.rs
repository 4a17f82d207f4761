use rpc_runtime::Wire;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Wire)]
#[serde(tag = "kind", deny_unknown_fields)]
struct Came {
    host: String,
}

fn main() {}
