//! Clients on a bus that is slow, silent or breaks.

#![allow(clippy::unwrap_used, reason = "tests")]

mod bus;
mod reply_address;
mod unconfirmed;

use std::sync::Arc;

use rpc_runtime::transport::memory::MemoryTransport;
use rpc_runtime::{
    __private, Api, ApiSpec, Bus, Call, Context, Dispatch, Failure, Incoming, Items, Serve, Server, Settings,
    UntypedClient, Version,
};

use bus::Unruly;

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

/// A server on a bus in memory, and a client whose side of that bus is made unruly.
async fn start(change: impl FnOnce(&mut Unruly)) -> (Server, Arc<Unruly>, UntypedClient) {
    let bus = MemoryTransport::new();
    let mut unruly = Unruly::new(bus.another());
    change(&mut unruly);
    let unruly = Arc::new(unruly);
    let bus = Bus::new(bus, Settings::default());
    let builder = Server::builder(&bus).server("here").serve::<WorkApi, _>(());
    let client = UntypedClient::new(&Bus::new(unruly.clone(), Settings::default()), "work");
    (builder.start().await.unwrap(), unruly, client)
}

fn call(client: &UntypedClient) -> Call<u32, Failure> {
    client.call("value", &Context::new(), &[])
}
