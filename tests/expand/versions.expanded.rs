/// An API that grew.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not serve `ComputeTask`",
    label = "not a manager of this API",
    note = "write `impl ComputeTask for {Self}`"
)]
pub trait ComputeTask {
    /// Moves a server.
    #[cfg(not(doc))]
    fn migrate_server(
        &self,
        ctx: &RequestContext,
        instance: Instance,
        clean_shutdown: bool,
        spec: Option<RequestSpec>,
        host_list: Vec<Host>,
        reservations: Option<Vec<String>>,
    ) -> impl ::core::future::Future<
        Output = Result<(), MigrateError>,
    > + ::core::marker::Send;
    /// Moves a server.
    #[cfg(doc)]
    async fn migrate_server(
        &self,
        ctx: &RequestContext,
        instance: Instance,
        clean_shutdown: bool,
        spec: Option<RequestSpec>,
        host_list: Vec<Host>,
        reservations: Option<Vec<String>>,
    ) -> Result<(), MigrateError>;
    /// Was not there from the start.
    #[deprecated(note = "images are cached on demand")]
    #[cfg(not(doc))]
    fn cache_images(
        &self,
        ctx: &RequestContext,
        aggregate: Aggregate,
        image_ids: Vec<Uuid>,
    ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send;
    /// Was not there from the start.
    #[deprecated(note = "images are cached on demand")]
    #[cfg(doc)]
    async fn cache_images(
        &self,
        ctx: &RequestContext,
        aggregate: Aggregate,
        image_ids: Vec<Uuid>,
    );
}
/// The API that [`ComputeTask`] declares: what a server serves and a client calls.
pub struct ComputeTaskApi;
impl ComputeTaskApi {
    /// [`ComputeTask::migrate_server`]: `compute_task.migrate_server` on the wire, by call and cast; since 1.0 and 2.0, also taken as `compute_task.migrate`.
    pub const MIGRATE_SERVER: &'static ::rpc_runtime::MethodSpec = &::rpc_runtime::MethodSpec::new(
            "migrate_server",
            ::rpc_runtime::spec::Kinds::CALL.and(::rpc_runtime::spec::Kinds::CAST),
            &[::rpc_runtime::Version::new(1, 0), ::rpc_runtime::Version::new(2, 0)],
            &[
                ::rpc_runtime::ArgSpec::new("instance")
                    .below(
                        &[
                            ::rpc_runtime::spec::Below::new(
                                ::rpc_runtime::Version::new(1, 6),
                                |json, way| ::rpc_runtime::__private::other_form::<
                                    Instance,
                                    _,
                                    _,
                                >(json, way, legacy::row_of, legacy::of_row),
                            ),
                        ],
                    ),
                ::rpc_runtime::ArgSpec::new("clean_shutdown")
                    .since(&[::rpc_runtime::Version::new(1, 11)])
                    .default(|| ::rpc_runtime::__private::default_value::<bool>(true)),
                ::rpc_runtime::ArgSpec::new("request_spec")
                    .since(&[::rpc_runtime::Version::new(1, 13)]),
                ::rpc_runtime::ArgSpec::new("host_list")
                    .since(
                        &[
                            ::rpc_runtime::Version::new(1, 20),
                            ::rpc_runtime::Version::new(2, 1),
                        ],
                    )
                    .default(|| ::rpc_runtime::__private::default_value::<
                        Vec<Host>,
                    >(<Vec<Host> as ::core::default::Default>::default()))
                    .unsent(::rpc_runtime::spec::Unsent::Drop),
                ::rpc_runtime::ArgSpec::new("reservations")
                    .until(::rpc_runtime::Version::new(2, 0)),
            ],
        )
        .aliases(&["migrate"])
        .timeout(::rpc_runtime::spec::Timeout::Class("long"))
        .monitored();
    /// [`ComputeTask::cache_images`]: `compute_task.cache_images` on the wire, by cast; since 1.18 and 2.0, until 3.0.
    pub const CACHE_IMAGES: &'static ::rpc_runtime::MethodSpec = &::rpc_runtime::MethodSpec::cast(
            "cache_images",
            &[::rpc_runtime::Version::new(1, 18), ::rpc_runtime::Version::new(2, 0)],
            &::rpc_runtime::ArgSpec::all(["aggregate", "image_ids"]),
        )
        .removed(::rpc_runtime::Version::new(3, 0));
}
impl ::rpc_runtime::Api for ComputeTaskApi {
    const SPEC: &'static ::rpc_runtime::ApiSpec = &::rpc_runtime::ApiSpec::new(
            "ComputeTask",
            ::rpc_runtime::Version::new(2, 3),
            &[Self::MIGRATE_SERVER, Self::CACHE_IMAGES],
        )
        .topic("conductor")
        .namespace("compute_task")
        .accepts(::rpc_runtime::Version::new(1, 20))
        .releases(
            &[
                ("stein", ::rpc_runtime::Version::new(1, 20)),
                ("zed", ::rpc_runtime::Version::new(2, 2)),
            ],
        );
    type Context = RequestContext;
}
impl ::rpc_runtime::__private::ContextOf<ComputeTaskApi> for RequestContext {}
/// The releases that speak [`ComputeTask`], as an operator names them.
#[derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::cmp::PartialEq,
    ::core::cmp::Eq,
    ::core::fmt::Debug
)]
pub enum ComputeTaskRelease {
    /// Speaks 1.20.
    Stein,
    /// Speaks 2.2.
    Zed,
}
impl ::rpc_runtime::Release for ComputeTaskRelease {
    type Api = ComputeTaskApi;
    const ALL: &'static [Self] = &[Self::Stein, Self::Zed];
    fn index(self) -> usize {
        self as usize
    }
}
impl ::core::str::FromStr for ComputeTaskRelease {
    type Err = ::rpc_runtime::pin::UnknownLevel;
    fn from_str(name: &str) -> ::core::result::Result<Self, Self::Err> {
        <Self as ::rpc_runtime::Release>::named(name)
    }
}
impl ::core::convert::From<ComputeTaskRelease> for ::rpc_runtime::Pin {
    fn from(release: ComputeTaskRelease) -> Self {
        <Self as ::core::convert::From<
            _,
        >>::from(::rpc_runtime::Release::version(release))
    }
}
#[allow(deprecated)]
impl<__M> ::rpc_runtime::Serve<__M> for ComputeTaskApi
where
    __M: ComputeTask + ::core::marker::Send + ::core::marker::Sync + 'static,
{
    fn dispatch(
        manager: &__M,
        request: ::rpc_runtime::Incoming,
    ) -> ::rpc_runtime::Dispatch<'_> {
        use ::rpc_runtime::__private as __rpc;
        match __rpc::method_of(&request, <Self as ::rpc_runtime::Api>::SPEC) {
            "migrate_server" | "migrate" => {
                ::std::boxed::Box::pin(async move {
                    let (ctx, instance, clean_shutdown, spec, host_list, reservations) = __rpc::take5::<
                        Self,
                        RequestContext,
                        Instance,
                        bool,
                        Option<RequestSpec>,
                        Vec<Host>,
                        Option<Vec<String>>,
                    >(&request, Self::MIGRATE_SERVER)?;
                    __rpc::answer::<
                        (),
                        MigrateError,
                    >(
                        ComputeTask::migrate_server(
                                manager,
                                &ctx,
                                instance,
                                clean_shutdown,
                                spec,
                                host_list,
                                reservations,
                            )
                            .await,
                    )
                })
            }
            "cache_images" => {
                ::std::boxed::Box::pin(async move {
                    let (ctx, aggregate, image_ids) = __rpc::take2::<
                        Self,
                        RequestContext,
                        Aggregate,
                        Vec<Uuid>,
                    >(&request, Self::CACHE_IMAGES)?;
                    __rpc::done(
                        ComputeTask::cache_images(manager, &ctx, aggregate, image_ids)
                            .await,
                    )
                })
            }
            _ => __rpc::no_such_method(&request),
        }
    }
}
/// A client of [`ComputeTask`]: `new(&bus)` sends over a bus, `local(manager)` stays in the process.
pub type ComputeTaskClient = ::rpc_runtime::Client<ComputeTaskApi>;
impl ::rpc_runtime::client::Calls for ComputeTaskApi {
    type Caller<'c> = ComputeTaskCaller<'c>;
    fn caller(client: &::rpc_runtime::SpecClient) -> ComputeTaskCaller<'_> {
        ComputeTaskCaller { client }
    }
}
/// Calls the methods of [`ComputeTask`] that answer.
pub struct ComputeTaskCaller<'c> {
    client: &'c ::rpc_runtime::SpecClient,
}
impl ComputeTaskCaller<'_> {
    /// Moves a server.
    pub fn migrate_server(
        &self,
        ctx: &RequestContext,
        instance: impl ::rpc_runtime::ArgOf<Instance>,
        clean_shutdown: impl ::rpc_runtime::ArgOf<bool>,
        spec: impl ::rpc_runtime::ArgOf<Option<RequestSpec>>,
        host_list: impl ::rpc_runtime::ArgOf<Vec<Host>>,
        reservations: impl ::rpc_runtime::ArgOf<Option<Vec<String>>>,
    ) -> ::rpc_runtime::Call<(), MigrateError> {
        self.client
            .call(
                ComputeTaskApi::MIGRATE_SERVER,
                ctx,
                &[&instance, &clean_shutdown, &spec, &host_list, &reservations],
            )
    }
}
impl ::rpc_runtime::client::Casts for ComputeTaskApi {
    type Caster<'c> = ComputeTaskCaster<'c>;
    fn caster(client: &::rpc_runtime::SpecClient) -> ComputeTaskCaster<'_> {
        ComputeTaskCaster { client }
    }
}
/// Casts the methods of [`ComputeTask`] that may go unanswered.
pub struct ComputeTaskCaster<'c> {
    client: &'c ::rpc_runtime::SpecClient,
}
impl ComputeTaskCaster<'_> {
    /// Moves a server.
    pub fn migrate_server(
        &self,
        ctx: &RequestContext,
        instance: impl ::rpc_runtime::ArgOf<Instance>,
        clean_shutdown: impl ::rpc_runtime::ArgOf<bool>,
        spec: impl ::rpc_runtime::ArgOf<Option<RequestSpec>>,
        host_list: impl ::rpc_runtime::ArgOf<Vec<Host>>,
        reservations: impl ::rpc_runtime::ArgOf<Option<Vec<String>>>,
    ) -> ::rpc_runtime::Cast {
        self.client
            .cast(
                ComputeTaskApi::MIGRATE_SERVER,
                ctx,
                &[&instance, &clean_shutdown, &spec, &host_list, &reservations],
            )
    }
    /// Was not there from the start.
    #[deprecated(note = "images are cached on demand")]
    pub fn cache_images(
        &self,
        ctx: &RequestContext,
        aggregate: impl ::rpc_runtime::ArgOf<Aggregate>,
        image_ids: impl ::rpc_runtime::ArgOf<Vec<Uuid>>,
    ) -> ::rpc_runtime::Cast {
        self.client.cast(ComputeTaskApi::CACHE_IMAGES, ctx, &[&aggregate, &image_ids])
    }
}
