//! A conductor, a caller in Python, and the rows there are before it asks.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rpc_runtime::testing::{Broker, Vhost};
use rpc_tests::program::Running;
use rpc_tests::python::Python;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};
use tokio::io::{BufReader, Lines};
use tokio::process::{ChildStderr, Command};
use tokio::time::timeout;

/// More than anything here needs, on any machine.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) const UUID: &str = "5cea5e2c-1bb2-4d6e-8f8b-4d2f0f2b1c01";
pub(crate) const OTHER: &str = "5cea5e2c-1bb2-4d6e-8f8b-4d2f0f2b1c02";

/// All that a test needs; gone when it is dropped.
pub(crate) struct Cloud<'b> {
    python: Python,
    log: Lines<BufReader<ChildStderr>>,
    _conductor: Running,
    database: SqliteConnection,
    _directory: Directory,
    vhost: Vhost<'b>,
}

struct Directory(PathBuf);

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A call, and what is to come of it.
pub(crate) struct Case {
    method: &'static str,
    args: Value,
    namespace: Option<&'static str>,
    version: &'static str,
    context: Value,
    expected: Expected,
}

enum Expected {
    /// The members that are given are those of the answer, which may have more.
    Answer(Value),
    /// An exception of that class, with that text.
    Error(&'static str, String),
}

/// A call of an administrator, in the latest version.
pub(crate) fn call(method: &'static str, args: Value) -> Case {
    Case {
        method,
        args,
        namespace: None,
        version: "1.58",
        context: json!({"is_admin": true, "read_deleted": "no"}),
        expected: Expected::Answer(Value::Null),
    }
}

impl Case {
    pub(crate) fn namespace(self, namespace: &'static str) -> Self {
        let namespace = Some(namespace);
        Self { namespace, ..self }
    }

    pub(crate) fn version(self, version: &'static str) -> Self {
        Self { version, ..self }
    }

    pub(crate) fn context(self, context: Value) -> Self {
        Self { context, ..self }
    }

    pub(crate) fn gives(self, answer: Value) -> Self {
        let expected = Expected::Answer(answer);
        Self { expected, ..self }
    }

    pub(crate) fn raises(self, class: &'static str, text: impl Into<String>) -> Self {
        let expected = Expected::Error(class, text.into());
        Self { expected, ..self }
    }
}

impl<'b> Cloud<'b> {
    /// A conductor over an empty database.
    pub(crate) async fn new(broker: &'b Broker, name: &str) -> Self {
        Self::with(broker, name, &[]).await
    }

    /// One with settings, by the names of variables.
    pub(crate) async fn with(broker: &'b Broker, name: &str, settings: &[(&str, &str)]) -> Self {
        let vhost = broker.vhost(&format!("havana_{name}")).await.unwrap();
        let directory = std::env::temp_dir().join(format!("conductor-havana-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let file = directory.join("conductor.sqlite");
        let mut command = Command::new(env!("CARGO_BIN_EXE_conductor"));
        command
            .args(["serve", "--host", "controller"])
            .env("XDG_RUNTIME_DIR", &directory)
            .env("XDG_CONFIG_HOME", &directory)
            .env("CONDUCTOR_TRANSPORT_URL", vhost.url())
            .env("CONDUCTOR_DATABASE_URL", format!("sqlite://{}", file.display()))
            .envs(settings.iter().copied())
            .env_remove("RUST_LOG")
            .stderr(Stdio::piped());
        let mut conductor = Running::new(&mut command);
        let log = conductor.errors();
        let line = conductor.line().await;
        assert!(line.contains("listens"), "{line}");
        let database = SqliteConnection::connect(file.to_str().unwrap()).await.unwrap();
        Self {
            python: Python::client(&json!({"url": vhost.url()})),
            log,
            _conductor: conductor,
            database,
            _directory: Directory(directory),
            vhost,
        }
    }

    /// Puts rows into a table.
    pub(crate) async fn put(&mut self, table: &str, rows: Value) {
        for row in rows.as_array().unwrap() {
            let row = row.as_object().unwrap();
            let literal = |value: &Value| match value {
                Value::String(text) => format!("'{}'", text.replace('\'', "''")),
                other => other.to_string(),
            };
            let names: Vec<&str> = row.keys().map(String::as_str).collect();
            let values: Vec<String> = row.values().map(literal).collect();
            let statement = format!(
                "INSERT INTO {table} ({}) VALUES ({})",
                names.join(", "),
                values.join(", ")
            );
            let done = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut self.database);
            timeout(LIMIT, done).await.unwrap().unwrap();
        }
    }

    /// The URL of the bus.
    pub(crate) fn url(&self) -> String {
        self.vhost.url()
    }

    /// Sends what nobody waits for.
    pub(crate) async fn cast(&mut self, method: &str, args: Value, namespace: &str, version: &str) {
        let step = json!({
            "do": "cast",
            "method": method,
            "args": args,
            "ctxt": {"is_admin": true},
            "prepare": {"topic": "conductor", "namespace": namespace, "version": version},
        });
        let told = self.python.take(&step).await;
        assert_eq!(told.get("error"), None, "{told}");
    }

    /// Makes the calls in their order, and compares what comes of each.
    pub(crate) async fn check(&mut self, cases: impl IntoIterator<Item = Case>) {
        for case in cases {
            let step = json!({
                "method": case.method,
                "args": case.args,
                "ctxt": case.context,
                "prepare": {"topic": "conductor", "namespace": case.namespace, "version": case.version},
            });
            let told = self.python.take(&step).await;
            let about = format!("{} {} {}: {told}", case.method, case.version, case.args);
            match case.expected {
                Expected::Answer(answer) => {
                    assert!(
                        told.get("result").is_some_and(|result| fits(result, &answer)),
                        "{about}"
                    );
                }
                Expected::Error(class, text) => {
                    // Python's own are rebuilt; of others it is told what they were.
                    let told = |of_other: &str, own: &str| {
                        let error = &told["error"];
                        error.get(of_other).unwrap_or(&error[own]).clone()
                    };
                    assert_eq!(
                        (told("exc_type", "class"), told("value", "message")),
                        (json!(class), json!(text)),
                        "{about}"
                    );
                }
            }
        }
    }

    /// What the conductor has logged, up to the first line with `end` in it.
    pub(crate) async fn logged(&mut self, end: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = timeout(LIMIT, self.log.next_line())
                .await
                .expect("a line in time")
                .unwrap();
            let line = line.expect("the conductor runs");
            let is_last = line.contains(end);
            lines.push(line);
            if is_last {
                return lines;
            }
        }
    }
}

/// Whether what is given of a value is as it should be.
fn fits(value: &Value, expected: &Value) -> bool {
    match (value, expected) {
        (Value::Object(value), Value::Object(expected)) => expected
            .iter()
            .all(|(key, expected)| value.get(key).is_some_and(|value| fits(value, expected))),
        (Value::Array(values), Value::Array(expected)) => {
            values.len() == expected.len()
                && values
                    .iter()
                    .zip(expected)
                    .all(|(value, expected)| fits(value, expected))
        }
        (value, expected) => value == expected,
    }
}
