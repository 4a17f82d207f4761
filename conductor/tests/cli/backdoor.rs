//! The inspection socket of a conductor.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::program::{Ended as _, Home};

#[tokio::test]
async fn a_conductor_tells_the_port_of_its_backdoor_and_what_it_is_set_to() {
    let home = Home::new();
    let config = home.file("conductor.toml", "[service]\nbackdoor = 0\nhost = \"node-7\"\n");
    let (_serving, _) = home.serve(&["serve", "--config", &config]).await;
    let port = home
        .run(&["call", "baseapi.get_backdoor_port", "--server", "node-7"])
        .await;
    let port = u16::try_from(port.answer().as_u64().unwrap()).unwrap();

    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(b"settings\n").await.unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).await.unwrap();
        serde_json::from_str::<Value>(&line).unwrap()
    };
    let settings = timeout(Duration::from_secs(20), ask).await.expect("in time");
    let origin = format!("{config}:3");
    assert_eq!(
        settings["service.host"],
        json!({"value": "node-7", "origin": origin})
    );

    let config = home.file("bad.toml", "[service]\nbackdoor = \"somewhere\"\n");
    home.run(&["config", "--check", "--config", &config])
        .await
        .failed(2, &["bad.toml:2", "backdoor", "4444:4450"]);
}
