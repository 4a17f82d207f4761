/// Adds things.
#[rpc_api(topic = "calc", version = "1.0")]
pub trait Calc {
    /// Adds two numbers.
    #[rpc(call)]
    async fn add(&self, ctx: &Context, a: i64, b: i64) -> Result<i64, CalcError>;
}
