//! The inspection socket: what it shows, to whom, and what it hides.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use rpc_runtime::service::{Service, StartError};
use rpc_runtime::{Bus, Context};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpStream, UnixStream};

use crate::kit::{Diary, HallClient, House, within};

/// A directory of its own, gone with it.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("rpc-backdoor-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Asks, and reads the answer.
async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), question: &str) -> Value {
    let exchange = async {
        stream
            .write_all(format!("{question}\n").as_bytes())
            .await
            .unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).await.unwrap();
        serde_json::from_str(&line).unwrap()
    };
    within(exchange).await
}

fn hall(bus: &Bus, diary: &Diary) -> rpc_runtime::service::Builder<House> {
    Service::builder(bus, House::new(bus, diary))
        .binary("hall")
        .host("node-1")
        .periodic_fuzzy_delay(Duration::ZERO)
        .server(|server| server.drain(Duration::ZERO))
        .settings(|| json!({"workers": 2, "database": {"password": "hunter2"}}))
}

#[tokio::test]
async fn an_operator_sees_what_goes_on() {
    let (bus, diary, directory) = (Bus::memory(), Diary::default(), Directory::new());
    let path = directory.0.join("backdoor.sock");
    let place = path.display().to_string().parse().unwrap();
    let service = within(hall(&bus, &diary).backdoor(place).start()).await.unwrap();
    assert_eq!(service.backdoor_port(), None);
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let ctx = Context::new();
    let call = tokio::spawn(HallClient::new(&bus).call().wait(&ctx));
    within(async {
        while !diary.read().contains(&"waits".to_owned()) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let mut stream = UnixStream::connect(&path).await.unwrap();
    let calls = ask(&mut stream, "calls").await;
    assert_eq!(calls[0]["method"], "wait");
    assert_eq!(calls[0]["request_id"], json!(ctx.request_id().unwrap()));
    assert_eq!(calls.as_array().unwrap().len(), 1);
    let tasks = ask(&mut stream, "tasks").await;
    assert_eq!(
        (&tasks[0]["name"], &tasks[0]["failures"]),
        (&json!("sweep"), &json!(0))
    );
    let counters = ask(&mut stream, "counters").await;
    // The hook after the start pinged twice, and told the fan-out.
    assert_eq!(
        (&counters["requests_taken"], &counters["requests_at_work"]),
        (&json!(4), &json!(1))
    );
    assert_eq!(counters["service"], "hall on node-1");
    let settings = json!({"workers": 2, "database": {"password": "<SANITIZED>"}});
    assert_eq!(ask(&mut stream, "settings").await, settings);
    let known = ask(&mut stream, "help").await;
    assert!(known.as_array().unwrap().contains(&json!("calls")));
    let unknown = ask(&mut stream, "quit").await;
    assert_eq!(unknown["error"], "'quit' is no question");
    assert_eq!(unknown["known"], known);

    assert_eq!(service.stop().await.abandoned, 1);
    call.abort();
    assert!(UnixStream::connect(&path).await.is_err());
    assert!(!path.exists());
}

#[tokio::test]
async fn a_port_is_told_and_a_taken_one_ends_the_start() {
    let (bus, diary) = (Bus::memory(), Diary::default());
    let service = within(hall(&bus, &diary).backdoor("0".parse().unwrap()).start())
        .await
        .unwrap();
    let port = service.backdoor_port().unwrap();
    assert!(diary.read().contains(&"backdoor".to_owned()));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    assert_eq!(ask(&mut stream, "calls").await, json!([]));

    let place = port.to_string().parse().unwrap();
    let elsewhere = Bus::memory();
    let error = within(hall(&elsewhere, &diary).backdoor(place).start()).await;
    let error = error.unwrap_err();
    assert!(matches!(error, StartError::Backdoor { .. }), "{error}");
    assert!(
        error
            .to_string()
            .starts_with(&format!("the backdoor at {port}: ")),
        "{error}"
    );
}

/// Who sends no end of a line, or no text, hears nothing, and harms nobody.
#[tokio::test]
async fn nonsense_ends_its_own_session_alone() {
    let (bus, diary) = (Bus::memory(), Diary::default());
    let service = within(hall(&bus, &diary).backdoor("0".parse().unwrap()).start())
        .await
        .unwrap();
    let port = service.backdoor_port().unwrap();
    let connect = || TcpStream::connect(("127.0.0.1", port));
    let mut endless = connect().await.unwrap();
    // It may be closed before all is written.
    let _ = endless.write_all(&[b'x'; 100_000]).await;
    let mut answer = Vec::new();
    let _ = within(endless.read_to_end(&mut answer)).await;
    assert!(answer.is_empty());

    let mut odd = connect().await.unwrap();
    odd.write_all(b"\xff\xfe\0\n").await.unwrap();
    let mut line = String::new();
    within(BufReader::new(odd).read_line(&mut line)).await.unwrap();
    assert!(line.contains("is no question"), "{line}");

    // More at once than are let in: the rest waits for its turn.
    let mut crowd = Vec::new();
    for _ in 0..20 {
        crowd.push(connect().await.unwrap());
    }
    for mut one in crowd {
        assert_eq!(ask(&mut one, "calls").await, json!([]));
    }
}
