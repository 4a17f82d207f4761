//! What a user lets pass in an API passes in all that is made of it.
#![deny(warnings)]

use rpc_runtime::{Context, Failure, rpc_api};

#[deprecated]
pub type Old = u8;

#[rpc_api(topic = "a", version = "1.0")]
#[allow(non_snake_case)]
pub trait Camel {
    #[rpc(call, cast)]
    async fn addThing(&self, ctx: &Context, instanceId: u8) -> Result<(), Failure>;
}

#[rpc_api(topic = "a", version = "1.0")]
pub trait Single {
    #[expect(non_snake_case, reason = "peers have the name in this form")]
    #[rpc(call)]
    async fn addThing(&self, ctx: &Context, instanceId: u8) -> Result<u8, Failure>;

    #[allow(deprecated)]
    #[rpc(call)]
    async fn replace(&self, ctx: &Context, old: Old) -> Result<Option<Old>, Failure>;
}

#[deprecated]
#[rpc_api(topic = "a", version = "1.0")]
pub trait Leaving {
    #[rpc(call, cast)]
    async fn add(&self, ctx: &Context) -> Result<(), Failure>;
}

#[rpc_api(topic = "a", version = "1.0")]
#[allow(non_camel_case_types)]
pub trait lower {
    #[rpc(call)]
    async fn add(&self, ctx: &Context) -> Result<u8, Failure>;
}

/// Of the name that a generic parameter has elsewhere.
#[rpc_api(topic = "a", version = "1.0")]
pub trait M {
    #[rpc(call)]
    async fn add(&self, ctx: &Context) -> Result<u8, Failure>;
}

#[test]
fn compiles() {
    assert_eq!(SingleApi::ADDTHING.name, "addThing");
}
