/// An API that grew.
#[rpc_api(topic = "conductor", namespace = "compute_task", version = "1.20", context = RequestContext)]
pub trait ComputeTask {
    /// Moves a server.
    #[rpc(call, cast, timeout = long, monitored, alias = ["migrate"])]
    async fn migrate_server(
        &self,
        ctx: &RequestContext,
        instance: Instance,
        #[rpc(since = "1.11", default = true)] clean_shutdown: bool,
        #[rpc(since = "1.13", name = "request_spec")] spec: Option<RequestSpec>,
        #[rpc(since = "1.20", default, unsent = drop)] host_list: Vec<Host>,
    ) -> Result<(), MigrateError>;

    /// Was not there from the start.
    #[rpc(cast, since = "1.18")]
    async fn cache_images(&self, ctx: &RequestContext, aggregate: Aggregate, image_ids: Vec<Uuid>);
}
