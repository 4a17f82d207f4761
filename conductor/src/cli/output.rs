//! Lists as a table for a person, or as JSON for a program.

use clap::{Args, ValueEnum};
use comfy_table::presets;
use comfy_table::{Row, Table};
use serde_json::Value;

use super::exit::Failed;
use super::print;

/// The form of a list.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct OutputOptions {
    /// The form of the answer
    #[arg(short, long, value_name = "FORM", default_value = "table")]
    output: Output,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    Table,
    Json,
}

impl OutputOptions {
    /// Writes what is asked for, and makes no more than that.
    pub(super) fn write(
        self,
        table: impl FnOnce() -> Table,
        json: impl FnOnce() -> Value,
    ) -> Result<(), Failed> {
        match self.output {
            Output::Table => print::line(table()),
            Output::Json => print::line(format_args!("{:#}", json())),
        }
    }
}

/// A table with a line of titles, in plain text.
pub(super) fn table<R: Into<Row>>(titles: impl Into<Row>, rows: impl IntoIterator<Item = R>) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(titles)
        .add_rows(rows);
    table
}
