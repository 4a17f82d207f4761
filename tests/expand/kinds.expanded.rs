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
#[allow(missing_debug_implementations)]
pub(crate) struct KindsApi;
#[allow(dead_code)]
#[cfg_attr(not(doc), allow(missing_docs))]
impl KindsApi {
    #[cfg_attr(
        doc,
        doc = " [`Kinds::answered`]: `answered` on the wire, by call; since 2.0."
    )]
    pub(crate) const ANSWERED: &'static crate::bus::MethodSpec = &crate::bus::MethodSpec::call(
            "answered",
            &[crate::bus::Version::new(2, 0)],
            &[],
        )
        .timeout(crate::bus::spec::Timeout::Millis(60000))
        .idempotent();
    #[cfg_attr(
        doc,
        doc = " [`Kinds::unanswered`]: `unanswered` on the wire, by cast; since 2.0."
    )]
    pub(crate) const UNANSWERED: &'static crate::bus::MethodSpec = &crate::bus::MethodSpec::cast(
            "unanswered",
            &[crate::bus::Version::new(2, 0)],
            &[crate::bus::ArgSpec::new("password").secret()],
        )
        .delivery(crate::bus::spec::Delivery::AtLeastOnce);
    #[cfg_attr(
        doc,
        doc = " [`Kinds::told_to_all`]: `told_to_all` on the wire, by cast and fanout; since 2.0."
    )]
    pub(crate) const TOLD_TO_ALL: &'static crate::bus::MethodSpec = &crate::bus::MethodSpec::new(
        "told_to_all",
        crate::bus::spec::Kinds::CAST.and(crate::bus::spec::Kinds::FANOUT),
        &[crate::bus::Version::new(2, 0)],
        &[],
    );
    #[cfg_attr(
        doc,
        doc = " [`Kinds::answered_often`]: `answered_often` on the wire, by stream; since 2.0."
    )]
    pub(crate) const ANSWERED_OFTEN: &'static crate::bus::MethodSpec = &crate::bus::MethodSpec::stream(
        "answered_often",
        &[crate::bus::Version::new(2, 0)],
        &crate::bus::ArgSpec::all(["to"]),
    );
    #[cfg_attr(doc, doc = " [`Kinds::r#match`]: `old` on the wire, by call; since 2.0.")]
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
/// A client of [`Kinds`].
///
/// The methods that change something give a changed copy.
pub(crate) struct KindsClient {
    client: crate::bus::Client,
}
#[allow(dead_code)]
impl KindsClient {
    /// A client of [`Kinds`] on this bus.
    pub(crate) fn new(bus: &crate::bus::Bus) -> Self {
        Self {
            client: crate::bus::Client::new(bus, <KindsApi as crate::bus::Api>::SPEC),
        }
    }
    /// A client of a manager in this process: the same encoding and the same version rules, without a bus.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, which runs the methods of [`Kinds`].
    pub(crate) fn local<M>(manager: M) -> Self
    where
        M: Kinds + ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        Self {
            client: crate::bus::Client::local::<KindsApi, M>(manager),
        }
    }
    /// Sends to this server of the topic.
    #[must_use]
    pub(crate) fn on(
        &self,
        server: impl ::core::convert::Into<::std::string::String>,
    ) -> Self {
        Self {
            client: self.client.on(server),
        }
    }
    /// Sends to this topic.
    #[must_use]
    pub(crate) fn topic(
        &self,
        topic: impl ::core::convert::Into<::std::string::String>,
    ) -> Self {
        Self {
            client: self.client.topic(topic),
        }
    }
    /// Sends to the topic as scoped by this exchange, instead of the bus's own.
    #[must_use]
    pub(crate) fn exchange(
        &self,
        exchange: impl ::core::convert::Into<::std::string::String>,
    ) -> Self {
        Self {
            client: self.client.exchange(exchange),
        }
    }
    /// Waits this long for answers, whatever the methods declare.
    #[must_use]
    pub(crate) fn timeout(&self, limit: ::core::time::Duration) -> Self {
        Self {
            client: self.client.timeout(limit),
        }
    }
    /// Gives a call up when its server is silent for this long.
    #[must_use]
    pub(crate) fn monitored(&self, silence: ::core::time::Duration) -> Self {
        Self {
            client: self.client.monitored(silence),
        }
    }
    /// Sends nothing that a server of this version does not understand.
    #[must_use]
    pub(crate) fn pinned(
        &self,
        pin: impl ::core::convert::Into<crate::bus::Pin>,
    ) -> Self {
        Self {
            client: self.client.pinned(pin),
        }
    }
    /// Whether servers of the version this client is pinned to have the method.
    pub(crate) fn can_send(&self, method: &crate::bus::MethodSpec) -> bool {
        self.client.can_send(method)
    }
    /// Sends to one server and waits for its answer.
    pub(crate) fn call(&self) -> KindsCaller<'_> {
        KindsCaller {
            client: &self.client,
        }
    }
    /// Sends to one server, which does not answer.
    pub(crate) fn cast(&self) -> KindsCaster<'_> {
        KindsCaster {
            client: &self.client,
        }
    }
    /// Sends to every server of the topic; none answers.
    pub(crate) fn fanout(&self) -> KindsFanout<'_> {
        KindsFanout {
            client: &self.client,
        }
    }
}
impl ::core::clone::Clone for KindsClient {
    fn clone(&self) -> Self {
        Self {
            client: ::core::clone::Clone::clone(&self.client),
        }
    }
}
impl ::core::fmt::Debug for KindsClient {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.debug_tuple("KindsClient").field(&self.client).finish()
    }
}
/// Calls the methods of [`Kinds`] that answer.
#[allow(missing_debug_implementations)]
pub(crate) struct KindsCaller<'c> {
    client: &'c crate::bus::Client,
}
#[allow(dead_code)]
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
/// Casts the methods of [`Kinds`] that may go unanswered.
#[allow(missing_debug_implementations)]
pub(crate) struct KindsCaster<'c> {
    client: &'c crate::bus::Client,
}
#[allow(dead_code)]
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
/// Casts the methods of [`Kinds`] that may go to all servers at once.
#[allow(missing_debug_implementations)]
pub(crate) struct KindsFanout<'c> {
    client: &'c crate::bus::Client,
}
#[allow(dead_code)]
impl KindsFanout<'_> {
    /// Goes to all.
    pub(crate) fn told_to_all(&self, ctx: &Context) -> crate::bus::Cast {
        self.client.fanout(KindsApi::TOLD_TO_ALL, ctx, &[])
    }
}
