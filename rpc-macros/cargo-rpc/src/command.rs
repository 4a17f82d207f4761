//! The command line: what may be asked, and with which code it ends.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, ValueEnum};

use crate::export::{self, Export};
use crate::output::Out;
use crate::{changes, describe, json, release};

/// Releases, compares and shows the APIs of a crate.
///
/// Ends with 0 when all went well, with 1 when callers would be broken, and with 2 when it could not be done.
#[derive(Debug, Parser)]
#[command(name = "cargo rpc", bin_name = "cargo rpc", version)]
pub(crate) enum Command {
    /// Writes the released interface of each API; refuses one that breaks what was released before.
    ///
    /// What the trait waives (`breaks = "RULE", because = ".."`) is no reason to refuse. A waiver is for one release: the
    /// next is compared with this one.
    Release(Apis),
    /// The same, and takes what it breaks: callers of the released interface are left behind.
    Accept(Apis),
    /// Tells what changed from one interface to another, each released or from `cargo rpc describe`.
    ///
    /// What the later one waives breaks nothing; a released one holds no waivers, a description does.
    /// Ends with 0 when nothing breaks a caller, with 1 when something does, and with 2 when a file cannot be read.
    Diff {
        /// The earlier one.
        old: PathBuf,
        /// The later one.
        new: PathBuf,
        /// How to tell.
        #[arg(long, value_enum, default_value_t)]
        output: Output,
    },
    /// Prints what each API looks like, with its documentation: as text, or as JSON for other programs.
    Describe {
        /// Which.
        #[command(flatten)]
        apis: Apis,
        /// How to print.
        #[arg(long, value_enum, default_value_t)]
        output: Output,
    },
    /// Prints what the macro makes of an API, formatted.
    Show(Apis),
    /// Writes an API in the languages of others.
    Export(Export),
}

/// Which APIs.
#[derive(Debug, Args)]
pub(crate) struct Apis {
    /// The traits, by name or, where two have one, by path; all of the package when none is named.
    pub(crate) apis: Vec<String>,
    /// The package; that of the current folder when left out.
    #[arg(short, long)]
    pub(crate) package: Option<String>,
    /// Those of the library alone.
    #[arg(long)]
    pub(crate) lib: bool,
    /// Those of this program alone; several may be named.
    #[arg(long)]
    pub(crate) bin: Vec<String>,
    /// The features to compile with, separated by commas.
    #[arg(short = 'F', long)]
    pub(crate) features: Option<String>,
    /// Compiles with all features.
    #[arg(long)]
    pub(crate) all_features: bool,
    /// Compiles without the default features.
    #[arg(long)]
    pub(crate) no_default_features: bool,
    /// The manifest of the package or workspace.
    #[arg(long)]
    pub(crate) manifest_path: Option<PathBuf>,
    /// Uses no network.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Says nothing of what cargo does.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// How to tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Lines for people.
    #[default]
    Human,
    /// A JSON document.
    Json,
}

/// How a command ends, when it does what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Well.
    Done,
    /// A caller would be broken.
    Breaks,
    /// Not at all: what it was given is of no use.
    Failed,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::Breaks => 1,
            Outcome::Failed => 2,
        })
    }
}

/// What kept a command from its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Describe(#[from] describe::Error),
    #[error("cannot read '{}': {error}", path.display())]
    Read { path: PathBuf, error: std::io::Error },
    #[error("cannot write '{}': {error}", path.display())]
    Write { path: PathBuf, error: std::io::Error },
    #[error("'{}': {error}", path.display())]
    Malformed {
        path: PathBuf,
        error: rpc_snapshot::Malformed,
    },
    #[error(
        "{error}\n  help: take the file from your version control, or write it anew with 'cargo rpc accept {name}'"
    )]
    Spoilt { error: Box<Self>, name: String },
    #[error("cannot print: {0}")]
    Print(#[from] std::io::Error),
    #[error("cannot print: {0}")]
    Json(#[from] serde_json::Error),
}

impl Command {
    pub(crate) fn run(self) -> Result<Outcome, Error> {
        let mut out = Out::new();
        match self {
            Self::Release(apis) => release::release(&describe::describe(&apis)?, false, &mut out),
            Self::Accept(apis) => release::release(&describe::describe(&apis)?, true, &mut out),
            Self::Diff { old, new, output } => {
                let (old, new) = (release::read(&old)?, release::read(&new)?);
                let changes = rpc_snapshot::compare(&old, &new);
                match output {
                    Output::Human => changes::tell(&changes, &mut out)?,
                    Output::Json => print_json(&json::changes(&changes), &mut out)?,
                }
                Ok(changes::outcome(&changes))
            }
            Self::Describe { apis, output } => {
                let described = describe::describe(&apis)?;
                match output {
                    Output::Human => {
                        for (at, api) in described.iter().enumerate() {
                            let gap = if at > 0 { "\n" } else { "" };
                            write!(out, "{gap}# {}\n{}", api.place(), api.snapshot)?;
                        }
                    }
                    Output::Json => {
                        let apis: Vec<_> = described.iter().map(json::description).collect();
                        print_json(&apis, &mut out)?;
                    }
                }
                Ok(Outcome::Done)
            }
            Self::Export(options) => export::export(&options, &mut out),
            Self::Show(apis) => {
                for (at, api) in describe::describe(&apis)?.iter().enumerate() {
                    let gap = if at > 0 { "\n" } else { "" };
                    write!(out, "{gap}// {}\n{}", api.place(), api.expansion)?;
                }
                Ok(Outcome::Done)
            }
        }
    }
}

fn print_json(value: &impl serde::Serialize, out: &mut impl Write) -> Result<(), Error> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    Ok(writeln!(out)?)
}
