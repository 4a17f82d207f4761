//! Middleware on both sides is ordinary tower.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rpc_runtime::spec::{Kinds, Timeout};
use rpc_runtime::{
    __private, Api, ApiSpec, Bus, CallError, Client, Context, Dispatch, Failure, Incoming, MethodSpec, Serve,
    Server, Version,
};
use tower::util::MapRequestLayer;
use tower::{ServiceBuilder, service_fn};

struct EchoApi;

impl EchoApi {
    const ECHO: &'static MethodSpec =
        &MethodSpec::new("echo", Kinds::CALL.and(Kinds::CAST), &[Version::new(1, 0)], &[])
            .timeout(Timeout::Millis(5000))
            .idempotent();
}

impl Api for EchoApi {
    const SPEC: &'static ApiSpec = &ApiSpec::new("Echo", Version::new(1, 0), &[Self::ECHO]).topic("echo");
    type Context = Context;
}

impl Serve<()> for EchoApi {
    fn dispatch((): &(), request: Incoming) -> Dispatch<'_> {
        Box::pin(async move { __private::answer(request.context::<Context>().map(|ctx| ctx.is_admin())) })
    }
}

#[tokio::test]
async fn a_layer_of_the_server_sees_every_request_and_may_refuse_it() {
    let bus = Bus::memory();
    let only_admins = tower::layer::layer_fn(|inner: rpc_runtime::server::Dispatcher| {
        service_fn(move |request: Incoming| {
            let mut inner = inner.clone();
            async move {
                let ctx: Context = request.context()?;
                if !ctx.is_admin() {
                    return Err(Failure::new("nova.exception", "Forbidden", "admins only"));
                }
                tower::Service::call(&mut inner, request).await
            }
        })
    });
    let layers = ServiceBuilder::new().layer(only_admins);
    let builder = Server::builder(&bus).server("here").serve::<EchoApi, _>(());
    let _server = builder.layer(layers).start().await.unwrap();
    let client = Client::new(&bus, EchoApi::SPEC);

    assert!(
        client
            .call::<bool, Failure>(EchoApi::ECHO, &Context::admin(), &[])
            .await
            .unwrap()
    );
    let refused = client
        .call::<bool, Failure>(EchoApi::ECHO, &Context::new(), &[])
        .await
        .unwrap_err();
    assert!(matches!(refused, CallError::Api(failure) if failure.class == "Forbidden"));
}

#[tokio::test]
async fn a_layer_of_the_bus_sees_every_call_and_cast_and_may_add_headers() {
    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    let layer = ServiceBuilder::new().layer(MapRequestLayer::new(
        move |mut message: rpc_runtime::client::Outgoing| {
            count.fetch_add(1, Ordering::Relaxed);
            message.headers_mut().traceparent = Some(TRACE.into());
            message
        },
    ));
    let bus = Bus::memory();
    let layered = bus.layer(&layer);
    let traced = tower::layer::layer_fn(|inner: rpc_runtime::server::Dispatcher| {
        service_fn(move |request: Incoming| {
            assert_eq!(rpc_runtime::trace::current_traceparent().as_deref(), Some(TRACE));
            let mut inner = inner.clone();
            async move { tower::Service::call(&mut inner, request).await }
        })
    });
    let builder = Server::builder(&bus)
        .server("here")
        .serve::<EchoApi, _>(())
        .layer(traced);
    let server = builder.start().await.unwrap();
    let client = Client::new(&layered, EchoApi::SPEC).timeout(Duration::from_secs(5));

    client
        .call::<bool, Failure>(EchoApi::ECHO, &Context::new(), &[])
        .await
        .unwrap();
    client.cast(EchoApi::ECHO, &Context::new(), &[]).await.unwrap();
    assert_eq!(seen.load(Ordering::Relaxed), 2);
    assert_eq!(server.stop().await.abandoned, 0);
}
