//! A return type may be an alias: what is behind it, the compiler tells.

use rpc_runtime::{Context, Failure, Items, rpc_api};

type ApiResult<T> = Result<T, Failure>;
type Answer = Result<u8, Failure>;
type Numbers = Items<u8, Failure>;
type Done = Result<(), Failure>;

#[rpc_api(topic = "a", version = "1.0")]
trait Calc {
    #[rpc(call)]
    async fn one(&self, ctx: &Context) -> ApiResult<u8>;
    #[rpc(call)]
    async fn two(&self, ctx: &Context) -> Answer;
    #[rpc(stream)]
    async fn three(&self, ctx: &Context) -> ApiResult<Numbers>;
    #[rpc(cast)]
    async fn four(&self, ctx: &Context) -> ApiResult<()>;
    #[rpc(cast)]
    async fn five(&self, ctx: &Context) -> Done;
    #[rpc(call)]
    async fn six(&self, ctx: &Context) -> Result<u8, Failure>;
}

async fn used(client: &CalcClient, ctx: &Context) -> Result<u8, rpc_runtime::CallError<Failure>> {
    let _ = client.call().three(ctx).await?;
    Ok(client.call().one(ctx).await? + client.call().two(ctx).await? + client.call().six(ctx).await?)
}

#[test]
fn compiles() {
    let _ = used;
}
