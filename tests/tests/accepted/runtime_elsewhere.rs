//! The runtime may be under another path: `crate = ..` says where.

mod bus {
    pub mod rpc {
        pub use rpc_runtime::*;
    }
}

use bus::rpc::{Context, Failure, RpcError, RpcServer, rpc_api};

#[rpc_api(topic = "a", version = "1.0", crate = self::bus::rpc)]
trait Calc {
    #[rpc(call, cast)]
    async fn add(&self, ctx: &Context, #[rpc(default)] a: u8) -> Result<u8, CalcError>;
}

#[derive(Debug, RpcError)]
#[rpc(crate = self::bus::rpc, module = "calc")]
enum CalcError {
    Full {
        size: u8,
    },
    #[rpc(transparent)]
    Other(Failure),
}

impl std::fmt::Display for CalcError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for CalcError {}

struct Manager;

impl Calc for Manager {
    async fn add(&self, _: &Context, a: u8) -> Result<u8, CalcError> {
        Ok(a)
    }
}

#[derive(RpcServer)]
#[rpc(crate = bus::rpc)]
struct Service(#[rpc(CalcApi)] Manager);

#[test]
fn compiles() {
    let _ = Service(Manager);
}
