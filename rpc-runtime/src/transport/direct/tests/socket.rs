//! The socket file, and typed errors where there is no server.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::*;
use crate::transport::ConnectError;

#[tokio::test]
async fn a_message_goes_through_the_socket() {
    let directory = Directory::new();
    let server = DirectTransport::unix(directory.socket());
    let client = DirectTransport::unix(directory.socket());
    let mut listener = server.listen(listen_to("t")).await.unwrap();
    client.send(topic("t"), message("hello"), soon()).await.unwrap();
    assert_eq!(listener.deliveries.recv().await.unwrap().body, "hello");
    assert_eq!(
        client.send(topic("other"), message("x"), soon()).await,
        Err(TransportError::Unroutable(topic("other")))
    );
    client.close().await;
    server.close().await;
}

#[tokio::test]
async fn without_a_server_the_path_and_the_reason_are_told_at_once() {
    let directory = Directory::new();
    let client = DirectTransport::unix(directory.socket());
    let refused = Err(TransportError::Connect {
        host: directory.socket().display().to_string(),
        reason: ConnectError::Refused,
    });
    assert_eq!(client.ready(soon()).await, refused);
    assert_eq!(client.send(topic("t"), message("x"), soon()).await, refused);

    let server = DirectTransport::unix(directory.socket());
    let _listener = server.listen(listen_to("t")).await.unwrap();
    assert_eq!(client.ready(soon()).await, Ok(()));
}

#[tokio::test]
async fn only_this_user_reaches_the_socket_and_it_goes_with_the_server() {
    let directory = Directory::new();
    let mode = |path: PathBuf| path.metadata().unwrap().permissions().mode() & 0o777;
    let server = DirectTransport::unix(directory.socket());
    let listener = server.listen(listen_to("t")).await.unwrap();
    assert_eq!(mode(directory.0.clone()), 0o700);
    assert_eq!(mode(directory.socket()), 0o600);
    drop(listener);
    server.close().await;
    assert_eq!(directory.0.read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn a_second_server_is_told_what_to_use_instead() {
    let directory = Directory::new();
    let first = DirectTransport::unix(directory.socket());
    let _listener = first.listen(listen_to("t")).await.unwrap();
    let second = DirectTransport::unix(directory.socket());
    let error = second.listen(listen_to("t")).await.unwrap_err().to_string();
    assert!(error.contains("another process serves"), "{error}");
    assert!(error.contains("rabbit://"), "{error}");

    first.close().await;
    second.listen(listen_to("t")).await.unwrap();
    let third = DirectTransport::tcp("127.0.0.1", 0);
    let _listener = third.listen(listen_to("t")).await.unwrap();
    let port = third.local_addr().unwrap().port();
    let fourth = DirectTransport::tcp("127.0.0.1", port);
    let error = fourth.listen(listen_to("t")).await.unwrap_err().to_string();
    assert!(error.contains("rabbit://"), "{error}");
}

#[tokio::test]
async fn what_a_dead_server_left_is_replaced_and_what_is_no_socket_is_kept() {
    let directory = Directory::new();
    std::fs::create_dir(&directory.0).unwrap();
    drop(std::os::unix::net::UnixListener::bind(directory.socket()).unwrap());
    let server = DirectTransport::unix(directory.socket());
    drop(server.listen(listen_to("t")).await.unwrap());
    server.close().await;

    std::fs::write(directory.socket(), "precious").unwrap();
    let server = DirectTransport::unix(directory.socket());
    let error = server.listen(listen_to("t")).await.unwrap_err().to_string();
    assert!(error.contains("not a socket"), "{error}");
    assert_eq!(std::fs::read(directory.socket()).unwrap(), b"precious");

    // A program that listens without our lock.
    std::fs::remove_file(directory.socket()).unwrap();
    let _other = std::os::unix::net::UnixListener::bind(directory.socket()).unwrap();
    let error = server.listen(listen_to("t")).await.unwrap_err().to_string();
    assert!(error.contains("another process serves"), "{error}");
    assert!(directory.socket().exists());
}
