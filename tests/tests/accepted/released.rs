//! APIs that keep what was released of them in `ui/released`, or say where they do not.

use std::convert::Infallible;

use rpc_runtime::{Context, RpcError, Wire, rpc_api};
use serde::{Deserialize, Serialize};

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc(module = "tasks")]
enum Error {
    #[error("gone")]
    Gone,
}

/// What everything was; names in Rust are nothing to the wire.
mod as_it_was {
    use super::{Context, Deserialize, Error, Infallible, Serialize, Wire, rpc_api};

    #[derive(Serialize, Deserialize, Wire)]
    pub(super) struct Machine {
        id: Id,
        flavor: Flavor,
    }

    #[derive(Serialize, Deserialize, Wire)]
    pub(super) struct Id(String);

    #[derive(Serialize, Deserialize, Wire)]
    pub(super) struct Flavor {
        size: u32,
        name: std::borrow::Cow<'static, str>,
    }

    #[derive(Serialize, Deserialize, Wire)]
    pub(super) struct Report {
        state: State,
    }

    #[derive(Serialize, Deserialize, Wire)]
    pub(super) enum State {
        Up,
        #[serde(rename = "Down")]
        Off,
    }

    #[rpc_api(
        topic = "tasks",
        namespace = "tasks",
        version = "1.2",
        releases(zed = "1.1"),
        released = "ui/released/tasks.rpc"
    )]
    pub(super) trait Tasks {
        #[deprecated]
        #[rpc(call, removed = "2.0")]
        async fn forget(&self, ctx: &Context) -> Result<(), Infallible>;

        #[rpc(call, cast, name = "resize", since = "1.1", alias = "grow", idempotent)]
        async fn change(
            &self,
            ctx: &Context,
            #[rpc(since = "1.2", default = true, name = "clean")] tidy: bool,
            server: Machine,
        ) -> Result<Report, Error>;
    }
}

/// What may be added, and a new name for what comes from then on.
mod grown {
    use super::{Context, Deserialize, Error, Infallible, Serialize, Wire, rpc_api};

    #[derive(Serialize, Deserialize, Wire)]
    pub(super) struct Server {
        id: Option<String>,
        flavor: Flavor,
        #[serde(default)]
        hosts: Vec<String>,
    }

    #[derive(Serialize, Deserialize, Wire)]
    pub(super) struct Flavor {
        #[serde(alias = "title")]
        name: String,
        size: u64,
    }

    #[derive(Serialize, Deserialize, Wire)]
    pub(super) struct Report {
        state: State,
        since: Option<u64>,
    }

    #[derive(Serialize, Deserialize, Wire)]
    pub(super) enum State {
        Up,
        Down,
    }

    #[rpc_api(
        topic = "tasks",
        namespace = "tasks",
        version = "1.3",
        releases(zed = "1.1", antelope = "1.3"),
        released = "ui/released/tasks.rpc"
    )]
    pub(super) trait Tasks {
        #[rpc(call, cast, since = "1.3", alias = ["resize", "grow"], idempotent)]
        async fn shape(
            &self,
            ctx: &Context,
            server: Server,
            #[rpc(default = true)] clean: bool,
        ) -> Result<Report, Error>;

        #[deprecated]
        #[rpc(call, removed = "2.0")]
        async fn forget(&self, ctx: &Context) -> Result<(), Infallible>;

        #[rpc(cast, since = "1.3")]
        async fn hint(&self, ctx: &Context, #[rpc(opaque)] what: Elsewhere);
    }

    #[derive(Serialize, Deserialize)]
    pub(super) struct Elsewhere;

    /// Callers of the released one are no longer served.
    #[rpc_api(topic = "jobs", version = "3.0", released = "ui/released/tasks.rpc")]
    pub(super) trait OtherMajor {
        #[rpc(call)]
        async fn resize(&self, ctx: &Context, server: u8) -> Result<(), Infallible>;

        #[rpc(call)]
        async fn fails(&self, ctx: &Context) -> Result<u8, Error>;
    }
}

/// What is broken, and why it may be.
mod waived {
    use super::{Context, Deserialize, Infallible, Serialize, Wire, rpc_api};

    #[derive(Serialize, Deserialize, Wire)]
    pub(super) struct Server {
        id: String,
        flavor: Flavor,
    }

    #[derive(Serialize, Deserialize, Wire)]
    pub(super) struct Flavor {
        size: u16,
    }

    #[rpc_api(
        topic = "elsewhere",
        namespace = "tasks",
        version = "1.3",
        releases(zed = "1.1"),
        released = "ui/released/tasks.rpc",
        breaks = "API_SAME_TOPIC",
        because = "its callers name the topic themselves"
    )]
    pub(super) trait Tasks {
        #[rpc(
            call,
            cast,
            since = "1.1",
            alias = "grow",
            breaks = ["METHOD_SAME_IDEMPOTENCY_OR_MORE", "OK_SAME_SHAPE_OR_NARROWER", "ERROR_NO_DELETE"],
            because = "nobody reads the answer, and nobody repeats it"
        )]
        async fn resize(
            &self,
            ctx: &Context,
            #[rpc(
                breaks = ["TYPE_FIELD_NO_DELETE", "ARG_SAME_SHAPE_OR_WIDER"],
                because = "no server is that large"
            )]
            server: Server,
            #[rpc(
                since = "1.2",
                default = false,
                breaks = "ARG_SAME_DEFAULT",
                because = "all send it"
            )]
            clean: bool,
        ) -> Result<(), Infallible>;

        #[deprecated]
        #[rpc(call, removed = "2.0")]
        async fn forget(&self, ctx: &Context) -> Result<(), Infallible>;
    }
}

/// Values in whatever words.
mod defaults {
    use super::{Context, Infallible, rpc_api};

    #[rpc_api(topic = "lists", version = "1.1", released = "ui/released/defaults.rpc")]
    pub(super) trait Lists {
        #[rpc(call)]
        async fn list(
            &self,
            ctx: &Context,
            #[rpc(since = "1.1", default = -1)] limit: i64,
            #[rpc(since = "1.1", default = Some(-1))] offset: Option<i64>,
            #[rpc(since = "1.1", default = r#",
""#.to_owned())]
            separator: String,
        ) -> Result<(), Infallible>;
    }
}

#[test]
fn the_released_names_travel() {
    use rpc_runtime::Api;
    let spec = <as_it_was::TasksApi as Api>::SPEC;
    assert_eq!(spec.methods[1].name, "resize");
    assert_eq!(spec.methods[1].args[0].name, "clean");
    assert_eq!(<grown::TasksApi as Api>::SPEC.methods.len(), 3);
    assert_eq!(<grown::OtherMajorApi as Api>::SPEC.version.major, 3);
    assert_eq!(<waived::TasksApi as Api>::SPEC.topic, Some("elsewhere"));
    assert_eq!(<defaults::ListsApi as Api>::SPEC.methods[0].args.len(), 3);
}
