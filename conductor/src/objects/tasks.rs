//! Which periodic task of which host has run over which period.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;

use super::arguments::Passed;
use super::class::Class;
use super::exception::{TASK_ALREADY_RUNNING, TASK_NOT_RUNNING, no_such_method};
use super::request::Request;
use super::{primitive, records};
use crate::store::{Query, Row};

const TASKS: &str = "task_log";
/// What tells two runs apart.
const RUN: [&str; 4] = ["task_name", "period_beginning", "period_ending", "host"];

/// Neither method takes anything over from the database: the object stays as unsaved as it was.
pub(crate) async fn object_method(
    request: &Request<'_>,
    class: &'static Class,
    task: &mut NovaObject,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    let run = primitive::row(class, task, RUN)?;
    match passed.method {
        "begin_task" => {
            passed.bind(&[])?;
            let mut row = run.with("state", "RUNNING");
            for (column, value) in primitive::row(class, task, told(task, &["message", "task_items"]))? {
                row.set(&column, value);
            }
            let running = |error| records::duplicate(error, || about(&TASK_ALREADY_RUNNING, task));
            request.store.insert(TASKS, &row).await.map_err(running)?;
        }
        "end_task" => {
            passed.bind(&[])?;
            let query = run.iter().fold(Query::of(TASKS), |query, (column, value)| {
                query.eq(column, value.clone())
            });
            let changes = primitive::row(class, task, told(task, &["message", "errors"]))?;
            let changes: Row = changes.with("state", "DONE");
            if request.store.update(&query, &changes).await? == 0 {
                return Err(about(&TASK_NOT_RUNNING, task));
            }
        }
        method => return Err(no_such_method(class.name, method)),
    }
    Ok(Json::Null)
}

/// Those of the fields that say something.
fn told<'a>(task: &NovaObject, fields: &[&'a str]) -> Vec<&'a str> {
    let told = fields
        .iter()
        .filter(|field| task.data.get(**field).is_some_and(|value| !value.is_null()));
    told.copied().collect()
}

fn about(exception: &super::exception::Exception, task: &NovaObject) -> Failure {
    let field = |name| task.data.get(name).cloned().unwrap_or_default();
    exception.with([("task_name", field("task_name")), ("host", field("host"))])
}
