//! Faults before there is a connection, and what is told of them.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rpc_runtime::testing::oracle::Promise;
use rpc_runtime::testing::{Broker, Oracle, Relay};
use rpc_runtime::transport::{ConnectError, Sent, TransportError};
use rpc_runtime::{CallError, SendError};
use rpc_tests::program::{Running, Signal};
use tokio::net::TcpSocket;
use tokio::time::{Instant, timeout};

use crate::kit::{
    Caller, DEADLINE, Footprint, GRACE, OracleFile, alone, kept, logging, open, serve, shared, together,
    took, within, worker,
};

/// A port that is taken, and on which nobody listens: whoever connects is refused.
fn closed_port() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// A listener that never accepts: the system answers the TCP handshake, and then there is silence.
fn silent_port() -> (std::net::TcpListener, SocketAddr) {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn url(address: impl std::fmt::Display) -> String {
    format!("rabbit://guest:guest@{address}/")
}

/// Nobody listens on the port: who asks whether the bus is ready is told so, and a call ends at its deadline as
/// never sent.
#[tokio::test]
async fn a_closed_port_is_told_and_calls_end_at_their_deadline() {
    let _turn = together().await;
    let (_socket, address) = closed_port();
    let oracle = Arc::new(Oracle::in_memory());
    let bus = open(&url(address));
    let limit = Duration::from_secs(1);
    let error = timeout(limit + GRACE, bus.ready(limit))
        .await
        .unwrap()
        .unwrap_err();
    let TransportError::Connect { host, reason } = error else {
        panic!("{error:?}")
    };
    assert_eq!((host, reason), (address.to_string(), ConnectError::Refused));

    let limit = Duration::from_secs(2);
    let caller = Caller::new(&bus, "caller", &oracle).limit(limit);
    for _ in 0..2 {
        let start = Instant::now();
        let (call, cast) = tokio::join!(caller.echo(), caller.cast());
        assert!(start.elapsed() >= limit, "it is tried until the deadline");
        let CallError::Send(call) = call.unwrap_err() else {
            panic!("a call cannot be answered")
        };
        for error in [call, cast.unwrap_err()] {
            assert_eq!(error.sent(), Sent::No);
            assert!(error.to_string().contains("refused"), "{error}");
        }
    }
    assert_eq!(kept(&oracle, Promise::EXACTLY_ONCE).failed_unsent, 4);
    bus.close().await;
}

/// Nobody listens on the port for long: a server goes on trying at growing, scattered intervals, and logs a line a
/// try.
#[tokio::test]
async fn a_port_that_stays_closed_is_tried_patiently_and_logged_once_a_try() {
    let _turn = together().await;
    let (_socket, address) = closed_port();
    let file = OracleFile::new();
    let mut server = Running::new(logging(
        &mut worker(&url(address), "here", &file.0, DEADLINE),
        "info",
    ));
    let mut log = server.errors();
    let mut pauses = Vec::new();
    let mut times = Vec::new();
    while pauses.len() < 7 {
        let line = within("a line of the log", log.next_line())
            .await
            .unwrap()
            .unwrap();
        let (_, pause) = line
            .split_once("retry_in_ms=")
            .unwrap_or_else(|| panic!("another line than those of tries: {line}"));
        assert!(
            line.contains(&address.to_string()) && line.contains("refused"),
            "{line}"
        );
        pauses.push(pause.split(' ').next().unwrap().parse::<u64>().unwrap());
        times.push(Instant::now());
    }
    for (pair, pause) in times.windows(2).zip(&pauses) {
        let apart = pair[1] - pair[0];
        // A line may be read late, and the next one not.
        let least = Duration::from_millis(pause / 2);
        assert!(apart >= least, "a line after {apart:?}, and not after {pause} ms");
    }
    assert!(pauses[6] > 4 * pauses[0], "the pauses do not grow: {pauses:?}");
    assert!(
        pauses.iter().all(|pause| *pause < 5000),
        "no pause becomes long: {pauses:?}"
    );
    assert!(
        pauses.iter().any(|pause| pause % 100 != 0),
        "all who wait would come back at once: {pauses:?}"
    );
}

/// A port that accepts connections and is silent ever after costs no more than the time of a try: no thread,
/// descriptor or task is left of it, though the other side never closes.
#[tokio::test]
async fn a_silent_port_leaves_nothing_behind() {
    let _turn = alone().await;
    let (_listener, address) = silent_port();
    let oracle = Arc::new(Oracle::in_memory());
    let before = Footprint::now();
    let buses: Vec<_> = (0..20).map(|_| open(&url(address))).collect();
    // Longer than the limit of a handshake, so that each has given up one by itself.
    let limit = Duration::from_secs(6);
    let tries = buses.iter().map(|bus| async {
        let error = timeout(limit + GRACE, bus.ready(limit))
            .await
            .unwrap()
            .unwrap_err();
        let told = matches!(
            &error,
            TransportError::Connect {
                reason: ConnectError::Timeout(_),
                ..
            }
        );
        assert!(told, "{error:?}");
    });
    let call = async {
        let error = Caller::new(&buses[0], "caller", &oracle)
            .echo()
            .await
            .unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
    };
    tokio::join!(futures_util::future::join_all(tries), call);
    assert_eq!(kept(&oracle, Promise::EXACTLY_ONCE).failed_unsent, 1);
    // Half of them are closed, the others dropped while they try again.
    for bus in &buses[..10] {
        within("a close", bus.close()).await;
    }
    drop(buses);
    Footprint::restored(before).await;
}

/// A load balancer without a backend accepts and closes, again and again: when the backend is back, so are server
/// and client, within the longest pause.
#[tokio::test]
async fn a_load_balancer_that_gets_its_backend_back_is_noticed_soon() {
    let _turn = together().await;
    let vhost = shared("balancer").await;
    let relay = Relay::start(vhost.broker().address()).await.unwrap();
    let oracle = Arc::new(Oracle::in_memory());
    let service = serve(&open(&vhost.url_by(relay.address())), "here", &oracle).await;
    let caller_bus = open(&vhost.url_by(relay.address()));
    let caller = Caller::new(&caller_bus, "caller", &oracle);
    caller.echo().await.unwrap();
    let hasty = caller.limit(Duration::from_secs(2));

    let before = relay.counts().accepted;
    relay.accept_and_drop();
    relay.cut();
    // Both connections of both sides have reached their longest pause by then.
    let tried = relay.wait(|counts| counts.accepted >= before + 4 * 7);
    let (_, failed) = tokio::join!(within("tries", tried), hasty.echo());
    assert!(failed.unwrap_err().is_timeout());

    relay.heal().await.unwrap();
    let healed = Instant::now();
    caller.limit(Duration::from_secs(20)).echo().await.unwrap();
    took("the recovery", healed, Duration::from_secs(2 * 3));
    let counts = kept(&oracle, Promise::EXACTLY_ONCE);
    // What was on its way when the line was cut may have arrived.
    let failed = counts.failed_unsent + counts.failed_unknown;
    assert_eq!((counts.replied, failed), (2, 1));
    drop(service);
}

/// A wrong password is told at once, as what it is; it is not tried again soon, and stands in no line of any log.
#[tokio::test]
async fn a_wrong_password_is_told_at_once_and_logged_nowhere() {
    let _turn = together().await;
    let broker = Broker::shared().await.unwrap();
    let vhost = shared("password").await;
    let user = format!("user-{}", uuid::Uuid::new_v4().simple());
    let (right, wrong) = ("c0rrect-h0rse-battery", "wr0ng-h0rse-battery");
    broker.add_user(&user, right).await.unwrap();
    vhost.permit(&user, [".*"; 3]).await.unwrap();
    let relay = Relay::start(broker.address()).await.unwrap();
    let url = |password: &str| {
        let (address, vhost) = (relay.address(), vhost.name());
        format!("rabbit://{user}:{password}@{address}/{vhost}")
    };

    let oracle = Arc::new(Oracle::in_memory());
    let bus = open(&url(wrong));
    let start = Instant::now();
    let refused = |error: &TransportError| {
        let auth = matches!(
            error,
            TransportError::Connect {
                reason: ConnectError::Auth,
                ..
            }
        );
        assert!(auth, "{error:?}");
        assert!(!format!("{error} {error:?} {bus:?}").contains(wrong));
    };
    refused(&within("an answer", bus.ready(DEADLINE)).await.unwrap_err());
    let caller = Caller::new(&bus, "caller", &oracle);
    for _ in 0..3 {
        let error = caller.echo().await.unwrap_err();
        let told = matches!(
            &error,
            CallError::Send(SendError::Connect {
                reason: ConnectError::Auth,
                ..
            })
        );
        assert!(told, "{error:?}");
    }
    took("four refusals", start, DEADLINE / 2);
    assert_eq!(kept(&oracle, Promise::EXACTLY_ONCE).failed_unsent, 3);
    // One try for each of the two connections, and no storm of them.
    let again = relay.wait(|counts| counts.accepted > 2);
    assert!(
        timeout(Duration::from_secs(3), again).await.is_err(),
        "{:?}",
        relay.counts()
    );
    bus.close().await;

    let file = OracleFile::new();
    for (password, works) in [(wrong, false), (right, true)] {
        let mut command = worker(&url(password), "here", &file.0, DEADLINE);
        let mut worker = Running::new(logging(&mut command, "trace"));
        let mut log = worker.errors();
        let read = async {
            let mut text = String::new();
            while let Some(line) = log.next_line().await.unwrap() {
                text.push_str(&line);
                text.push('\n');
            }
            text
        };
        let stop = async {
            if works {
                assert_eq!(worker.line().await, "ready");
                worker.signal(Signal::TERM);
            }
            worker.ended().await
        };
        let (text, status) = within("a worker's life", async { tokio::join!(read, stop) }).await;
        assert_eq!(status.success(), works, "{text}");
        let told = ["connected to RabbitMQ", "refuses the user name or password"];
        assert!(text.contains(told[usize::from(!works)]), "{text}");
        // What lapin sends to log in is in the log as well.
        assert!(text.contains("StartOk { "), "{text}");
        let bytes: Vec<String> = password.bytes().map(|byte| byte.to_string()).collect();
        for form in [password.to_owned(), bytes.join(", "), bytes.join(",")] {
            let line = text.lines().find(|line| line.contains(&form));
            assert_eq!(line, None, "the password is in the log");
        }
    }
}

/// Two of three hosts are dead, one refusing and one silent: the third is found before either of them would have
/// been given up.
#[tokio::test]
async fn dead_hosts_in_a_list_cost_little() {
    let _turn = together().await;
    let vhost = shared("hosts").await;
    let (_socket, refusing) = closed_port();
    let (_listener, silent) = silent_port();
    let live = vhost.broker().address();
    // The order of hosts is left to chance.
    for _ in 0..8 {
        let hosts = format!("{refusing},guest:guest@{silent},guest:guest@{live}");
        let bus = open(&vhost.url_by(hosts));
        let start = Instant::now();
        timeout(DEADLINE, bus.ready(DEADLINE)).await.unwrap().unwrap();
        took("the way to the live host", start, Duration::from_secs(2 * 2));
        bus.close().await;
    }
}
