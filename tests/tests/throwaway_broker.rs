//! The throwaway broker of `rpc_runtime::testing` itself.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rpc_runtime::testing::Broker;

/// Waits for something that another process does.
fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(20);
    while !so() {
        assert!(Instant::now() < limit, "not within the limit: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn virtual_hosts_are_apart_and_go_when_dropped() {
    let broker = Broker::shared().await.unwrap();
    let one = broker.vhost("one").await.unwrap();
    let two = broker.vhost("two").await.unwrap();
    assert!(one.url().ends_with(one.name()));
    let declare = format!(
        "rabbit_amqqueue:declare(rabbit_misc:r(<<\"{}\">>, queue, <<\"work\">>), false, true,
            [{{<<\"x-expires\">>, signedint, 60000}}], none, <<\"test\">>).",
        one.name()
    );
    broker.eval(&declare).await.unwrap();
    let queues = one.queues().await.unwrap();
    assert_eq!(queues.len(), 1);
    assert_eq!((queues[0].name.as_str(), queues[0].durable), ("work", false));
    assert!(queues[0].auto_delete);
    assert_eq!(queues[0].arguments["x-expires"], 60_000);
    assert_eq!((queues[0].messages, queues[0].consumers), (0, 0));
    assert_eq!(two.queues().await.unwrap(), []);
    let exchanges = one.exchanges().await.unwrap();
    assert!(
        exchanges
            .iter()
            .any(|e| e.name == "amq.topic" && e.kind == "topic" && e.durable)
    );
    assert_eq!(one.bindings().await.unwrap(), []);
    one.delete_queue("work").await.unwrap();
    assert_eq!(one.queues().await.unwrap(), []);
    assert!(one.delete_queue("work").await.is_err());
    one.delete_exchange("amq.topic").await.unwrap();
    assert_eq!(one.close_all_connections().await.unwrap(), 0);

    let name = one.name().to_owned();
    drop(one);
    let left = broker.ctl(&["list_vhosts"]).await.unwrap();
    assert!(!left.contains(&name), "{left}");
    assert!(left.contains(two.name()), "{left}");
}

#[tokio::test]
async fn an_expression_that_fails_tells_why() {
    let broker = Broker::shared().await.unwrap();
    let error = broker.eval("1 = 2.").await.unwrap_err().to_string();
    assert!(error.contains("badmatch"), "{error}");
    let error = broker.eval("nonsense(").await.unwrap_err().to_string();
    assert!(error.contains("erl_parse"), "{error}");
    assert_eq!(broker.eval("{json, [1, 2]}.").await.unwrap(), "[1,2]");
    let error = broker.ctl(&["no_such_command"]).await.unwrap_err().to_string();
    assert!(error.contains("no_such_command"), "{error}");
}

#[tokio::test]
async fn a_broker_of_ones_own_can_be_killed_frozen_and_restarted() {
    let broker = Broker::start().await.unwrap();
    let directory = broker.directory().to_owned();
    let vhost = broker.vhost("kept").await.unwrap();

    broker.memory_alarm(true).await.unwrap();
    let alarms = broker.eval("rabbit_alarm:get_alarms().").await.unwrap();
    assert!(alarms.contains("memory"), "{alarms}");
    broker.memory_alarm(false).await.unwrap();
    assert_eq!(broker.eval("rabbit_alarm:get_alarms().").await.unwrap(), "[]");

    broker.freeze().await.unwrap();
    let state = || broker_state(&directory);
    eventually("stopped", || state() == "T");
    broker.thaw().await.unwrap();
    eventually("running", || state() != "T");

    broker.kill().await.unwrap();
    assert!(TcpStream::connect(broker.address()).is_err());
    assert!(broker.kill().await.is_err());
    broker.start_again().await.unwrap();
    assert!(broker.start_again().await.is_err());
    assert_eq!(vhost.queues().await.unwrap(), []);

    broker.stop().await.unwrap();
    assert!(TcpStream::connect(broker.address()).is_err());
    drop(vhost);
    drop(broker);
    assert!(!directory.exists());
}

/// The state of the node's process, as ps tells it.
fn broker_state(directory: &Path) -> String {
    let pid = std::fs::read_to_string(directory.join("node.pid")).unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    fields.chars().take(1).collect()
}

#[test]
fn nothing_is_left_when_the_owner_is_killed() {
    let mut owner = Command::new(env!("CARGO_BIN_EXE_throwaway-broker"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    let lines: Vec<String> = lines.take(2).map(Result::unwrap).collect();
    let directory = Path::new(&lines[0]);
    let node = std::fs::read_to_string(directory.join("node.pid")).unwrap();
    let node = format!("/proc/{}", node.trim());
    let address = lines[1].strip_prefix("rabbit://guest:guest@").unwrap();
    let address = address.trim_end_matches('/').to_owned();
    TcpStream::connect(&address).unwrap();
    assert!(Path::new(&node).exists());

    owner.kill().unwrap();
    owner.wait().unwrap();
    eventually("the directory is gone", || !directory.exists());
    assert!(!Path::new(&node).exists());
    assert!(TcpStream::connect(&address).is_err());
}
