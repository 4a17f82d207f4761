use rpc_runtime::Wire;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Wire)]
#[serde(deny_unknown_fields)]
enum Host {
    Named { name: String },
}

fn main() {}
