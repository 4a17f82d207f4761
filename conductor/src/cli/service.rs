//! `conductor service`: the services of a cloud, as `openstack compute service` shows and changes them.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use comfy_table::Table;
use serde_json::{Map, Value, json};

use super::database::{self, DatabaseOptions};
use super::exit::{CODES, Class, Failed};
use super::output::{self, OutputOptions};
use super::print;
use crate::services::{self, DeleteError, Selection, Service};
use crate::settings::{Assignment, Loaded};
use crate::store::{Store, StoreError, now};

const COLUMNS: [&str; 7] = ["ID", "Binary", "Host", "Zone", "Status", "State", "Updated At"];

/// List services, and enable, disable or delete them, in the database alone
#[derive(Args, Debug)]
#[command(after_help = CODES)]
pub(crate) struct ServiceCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// List services: up is what gave a sign of life within service_down_time
    List {
        /// Only those of this host
        #[arg(long, value_name = "NAME")]
        host: Option<String>,

        /// Only those of this program, as in nova-compute
        #[arg(long, value_name = "NAME")]
        binary: Option<String>,

        #[command(flatten)]
        output: OutputOptions,

        #[command(flatten)]
        database: DatabaseOptions,
    },
    /// Show all that is known of a service
    Show {
        #[command(flatten)]
        one: One,

        #[command(flatten)]
        output: OutputOptions,
    },
    /// Let a service get work
    Enable {
        #[command(flatten)]
        one: One,
    },
    /// Keep a service from getting new work
    Disable {
        #[command(flatten)]
        one: One,

        /// Why, for others to read
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Delete a service, and with nova-compute the nodes of its host; not while instances are there
    ///
    /// It registers itself again when it starts. What Placement knows of its host stays.
    Delete {
        #[command(flatten)]
        one: One,
    },
}

/// Which service.
#[derive(Args, Debug)]
struct One {
    /// The ID of the service, as a number or a UUID; or its host, and its program if it has several
    #[arg(value_name = "ID | HOST [BINARY]", num_args = 1..=2, required = true)]
    service: Vec<String>,

    #[command(flatten)]
    database: DatabaseOptions,
}

impl ServiceCommand {
    /// What the options say, as settings.
    pub(super) fn assignments(&self) -> Vec<Assignment> {
        match &self.command {
            Command::List { database, .. } => database.assignments(),
            Command::Show { one, .. }
            | Command::Enable { one }
            | Command::Disable { one, .. }
            | Command::Delete { one } => one.database.assignments(),
        }
    }

    pub(super) async fn run(self, loaded: &Loaded) -> Result<ExitCode, Failed> {
        let store = database::open(loaded, false).await?;
        let done = self.run_in(&store, loaded).await;
        store.close().await;
        done.map(|()| ExitCode::SUCCESS)
    }

    async fn run_in(self, store: &Store, loaded: &Loaded) -> Result<(), Failed> {
        match self.command {
            Command::List {
                host, binary, output, ..
            } => {
                let selection = Selection {
                    host,
                    binary,
                    id: None,
                };
                let services = list(store, loaded, &selection).await?;
                output.write(|| as_table(&services), || as_json(&services))?;
            }
            Command::Show { one, output } => {
                let service = one.find(store, loaded).await?;
                output.write(|| details(&service), || Value::Object(whole(&service)))?;
            }
            Command::Enable { one } => {
                let service = one.find(store, loaded).await?;
                services::set_disabled(store, &service.row, false, None).await?;
                print::line(format_args!("{} is enabled", name(&service)))?;
            }
            Command::Disable { one, reason } => {
                let service = one.find(store, loaded).await?;
                services::set_disabled(store, &service.row, true, reason.as_deref()).await?;
                print::line(format_args!("{} is disabled", name(&service)))?;
            }
            Command::Delete { one } => {
                let service = one.find(store, loaded).await?;
                match services::delete(store, &service.row).await {
                    Ok(()) => print::line(format_args!("{} is deleted", name(&service)))?,
                    Err(DeleteError::Store(error)) => return Err(error.into()),
                    Err(error @ DeleteError::InUse { .. }) => {
                        return Err(Failed::usage(format!("{} stays: {error}", name(&service)))
                            .hint("migrate or delete them first"));
                    }
                }
            }
        }
        Ok(())
    }
}

