/// What is left of a trait with mistakes: the trait, and enough beside it that nothing else is an error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not serve `Calc`",
    label = "not a manager of this API",
    note = "write `impl Calc for {Self}`"
)]
pub trait Calc {
    #[allow(async_fn_in_trait, unused_variables)]
    async fn add(&self, ctx: &Context, name: &str) -> Result<i64, CalcError>;
    #[cfg(not(doc))]
    fn reset(
        &self,
        ctx: &Context,
    ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send;
    #[cfg(doc)]
    async fn reset(&self, ctx: &Context);
}
/// The API that [`Calc`] declares: what a server serves and a client calls.
pub struct CalcApi;
impl CalcApi {
    /// [`Calc::add`]: `add` on the wire, by call; since 1.0.
    pub const ADD: &'static ::rpc_runtime::MethodSpec = &::rpc_runtime::MethodSpec::call(
        "add",
        &[::rpc_runtime::Version::new(1, 0)],
        &[],
    );
    /// [`Calc::reset`]: `reset` on the wire, by cast; since 1.0.
    pub const RESET: &'static ::rpc_runtime::MethodSpec = &::rpc_runtime::MethodSpec::cast(
        "reset",
        &[::rpc_runtime::Version::new(1, 0)],
        &[],
    );
}
impl ::rpc_runtime::Api for CalcApi {
    const SPEC: &'static ::rpc_runtime::ApiSpec = &::rpc_runtime::ApiSpec::new(
            "Calc",
            ::rpc_runtime::Version::new(1, 0),
            &[Self::ADD, Self::RESET],
        )
        .topic("calc");
    type Context = ::rpc_runtime::Context;
}
impl ::rpc_runtime::__private::ContextOf<CalcApi> for ::rpc_runtime::Context {}
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
            "reset" => {
                ::std::boxed::Box::pin(async move {
                    let (ctx,) = __rpc::take0::<Self, Context>(&request, Self::RESET)?;
                    __rpc::done(Calc::reset(manager, &ctx).await)
                })
            }
            _ => __rpc::no_such_method(&request),
        }
    }
}
/// A client of [`Calc`]: `new(&bus)` sends over a bus, `local(manager)` stays in the process.
pub type CalcClient = ::rpc_runtime::Client<CalcApi>;
impl ::rpc_runtime::client::Calls for CalcApi {
    type Caller<'c> = CalcCaller<'c>;
    fn caller(client: &::rpc_runtime::SpecClient) -> CalcCaller<'_> {
        CalcCaller { client }
    }
}
/// Calls the methods of [`Calc`] that answer.
pub struct CalcCaller<'c> {
    client: &'c ::rpc_runtime::SpecClient,
}
impl CalcCaller<'_> {
    #[allow(unused_variables)]
    pub fn add(
        &self,
        ctx: impl ::core::marker::Sized,
        name: impl ::core::marker::Sized,
    ) -> ::rpc_runtime::Call<(), ::core::convert::Infallible> {
        loop {}
    }
}
impl ::rpc_runtime::client::Casts for CalcApi {
    type Caster<'c> = CalcCaster<'c>;
    fn caster(client: &::rpc_runtime::SpecClient) -> CalcCaster<'_> {
        CalcCaster { client }
    }
}
/// Casts the methods of [`Calc`] that may go unanswered.
pub struct CalcCaster<'c> {
    client: &'c ::rpc_runtime::SpecClient,
}
impl CalcCaster<'_> {
    /// [`Calc::reset`].
    pub fn reset(&self, ctx: &Context) -> ::rpc_runtime::Cast {
        self.client.cast(CalcApi::RESET, ctx, &[])
    }
}
::core::compile_error! {
    "unknown option 'versoin' for an RPC API\nhelp: did you mean 'version'?\nnote: known: topic, namespace, version, accepts, releases, released, breaks, because, context, crate"
}
::core::compile_error! {
    "arguments are received, so they own their data: take String, not &str"
}
