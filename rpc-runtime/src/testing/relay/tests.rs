//! Each way in which the relay misbehaves, seen from both of its ends.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::*;

/// Long enough for anything that must happen on loopback.
const LIMIT: Duration = Duration::from_secs(10);
/// Long enough that what is held would have arrived.
const SILENCE: Duration = Duration::from_millis(200);

/// A server that sends back what it gets, and ends its side when the client ends.
async fn echo() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
                let _ = to.shutdown().await;
            });
        }
    });
    Ok(address)
}

async fn bench() -> (Relay, TcpStream) {
    let relay = Relay::start(echo().await.unwrap().to_string()).await.unwrap();
    let stream = TcpStream::connect(relay.address()).await.unwrap();
    (relay, stream)
}

async fn round_trip(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    let exchange = async {
        stream.write_all(bytes).await?;
        let mut answer = vec![0; bytes.len()];
        stream.read_exact(&mut answer).await?;
        assert_eq!(answer, bytes);
        Ok(())
    };
    timeout(LIMIT, exchange).await?
}

/// How a connection's end looks to the client.
async fn end_of(stream: &mut TcpStream) -> io::Result<usize> {
    timeout(LIMIT, stream.read(&mut [0; 16])).await?
}

#[tokio::test]
async fn forwards_and_counts() {
    let (relay, mut stream) = bench().await;
    round_trip(&mut stream, b"hello").await.unwrap();
    round_trip(&mut stream, &vec![7; 300_000]).await.unwrap();
    let counts = relay.counts();
    assert_eq!((counts.accepted, counts.open), (1, 1));
    assert_eq!((counts.up, counts.down), (300_005, 300_005));
    drop(stream);
    timeout(LIMIT, relay.wait(|counts| counts.open == 0))
        .await
        .unwrap();
}

#[tokio::test]
async fn passes_the_end_of_one_side_on() {
    let (_relay, mut stream) = bench().await;
    stream.write_all(b"last words").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    timeout(LIMIT, stream.read_to_end(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(answer, b"last words");
}

#[tokio::test]
async fn cuts_and_forwards_again() {
    let (relay, mut stream) = bench().await;
    round_trip(&mut stream, b"before").await.unwrap();
    relay.cut();
    assert_eq!(end_of(&mut stream).await.unwrap(), 0);
    let mut stream = TcpStream::connect(relay.address()).await.unwrap();
    round_trip(&mut stream, b"after").await.unwrap();
}

#[tokio::test]
async fn resets() {
    let (relay, mut stream) = bench().await;
    round_trip(&mut stream, b"before").await.unwrap();
    relay.reset();
    let error = end_of(&mut stream).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn refuses_until_healed() {
    let (relay, mut stream) = bench().await;
    round_trip(&mut stream, b"before").await.unwrap();
    relay.refuse().await;
    let error = TcpStream::connect(relay.address()).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    round_trip(&mut stream, b"open ones stay").await.unwrap();
    relay.heal().await.unwrap();
    let mut stream = TcpStream::connect(relay.address()).await.unwrap();
    round_trip(&mut stream, b"after").await.unwrap();
}

#[tokio::test]
async fn accepts_and_drops_until_healed() {
    let (relay, _stream) = bench().await;
    relay.accept_and_drop();
    let mut dropped = TcpStream::connect(relay.address()).await.unwrap();
    assert!(matches!(end_of(&mut dropped).await, Ok(0) | Err(_)));
    relay.heal().await.unwrap();
    let mut stream = TcpStream::connect(relay.address()).await.unwrap();
    round_trip(&mut stream, b"after").await.unwrap();
}

#[tokio::test]
async fn a_black_hole_is_silent_and_loses_nothing_when_healed() {
    let (relay, mut old) = bench().await;
    round_trip(&mut old, b"before").await.unwrap();
    relay.black_hole();
    let mut new = TcpStream::connect(relay.address()).await.unwrap();
    for stream in [&mut old, &mut new] {
        stream.write_all(b"anybody?").await.unwrap();
        let silence = timeout(SILENCE, stream.read(&mut [0; 16])).await;
        assert!(silence.is_err(), "{silence:?}");
    }
    relay.heal().await.unwrap();
    for stream in [&mut old, &mut new] {
        let mut answer = [0; 8];
        timeout(LIMIT, stream.read_exact(&mut answer))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(&answer, b"anybody?");
    }
}

#[tokio::test]
async fn holds_one_way() {
    let (relay, mut stream) = bench().await;
    round_trip(&mut stream, b"before").await.unwrap();
    relay.hold(Direction::Down);
    stream.write_all(b"still heard").await.unwrap();
    let counts = timeout(LIMIT, relay.wait(|counts| counts.up == 17))
        .await
        .unwrap();
    assert_eq!(counts.down, 6);
    assert!(timeout(SILENCE, stream.read(&mut [0; 16])).await.is_err());
    assert_eq!(relay.counts().down, 6);
}

#[tokio::test]
async fn half_closes() {
    let (relay, mut stream) = bench().await;
    round_trip(&mut stream, b"before").await.unwrap();
    relay.half_close(Direction::Up);
    // The echo ends its side when it sees the end of ours.
    assert_eq!(end_of(&mut stream).await.unwrap(), 0);
}

#[tokio::test]
async fn delays() {
    let (relay, mut stream) = bench().await;
    let delay = Duration::from_millis(100);
    relay.delay(delay);
    let start = Instant::now();
    round_trip(&mut stream, &vec![1; 400_000]).await.unwrap();
    assert!(start.elapsed() >= 2 * delay);
}

#[tokio::test]
async fn limits_the_rate() {
    let (relay, mut stream) = bench().await;
    relay.limit(100_000);
    let start = Instant::now();
    round_trip(&mut stream, &vec![1; 20_000]).await.unwrap();
    // The last share is written before its pause.
    assert!(start.elapsed() >= Duration::from_millis(170));
}

#[tokio::test]
async fn closes_everything_when_dropped() {
    let (relay, mut stream) = bench().await;
    round_trip(&mut stream, b"before").await.unwrap();
    let address = relay.address();
    drop(relay);
    assert_eq!(end_of(&mut stream).await.unwrap(), 0);
    let gone = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(LIMIT, gone).await.unwrap();
}
