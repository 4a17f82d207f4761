//! An API in the languages of others: JSON Schema, AsyncAPI, Markdown, Python. Each is made of the description alone.

mod asyncapi;
mod markdown;
mod notes;
mod python;
mod schema;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use tests::EVERYTHING;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use rpc_snapshot::Snapshot;
use serde_json::Value;

use crate::command::{Apis, Error, Outcome};
use crate::{describe, output};

/// What to export, and where to.
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    form: Form,
    /// The folder that the files go to; the current one when left out.
    #[arg(long, default_value = ".")]
    into: PathBuf,
    #[command(flatten)]
    apis: Apis,
}

/// The form; several may be asked for.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Form {
    /// An AsyncAPI 3 document, `x.asyncapi.json`.
    #[arg(long)]
    asyncapi: bool,
    /// A JSON Schema of the requests, `x.schema.json`.
    #[arg(long)]
    json_schema: bool,
    /// A page for people, `x.md`.
    #[arg(long)]
    markdown: bool,
    /// A client and a manager for oslo.messaging, `x/rpcapi.py` and `x/manager.py`.
    #[arg(long)]
    python: bool,
}

impl Form {
    /// The files, by their paths within the folder.
    fn files(&self, api: &Snapshot) -> Vec<(PathBuf, String)> {
        let name = describe::snake(&api.name);
        let mut files = Vec::new();
        if self.asyncapi {
            files.push((
                format!("{name}.asyncapi.json").into(),
                json(&asyncapi::document(api)),
            ));
        }
        if self.json_schema {
            files.push((format!("{name}.schema.json").into(), json(&schema::document(api))));
        }
        if self.markdown {
            files.push((format!("{name}.md").into(), markdown::page(api)));
        }
        if self.python {
            files.push((Path::new(&name).join("rpcapi.py"), python::client(api)));
            files.push((Path::new(&name).join("manager.py"), python::manager(api)));
        }
        files
    }
}

/// Writes the files, and tells which; what they lack goes where errors go.
pub(crate) fn export(options: &Export, out: &mut impl Write) -> Result<Outcome, Error> {
    let apis = describe::describe(&options.apis)?;
    describe::each_has_its_own(&apis, |api| describe::snake(&api.snapshot.name))?;
    for api in apis {
        if options.form.python {
            for note in python::notes(&api.snapshot) {
                output::tell("note", format_args!("{} in Python: {note}", api.snapshot.name));
            }
        }
        for (path, text) in options.form.files(&api.snapshot) {
            let path = options.into.join(path);
            let write = |error| Error::Write {
                path: path.clone(),
                error,
            };
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(write)?;
            }
            fs::write(&path, text).map_err(write)?;
            writeln!(out, "{}", path.display())?;
        }
    }
    Ok(Outcome::Done)
}

fn json(value: &Value) -> String {
    format!("{value:#}\n")
}
