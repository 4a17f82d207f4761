/// Each way of sending, and what goes with it.
#[rpc_api(topic = "kinds", version = "2.0", crate = crate::bus)]
pub(crate) trait Kinds {
    /// Answers.
    #[rpc(call, timeout = "1m", idempotent)]
    async fn answered(&self, ctx: &Context) -> ApiResult<u8>;

    /// Does not.
    #[rpc(cast, delivery = at_least_once)]
    async fn unanswered(&self, ctx: &Context, #[rpc(secret)] password: String) -> Result<(), Failure>;

    /// Goes to all.
    #[rpc(cast, fanout)]
    async fn told_to_all(&self, ctx: &Context);

    #[rpc(stream)]
    async fn answered_often(&self, ctx: &Context, to: u8) -> Result<Items<u8, Failure>, Failure>;

    #[cfg(feature = "more")]
    #[deprecated(note = "use answered")]
    #[rpc(call, name = "old")]
    async fn r#match(&self, ctx: &Context, r#type: u8) -> Result<u8, Failure>;
}
