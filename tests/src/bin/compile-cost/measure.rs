//! Runs cargo and reads what it took: processor seconds of cargo and all that it started, and the lines of an
//! expansion.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

use crate::Failed;
use crate::crates::{self, Peer};

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// `cargo check` of the API after an argument changed its type.
    Edit,
    /// `cargo check` of the API, with nothing of its crate there.
    Cold,
    /// `cargo build` of the API with a manager and calls, with nothing of its crate there.
    Full,
}

impl Cost {
    pub(crate) const ALL: [Self; 3] = [Self::Edit, Self::Cold, Self::Full];

    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::Edit => "check after an edit",
            Self::Cold => "check, cold",
            Self::Full => "full build, cold | expanded lines",
        }
    }
}

/// What was measured of one crate.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    seconds: [Vec<f64>; 3],
    pub(crate) lines: usize,
}

impl Measured {
    /// The middle of what was measured.
    pub(crate) fn median(&self, cost: Cost) -> f64 {
        let mut seconds = self.seconds[cost as usize].clone();
        seconds.sort_by(f64::total_cmp);
        seconds.get(seconds.len() / 2).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn cell(&self, cost: Cost) -> String {
        let least = self.seconds[cost as usize]
            .iter()
            .copied()
            .fold(f64::INFINITY, f64::min);
        let cell = format!("{:.2} s ({least:.2})", self.median(cost));
        match cost {
            Cost::Full => format!("{cell} | {}", self.lines),
            _ => cell,
        }
    }
}

/// Measures every crate, a round of all after the other.
pub(crate) fn all(folder: &Path, rounds: usize) -> Result<Vec<(Peer, Measured)>, Failed> {
    let mut measured: Vec<(Peer, Measured)> = Peer::ALL.map(|peer| (peer, Measured::default())).into();
    // What the crates depend on is none of the cost.
    for peer in Peer::ALL {
        eprintln!("compiling what {} depends on", peer.package());
        cargo(folder, &["check", "-p", peer.package()])?;
        cargo(folder, &["build", "-p", peer.package(), "--features", "full"])?;
    }
    for (peer, costs) in &mut measured {
        costs.lines = lines(folder, *peer)?;
    }
    for cost in Cost::ALL {
        for round in 0..rounds {
            eprintln!("{cost:?}, round {}", round + 1);
            for (peer, costs) in &mut measured {
                costs.seconds[cost as usize].push(once(folder, *peer, cost)?);
            }
        }
    }
    Ok(measured)
}

fn once(folder: &Path, peer: Peer, cost: Cost) -> Result<f64, Failed> {
    let package = peer.package();
    match cost {
        Cost::Edit => {
            cargo(folder, &["check", "-p", package])?;
            let source = folder.join(package).join("src/lib.rs");
            let text = fs::read_to_string(&source)?;
            fs::write(&source, crates::edit(&text))?;
            cargo(folder, &["check", "-p", package])
        }
        Cost::Cold => {
            cargo(folder, &["clean", "-p", package])?;
            cargo(folder, &["check", "-p", package])
        }
        Cost::Full => {
            cargo(folder, &["clean", "-p", package])?;
            cargo(folder, &["build", "-p", package, "--features", "full"])
        }
    }
}

/// The lines that rustc has after every macro ran, as it prints them itself.
fn lines(folder: &Path, peer: Peer) -> Result<usize, Failed> {
    let mut command = command(
        folder,
        &["rustc", "-p", peer.package(), "--lib", "--profile", "check"],
    );
    command.args(["--", "-Zunpretty=expanded"]);
    command.env("RUSTC_WORKSPACE_WRAPPER", env::current_exe()?);
    command.env(WRAPS_RUSTC, "1");
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("rustc could not expand {}", peer.package()).into());
    }
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().filter(|line| !line.is_empty()).count())
}

/// Set for the process that cargo starts in rustc's place.
const WRAPS_RUSTC: &str = "COMPILE_COST_WRAPS_RUSTC";

/// Runs the rustc that cargo meant, if that is what this process was started for. To print an expansion is an unstable
/// option: it is allowed for the crates that are measured, and not for their dependencies, which would be compiled
/// anew.
pub(crate) fn as_rustc() -> Option<Result<ExitCode, Failed>> {
    env::var_os(WRAPS_RUSTC)?;
    let mut arguments = env::args_os().skip(1);
    let rustc = arguments.next()?;
    let status = Command::new(rustc)
        .args(arguments)
        .env("RUSTC_BOOTSTRAP", "1")
        .status();
    Some(match status {
        Ok(status) => Ok(ExitCode::from(u8::from(!status.success()))),
        Err(error) => Err(error.into()),
    })
}

/// Runs cargo; returns the processor seconds of it and of what it started.
fn cargo(folder: &Path, arguments: &[&str]) -> Result<f64, Failed> {
    let before = used()?;
    let status = command(folder, arguments).status()?;
    if !status.success() {
        return Err(format!("cargo {} failed in {}", arguments.join(" "), folder.display()).into());
    }
    Ok(used()? - before)
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).arg("--quiet").current_dir(folder);
    // Of the crates, and not of whoever runs this.
    for variable in ["CARGO_TARGET_DIR", "RUSTFLAGS", "CARGO_MANIFEST_DIR"] {
        command.env_remove(variable);
    }
    command
}

/// Processor seconds of all that this process started and that has ended; the kernel counts in hundredths.
fn used() -> Result<f64, Failed> {
    let text = fs::read_to_string("/proc/self/stat")?;
    let fields = text.rsplit_once(") ").ok_or("no process name")?.1;
    let ticks = fields.split(' ').skip(13).take(2).map(str::parse::<u64>);
    Ok(ticks.sum::<Result<u64, _>>()? as f64 / 100.0)
}
