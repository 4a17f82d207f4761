//! An API as a user writes it, from the trait to a call over the memory transport.

use rpc_runtime::{CallError, Context, Failure, Items, rpc_api};

/// Adds things.
#[rpc_api(topic = "calc", namespace = "calc", version = "1.1")]
pub trait Calc {
    /// Adds two numbers.
    #[rpc(call, timeout = "30s", idempotent)]
    async fn add(
        &self,
        ctx: &Context,
        a: i64,
        #[rpc(since = "1.1", default = 1)] b: i64,
    ) -> Result<i64, Failure>;
    /// Forgets everything.
    #[rpc(cast, fanout)]
    async fn reset(&self, ctx: &Context);
    /// Counts up.
    #[rpc(stream)]
    async fn count(&self, ctx: &Context, to: u32) -> Result<Items<u32, Failure>, Failure>;
}

struct Manager;

impl Calc for Manager {
    async fn add(&self, _: &Context, a: i64, b: i64) -> Result<i64, Failure> {
        a.checked_add(b)
            .ok_or_else(|| Failure::new("builtins", "OverflowError", "too large"))
    }

    async fn reset(&self, _: &Context) {}

    async fn count(&self, _: &Context, to: u32) -> Result<Items<u32, Failure>, Failure> {
        Ok(Items::from_values(1..=to))
    }
}

#[tokio::test]
async fn a_trait_is_a_service() {
    let ctx = Context::new();
    let client = CalcClient::local(Manager);
    assert_eq!(client.call().add(&ctx, 1, 2).await.unwrap(), 3);
    let error = client.call().add(&ctx, i64::MAX, 2).await.unwrap_err();
    assert!(matches!(error, CallError::Api(failure) if failure.class == "OverflowError"));
    client.cast().reset(&ctx).await.unwrap();
    client.fanout().reset(&ctx).await.unwrap();
    assert!(client.can_send(CalcApi::RESET));
    let _ = client.call().count(&ctx, 3).await.unwrap();
}
