//! Middleware on both sides is ordinary tower.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpc_runtime::client::Outgoing;
use rpc_runtime::spec::{Kinds, Timeout};
use rpc_runtime::transport::Sent;
use rpc_runtime::{
    __private, Api, ApiSpec, Bus, CallError, Context, Dispatch, Failure, Incoming, MethodSpec, Serve, Server,
    SpecClient, Version,
};
use tokio::sync::Semaphore;
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
    let client = SpecClient::new(&bus, EchoApi::SPEC);

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
    let layer = ServiceBuilder::new().layer(MapRequestLayer::new(move |mut message: Outgoing| {
        count.fetch_add(1, Ordering::Relaxed);
        message.headers_mut().traceparent = Some(TRACE.into());
        message
    }));
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
    let client = SpecClient::new(&layered, EchoApi::SPEC).timeout(Duration::from_secs(5));

    client
        .call::<bool, Failure>(EchoApi::ECHO, &Context::new(), &[])
        .await
        .unwrap();
    client.cast(EchoApi::ECHO, &Context::new(), &[]).await.unwrap();
    assert_eq!(seen.load(Ordering::Relaxed), 2);
    assert_eq!(server.stop().await.abandoned, 0);
}

/// Writes its name down, and passes on.
fn noting<T: Send + 'static>(
    name: &'static str,
    notes: &Arc<Mutex<Vec<&'static str>>>,
) -> impl Fn(T) -> T + Clone + use<T> {
    let notes = notes.clone();
    move |message| {
        notes.lock().unwrap().push(name);
        message
    }
}

#[tokio::test]
async fn a_layer_is_put_around_those_that_are_there() {
    let notes = Arc::default();
    let server_side = |name| MapRequestLayer::new(noting::<Incoming>(name, &notes));
    let bus = Bus::memory();
    let _server = Server::builder(&bus)
        .server("here")
        .serve::<EchoApi, _>(())
        .layer(server_side("server, inner"))
        .layer(server_side("server, outer"))
        .start()
        .await
        .unwrap();
    let client_side = |name| MapRequestLayer::new(noting::<Outgoing>(name, &notes));
    let bus = bus
        .layer(&client_side("client, inner"))
        .layer(&client_side("client, outer"));
    let client = SpecClient::new(&bus, EchoApi::SPEC);
    let call = client.call::<bool, Failure>(EchoApi::ECHO, &Context::new(), &[]);
    assert!(!call.await.unwrap());
    let order = ["client, outer", "client, inner", "server, outer", "server, inner"];
    assert_eq!(*notes.lock().unwrap(), order);
}

/// A layer that sends a message a second time while the first is on its way breaks neither.
#[tokio::test]
async fn a_clone_that_is_sent_too_early_is_refused_and_the_first_is_answered() {
    let bus = Bus::memory();
    let gate = Arc::new(Semaphore::new(0));
    let wait = gate.clone();
    let slow = tower::layer::layer_fn(move |inner: rpc_runtime::server::Dispatcher| {
        let gate = wait.clone();
        service_fn(move |request: Incoming| {
            let (gate, mut inner) = (gate.clone(), inner.clone());
            async move {
                gate.acquire().await.unwrap().forget();
                tower::Service::call(&mut inner, request).await
            }
        })
    });
    let builder = Server::builder(&bus).server("here").serve::<EchoApi, _>(());
    let _server = builder.layer(slow).start().await.unwrap();
    let twice = tower::layer::layer_fn(|inner: rpc_runtime::client::Sender| {
        let gate = gate.clone();
        service_fn(move |message: Outgoing| {
            let (mut first, mut second, gate) = (inner.clone(), inner.clone(), gate.clone());
            async move {
                let clone = message.clone();
                let mut first = tower::Service::call(&mut first, message);
                // Under way, since the server waits.
                assert!(futures_util::poll!(&mut first).is_pending());
                let refused = tower::Service::call(&mut second, clone).await.unwrap_err();
                assert!(
                    refused
                        .to_string()
                        .contains("a clone of this message is on its way"),
                    "{refused}"
                );
                assert_eq!(refused.sent(), Sent::No);
                gate.add_permits(1);
                first.await
            }
        })
    });
    let client = SpecClient::new(&bus.layer(&twice), EchoApi::SPEC);
    let call = client.call::<bool, Failure>(EchoApi::ECHO, &Context::new(), &[]);
    assert!(!call.await.unwrap());
}
