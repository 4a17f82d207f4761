//! Keeps a throwaway broker until standard input ends, for tests of several processes; with `--databases` a database
//! server of each kind as well.
//!
//! Prints the broker's directory, which goes into the environment variable `RPC_TEST_BROKER`, and its URL; then a line
//! for each database server: the variable that tells its URL, and the URL.

use std::io::{Read, Write, stdin, stdout};
use std::process::ExitCode;
use std::thread;

use rpc_runtime::testing::Broker;
use rpc_tests::databases::{DatabaseServer, Kind};

#[tokio::main]
async fn main() -> ExitCode {
    let kinds: &[Kind] = match std::env::args().nth(1).as_deref() {
        None => &[],
        Some("--databases") => &[Kind::Postgres, Kind::MariaDb],
        Some(other) => {
            eprintln!("there is no option {other}");
            return ExitCode::from(2);
        }
    };
    let starting: Vec<_> = kinds
        .iter()
        .map(|kind| thread::spawn(|| DatabaseServer::start(*kind)))
        .collect();
    let broker = match Broker::start().await {
        Ok(broker) => broker,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let mut lines = format!("{}\n{}\n", broker.directory().display(), broker.url(""));
    let mut servers = Vec::new();
    for (kind, server) in kinds.iter().zip(starting) {
        // Why not has been said where it went wrong.
        let Ok(server) = server.join() else {
            return ExitCode::FAILURE;
        };
        lines.push_str(&format!("{}={}\n", kind.variable(), server.url("")));
        servers.push(server);
    }
    if stdout().write_all(lines.as_bytes()).is_err() {
        return ExitCode::FAILURE;
    }
    // What comes is ignored; the end, or an error, means that nobody wants them any more.
    while let Ok(1..) = stdin().read(&mut [0; 64]) {}
    ExitCode::SUCCESS
}
