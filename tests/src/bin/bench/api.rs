//! The API that is measured, written by hand as `#[rpc_api]` would expand it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rpc_runtime::spec::Kinds;
use rpc_runtime::{
    __private, Api, ApiSpec, ArgSpec, Dispatch, Failure, Incoming, MethodSpec, Serve, SpecClient, Version,
    wire,
};
use serde::{Deserialize, Serialize};

use crate::payload::{Args, Kwargs, Object};

pub(crate) const TOPIC: &str = "bench";

const V1: Version = Version::new(1, 0);

const fn method(name: &'static str, kinds: Kinds, args: &'static [ArgSpec]) -> MethodSpec {
    MethodSpec::new(name, kinds, &[V1], args)
}

pub(crate) const ARGS: &[ArgSpec] = &[
    ArgSpec::new("objinst"),
    ArgSpec::new("objmethod"),
    ArgSpec::new("args"),
    ArgSpec::new("kwargs"),
];

/// An empty context: the peers send none either.
#[derive(Serialize, Deserialize, Clone, Copy, Debug)]
pub(crate) struct NoContext {}

pub(crate) struct Bench;

impl Bench {
    pub(crate) const OBJECT_ACTION: &'static MethodSpec = &method("object_action", Kinds::CALL, ARGS);
    pub(crate) const CAST_ACTION: &'static MethodSpec = &method("cast_action", Kinds::CAST, ARGS);
    pub(crate) const COUNT: &'static MethodSpec = &method("count", Kinds::CALL, &[]);
}

impl Api for Bench {
    const SPEC: &'static ApiSpec = &ApiSpec::new(
        "Bench",
        V1,
        &[Self::OBJECT_ACTION, Self::CAST_ACTION, Self::COUNT],
    )
    .topic(TOPIC);
    type Context = NoContext;
}

/// Echoes calls and counts casts.
#[derive(Default)]
pub(crate) struct Manager {
    casts: AtomicU64,
}

impl Serve<Manager> for Bench {
    fn dispatch(manager: &Manager, request: Incoming) -> Dispatch<'_> {
        match request.method() {
            "object_action" => Box::pin(async move {
                let _: NoContext = request.context()?;
                let (objinst, objmethod, args, kwargs) =
                    wire::decode4::<Object, String, (String, i64), Kwargs>(request.args(), ARGS)?;
                __private::answer(Ok::<Args, Failure>(Args {
                    objinst,
                    objmethod,
                    args,
                    kwargs,
                }))
            }),
            "cast_action" => Box::pin(async move {
                let _: NoContext = request.context()?;
                let _ = wire::decode4::<Object, String, (String, i64), Kwargs>(request.args(), ARGS)?;
                manager.casts.fetch_add(1, Relaxed);
                __private::answer(Ok::<(), Failure>(()))
            }),
            "count" => Box::pin(async move {
                let _: NoContext = request.context()?;
                __private::answer(Ok::<u64, Failure>(manager.casts.load(Relaxed)))
            }),
            _ => __private::no_such_method(&request),
        }
    }
}

/// The generated client's `object_action`.
pub(crate) fn object_action(client: &SpecClient, args: &Args) -> rpc_runtime::Call<Args, Failure> {
    let Args {
        objinst,
        objmethod,
        args,
        kwargs,
    } = args;
    client.call(
        Bench::OBJECT_ACTION,
        &NoContext {},
        &[objinst, objmethod, args, kwargs],
    )
}

/// The generated client's `cast_action`.
pub(crate) fn cast_action(client: &SpecClient, args: &Args) -> rpc_runtime::Cast {
    let Args {
        objinst,
        objmethod,
        args,
        kwargs,
    } = args;
    client.cast(
        Bench::CAST_ACTION,
        &NoContext {},
        &[objinst, objmethod, args, kwargs],
    )
}

/// The generated client's `count`.
pub(crate) fn count(client: &SpecClient) -> rpc_runtime::Call<u64, Failure> {
    client.call(Bench::COUNT, &NoContext {}, &[])
}
