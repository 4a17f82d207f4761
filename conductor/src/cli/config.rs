//! `conductor config`: tells which settings are in effect, and why.

use std::process::ExitCode;

use clap::Args;
use comfy_table::Table;
use serde_json::{Value, json};

use super::exit::{CODES, Failed};
use super::output::{self, OutputOptions};
use super::print;
use crate::settings::{Effective, Loaded};

const LAYERS: &str = "\
Each of these goes over the one before it:
  defaults
  conductor.toml, with [service], [rpc], [rabbit], [database], [notifications], [upgrade_levels] and [log]
  --nova-conf, the file that the services of Nova have
  variables: CONDUCTOR__SECTION__KEY, as in CONDUCTOR__SERVICE__HOST; CONDUCTOR_TRANSPORT_URL, CONDUCTOR_DATABASE_URL
  options of the command

Secrets may stand in files of their own, as containers have them: CONDUCTOR_TRANSPORT_URL_FILE and
CONDUCTOR_DATABASE_URL_FILE are paths of files with one of the URLs in them.";

/// Show the settings in effect, and where each comes from; passwords are left out
#[derive(Args, Debug)]
#[command(after_help = CODES, after_long_help = format!("{LAYERS}\n\n{CODES}"))]
pub(crate) struct Config {
    /// Only tell whether the settings can be used
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    output: OutputOptions,
}

impl Config {
    pub(super) fn run(self, loaded: &Loaded) -> Result<ExitCode, Failed> {
        for hint in &loaded.hints {
            print::note(format_args!("hint: {hint}"));
        }
        if self.check {
            // What is wrong has been told before anything else.
            print::line("the settings can be used")?;
        } else {
            let settings = loaded.effective();
            self.output.write(|| as_table(&settings), || as_json(loaded))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn as_table(settings: &[Effective]) -> Table {
    let rows = settings.iter().map(|setting| {
        let value = match &setting.value {
            Value::Null => "-".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        [setting.name.clone(), value, setting.origin.clone()]
    });
    output::table(["Setting", "Value", "Origin"], rows)
}

/// The settings with their origins, without secrets.
pub(super) fn as_json(loaded: &Loaded) -> Value {
    loaded
        .effective()
        .into_iter()
        .map(|setting| {
            let shown = json!({ "value": setting.value, "origin": setting.origin });
            (setting.name, shown)
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}
