//! Answers that come before the bus has confirmed their requests, or instead of it.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use rpc_runtime::transport::Sent;
use rpc_runtime::{CallError, CallStream, Context, Failure};
use tokio::time::timeout;

use crate::bus::Confirms;
use crate::{call, start};

#[tokio::test(start_paused = true)]
async fn an_answer_is_proof_that_the_request_arrived() {
    for confirms in [Confirms::Never, Confirms::Breaks] {
        let (_server, _, client) = start(|bus| bus.confirms = confirms).await;
        let monitored = client.monitored(Duration::from_secs(2));
        for client in [client, monitored] {
            let answers = async {
                assert_eq!(call(&client).await.unwrap(), 7);
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
    let (server, _, client) = start(|bus| bus.confirms = Confirms::Breaks).await;
    // The bus takes requests to its topic all the same.
    drop(server);
    let monitored = client.monitored(Duration::from_secs(2));
    for client in [client, monitored] {
        let CallError::Send(error) = call(&client).await.unwrap_err() else {
            panic!("an answer");
        };
        assert_eq!(error.sent(), Sent::Unknown, "{error}");
        assert!(error.to_string().contains("as asked"), "{error}");
    }
}
