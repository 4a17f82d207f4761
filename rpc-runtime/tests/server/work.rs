//! An API written by hand: its methods wait, and answer with items that end in a panic.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rpc_runtime::spec::{Delivery, Kinds};
use rpc_runtime::transport::Transport;
use rpc_runtime::transport::memory::MemoryTransport;
use rpc_runtime::{
    __private, Api, ApiSpec, Bus, Context, Dispatch, Failure, Incoming, Items, MethodSpec, Serve, Server,
    Settings, Version,
};
use tokio::sync::Notify;

pub(crate) struct WorkApi;

const fn method(name: &'static str, delivery: Delivery) -> MethodSpec {
    const V1: &[Version] = &[Version::new(1, 0)];
    MethodSpec::new(name, Kinds::CALL.and(Kinds::CAST), V1, &[]).delivery(delivery)
}

impl Api for WorkApi {
    const SPEC: &'static ApiSpec = &ApiSpec::new(
        "Work",
        Version::new(1, 0),
        &[
            &method("slow", Delivery::AtMostOnce),
            &method("safe", Delivery::AtLeastOnce),
        ],
    )
    .topic("work");
    type Context = Context;
}

#[derive(Default)]
pub(crate) struct Manager {
    runs: AtomicUsize,
    pub(crate) go: Notify,
}

impl Manager {
    /// How many methods have begun.
    pub(crate) fn runs(&self) -> usize {
        self.runs.load(Ordering::Relaxed)
    }

    /// Waits until so many methods have begun.
    pub(crate) async fn has_begun(&self, runs: usize) {
        while self.runs() < runs {
            tokio::task::yield_now().await;
        }
    }
}

impl Serve<Arc<Manager>> for WorkApi {
    fn dispatch(manager: &Arc<Manager>, request: Incoming) -> Dispatch<'_> {
        Box::pin(async move {
            manager.runs.fetch_add(1, Ordering::Relaxed);
            match request.method() {
                "slow" | "safe" => {
                    manager.go.notified().await;
                    __private::answer(Ok::<_, Failure>("done".to_owned()))
                }
                "quick" => __private::answer(Ok::<_, Failure>(7)),
                "large" => __private::answer(Ok::<_, Failure>("x".repeat((16 << 20) - 1024))),
                "items" => {
                    let manager = manager.clone();
                    let items = futures_util::stream::unfold(1, move |item| {
                        let manager = manager.clone();
                        async move {
                            match item {
                                1 => {}
                                2 => manager.go.notified().await,
                                _ => panic!("after two"),
                            }
                            Some((Ok::<_, Failure>(item), item + 1))
                        }
                    });
                    __private::stream(Ok::<_, Failure>(Items::new(items)))
                }
                _ => return __private::no_such_method(&request).await,
            }
        })
    }
}

pub(crate) async fn start(bus: &str) -> (Arc<Manager>, Server) {
    start_with(bus, |builder| builder).await
}

pub(crate) async fn start_with(
    bus: &str,
    change: impl FnOnce(rpc_runtime::server::Builder) -> rpc_runtime::server::Builder,
) -> (Arc<Manager>, Server) {
    start_on(MemoryTransport::named(bus), change).await
}

pub(crate) async fn start_on(
    transport: Arc<dyn Transport>,
    change: impl FnOnce(rpc_runtime::server::Builder) -> rpc_runtime::server::Builder,
) -> (Arc<Manager>, Server) {
    let manager = Arc::new(Manager::default());
    let bus = Bus::new(transport, Settings::default());
    let builder = Server::builder(&bus)
        .server("here")
        .serve::<WorkApi, _>(manager.clone());
    (manager, change(builder).start().await.unwrap())
}
