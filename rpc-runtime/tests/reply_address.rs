//! The first calls on a bus, which make the address known that answers come to.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use rpc_runtime::transport::memory::MemoryTransport;
use rpc_runtime::transport::{
    BoxFuture, Listen, Listener, Message, ReplySink, Route, Sent, Transport, TransportError,
};
use rpc_runtime::{
    __private, Api, ApiSpec, Bus, Call, CallError, Context, Dispatch, Failure, Incoming, Serve, Server,
    Settings, UntypedClient, Version,
};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

struct WorkApi;

impl Api for WorkApi {
    const SPEC: &'static ApiSpec = &ApiSpec::new("Work", Version::new(1, 0), &[]).topic("work");
    type Context = Context;
}

impl Serve<()> for WorkApi {
    fn dispatch((): &(), _: Incoming) -> Dispatch<'_> {
        Box::pin(async { __private::answer(Ok::<_, Failure>(7)) })
    }
}

/// A bus that opens addresses only while it may.
#[derive(Debug)]
struct Slow {
    bus: Arc<MemoryTransport>,
    opens: Semaphore,
}

impl Transport for Slow {
    fn ready(&self, deadline: Instant) -> BoxFuture<'_, Result<(), TransportError>> {
        self.bus.ready(deadline)
    }

    fn send(
        &self,
        route: Route,
        message: Message,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        self.bus.send(route, message, deadline)
    }

    fn open_replies(
        &self,
        address: String,
        sink: Arc<dyn ReplySink>,
        deadline: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move {
            let Ok(opens) = timeout_at(deadline, self.opens.acquire()).await else {
                return Err(TransportError::Lost("as asked".to_owned()));
            };
            drop(opens);
            self.bus.open_replies(address, sink, deadline).await
        })
    }

    fn listen(&self, to: Listen) -> BoxFuture<'_, Result<Listener, TransportError>> {
        self.bus.listen(to)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.bus.close()
    }
}

/// A server, and a client of it on a bus that does not open its address yet.
async fn start() -> (Server, Arc<Slow>, UntypedClient) {
    let bus = MemoryTransport::new();
    let slow = Arc::new(Slow {
        bus: bus.another(),
        opens: Semaphore::new(0),
    });
    let bus = Bus::new(bus, Settings::default());
    let builder = Server::builder(&bus).server("here").serve::<WorkApi, _>(());
    let client = UntypedClient::new(&Bus::new(slow.clone(), Settings::default()), "work");
    (builder.start().await.unwrap(), slow, client)
}

fn call(client: &UntypedClient) -> Call<u32, Failure> {
    client.call("value", &Context::new(), &[])
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_held_holds_up_no_other() {
    let (_server, slow, client) = start().await;
    let mut held = call(&client);
    assert!((&mut held).now_or_never().is_none());
    let mut waiting = call(&client);
    assert!((&mut waiting).now_or_never().is_none());
    slow.opens.add_permits(10);
    for call in [waiting, call(&client)] {
        let answer = timeout(Duration::from_secs(1), call).await;
        assert_eq!(answer.unwrap().unwrap(), 7);
    }
    assert_eq!(held.await.unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_the_address_until_its_own_deadline() {
    let (_server, slow, client) = start().await;
    let long = tokio::spawn(call(&client));
    let begun = Instant::now();
    let short = call(&client.timeout(Duration::from_secs(2)));
    let CallError::Send(error) = short.await.unwrap_err() else {
        panic!("an answer");
    };
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
    assert_eq!(error.sent(), Sent::No, "{error}");
    slow.opens.add_permits(10);
    assert_eq!(long.await.unwrap().unwrap(), 7);
}
