//! Measures what an API costs to compile, beside tarpc and jsonrpsee: the same 100 methods of four arguments in each.
//!
//! `cargo run -p rpc-tests --bin compile-cost` prints the table, as Markdown. What is measured are crates of their own
//! under `target/compile-cost`, so that the peers are dependencies of nothing here; the first run downloads them.

mod crates;
mod measure;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crates::Peer;
use measure::{Cost, Measured};

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Measures what an API costs to compile, beside tarpc and jsonrpsee. Prints Markdown.
#[derive(Parser)]
struct Options {
    /// How many methods the API has, of four arguments each.
    #[arg(long, default_value_t = 100)]
    methods: usize,
    /// How often everything is measured; the crates take turns, so that other work on the machine meets all alike.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Where the crates are made.
    #[arg(long, default_value = "target/compile-cost")]
    folder: PathBuf,
}

/// What an edit may cost, beside tarpc.
const AFTER_AN_EDIT: f64 = 0.6;
/// What 100 methods may become.
const LINES: usize = 3_500;

fn main() -> ExitCode {
    let ended = measure::as_rustc().unwrap_or_else(|| run(&Options::parse()));
    match ended {
        Ok(code) => code,
        Err(error) => {
            eprintln!("compile-cost: {error}");
            ExitCode::from(2)
        }
    }
}

#[expect(clippy::print_stdout, reason = "the table is what the command is for")]
fn run(options: &Options) -> Result<ExitCode, Failed> {
    crates::write(&options.folder, options.methods)?;
    let measured = measure::all(&options.folder, options.rounds)?;
    println!(
        "| {} methods | {} |",
        options.methods,
        Cost::ALL.map(Cost::heading).join(" | ")
    );
    // The last of them comes with the lines, in a column of their own.
    println!("| --- {}|", "| --- ".repeat(Cost::ALL.len() + 1));
    for (peer, costs) in &measured {
        let cells = Cost::ALL.map(|cost| costs.cell(cost));
        println!("| {} | {} |", peer.name(), cells.join(" | "));
    }
    let of = |peer: Peer| {
        measured
            .iter()
            .find(|(measured, _)| *measured == peer)
            .map(|(_, costs)| costs)
    };
    let (Some(ours), Some(tarpc)) = (of(Peer::Ours), of(Peer::Tarpc)) else {
        return Err("not everything was measured".into());
    };
    Ok(judge(options, ours, tarpc))
}

/// Says how it stands with the goals.
#[expect(clippy::print_stdout, reason = "the verdict is what the command is for")]
fn judge(options: &Options, ours: &Measured, tarpc: &Measured) -> ExitCode {
    let ratio = ours.median(Cost::Edit) / tarpc.median(Cost::Edit);
    let lines = LINES * options.methods / 100;
    let kept = ratio <= AFTER_AN_EDIT && ours.lines <= lines;
    println!(
        "\nAfter an edit {ratio:.2} of tarpc (goal {AFTER_AN_EDIT}); {} expanded lines (goal {lines}): {}.",
        ours.lines,
        if kept { "kept" } else { "missed" }
    );
    ExitCode::from(u8::from(!kept))
}