impl One {
    /// The one service that is meant.
    async fn find(&self, store: &Store, loaded: &Loaded) -> Result<Service, Failed> {
        let by_host = Selection {
            host: self.service.first().cloned(),
            binary: self.service.get(1).cloned(),
            id: None,
        };
        let mut found = list(store, loaded, &by_host).await?;
        if found.is_empty() && self.service.len() == 1 {
            let by_id = Selection {
                id: self.service.first().cloned(),
                ..Selection::default()
            };
            found = list(store, loaded, &by_id).await?;
        }
        let meant = self.service.join(" ");
        match found.len() {
            1 => found.pop().ok_or_else(|| Failed::usage("no service")),
            0 => Err(Failed::usage(format!("there is no service '{meant}'"))
                .hint("`conductor service list` shows all")),
            _ => {
                let names: Vec<String> = found.iter().map(name).collect();
                Err(
                    Failed::usage(format!("'{meant}' is several: {}", names.join(", ")))
                        .hint("name the program, too"),
                )
            }
        }
    }
}

async fn list(store: &Store, loaded: &Loaded, selection: &Selection) -> Result<Vec<Service>, Failed> {
    let limit = loaded.settings.service.service_down_time.0;
    Ok(services::list(store, selection, now(), limit).await?)
}

fn name(service: &Service) -> String {
    let text = |column| service.row.text(column).unwrap_or("-");
    format!("{} on {}", text("binary"), text("host"))
}

/// The columns of a service.
fn line(service: &Service) -> [Value; 7] {
    let row = &service.row;
    let id = match row.text("uuid") {
        Some(uuid) => Value::from(uuid),
        None => Value::from(row.int("id")),
    };
    let disabled = row.bool("disabled") == Some(true);
    [
        id,
        row.text("binary").into(),
        row.text("host").into(),
        service.zone.as_str().into(),
        if disabled { "disabled" } else { "enabled" }.into(),
        if service.up { "up" } else { "down" }.into(),
        row.time("updated_at")
            .map(|time| time.strftime("%Y-%m-%dT%H:%M:%S%.6f").to_string())
            .into(),
    ]
}

/// A service with all that is not in the list.
fn whole(service: &Service) -> Map<String, Value> {
    let mut whole: Map<String, Value> = pairs(service).collect();
    let row = &service.row;
    whole.insert("Disabled Reason".to_owned(), row.text("disabled_reason").into());
    whole.insert(
        "Forced Down".to_owned(),
        json!(row.bool("forced_down") == Some(true)),
    );
    whole.insert("Topic".to_owned(), row.text("topic").into());
    whole.insert("Version".to_owned(), row.int("version").into());
    whole.insert("Report Count".to_owned(), row.int("report_count").into());
    whole
}

fn pairs(service: &Service) -> impl Iterator<Item = (String, Value)> {
    COLUMNS.into_iter().map(str::to_owned).zip(line(service))
}

fn as_table(services: &[Service]) -> Table {
    output::table(
        COLUMNS,
        services
            .iter()
            .map(|service| line(service).map(|value| shown(&value))),
    )
}

fn as_json(services: &[Service]) -> Value {
    services
        .iter()
        .map(|service| Value::Object(pairs(service).collect()))
        .collect()
}

fn details(service: &Service) -> Table {
    let rows = whole(service)
        .into_iter()
        .map(|(name, value)| [name, shown(&value)]);
    output::table(["Field", "Value"], rows)
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        let class = match error {
            StoreError::Timeout(_) => Class::Timeout,
            _ => Class::Database,
        };
        Self::new(class, error)
    }
}
