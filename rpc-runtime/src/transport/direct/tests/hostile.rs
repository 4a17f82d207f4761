//! Peers that do not keep to the protocol: they lose their connection, and nobody else notices.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::transport::ConnectError;
use crate::transport::direct::frame::Frame;

/// Short times, so that a test sees them pass.
fn short() -> Settings {
    Settings {
        connect: Duration::from_millis(200),
        silence: Duration::from_millis(200),
        frame: Duration::from_millis(200),
        stall: Duration::from_millis(200),
        ..Settings::default()
    }
}

async fn connect(server: &DirectTransport) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port(server))).await.unwrap()
}

/// A connection that said hello, and was answered.
async fn greeted(server: &DirectTransport) -> TcpStream {
    let mut stream = connect(server).await;
    write(&mut stream, Frame::Hello { incarnation: 0 }).await;
    let answer = read(&mut stream).await;
    assert!(matches!(answer, Frame::Hello { .. }), "{answer:?}");
    stream
}

async fn write(stream: &mut TcpStream, frame: Frame) {
    let encoded = frame.encode();
    stream.write_all(&encoded.head).await.unwrap();
    stream.write_all(&encoded.body).await.unwrap();
}

async fn read(stream: &mut TcpStream) -> Frame {
    let length = stream.read_u32().await.unwrap();
    let mut bytes = vec![0; length as usize];
    stream.read_exact(&mut bytes).await.unwrap();
    Frame::decode(bytes.into()).unwrap()
}

/// The server ends the connection, whatever it still had to say.
async fn is_closed(mut stream: TcpStream) {
    let mut rest = Vec::new();
    let end = timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await;
    // A reset is an end, too.
    assert!(end.is_ok(), "the connection is still open");
}

/// The server still serves others.
async fn others_are_served(server: &DirectTransport, listener: &mut Listener) {
    let client = DirectTransport::tcp("127.0.0.1", port(server));
    client
        .send(topic("t"), message("still here"), soon())
        .await
        .unwrap();
    assert_eq!(next(listener).await, "still here");
    client.close().await;
}

#[tokio::test]
async fn other_protocols_are_shown_out() {
    let (server, mut listener) = serve(Settings::default()).await;
    for words in [
        &b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..],
        b"AMQP\x00\x00\x09\x01",
        b"\x00\x00\x00\x00",
        b"\x00\x00\x00\x01\x07",
        b"\xff\xff\xff\xff",
    ] {
        let mut stream = connect(&server).await;
        stream.write_all(words).await.unwrap();
        is_closed(stream).await;
    }
    others_are_served(&server, &mut listener).await;
}

#[tokio::test]
async fn frames_that_do_not_belong_there_end_the_connection() {
    let (server, mut listener) = serve(Settings::default()).await;
    let reply = Frame::Reply {
        sequence: 1,
        headers: Headers::default(),
        body: Bytes::new(),
    };
    let open = |address: &str| Frame::Open {
        sequence: 1,
        received: 0,
        address: address.to_owned(),
    };
    for frames in [
        vec![Frame::Hello { incarnation: 0 }],
        vec![reply],
        vec![Frame::Pong],
        vec![Frame::Received { sequence: 1 }],
        vec![open("reply_a"), open("reply_b")],
    ] {
        let mut stream = greeted(&server).await;
        for frame in frames {
            write(&mut stream, frame).await;
        }
        is_closed(stream).await;
    }
    // Too long, of no kind, and with a text that is none.
    for bytes in [
        &b"\x7f\xff\xff\xff\x03"[..],
        b"\x00\x00\x00\x01\xee",
        b"\x00\x00\x00\x0e\x03\0\0\0\0\0\0\0\x01\x04\x00\x02\xff\xfe",
    ] {
        let mut stream = greeted(&server).await;
        stream.write_all(bytes).await.unwrap();
        is_closed(stream).await;
    }
    others_are_served(&server, &mut listener).await;
}

#[tokio::test]
async fn random_bytes_end_the_connection_at_most() {
    let (server, mut listener) = serve(short()).await;
    for round in 0..100 {
        let bytes: Vec<u8> = (0..13)
            .flat_map(|_| uuid::Uuid::new_v4().into_bytes())
            .take(200)
            .collect();
        let mut stream = greeted(&server).await;
        if round % 2 == 0 {
            // A length that is right, so that what follows is looked at.
            let _ = stream.write_all(&[0, 0, 0, 200, round % 10]).await;
        }
        let _ = stream.write_all(&bytes).await;
    }
    others_are_served(&server, &mut listener).await;
}

#[tokio::test]
async fn a_frame_that_is_cut_is_no_message() {
    let (server, mut listener) = serve(Settings::default()).await;
    let mut stream = greeted(&server).await;
    let frame = Frame::Send {
        sequence: 1,
        route: topic("t"),
        message: message("half of it"),
    };
    let encoded = frame.encode();
    stream.write_all(&encoded.head).await.unwrap();
    stream.write_all(&encoded.body[..4]).await.unwrap();
    stream.shutdown().await.unwrap();
    is_closed(stream).await;
    others_are_served(&server, &mut listener).await;
}

