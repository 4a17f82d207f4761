/// An API that grew.
#[rpc_api(
    topic = "conductor",
    namespace = "compute_task",
    version = "2.3",
    accepts = "1.20",
    releases(stein = "1.20", zed = "2.2"),
    context = RequestContext
)]
pub trait ComputeTask {
    /// Moves a server.
    #[rpc(call, cast, timeout = long, monitored, alias = ["migrate"])]
    async fn migrate_server(
        &self,
        ctx: &RequestContext,
        #[rpc(below("1.6", legacy::row_of, legacy::of_row))] instance: Instance,
        #[rpc(since = "1.11", default = true)] clean_shutdown: bool,
        #[rpc(since = "1.13", name = "request_spec")] spec: Option<RequestSpec>,
        #[rpc(since = ["1.20", "2.1"], default, unsent = drop)] host_list: Vec<Host>,
        #[rpc(until = "2.0")] reservations: Option<Vec<String>>,
    ) -> Result<(), MigrateError>;

    /// Was not there from the start.
    #[deprecated(note = "images are cached on demand")]
    #[rpc(cast, since = "1.18", removed = "3.0")]
    async fn cache_images(&self, ctx: &RequestContext, aggregate: Aggregate, image_ids: Vec<Uuid>);
}
