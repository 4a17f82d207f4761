//! Keeps a throwaway broker until standard input ends, for tests of several processes.
//!
//! Prints the broker's directory, which goes into the environment variable `RPC_TEST_BROKER`, and its URL.

use std::io::{Read, Write, stdin, stdout};
use std::process::ExitCode;

use rpc_runtime::testing::Broker;

#[tokio::main]
async fn main() -> ExitCode {
    let broker = match Broker::start().await {
        Ok(broker) => broker,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let lines = format!("{}\n{}\n", broker.directory().display(), broker.url(""));
    if stdout().write_all(lines.as_bytes()).is_err() {
        return ExitCode::FAILURE;
    }
    // What comes is ignored; the end, or an error, means that nobody wants the broker any more.
    while let Ok(1..) = stdin().read(&mut [0; 64]) {}
    ExitCode::SUCCESS
}
