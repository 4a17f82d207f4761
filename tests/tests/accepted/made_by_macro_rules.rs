//! APIs and periodic tasks that a macro of the user writes, and an API inside of a function.
#![deny(warnings)]

use rpc_runtime::service::{PeriodicTasks, periodic_tasks};
use rpc_runtime::{Context, Failure, rpc_api};

macro_rules! api {
    ($name:ident, $version:literal, $ty:ty, $default:expr, $method:ident) => {
        #[rpc_api(topic = "a", version = $version)]
        pub trait $name {
            #[rpc(call, timeout = "5s")]
            async fn $method(
                &self,
                ctx: &Context,
                #[rpc(since = $version, default = $default)] a: $ty,
                b: Option<$ty>,
            ) -> Result<$ty, Failure>;
        }
    };
}

api!(Calc, "1.1", Vec<u8>, vec![1], add);

macro_rules! tasks {
    ($manager:ty, $context:ty) => {
        #[periodic_tasks]
        impl $manager {
            #[periodic_task]
            async fn sweep(&self, _: $context) {}
        }
    };
}

struct Sweeper;

tasks!(Sweeper, &Context);

#[test]
fn compiles() {
    fn local() {
        #[rpc_api(topic = "b", version = "1.0")]
        trait Inner {
            #[rpc(cast)]
            async fn reset(&self, ctx: &Context);
        }
        assert_eq!(InnerApi::RESET.name, "reset");
    }
    local();
    assert_eq!(CalcApi::ADD.args.len(), 2);
    assert_eq!(Sweeper.periodic_tasks().len(), 1);
}
