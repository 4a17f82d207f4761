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
pub struct CalcApi;
impl CalcApi {
    /// [`Calc::add`]: `add` on the wire, by call; since 1.0.
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
