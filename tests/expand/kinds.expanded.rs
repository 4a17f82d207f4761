/// Each way of sending, and what goes with it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not serve `Kinds`",
    label = "not a manager of this API",
    note = "write `impl Kinds for {Self}`"
)]
pub(crate) trait Kinds {
    /// Answers.
    #[cfg(not(doc))]
    fn answered(
        &self,
        ctx: &Context,
    ) -> impl ::core::future::Future<Output = ApiResult<u8>> + ::core::marker::Send;
    /// Answers.
    #[cfg(doc)]
    async fn answered(&self, ctx: &Context) -> ApiResult<u8>;
    /// Does not.
    #[cfg(not(doc))]
    fn unanswered(
        &self,
        ctx: &Context,
        password: String,
    ) -> impl ::core::future::Future<
        Output = Result<(), Failure>,
    > + ::core::marker::Send;
    /// Does not.
    #[cfg(doc)]
    async fn unanswered(&self, ctx: &Context, password: String) -> Result<(), Failure>;
    /// Goes to all.
    #[cfg(not(doc))]
    fn told_to_all(
        &self,
        ctx: &Context,
    ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send;
    /// Goes to all.
    #[cfg(doc)]
    async fn told_to_all(&self, ctx: &Context);
    #[cfg(not(doc))]
    fn answered_often(
        &self,
        ctx: &Context,
        to: u8,
    ) -> impl ::core::future::Future<
        Output = Result<Items<u8, Failure>, Failure>,
    > + ::core::marker::Send;
    #[cfg(doc)]
    async fn answered_often(
        &self,
        ctx: &Context,
        to: u8,
    ) -> Result<Items<u8, Failure>, Failure>;
    #[cfg(feature = "more")]
    #[deprecated(note = "use answered")]
    #[cfg(not(doc))]
    fn r#match(
        &self,
        ctx: &Context,
        r#type: u8,
    ) -> impl ::core::future::Future<
        Output = Result<u8, Failure>,
    > + ::core::marker::Send;
    #[cfg(feature = "more")]
    #[deprecated(note = "use answered")]
    #[cfg(doc)]
    async fn r#match(&self, ctx: &Context, r#type: u8) -> Result<u8, Failure>;
}
/// The API that [`Kinds`] declares: what a server serves and a client calls.
pub(crate) struct KindsApi;
impl KindsApi {
    /// [`Kinds::answered`]: `answered` on the wire, by call; since 2.0.
    pub(crate) const ANSWERED: &'static crate::bus::MethodSpec = &crate::bus::MethodSpec::call(
            "answered",
            &[crate::bus::Version::new(2, 0)],
            &[],
        )
        .timeout(crate::bus::spec::Timeout::Millis(60000))
        .idempotent();
    /// [`Kinds::unanswered`]: `unanswered` on the wire, by cast; since 2.0.
    pub(crate) const UNANSWERED: &'static crate::bus::MethodSpec = &crate::bus::MethodSpec::cast(
            "unanswered",
            &[crate::bus::Version::new(2, 0)],
            &[crate::bus::ArgSpec::new("password").secret()],
        )
        .delivery(crate::bus::spec::Delivery::AtLeastOnce);
    /// [`Kinds::told_to_all`]: `told_to_all` on the wire, by cast and fanout; since 2.0.
    pub(crate) const TOLD_TO_ALL: &'static crate::bus::MethodSpec = &crate::bus::MethodSpec::new(
        "told_to_all",
        crate::bus::spec::Kinds::CAST.and(crate::bus::spec::Kinds::FANOUT),
        &[crate::bus::Version::new(2, 0)],
        &[],
    );
    /// [`Kinds::answered_often`]: `answered_often` on the wire, by stream; since 2.0.
    pub(crate) const ANSWERED_OFTEN: &'static crate::bus::MethodSpec = &crate::bus::MethodSpec::stream(
        "answered_often",
        &[crate::bus::Version::new(2, 0)],
        &crate::bus::ArgSpec::all(["to"]),
    );
    /// [`Kinds::r#match`]: `old` on the wire, by call; since 2.0.
    #[cfg(feature = "more")]
    pub(crate) const MATCH: &'static crate::bus::MethodSpec = &crate::bus::MethodSpec::call(
        "old",
        &[crate::bus::Version::new(2, 0)],
        &crate::bus::ArgSpec::all(["type"]),
    );
}
impl crate::bus::Api for KindsApi {
    const SPEC: &'static crate::bus::ApiSpec = &crate::bus::ApiSpec::new(
            "Kinds",
            crate::bus::Version::new(2, 0),
            &[
                Self::ANSWERED,
                Self::UNANSWERED,
                Self::TOLD_TO_ALL,
                Self::ANSWERED_OFTEN,
                #[cfg(feature = "more")]
                Self::MATCH,
            ],
        )
        .topic("kinds");
    type Context = crate::bus::Context;
}
impl crate::bus::__private::ContextOf<KindsApi> for crate::bus::Context {}
#[allow(deprecated)]
impl<__M> crate::bus::Serve<__M> for KindsApi
where
    __M: Kinds + ::core::marker::Send + ::core::marker::Sync + 'static,
{
    fn dispatch(
        manager: &__M,
        request: crate::bus::Incoming,
    ) -> crate::bus::Dispatch<'_> {
        use crate::bus::__private as __rpc;
        match request.method() {
            "answered" => {
                ::std::boxed::Box::pin(async move {
                    let (ctx,) = __rpc::take0::<
                        Self,
                        Context,
                    >(&request, Self::ANSWERED)?;
                    __rpc::answer(Kinds::answered(manager, &ctx).await)
                })
            }
            "unanswered" => {
                ::std::boxed::Box::pin(async move {
                    let (ctx, password) = __rpc::take1::<
                        Self,
                        Context,
                        String,
                    >(&request, Self::UNANSWERED)?;
                    __rpc::answer::<
                        (),
                        Failure,
                    >(Kinds::unanswered(manager, &ctx, password).await)
                })
            }
            "told_to_all" => {
                ::std::boxed::Box::pin(async move {
                    let (ctx,) = __rpc::take0::<
                        Self,
                        Context,
                    >(&request, Self::TOLD_TO_ALL)?;
                    __rpc::done(Kinds::told_to_all(manager, &ctx).await)
                })
            }
            "answered_often" => {
                ::std::boxed::Box::pin(async move {
                    let (ctx, to) = __rpc::take1::<
                        Self,
                        Context,
                        u8,
                    >(&request, Self::ANSWERED_OFTEN)?;
                    __rpc::stream::<
                        u8,
                        Failure,
                    >(Kinds::answered_often(manager, &ctx, to).await)
                })
            }
            #[cfg(feature = "more")]
            "old" => {
                ::std::boxed::Box::pin(async move {
                    let (ctx, r#type) = __rpc::take1::<
                        Self,
                        Context,
                        u8,
                    >(&request, Self::MATCH)?;
                    __rpc::answer::<
                        u8,
                        Failure,
                    >(Kinds::r#match(manager, &ctx, r#type).await)
                })
            }
            _ => __rpc::no_such_method(&request),
        }
    }
}
/// A client of [`Kinds`]: `new(&bus)` sends over a bus, `local(manager)` stays in the process.
pub(crate) type KindsClient = crate::bus::Client<KindsApi>;
impl crate::bus::client::Calls for KindsApi {
    type Caller<'c> = KindsCaller<'c>;
    fn caller(client: &crate::bus::SpecClient) -> KindsCaller<'_> {
        KindsCaller { client }
    }
}
/// Calls the methods of [`Kinds`] that answer.
pub(crate) struct KindsCaller<'c> {
    client: &'c crate::bus::SpecClient,
}
impl KindsCaller<'_> {
    /// Answers.
    pub(crate) fn answered(
        &self,
        ctx: &Context,
    ) -> crate::bus::Call<
        <ApiResult<u8> as crate::bus::__private::Outcome>::Value,
        <ApiResult<u8> as crate::bus::__private::Outcome>::Error,
    > {
        self.client.call(KindsApi::ANSWERED, ctx, &[])
    }
    /// [`Kinds::answered_often`].
    pub(crate) fn answered_often(
        &self,
        ctx: &Context,
        to: impl crate::bus::ArgOf<u8>,
    ) -> crate::bus::CallStream<u8, Failure> {
        self.client.stream(KindsApi::ANSWERED_OFTEN, ctx, &[&to])
    }
    /// [`Kinds::r#match`].
    #[cfg(feature = "more")]
    #[deprecated(note = "use answered")]
    pub(crate) fn r#match(
        &self,
        ctx: &Context,
        r#type: impl crate::bus::ArgOf<u8>,
    ) -> crate::bus::Call<u8, Failure> {
        self.client.call(KindsApi::MATCH, ctx, &[&r#type])
    }
}
impl crate::bus::client::Casts for KindsApi {
    type Caster<'c> = KindsCaster<'c>;
    fn caster(client: &crate::bus::SpecClient) -> KindsCaster<'_> {
        KindsCaster { client }
    }
}
/// Casts the methods of [`Kinds`] that may go unanswered.
pub(crate) struct KindsCaster<'c> {
    client: &'c crate::bus::SpecClient,
}
impl KindsCaster<'_> {
    /// Does not.
    pub(crate) fn unanswered(
        &self,
        ctx: &Context,
        password: impl crate::bus::ArgOf<String>,
    ) -> crate::bus::Cast {
        self.client.cast(KindsApi::UNANSWERED, ctx, &[&password])
    }
    /// Goes to all.
    pub(crate) fn told_to_all(&self, ctx: &Context) -> crate::bus::Cast {
        self.client.cast(KindsApi::TOLD_TO_ALL, ctx, &[])
    }
}
impl crate::bus::client::FansOut for KindsApi {
    type Fanout<'c> = KindsFanout<'c>;
    fn fanout(client: &crate::bus::SpecClient) -> KindsFanout<'_> {
        KindsFanout { client }
    }
}
/// Casts the methods of [`Kinds`] that may go to all servers at once.
pub(crate) struct KindsFanout<'c> {
    client: &'c crate::bus::SpecClient,
}
impl KindsFanout<'_> {
    /// Goes to all.
    pub(crate) fn told_to_all(&self, ctx: &Context) -> crate::bus::Cast {
        self.client.fanout(KindsApi::TOLD_TO_ALL, ctx, &[])
    }
}
