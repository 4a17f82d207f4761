//! Generated items are as visible as the trait, documented, and free of warnings.
#![deny(
    warnings,
    unreachable_pub,
    missing_docs,
    missing_debug_implementations,
    unused_qualifications
)]
#![deny(rust_2018_idioms, clippy::all)]

mod inner {
    use rpc_runtime::{Context, Failure, rpc_api};

    /// Seen in the crate.
    #[rpc_api(topic = "a", version = "1.0")]
    pub(crate) trait Seen {
        #[rpc(call, cast)]
        async fn undocumented(&self, ctx: &Context, #[rpc(secret)] password: String) -> Result<(), Failure>;
    }

    /// Seen here only.
    #[rpc_api(topic = "b", version = "1.0")]
    trait Hidden {
        #[rpc(call)]
        async fn nothing(&self, ctx: &Context) -> Result<(), Failure>;
    }
}

#[test]
fn compiles() {
    let _ = inner::SeenApi::UNDOCUMENTED;
    let _: Option<inner::SeenClient> = None;
}
