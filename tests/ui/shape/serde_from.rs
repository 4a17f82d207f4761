use rpc_runtime::Wire;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, Wire)]
#[serde(from = "String", into = "String")]
struct Host {
    name: String,
}

impl From<String> for Host {
    fn from(name: String) -> Self {
        Self { name }
    }
}

impl From<Host> for String {
    fn from(host: Host) -> Self {
        host.name
    }
}

fn main() {}
