//! What was done to an instance on whose behalf, and the steps of it. An action is found by the request that began it.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;

use super::arguments::Passed;
use super::class::Class;
use super::exception::{
    ACTION_EVENT_NOT_FOUND, ACTION_NOT_FOUND, MARKER_NOT_FOUND, no_such_method, object_action,
};
use super::primitive::moment;
use super::request::{Request, list_with};
use super::{finders, paging::Sorting, primitive, records};
use crate::store::{Order, Query, Row, Transaction, now};

const ACTIONS: &str = "instance_actions";
const EVENTS: &str = "instance_actions_events";

pub(crate) async fn class_method(
    request: &Request<'_>,
    class: &'static Class,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    match (class.name, passed.method) {
        ("InstanceAction", "action_start") => {
            let mut arguments = passed.bind(&["instance_uuid", "action_name", "want_result?"])?;
            let instance: String = arguments.take("instance_uuid")?;
            let began = request
                .ctx
                .get("timestamp")
                .and_then(Json::as_str)
                .and_then(moment);
            let began = began.unwrap_or_else(now);
            let row = Row::new()
                .with("request_id", request.ctx.request_id())
                .with("instance_uuid", instance)
                .with("user_id", request.ctx.user_id())
                .with("project_id", request.ctx.project_id())
                .with("action", arguments.take::<String>("action_name")?)
                .with("start_time", began)
                .with("updated_at", began);
            let row = request.store.insert(ACTIONS, &row).await?;
            answer(class, &row, arguments.take("want_result")?)
        }
        ("InstanceAction", "action_finish") => {
            let mut arguments = passed.bind(&["instance_uuid", "want_result?"])?;
            let instance: String = arguments.take("instance_uuid")?;
            let row = finish_action(request, &instance).await?;
            answer(class, &row, arguments.take("want_result")?)
        }
        ("InstanceActionEvent", "event_start") => {
            let mut arguments = passed.bind(&["instance_uuid", "event_name", "want_result?", "host?"])?;
            let instance: String = arguments.take("instance_uuid")?;
            let event = Row::new()
                .with("event", arguments.take::<String>("event_name")?)
                .with("start_time", now())
                .with("host", arguments.take::<Option<String>>("host")?);
            let row = start_event(request, &instance, request.ctx.request_id(), event).await?;
            answer(class, &row, arguments.take("want_result")?)
        }
        ("InstanceActionEvent", "event_finish") => {
            let mut arguments = passed.bind(&["instance_uuid", "event_name", "want_result?"])?;
            let instance: String = arguments.take("instance_uuid")?;
            let event: String = arguments.take("event_name")?;
            let row = finish_event(request, &instance, &event, Ended::default()).await?;
            answer(class, &row, arguments.take("want_result")?)
        }
        ("InstanceActionEvent", "event_finish_with_failure") => {
            let parameters = [
                "instance_uuid",
                "event_name",
                "exc_val?",
                "exc_tb?",
                "want_result?",
            ];
            let mut arguments = passed.bind(&parameters)?;
            let instance: String = arguments.take("instance_uuid")?;
            let event: String = arguments.take("event_name")?;
            let ended = Ended {
                error: arguments.take("exc_val")?,
                traceback: arguments.take("exc_tb")?,
            };
            let row = finish_event(request, &instance, &event, ended).await?;
            // Unlike the others, it returns the event only if asked to.
            let wanted: Option<bool> = arguments.take("want_result")?;
            answer(class, &row, Some(wanted == Some(true)))
        }
        ("InstanceActionList", "get_by_instance_uuid") => list(request, class, passed).await,
        _ => finders::find(request, class, passed).await,
    }
}

fn answer(class: &Class, row: &Row, wanted: Option<bool>) -> Result<Json, Failure> {
    if wanted == Some(false) {
        return Ok(Json::Null);
    }
    primitive::object(class, row).map(Json::from)
}

/// How a step ended: well, unless there is a traceback.
#[derive(Default)]
struct Ended {
    error: Option<String>,
    traceback: Option<String>,
}

/// The action of a request on an instance.
fn action_of(request: &Request<'_>, instance: &str, request_id: Option<&str>) -> Query {
    Query::of(ACTIONS)
        .deleted(request.read_deleted())
        .eq("instance_uuid", instance)
        .eq("request_id", request_id)
        .order_by("created_at", Order::Descending)
        .order_by("id", Order::Descending)
}

/// Finds the action that a step belongs to, and whether it is that of the request. A service that starts again goes
/// on with what it had begun, under a request of its own: it means the last action.
async fn find_action(
    request: &Request<'_>,
    transaction: &mut Transaction,
    instance: &str,
    request_id: Option<&str>,
) -> Result<(Row, bool), Failure> {
    let query = action_of(request, instance, request_id);
    if let Some(row) = transaction.first(&query).await? {
        return Ok((row, true));
    }
    let last = Query::of(ACTIONS)
        .deleted(request.read_deleted())
        .eq("instance_uuid", instance)
        .order_by("created_at", Order::Descending)
        .order_by("id", Order::Descending);
    let row = match request.ctx.project_id() {
        None => transaction.first(&last).await?,
        Some(_) => None,
    };
    row.map(|row| (row, false))
        .ok_or_else(|| no_action(instance, request_id))
}

