//! Opening a database: whose it is, what it has, and what is made of an empty one.
//!
//! A database that Nova made is taken as it is, and never altered. One that is empty gets the tables of the same
//! names and columns, and a table of one number, [`MARKER`], which says that the conductor made them, and whether it
//! came to the end of it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::Instant;

use super::engine::{Engine, Found};
use super::error::StoreError;
use super::pool::{Lease, Work};
use super::schema::{Schema, SchemaError};
use super::sql::{self, Form};
use super::value::Value;

/// The table that says who made the others.
const MARKER: &str = "conductor_schema";

/// What the marker says when all tables are there. Another number is for another set of tables.
pub(crate) const VERSION: i64 = 1;

/// What a database must have to be of use: tables, and columns that tell them from others of the same name.
const NEEDED: [(&str, &[&str]); 3] = [
    ("services", &["id", "host", "binary", "topic", "deleted"]),
    (
        "compute_nodes",
        &["id", "hypervisor_hostname", "vcpus", "deleted"],
    ),
    ("instances", &["id", "uuid", "vm_state", "task_state", "deleted"]),
];

/// How long the making of all tables may take.
const CREATION: Duration = Duration::from_secs(60);

/// Who made the tables of a database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Origin {
    /// The conductor, in this version.
    Conductor(i64),
    /// Nova, at this revision of its migrations; unknown for releases that counted in another way.
    Nova(Option<String>),
}

/// A database that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("cannot make {}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("the address of the database cannot be read: {0}")]
    Address(String),
    #[error("the database is empty; `conductor db sync` makes its tables")]
    Empty,
    #[error("the tables of the database are not complete; `conductor db sync` makes the rest")]
    Begun,
    #[error("its tables are of version {found}, and this conductor knows {VERSION}: a newer one made them")]
    Newer { found: i64 },
    #[error(
        "this is the API database of Nova; the conductor needs that of a cell ([database] connection in nova.conf)"
    )]
    ApiDatabase,
    #[error("the database of Nova lacks {}; `nova-manage db sync` completes it", missing.join(", "))]
    Incomplete { missing: Vec<String> },
    #[error("this is a database of something else: it has {}, and neither Nova's migrations nor the conductor's; give the conductor an empty one", examples.join(", "))]
    Foreign { examples: Vec<String> },
    #[error(transparent)]
    Schema(#[from] SchemaError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A database that can be used.
#[derive(Debug)]
pub(super) struct Prepared {
    /// What it has of what is known.
    pub(super) schema: Schema,
    pub(super) origin: Origin,
    /// What it has not: tables, and columns with their tables.
    pub(super) absent: Vec<String>,
}

/// Looks at a database, and makes its tables if it is empty and that is wanted.
pub(super) async fn prepare<E: Engine>(lease: &mut Lease<E>, create: bool) -> Result<Prepared, OpenError> {
    let known = Schema::known()?;
    let mut found = lease.found(lease.deadline()).await?;
    let origin = match whose::<E>(lease, &found).await {
        Err(OpenError::Empty | OpenError::Begun) if create => {
            make(lease, &known).await?;
            found = lease.found(lease.deadline()).await?;
            whose::<E>(lease, &found).await?
        }
        whose => whose?,
    };
    let schema = known.present(&found);
    Ok(Prepared {
        absent: known.beyond(&schema),
        schema,
        origin,
    })
}

/// Who made a database with these tables, if it is of use.
async fn whose<E: Engine>(lease: &mut Lease<E>, found: &Found) -> Result<Origin, OpenError> {
    if found.is_empty() {
        return Err(OpenError::Empty);
    }
    if found.contains_key(MARKER) {
        let integer = E::DIALECT.integer();
        let version = format!("SELECT CAST(version AS {integer}) FROM {MARKER}");
        return match single(lease, version, Form::Int).await? {
            Value::Int(VERSION) => Ok(Origin::Conductor(VERSION)),
            Value::Int(newer) if newer > VERSION => Err(OpenError::Newer { found: newer }),
            _ => Err(OpenError::Begun),
        };
    }
    let revision = if found.contains_key("alembic_version") {
        let revision = "SELECT version_num FROM alembic_version".to_owned();
        single(lease, revision, Form::Text).await?
    } else if found.contains_key("migrate_version") {
        Value::Null
    } else {
        let examples = found.keys().take(3).cloned().collect();
        return Err(OpenError::Foreign { examples });
    };
    let missing = missing(found);
    if missing.len() >= NEEDED.len() && found.contains_key("cell_mappings") {
        return Err(OpenError::ApiDatabase);
    }
    if !missing.is_empty() {
        return Err(OpenError::Incomplete { missing });
    }
    Ok(Origin::Nova(match revision {
        Value::Text(revision) => Some(revision),
        _ => None,
    }))
}

/// What is needed, and not there.
fn missing(found: &Found) -> Vec<String> {
    let mut missing = Vec::new();
    for (table, columns) in NEEDED {
        let Some(there) = found.get(table) else {
            missing.push(table.to_owned());
            continue;
        };
        let lacking = columns.iter().filter(|column| !there.contains(**column));
        missing.extend(lacking.map(|column| format!("{table}.{column}")));
    }
    missing
}

/// What a question for one value is answered; null if there is none.
async fn single<E: Engine>(lease: &mut Lease<E>, question: String, form: Form) -> Result<Value, StoreError> {
    let deadline = lease.deadline();
    let work = Work::Rows(sql::plain(question, form));
    let answer = lease.perform(&work, None, deadline).await?;
    Ok(answer.rows.into_iter().flatten().next().unwrap_or_default())
}

/// Makes all tables that are missing. Of several that try, one does it, and the others find it done.
async fn make<E: Engine>(lease: &mut Lease<E>, known: &Schema) -> Result<(), OpenError> {
    let deadline = Instant::now() + CREATION;
    let (lock, unlock) = E::DIALECT.alone();
    lease.script(lock, deadline).await?;
    if let Some(question) = E::DIALECT.is_alone()
        && single(lease, question.to_owned(), Form::Int).await? != Value::Int(1)
    {
        return Err(StoreError::Busy("another conductor makes the tables".to_owned()).into());
    }
    let found = lease.found(deadline).await?;
    match whose::<E>(lease, &found).await {
        Err(OpenError::Empty) => {
            let start = format!("CREATE TABLE {MARKER} (version INTEGER NOT NULL)");
            lease.script(&start, deadline).await?;
            lease
                .script(&format!("INSERT INTO {MARKER} VALUES (0)"), deadline)
                .await?;
        }
        Err(OpenError::Begun) => {}
        Ok(_) => {
            lease.script(unlock, deadline).await?;
            return Ok(());
        }
        Err(other) => return Err(other),
    }
    for table in known.tables().filter(|table| !found.contains_key(table.name())) {
        for statement in sql::create(E::DIALECT, table) {
            lease.script(&statement, deadline).await?;
        }
    }
    lease
        .script(&format!("UPDATE {MARKER} SET version = {VERSION}"), deadline)
        .await?;
    lease.script(unlock, deadline).await?;
    Ok(())
}
