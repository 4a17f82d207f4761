use rpc_runtime::Wire;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Wire)]
enum Host {
    Named(String),
    #[serde(untagged)]
    Numbered(u8),
}

fn main() {}
