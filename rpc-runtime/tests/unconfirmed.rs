//! Answers that come before the bus has confirmed their requests, or instead of it.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use rpc_runtime::transport::memory::MemoryTransport;
use rpc_runtime::transport::{
    BoxFuture, Listen, Listener, Message, ReplySink, Route, Sent, Transport, TransportError,
};
use rpc_runtime::{
    __private, Api, ApiSpec, Bus, Call, CallError, CallStream, Context, Dispatch, Failure, Incoming, Items,
    Serve, Server, Settings, UntypedClient, Version,
};
use tokio::time::{Instant, timeout};

struct WorkApi;

impl Api for WorkApi {
    const SPEC: &'static ApiSpec = &ApiSpec::new("Work", Version::new(1, 0), &[]).topic("work");
    type Context = Context;
}

impl Serve<()> for WorkApi {
    fn dispatch((): &(), request: Incoming) -> Dispatch<'_> {
        Box::pin(async move {
            match request.method() {
                "items" => __private::stream(Ok::<Items<u32, Failure>, Failure>(Items::from_values(1..=3))),
                _ => __private::answer(Ok::<_, Failure>(7)),
            }
        })
    }
}

/// A bus that takes requests and never says so.
#[derive(Debug)]
struct Silent {
    bus: Arc<MemoryTransport>,
    /// Its connection breaks instead.
    breaks: bool,
}

impl Transport for Silent {
    fn ready(&self, deadline: Instant) -> BoxFuture<'_, Result<(), TransportError>> {
        self.bus.ready(deadline)
    }

    fn send(
        &self,
        route: Route,
        message: Message,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            self.bus.send(route, message, deadline).await?;
            match self.breaks {
                true => Err(TransportError::Lost("as asked".to_owned())),
                false => pending().await,
            }
        })
    }

    fn open_replies(
        &self,
        address: String,
        sink: Arc<dyn ReplySink>,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        self.bus.open_replies(address, sink, deadline)
    }

    fn listen(&self, to: Listen) -> BoxFuture<'_, Result<Listener, TransportError>> {
        self.bus.listen(to)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.bus.close()
    }
}

/// A server, and a client whose requests are not confirmed.
async fn start(breaks: bool) -> (Server, UntypedClient) {
    let bus = MemoryTransport::new();
    let silent = Silent {
        bus: bus.another(),
        breaks,
    };
    let bus = Bus::new(bus, Settings::default());
    let builder = Server::builder(&bus).server("here").serve::<WorkApi, _>(());
    let client = UntypedClient::new(&Bus::new(Arc::new(silent), Settings::default()), "work");
    (builder.start().await.unwrap(), client)
}

fn call(client: &UntypedClient, method: &str) -> Call<u32, Failure> {
    client.call(method, &Context::new(), &[])
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_proof_that_the_request_arrived() {
    for breaks in [false, true] {
        let (_server, client) = start(breaks).await;
        let monitored = client.monitored(Duration::from_secs(2));
        for client in [client, monitored] {
            let answers = async {
                assert_eq!(call(&client, "value").await.unwrap(), 7);
                let items: CallStream<u32, Failure> = client.stream("items", &Context::new(), &[]);
                items.await.unwrap().try_collect::<Vec<u32>>().await.unwrap()
            };
            // At once, and not at the deadline of a confirm.
            let items = timeout(Duration::from_secs(1), answers).await.unwrap();
            assert_eq!(items, [1, 2, 3]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_was_never_heard_of_is_not_said_to_be_lost() {
    let (server, client) = start(true).await;
    // The bus takes requests to its topic all the same.
    drop(server);
    let monitored = client.monitored(Duration::from_secs(2));
    for client in [client, monitored] {
        let CallError::Send(error) = call(&client, "value").await.unwrap_err() else {
            panic!("an answer");
        };
        assert_eq!(error.sent(), Sent::Unknown, "{error}");
        assert!(error.to_string().contains("as asked"), "{error}");
    }
}
