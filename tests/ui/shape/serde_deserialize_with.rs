use rpc_runtime::Wire;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Wire)]
struct Host {
    #[serde(deserialize_with = "number")]
    number: u64,
}

fn number<'de, D: serde::Deserializer<'de>>(_: D) -> Result<u64, D::Error> {
    Ok(0)
}

fn main() {}
