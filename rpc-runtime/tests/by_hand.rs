//! An API written by hand, as `#[rpc_api]` would expand it: the runtime needs no macro, and this says what it
//! expects of one.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use futures_util::StreamExt as _;
use rpc_runtime::{
    __private, Api, ApiSpec, ArgSpec, Bus, CallError, Context, Dispatch, Failure, Incoming, Items,
    MethodSpec, SendError, Serve, Server, SpecClient, UntypedClient, Version,
};
use serde_json::value::RawValue;

const V1: &[Version] = &[Version::new(1, 0)];

struct CalcApi;

impl CalcApi {
    const ADD: &'static MethodSpec = &MethodSpec::call(
        "add",
        V1,
        &[
            ArgSpec::new("a"),
            ArgSpec::new("b")
                .since(&[Version::new(1, 1)])
                .default(|| __private::default_value::<i64>(1)),
        ],
    );
    const COUNT: &'static MethodSpec = &MethodSpec::stream("count", V1, &[ArgSpec::new("to")]);
    const PANIC: &'static MethodSpec = &MethodSpec::call("panic", V1, &[]);
}

impl Api for CalcApi {
    const SPEC: &'static ApiSpec =
        &ApiSpec::new("Calc", Version::new(1, 1), &[Self::ADD, Self::COUNT, Self::PANIC])
            .topic("calc")
            .namespace("calc");
    type Context = Context;
}

impl __private::ContextOf<CalcApi> for Context {}

struct Manager;

impl Serve<Manager> for CalcApi {
    fn dispatch(_: &Manager, request: Incoming) -> Dispatch<'_> {
        match request.method() {
            "add" => Box::pin(async move {
                let (_, a, b) = __private::take2::<Self, Context, i64, i64>(&request, Self::ADD)?;
                let sum = a
                    .checked_add(b)
                    .ok_or_else(|| Failure::new("builtins", "OverflowError", "too large"));
                __private::answer(sum)
            }),
            "count" => Box::pin(async move {
                let (_, to) = __private::take1::<Self, Context, u32>(&request, Self::COUNT)?;
                __private::stream(Ok::<Items<u32, Failure>, Failure>(Items::from_values(1..=to)))
            }),
            "panic" => Box::pin(async move { panic!("as asked") }),
            _ => __private::no_such_method(&request),
        }
    }
}

async fn served() -> (Server, SpecClient) {
    let bus = Bus::memory();
    let server = Server::builder(&bus)
        .server("here")
        .serve::<CalcApi, _>(Manager)
        .start()
        .await
        .unwrap();
    (
        server,
        SpecClient::new(&bus, CalcApi::SPEC).timeout(Duration::from_secs(5)),
    )
}

#[tokio::test]
async fn a_call_crosses_every_layer() {
    let (server, client) = served().await;
    let ctx = Context::new();
    let sum = client
        .call::<i64, Failure>(CalcApi::ADD, &ctx, &[&2, &3])
        .await
        .unwrap();
    assert_eq!(sum, 5);
    let error = client
        .call::<i64, Failure>(CalcApi::ADD, &ctx, &[&i64::MAX, &3])
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::Api(failure) if failure.class == "OverflowError"));
    assert_eq!(server.stop().await.abandoned, 0);
}

#[tokio::test]
async fn a_pinned_client_withholds_what_old_servers_lack() {
    let (_server, client) = served().await;
    let (ctx, old) = (Context::new(), client.pinned(Version::new(1, 0)));
    assert_eq!(
        old.call::<i64, Failure>(CalcApi::ADD, &ctx, &[&2, &1])
            .await
            .unwrap(),
        3
    );
    let error = old
        .call::<i64, Failure>(CalcApi::ADD, &ctx, &[&2, &5])
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            CallError::Send(SendError::ArgumentNotInPin { argument: "b", .. })
        ),
        "{error}"
    );
}

#[tokio::test]
async fn items_arrive_in_order_and_end() {
    let (_server, client) = served().await;
    let items = client
        .stream::<u32, Failure>(CalcApi::COUNT, &Context::new(), &[&3])
        .await
        .unwrap();
    let items: Vec<u32> = items.map(Result::unwrap).collect().await;
    assert_eq!(items, [1, 2, 3]);
}

#[tokio::test]
async fn a_panic_is_an_error_reply_and_the_server_goes_on() {
    let (_server, client) = served().await;
    let ctx = Context::new();
    let error = client
        .call::<(), Failure>(CalcApi::PANIC, &ctx, &[])
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::Api(failure) if failure.class == "RuntimeError"));
    assert_eq!(
        client
            .call::<i64, Failure>(CalcApi::ADD, &ctx, &[&2, &3])
            .await
            .unwrap(),
        5
    );
}

#[tokio::test]
async fn a_target_that_nobody_serves_fails_at_once() {
    let (_server, client) = served().await;
    let nowhere = client.topic("nowhere");
    let error = nowhere
        .call::<(), Failure>(CalcApi::PANIC, &Context::new(), &[])
        .await
        .unwrap_err();
    assert!(error.is_no_server(), "{error}");
}

#[tokio::test]
async fn a_local_client_needs_no_bus() {
    let client = SpecClient::local::<CalcApi, _>(Manager);
    let sum = client
        .call::<i64, Failure>(CalcApi::ADD, &Context::new(), &[&2, &3])
        .await
        .unwrap();
    assert_eq!(sum, 5);
}

#[tokio::test]
async fn an_untyped_client_calls_by_names() {
    let bus = Bus::memory();
    let _server = Server::builder(&bus)
        .server("here")
        .serve::<CalcApi, _>(Manager)
        .start()
        .await
        .unwrap();
    let ctx = Context::new();
    let client = UntypedClient::new(&bus, "calc").timeout(Duration::MAX);
    let a: Box<RawValue> = serde_json::from_str("40").unwrap();
    let calc = client.namespace("calc").on("here");
    let sum = calc
        .call::<Box<RawValue>, Failure>("add", &ctx, &[("a", &a), ("b", &2)])
        .await
        .unwrap();
    assert_eq!(sum.get(), "42");
    let items = calc
        .stream::<u32, Failure>("count", &ctx, &[("to", &2)])
        .await
        .unwrap();
    assert_eq!(items.map(Result::unwrap).collect::<Vec<_>>().await, [1, 2]);
    let error = calc
        .version(Version::new(1, 2))
        .call::<(), Failure>("add", &ctx, &[])
        .await
        .unwrap_err();
    assert!(
        matches!(&error, CallError::Api(failure) if failure.class == "UnsupportedVersion"),
        "{error}"
    );
    let error = client.call::<(), Failure>("add", &ctx, &[]).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Api(failure) if failure.class == "UnsupportedVersion"),
        "{error}"
    );
}
