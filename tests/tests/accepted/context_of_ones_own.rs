//! A context of one's own, by any path that names it.

use rpc_runtime::{Failure, rpc_api};

pub mod auth {
    #[derive(serde::Serialize, serde::Deserialize)]
    pub struct Session {
        pub user: String,
    }
}
use auth::Session as Who;

#[rpc_api(topic = "a", version = "1.0", context = auth::Session)]
pub trait Calc {
    #[rpc(call)]
    async fn add(&self, session: &Who) -> Result<String, Failure>;
    #[rpc(call)]
    async fn sub(&self, _: &auth::Session) -> Result<String, Failure>;
}

struct Manager;

impl Calc for Manager {
    async fn add(&self, session: &Who) -> Result<String, Failure> {
        Ok(session.user.clone())
    }

    async fn sub(&self, session: &Who) -> Result<String, Failure> {
        Ok(session.user.clone())
    }
}

#[derive(rpc_runtime::RpcServer)]
struct Service {
    #[rpc(CalcApi)]
    calc: Manager,
}

#[test]
fn compiles() {
    let _ = Service { calc: Manager };
}
