//! The program, run to its end within a time limit.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

/// For everything that a small crate depends on to be compiled, on a busy machine.
const LIMIT: Duration = Duration::from_secs(900);

/// How it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `cargo rpc` with these arguments in a folder.
pub(crate) async fn cargo_rpc<A: AsRef<OsStr>>(folder: &Path, arguments: &[A]) -> Ran {
    told_to(folder, arguments, Stdio::piped(), Stdio::piped()).await
}

/// The same, with other places for what it says.
pub(crate) async fn told_to<A: AsRef<OsStr>>(
    folder: &Path,
    arguments: &[A],
    out: impl Into<Stdio>,
    err: impl Into<Stdio>,
) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-rpc"));
    // As cargo calls it.
    command.arg("rpc").args(arguments).current_dir(folder);
    // The profile of who tests is not that of who is tested.
    command.env_remove("CARGO_TARGET_DIR").kill_on_drop(true);
    let program = command.stdout(out).stderr(err).spawn().expect("it runs");
    let output = timeout(LIMIT, program.wait_with_output())
        .await
        .expect("an end in time");
    let output = output.expect("it ran");
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}
