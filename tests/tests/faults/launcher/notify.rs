//! What a service is told while it runs, and what it tells systemd.

use std::path::PathBuf;

use rpc_tests::program::Signal;
use tokio::net::UnixDatagram;

use super::{Launched, command};
use crate::kit::{DEADLINE, OracleFile, shared, together, within};

/// The socket that systemd would have.
struct Systemd {
    path: PathBuf,
    socket: UnixDatagram,
}

impl Systemd {
    fn new() -> Self {
        let name = format!("rpc-notify-{}", uuid::Uuid::new_v4().simple());
        let path = std::env::temp_dir().join(name);
        let socket = UnixDatagram::bind(&path).unwrap();
        Self { path, socket }
    }

    /// Reads messages until one has this line.
    async fn hears(&self, line: &str) {
        let mut message = [0; 4096];
        let mut heard = Vec::new();
        let hears = async {
            while !heard.iter().any(|heard| heard == line) {
                let size = self.socket.recv(&mut message).await.unwrap();
                let text = String::from_utf8_lossy(&message[..size]);
                heard = text.lines().map(str::to_owned).collect();
            }
        };
        within(line, hears).await;
    }
}

impl Drop for Systemd {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// SIGHUP reaches the hook of every process, and the manager wherever it serves; systemd hears of the start, of the
/// reload and of the end.
#[tokio::test]
async fn a_reload_reaches_every_process_and_systemd_hears_of_it() {
    let _turn = together().await;
    let vhost = shared("reload").await;
    for (workers, expected, serving) in [
        (0, vec!["reload host", "reset host"], "STATUS=serving"),
        (
            2,
            vec![
                "reload host",
                "reload host-1",
                "reload host-2",
                "reset host-1",
                "reset host-2",
            ],
            "STATUS=2 of 2 workers serve",
        ),
    ] {
        let file = OracleFile::new();
        let systemd = Systemd::new();
        let mut command = command(&vhost.url(), workers, "host", &file.0, DEADLINE);
        let mut launched = Launched::ready(command.env("NOTIFY_SOCKET", &systemd.path)).await;
        systemd.hears("READY=1").await;
        for _ in 0..2 {
            launched.program.signal(Signal::HUP);
            let mut lines = Vec::new();
            while lines.len() < expected.len() {
                lines.push(launched.program.line().await);
            }
            lines.sort();
            assert_eq!(lines, expected);
            systemd.hears("RELOADING=1").await;
            systemd.hears(serving).await;
        }
        launched.program.signal(Signal::TERM);
        systemd.hears("STOPPING=1").await;
        assert!(launched.program.ended().await.success());
    }
}
