/// What is left of a trait with mistakes: the trait, and enough beside it that nothing else is an error.
#[rpc_api(topic = "calc", versoin = "1.0")]
pub trait Calc {
    #[rpc(call)]
    async fn add(&self, ctx: &Context, name: &str) -> Result<i64, CalcError>;

    #[rpc(cast)]
    async fn reset(&self, ctx: &Context);
}
