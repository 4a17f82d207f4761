/// Adds things.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not serve `Calc`",
    label = "not a manager of this API",
    note = "write `impl Calc for {Self}`"
)]
pub trait Calc {
    /// Adds two numbers.
    #[cfg(not(doc))]
    fn add(
        &self,
        ctx: &Context,
        a: i64,
        b: i64,
    ) -> impl ::core::future::Future<
        Output = Result<i64, CalcError>,
    > + ::core::marker::Send;
    /// Adds two numbers.
    #[cfg(doc)]
    async fn add(&self, ctx: &Context, a: i64, b: i64) -> Result<i64, CalcError>;
}
/// The API that [`Calc`] declares: what a server serves and a client calls.
#[allow(missing_debug_implementations)]
pub struct CalcApi;
#[allow(dead_code)]
#[cfg_attr(not(doc), allow(missing_docs))]
impl CalcApi {
    #[cfg_attr(doc, doc = " [`Calc::add`]: `add` on the wire, by call; since 1.0.")]
    pub const ADD: &'static ::rpc_runtime::MethodSpec = &::rpc_runtime::MethodSpec::call(
        "add",
        &[::rpc_runtime::Version::new(1, 0)],
        &::rpc_runtime::ArgSpec::all(["a", "b"]),
    );
}
impl ::rpc_runtime::Api for CalcApi {
    const SPEC: &'static ::rpc_runtime::ApiSpec = &::rpc_runtime::ApiSpec::new(
            "Calc",
            ::rpc_runtime::Version::new(1, 0),
            &[Self::ADD],
        )
        .topic("calc");
    type Context = ::rpc_runtime::Context;
}
impl ::rpc_runtime::__private::ContextOf<CalcApi> for ::rpc_runtime::Context {}
#[allow(deprecated)]
impl<__M> ::rpc_runtime::Serve<__M> for CalcApi
where
    __M: Calc + ::core::marker::Send + ::core::marker::Sync + 'static,
{
    fn dispatch(
        manager: &__M,
        request: ::rpc_runtime::Incoming,
    ) -> ::rpc_runtime::Dispatch<'_> {
        use ::rpc_runtime::__private as __rpc;
        match request.method() {
            "add" => {
                ::std::boxed::Box::pin(async move {
                    let (ctx, a, b) = __rpc::take2::<
                        Self,
                        Context,
                        i64,
                        i64,
                    >(&request, Self::ADD)?;
                    __rpc::answer::<i64, CalcError>(Calc::add(manager, &ctx, a, b).await)
                })
            }
            _ => __rpc::no_such_method(&request),
        }
    }
}
/// A client of [`Calc`].
///
/// The methods that change something give a changed copy.
pub struct CalcClient {
    client: ::rpc_runtime::Client,
}
#[allow(dead_code)]
impl CalcClient {
    /// A client of [`Calc`] on this bus.
    pub fn new(bus: &::rpc_runtime::Bus) -> Self {
        Self {
            client: ::rpc_runtime::Client::new(
                bus,
                <CalcApi as ::rpc_runtime::Api>::SPEC,
            ),
        }
    }
    /// A client of a manager in this process: the same encoding and the same version rules, without a bus.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, which runs the methods of [`Calc`].
    pub fn local<M>(manager: M) -> Self
    where
        M: Calc + ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        Self {
            client: ::rpc_runtime::Client::local::<CalcApi, M>(manager),
        }
    }
    /// Sends to this server of the topic.
    #[must_use]
    pub fn on(&self, server: impl ::core::convert::Into<::std::string::String>) -> Self {
        Self {
            client: self.client.on(server),
        }
    }
    /// Sends to this topic.
    #[must_use]
    pub fn topic(
        &self,
        topic: impl ::core::convert::Into<::std::string::String>,
    ) -> Self {
        Self {
            client: self.client.topic(topic),
        }
    }
    /// Sends to the topic as scoped by this exchange, instead of the bus's own.
    #[must_use]
    pub fn exchange(
        &self,
        exchange: impl ::core::convert::Into<::std::string::String>,
    ) -> Self {
        Self {
            client: self.client.exchange(exchange),
        }
    }
    /// Waits this long for answers, whatever the methods declare.
    #[must_use]
    pub fn timeout(&self, limit: ::core::time::Duration) -> Self {
        Self {
            client: self.client.timeout(limit),
        }
    }
    /// Gives a call up when its server is silent for this long.
    #[must_use]
    pub fn monitored(&self, silence: ::core::time::Duration) -> Self {
        Self {
            client: self.client.monitored(silence),
        }
    }
    /// Sends nothing that a server of this version does not understand.
    #[must_use]
    pub fn pinned(&self, pin: impl ::core::convert::Into<::rpc_runtime::Pin>) -> Self {
        Self {
            client: self.client.pinned(pin),
        }
    }
    /// Whether servers of the version this client is pinned to have the method.
    pub fn can_send(&self, method: &::rpc_runtime::MethodSpec) -> bool {
        self.client.can_send(method)
    }
    /// Sends to one server and waits for its answer.
    pub fn call(&self) -> CalcCaller<'_> {
        CalcCaller { client: &self.client }
    }
}
impl ::core::clone::Clone for CalcClient {
    fn clone(&self) -> Self {
        Self {
            client: ::core::clone::Clone::clone(&self.client),
        }
    }
}
impl ::core::fmt::Debug for CalcClient {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.debug_tuple("CalcClient").field(&self.client).finish()
    }
}
/// Calls the methods of [`Calc`] that answer.
#[allow(missing_debug_implementations)]
pub struct CalcCaller<'c> {
    client: &'c ::rpc_runtime::Client,
}
#[allow(dead_code)]
impl CalcCaller<'_> {
    /// Adds two numbers.
    pub fn add(
        &self,
        ctx: &Context,
        a: impl ::rpc_runtime::ArgOf<i64>,
        b: impl ::rpc_runtime::ArgOf<i64>,
    ) -> ::rpc_runtime::Call<i64, CalcError> {
        self.client.call(CalcApi::ADD, ctx, &[&a, &b])
    }
}
