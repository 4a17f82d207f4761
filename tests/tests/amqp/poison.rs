//! Messages that lapin could not bear, put into the queues by the broker itself: no client library would send them.

use rpc_runtime::testing::Vhost;
use rpc_tests::conformance::{Collector, message, route, soon};

use crate::{next_body, open, to, vhost};

/// Publishes to the default exchange with properties and a body given as Erlang terms.
async fn publish(
    vhost: &Vhost<'_>,
    exchange: &str,
    key: &str,
    content_type: &str,
    headers: &str,
    correlation_id: &str,
) {
    let properties = format!(
        "{{'P_basic', {content_type}, undefined, {headers}, 2, undefined, {correlation_id}, undefined, undefined,
          undefined, undefined, undefined, undefined, undefined, undefined}}"
    );
    let publish = format!(
        "Exchange = rabbit_misc:r(<<\"{}\">>, exchange, <<\"{exchange}\">>),
         ok = rabbit_basic:publish(Exchange, {key}, {properties}, <<\"{{}}\">>).",
        vhost.name()
    );
    vhost.broker().eval(&publish).await.expect("it is published");
}

const JSON: &str = "<<\"application/json\">>";
const TEXT: &str = "<<\"text/plain\">>";
const BAD: &str = "<<255, 254, 0, 128>>";
const NOTHING: &str = "undefined";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_properties_cost_their_message_and_nothing_else() {
    let vhost = vhost("poison").await;
    let transport = open(&vhost.url());
    let mut listener = transport.listen(to("t", "a", 10)).await.unwrap();
    let mut replies = Collector::open(&*transport).await;
    let rpc_runtime::transport::Route::Reply { address } = replies.route() else {
        unreachable!("it is a reply route")
    };
    let deep = "lists:foldl(fun(_, Inner) -> [{<<\"k\">>, table, Inner}] end, [], lists:seq(1, 9000))";
    let bad_key = format!("[{{{BAD}, longstr, <<\"v\">>}}]");
    for key in ["<<\"t\">>", "<<\"t.a\">>", &format!("<<\"{address}\">>")] {
        for (content_type, headers, correlation_id) in [
            (JSON, NOTHING, BAD),
            (JSON, &*bad_key, NOTHING),
            (JSON, deep, NOTHING),
            (BAD, NOTHING, NOTHING),
            (TEXT, NOTHING, NOTHING),
            (NOTHING, NOTHING, NOTHING),
        ] {
            publish(&vhost, "", key, content_type, headers, correlation_id).await;
        }
    }
    // A routing key of any bytes reaches every server of the fan-out: the key is mended, the message is good.
    publish(&vhost, "t_fanout", BAD, JSON, NOTHING, NOTHING).await;
    assert_eq!(next_body(&mut listener).await, "{}");
    for to in [route("t"), route("t/a"), replies.route()] {
        transport.send(to, message("alive"), soon()).await.unwrap();
    }
    assert_eq!(next_body(&mut listener).await, "alive");
    assert_eq!(next_body(&mut listener).await, "alive");
    assert_eq!(replies.next().await.0, "alive");
    // Gone, not requeued.
    vhost
        .wait_queues(|queues| queues.iter().all(|queue| queue.messages == 0))
        .await
        .unwrap();
    transport.close().await;
}
