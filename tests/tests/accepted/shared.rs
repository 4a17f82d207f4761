//! Types that are shared: each holds the next one eight times, so that there are more ways down than the compiler could go.

use rpc_runtime::{Api, Context, Wire, rpc_api};
use serde::{Deserialize, Serialize};

macro_rules! levels {
    ($($level:ident of $next:ident,)*) => {
        $(
            #[derive(Serialize, Deserialize, Wire)]
            struct $level {
                a: Box<$next>,
                b: Box<$next>,
                c: Box<$next>,
                d: Box<$next>,
                e: Box<$next>,
                f: Box<$next>,
                g: Box<$next>,
                h: Box<$next>,
            }
        )*
    };
}

levels! {
    L0 of L1,
    L1 of L2,
    L2 of L3,
    L3 of L4,
    L4 of L5,
}

#[derive(Serialize, Deserialize, Wire)]
struct L5 {
    last: u8,
}

#[rpc_api(topic = "shared", version = "1.0", released = "tests/accepted/shared.rpc")]
trait Shared {
    #[rpc(cast)]
    async fn take(&self, ctx: &Context, first: L0);
}

#[test]
fn what_is_shared_is_compared_once() {
    assert_eq!(<SharedApi as Api>::SPEC.methods.len(), 1);
}