fn no_action(instance: &str, request_id: Option<&str>) -> Failure {
    ACTION_NOT_FOUND.with([
        ("request_id", request_id.into()),
        ("instance_uuid", instance.into()),
    ])
}

async fn finish_action(request: &Request<'_>, instance: &str) -> Result<Row, Failure> {
    let query = Query::of(ACTIONS)
        .deleted(request.read_deleted())
        .eq("instance_uuid", instance)
        .eq("request_id", request.ctx.request_id());
    let finished = now();
    let changes = Row::new()
        .with("finish_time", finished)
        .with("updated_at", finished);
    let missing = || no_action(instance, request.ctx.request_id());
    if request.store.update(&query, &changes).await? != 1 {
        return Err(missing());
    }
    request.store.first(&query).await?.ok_or_else(missing)
}

async fn start_event(
    request: &Request<'_>,
    instance: &str,
    request_id: Option<&str>,
    event: Row,
) -> Result<Row, Failure> {
    let mut transaction = request.store.begin().await?;
    let (action, own) = find_action(request, &mut transaction, instance, request_id).await?;
    let started = event.get("start_time").clone();
    let event = event.with("action_id", action.get("id").clone());
    let row = transaction.insert(EVENTS, &event).await?;
    if own {
        let query = Query::of(ACTIONS).eq("id", action.get("id").clone());
        transaction
            .update(&query, &Row::new().with("updated_at", started))
            .await?;
    }
    transaction.commit().await?;
    Ok(row)
}

async fn finish_event(
    request: &Request<'_>,
    instance: &str,
    event: &str,
    ended: Ended,
) -> Result<Row, Failure> {
    let mut transaction = request.store.begin().await?;
    let (action, own) = find_action(request, &mut transaction, instance, request.ctx.request_id()).await?;
    let query = Query::of(EVENTS)
        .deleted(request.read_deleted())
        .eq("action_id", action.get("id").clone())
        .eq("event", event);
    let missing = || {
        let id = action.int("id");
        ACTION_EVENT_NOT_FOUND.with([("action_id", id.into()), ("event", event.into())])
    };
    let row = transaction.first(&query).await?.ok_or_else(missing)?;

    let finished = now();
    let failed = ended.traceback.is_some();
    let mut changes = Row::new()
        .with("finish_time", finished)
        .with("result", if failed { "Error" } else { "Success" });
    if failed {
        changes.set("traceback", ended.traceback);
        if let Some(error) = ended.error {
            changes.set("details", error);
        }
    }
    let query = Query::of(EVENTS).eq("id", row.get("id").clone());
    transaction.update(&query, &changes).await?;
    let row = transaction.first(&query).await?.unwrap_or(row);

    let mut changes = Row::new();
    if failed {
        changes.set("message", "Error");
    }
    if own {
        changes.set("updated_at", finished);
    }
    if !changes.is_empty() {
        let query = Query::of(ACTIONS).eq("id", action.get("id").clone());
        transaction.update(&query, &changes).await?;
    }
    transaction.commit().await?;
    Ok(row)
}

async fn list(request: &Request<'_>, class: &'static Class, passed: Passed<'_>) -> Result<Json, Failure> {
    let mut arguments = passed.bind(&["instance_uuid", "limit?", "marker?", "filters?"])?;
    let instance: String = arguments.take("instance_uuid")?;
    let limit: Option<u64> = arguments.take("limit")?;
    let marker: Option<String> = arguments.take("marker")?;
    let filters = arguments.value("filters");
    if limit == Some(0) {
        return Ok(list_with(class, Vec::new()).into());
    }
    let mut query = Query::of(ACTIONS)
        .deleted(request.read_deleted())
        .eq("instance_uuid", instance.as_str());
    if let Some(filters) = filters.as_object() {
        query = finders::changed_within(query, filters)?;
    }
    let marker = match marker {
        Some(id) => {
            let row = request
                .store
                .first(&action_of(request, &instance, Some(&id)))
                .await?;
            Some(row.ok_or_else(|| MARKER_NOT_FOUND.with([("marker", id.into())]))?)
        }
        None => None,
    };
    let sorting = Sorting::new(class.items().unwrap_or(class), Vec::new(), &[], Order::Descending)?;
    let query = sorting.page(query, marker.as_ref(), limit);
    Ok(request.list(class, query).await?.into())
}

pub(crate) async fn object_method(
    request: &Request<'_>,
    class: &'static Class,
    object: &mut NovaObject,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    match (class.name, passed.method) {
        ("InstanceAction", "create") => {
            passed.bind(&[])?;
            records::create(request, class, object).await?;
        }
        ("InstanceAction", "finish") => {
            passed.bind(&[])?;
            let instance = object.text("instance_uuid").unwrap_or_default().to_owned();
            let row = finish_action(request, &instance).await?;
            records::reload(class, object, &row)?;
        }
        ("InstanceActionEvent", "create") => {
            let mut arguments = passed.bind(&["instance_uuid", "request_id"])?;
            let instance: String = arguments.take("instance_uuid")?;
            let request_id: String = arguments.take("request_id")?;
            if object.is_set("id") {
                return Err(object_action("create", "already created"));
            }
            let event = records::changed_row(class, object)?;
            let row = start_event(request, &instance, Some(&request_id), event).await?;
            records::reload(class, object, &row)?;
        }
        (name, method) => return Err(no_such_method(name, method)),
    }
    Ok(Json::Null)
}