#[tokio::test]
async fn nobody_may_take_for_ever() {
    let (server, mut listener) = serve(short()).await;
    // Says nothing, at the beginning or later.
    is_closed(connect(&server).await).await;
    is_closed(greeted(&server).await).await;
    // Says it a byte at a time.
    let mut slow = greeted(&server).await;
    let frame = Frame::Send {
        sequence: 1,
        route: topic("t"),
        message: message("a body of some length"),
    };
    let pause = Duration::from_millis(50);
    let bytes = frame.encode().head;
    let trickle = async {
        for byte in &bytes {
            if slow.write_all(&[*byte]).await.is_err() {
                return true;
            }
            tokio::time::sleep(pause).await;
        }
        false
    };
    let refused = trickle.await;
    assert!(refused, "a frame of {} bytes took its time", bytes.len());
    others_are_served(&server, &mut listener).await;
}

#[tokio::test]
async fn connections_are_counted() {
    let settings = Settings {
        connections: 2,
        ..Settings::default()
    };
    let (server, mut listener) = serve(settings).await;
    let first = greeted(&server).await;
    let _second = greeted(&server).await;
    let third = DirectTransport::tcp("127.0.0.1", port(&server));
    let refused = third.ready(soon()).await;
    assert!(
        matches!(refused, Err(TransportError::Connect { .. })),
        "{refused:?}"
    );
    drop(first);
    while third.ready(soon()).await.is_err() {}
    third.send(topic("t"), message("in"), soon()).await.unwrap();
    assert_eq!(next(&mut listener).await, "in");
}

#[tokio::test]
async fn an_address_of_the_server_itself_cannot_be_taken() {
    let (server, _listener) = serve(Settings::default()).await;
    let mut own = Replies::open(&server).await;
    let Route::Reply { address } = own.route.clone() else {
        panic!("a reply address");
    };
    let thief = DirectTransport::tcp("127.0.0.1", port(&server));
    let (sender, _arrived) = mpsc::unbounded_channel();
    let opened = thief
        .open_replies(address.to_string(), Arc::new(Sink(sender)), soon())
        .await;
    assert!(
        matches!(opened, Err(TransportError::InvalidTarget(_))),
        "{opened:?}"
    );
    server
        .send(own.route.clone(), message("mine"), soon())
        .await
        .unwrap();
    assert_eq!(own.next().await, "mine");
}

#[tokio::test]
async fn clients_cannot_send_replies() {
    let (server, _listener) = serve(Settings::default()).await;
    let client = DirectTransport::tcp("127.0.0.1", port(&server));
    let replies = Replies::open(&client).await;
    let sent = client.send(replies.route.clone(), message("x"), soon()).await;
    assert!(matches!(sent, Err(TransportError::Unsupported(_))));
}

#[tokio::test]
async fn a_slow_client_holds_up_itself_alone() {
    let settings = Settings {
        window: 1 << 20,
        ..short()
    };
    let (server, _listener) = serve(settings).await;
    let fast = DirectTransport::tcp("127.0.0.1", port(&server));
    let mut replies = Replies::open(&fast).await;
    let mut slow = greeted(&server).await;
    let address = "reply_slow";
    write(
        &mut slow,
        Frame::Open {
            sequence: 1,
            received: 0,
            address: address.to_owned(),
        },
    )
    .await;
    assert!(matches!(read(&mut slow).await, Frame::Confirm { .. }));
    let large = Bytes::from(vec![0; 256 << 10]);
    let to_slow = || {
        let message = Message {
            body: large.clone(),
            ..Message::default()
        };
        let address = address.into();
        server.send(Route::Reply { address }, message, soon())
    };
    while to_slow().await.is_ok() {}
    assert_eq!(
        to_slow().await,
        Err(TransportError::Rejected(Rejected::QueueFull))
    );
    for _ in 0..3 {
        let sent = server.send(replies.route.clone(), message("fast"), soon());
        let (sent, waited) = tokio::join!(sent, to_slow());
        assert_eq!(sent, Ok(()));
        assert!(waited.is_err());
        assert_eq!(replies.next().await, "fast");
    }
    is_closed(slow).await;
}

#[tokio::test]
async fn servers_that_are_none_are_named_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let settings = Settings {
        connect: Duration::from_millis(100),
        ..Settings::default()
    };
    let client = DirectTransport::tcp_with("127.0.0.1", port, settings);
    let answer = async |words: &'static [u8]| {
        let serving = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(words).await.unwrap();
            stream
        };
        let (_open, ready) = tokio::join!(serving, client.ready(soon()));
        match ready {
            Err(TransportError::Connect { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    };
    let reason = answer(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    assert!(matches!(reason, ConnectError::Protocol(_)), "{reason:?}");
    let reason = answer(b"").await;
    assert_eq!(reason, ConnectError::Timeout("the greeting"));
}
