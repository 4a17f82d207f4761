//! An API whose types are written out, three deep, to be edited by a test.

use std::collections::HashMap;
use std::convert::Infallible;

use rpc_runtime::{Context, Items, RpcError, Wire, rpc_api};
use serde::{Deserialize, Serialize};

#[rpc_api(
    topic = "typed",
    namespace = "typed",
    version = "1.5",
    accepts = "0.9",
    releases(zed = "1.3"),
    released = "api/typed.rpc"
)]
pub trait Typed {
    #[rpc(call, cast, since = "1.1", alias = "shift", idempotent)]
    async fn migrate(
        &self,
        ctx: &Context,
        instance: Instance,
        #[rpc(since = "1.2", default = true)] clean: bool,
        #[rpc(since = "1.4")] hosts: Option<Vec<Host>>,
    ) -> Result<Report, TypedError>;

    #[rpc(cast)]
    async fn forget(&self, ctx: &Context, ids: Vec<u32>, reason: Option<String>);

    #[rpc(stream, since = "1.3")]
    async fn watch(&self, ctx: &Context, filter: Filter) -> Result<Items<Event, TypedError>, TypedError>;

    #[deprecated(note = "the API of the base answers")]
    #[rpc(call, removed = "2.0")]
    async fn ping(&self, ctx: &Context) -> Result<(), Infallible>;
}

#[derive(Serialize, Deserialize, Wire)]
pub struct Instance {
    uuid: String,
    flavor: Flavor,
    state: State,
    parent: Option<Box<Instance>>,
    tags: HashMap<String, String>,
    place: (u8, u16),
    limits: Limits,
}

#[derive(Serialize, Deserialize, Wire)]
pub struct Flavor {
    name: String,
    size: u32,
    extra: Extra,
}

#[derive(Serialize, Deserialize, Wire)]
pub struct Extra {
    spec: Spec,
}

#[derive(Serialize, Deserialize, Wire)]
pub struct Spec {
    #[serde(alias = "caption")]
    title: String,
    weight: f32,
    hint: Option<String>,
    #[serde(default)]
    height: f32,
    more: serde_json::Value,
}

#[derive(Serialize, Deserialize, Wire)]
pub enum State {
    #[serde(alias = "On")]
    Up,
    Down,
    Moving { host: String, since: u64 },
}

#[derive(Serialize, Deserialize, Wire)]
pub struct Limits {
    level: Level,
    span: [u8; 3],
    sizes: HashMap<u32, bool>,
}

#[derive(Serialize, Deserialize, Wire)]
pub enum Level {
    Low,
    High,
}

#[derive(Serialize, Deserialize, Wire)]
#[serde(deny_unknown_fields)]
pub struct Host {
    name: String,
}

#[derive(Serialize, Deserialize, Wire)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Filter {
    All,
    Of { state: State },
}

#[derive(Serialize, Deserialize, Wire)]
#[serde(tag = "kind")]
pub enum Event {
    Came { host: Host },
    #[serde(other)]
    Other,
}

#[derive(Serialize, Deserialize, Wire)]
pub struct Report {
    done: u64,
    #[serde(default)]
    left: Option<u64>,
    grade: String,
    range: Vec<u8>,
    counts: HashMap<String, bool>,
}

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc(module = "typed")]
pub enum TypedError {
    #[error("gone")]
    Gone,
    #[error("busy")]
    Busy,
}
