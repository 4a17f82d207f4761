/// The tasks of `ui/released`, one of which is gone.
#[rpc_api(
    topic = "tasks",
    namespace = "tasks",
    version = "1.3",
    releases(zed = "1.1"),
    released = "../tests/ui/released/tasks.rpc",
    breaks = "METHOD_NO_DELETE",
    because = "it never did anything"
)]
trait Tasks {
    /// Gives a server another size.
    #[rpc(call, cast, since = "1.1", alias = "grow", idempotent)]
    async fn resize(
        &self,
        ctx: &Context,
        #[rpc(breaks = "TYPE_FIELD_NO_DELETE", because = "nobody sent it")] server: Server,
        #[rpc(since = "1.2", default = true)] clean: bool,
        #[rpc(since = "1.3", opaque)] hint: Option<Hint>,
    ) -> Result<Report, TaskError>;
}
