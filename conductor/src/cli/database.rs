//! The option that says which database, and how a command opens it.

use clap::Args;

use super::exit::{Class, Failed};
use crate::settings::{Assignment, Loaded};
use crate::store::{DatabaseUrl, OpenError, Store, StoreError};

/// Which database.
#[derive(Args, Debug)]
pub(crate) struct DatabaseOptions {
    /// The database: sqlite://, postgresql:// or mysql:// [env: CONDUCTOR_DATABASE_URL] [default: a file of yours]
    ///
    /// As in sqlite:///path/of/a/file or mysql://user:password@host/nova. Others on this machine can see a command
    /// line, and a password in it: rather set the variable, or write it in a file.
    // A text, and read later: clap would show one it cannot read, with the password.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

impl DatabaseOptions {
    /// What the option says, as a setting.
    pub(crate) fn assignments(&self) -> Vec<Assignment> {
        let url = self.database.as_deref();
        url.map(|url| Assignment::option("database", "connection", url, "--database"))
            .into_iter()
            .collect()
    }
}

/// Where the database is.
pub(crate) fn url(loaded: &Loaded) -> Result<DatabaseUrl, Failed> {
    loaded.settings.database_url().ok_or_else(|| {
        Failed::usage("there is no place for a database: neither HOME nor XDG_STATE_HOME is set")
            .hint("name one: --database sqlite:///path/of/a/file")
    })
}

/// The database, opened; with `create`, the tables of an empty one are made.
pub(crate) async fn open(loaded: &Loaded, create: bool) -> Result<Store, Failed> {
    let url = url(loaded)?;
    let settings = crate::store::StoreSettings {
        create,
        ..loaded.settings.of_store()
    };
    if let (DatabaseUrl::Sqlite(path), false) = (&url, create)
        && !path.try_exists().unwrap_or(true)
    {
        return Err(
            Failed::new(Class::Database, format!("{url}: there is no such file"))
                .hint("`conductor db sync` makes it, and so does `conductor serve`"),
        );
    }
    Store::open(&url, &settings).await.map_err(|error| {
        let hint = match &error {
            OpenError::Store(StoreError::Unreachable(_)) => Some("--database names another one"),
            _ => None,
        };
        let failed = Failed::new(Class::Database, format!("{url}: {error}"));
        match hint {
            Some(hint) => failed.hint(hint),
            None => failed,
        }
    })
}
