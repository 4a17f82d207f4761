//! Names that the expansion uses as well, and names of the prelude that stand for something else here.
#![allow(dead_code, non_camel_case_types)]

mod inner {
    use rpc_runtime::{Context, Failure, rpc_api};

    struct Box;
    struct Option;
    struct Some;
    struct Ok;
    struct Vec;
    struct String;
    struct M;
    struct Send;
    struct Sync;
    mod core {}
    mod std {}

    #[rpc_api(topic = "a", version = "1.0")]
    pub trait Calc {
        #[rpc(call, alias = "old")]
        async fn add(
            &self,
            request: &Context,
            manager: u8,
            ctx: u8,
            client: u8,
            server: u8,
            result: u8,
            r#type: u8,
        ) -> Result<u8, Failure>;
        #[rpc(call)]
        async fn spec(&self, ctx: &Context) -> Result<u8, Failure>;
        #[rpc(call)]
        async fn clone(&self, ctx: &Context) -> Result<u8, Failure>;
        #[rpc(call, cast)]
        async fn r#match(&self, ctx: &Context) -> Result<u8, Failure>;
        #[rpc(call)]
        async fn call(&self, ctx: &Context) -> Result<u8, Failure>;
        #[rpc(call)]
        async fn unnamed(&self, _: &Context, ctx: u8) -> Result<u8, Failure>;
        #[rpc(call)]
        async fn dispatch(&self, ctx: &Context, f: u8) -> Result<u8, Failure>;
    }
}

#[test]
fn compiles() {
    assert_eq!(inner::CalcApi::ADD.args[6 - 1].name, "type");
    assert_eq!(inner::CalcApi::MATCH.name, "match");
    assert_eq!(<inner::CalcApi as rpc_runtime::Api>::SPEC.name, "Calc");
}
