//! `conductor db`: whose the database is, what it has, and the making of its tables.

use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::database::{self, DatabaseOptions};
use super::exit::{CODES, Failed};
use super::output::{self, OutputOptions};
use crate::settings::{Assignment, Loaded};
use crate::store::{Origin, Query, ReadDeleted, Store};

/// Look at the database, or make its tables
#[derive(Args, Debug)]
#[command(after_help = CODES)]
pub(crate) struct Db {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Tell who made the tables, and in which version
    Version(Options),
    /// Make the tables of an empty database; those of Nova are left as they are
    Sync(Options),
    /// Tell whether the database can be used, what it lacks, and how fast it answers
    Check(Options),
}

#[derive(Args, Debug)]
struct Options {
    #[command(flatten)]
    database: DatabaseOptions,

    #[command(flatten)]
    output: OutputOptions,
}

impl Db {
    /// What the options say, as settings.
    pub(super) fn assignments(&self) -> Vec<Assignment> {
        let (Command::Version(options) | Command::Sync(options) | Command::Check(options)) = &self.command;
        options.database.assignments()
    }

    pub(super) async fn run(self, loaded: &Loaded) -> Result<ExitCode, Failed> {
        let store = database::open(loaded, matches!(self.command, Command::Sync(_))).await?;
        let (facts, options) = match self.command {
            Command::Version(options) | Command::Sync(options) => (version(loaded, &store), options),
            Command::Check(options) => (check(loaded, &store).await, options),
        };
        store.close().await;
        write(&facts?, options.output)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What is told, in order: a name, and what there is to say.
type Facts = Vec<(&'static str, Value)>;

fn version(loaded: &Loaded, store: &Store) -> Result<Facts, Failed> {
    let (maker, version) = match store.origin() {
        Origin::Conductor(version) => ("conductor", Value::from(*version)),
        Origin::Nova(revision) => ("nova", Value::from(revision.clone())),
    };
    Ok(vec![
        ("database", Value::from(database::url(loaded)?.to_string())),
        ("made_by", Value::from(maker)),
        ("version", version),
        ("tables", Value::from(store.schema().tables().count())),
    ])
}

async fn check(loaded: &Loaded, store: &Store) -> Result<Facts, Failed> {
    let start = Instant::now();
    let services = store
        .count(&Query::of("services").deleted(ReadDeleted::Yes))
        .await?;
    let took = start.elapsed();
    let mut facts = version(loaded, store)?;
    facts.push(("services", Value::from(services)));
    facts.push(("answered_in", Value::from(format!("{took:.1?}"))));
    facts.push(("absent", Value::from(store.absent())));
    Ok(facts)
}

fn write(facts: &Facts, form: OutputOptions) -> Result<(), Failed> {
    let rows = || {
        facts.iter().map(|(name, value)| {
            let value = match value {
                Value::Null => "-".to_owned(),
                Value::String(text) => text.clone(),
                Value::Array(names) if names.is_empty() => "-".to_owned(),
                Value::Array(names) => names
                    .iter()
                    .filter_map(Value::as_str)
                    .collect::<Vec<_>>()
                    .join("\n"),
                other => other.to_string(),
            };
            [title(name), value]
        })
    };
    form.write(
        || output::table(["Field", "Value"], rows()),
        || {
            facts
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect()
        },
    )
}

fn title(name: &str) -> String {
    name.replace('_', " ")
}
