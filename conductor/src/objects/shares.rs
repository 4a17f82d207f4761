//! File shares that are attached to instances. One row a share and instance, which is really deleted.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;

use super::arguments::Passed;
use super::class::Class;
use super::exception::no_such_method;
use super::request::Request;
use super::{finders, primitive, records};
use crate::store::{Condition, Query, Row};

const SHARES: &str = "share_mapping";
/// What a save writes of a mapping that is there.
const STATE: [&str; 4] = ["status", "tag", "export_location", "share_proto"];

pub(crate) async fn class_method(
    request: &Request<'_>,
    class: &'static Class,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    match passed.method {
        "get_by_host_for_reconcile" => {
            let host: String = passed.bind(&["host"])?.take("host")?;
            let instances = instances_of(request, &host).await?;
            let query = Query::of(SHARES).is_in("instance_uuid", instances);
            Ok(request.list(class, query).await?.into())
        }
        _ => finders::find(request, class, passed).await,
    }
}

/// The instances that are on a host, and those that have ended a move from it or to it.
async fn instances_of(request: &Request<'_>, host: &str) -> Result<Vec<String>, Failure> {
    let here = Query::of("instances").eq("host", host);
    let moved = Query::of("migrations")
        .any_of([
            Condition::eq("source_compute", host),
            Condition::eq("dest_compute", host),
        ])
        .is_in("status", ["confirmed", "reverted", "error"]);
    let text = |rows: &[Row], column: &str| -> Vec<String> {
        let values = rows.iter().filter_map(|row| row.text(column));
        values.map(str::to_owned).collect()
    };
    let mut instances = text(&request.store.select(&here).await?, "uuid");
    instances.extend(text(&request.store.select(&moved).await?, "instance_uuid"));
    instances.sort();
    instances.dedup();
    Ok(instances)
}

pub(crate) async fn object_method(
    request: &Request<'_>,
    class: &'static Class,
    share: &mut NovaObject,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    let own = Query::of(SHARES)
        .eq("instance_uuid", share.text("instance_uuid"))
        .eq("share_id", share.text("share_id"));
    match passed.method {
        "save" => {
            passed.bind(&[])?;
            let store = request.store;
            let state = primitive::row(class, share, STATE)?;
            let row = if store.update(&own, &state).await? == 0 {
                let fields = ["uuid", "instance_uuid", "share_id"];
                let row = primitive::row(class, share, fields.into_iter().chain(STATE))?;
                Some(store.insert(SHARES, &row).await?)
            } else {
                store.first(&own).await?
            };
            if let Some(row) = row {
                records::reload(class, share, &row)?;
            }
        }
        "delete" => {
            passed.bind(&[])?;
            request.store.delete(&own).await?;
        }
        method => return Err(no_such_method(class.name, method)),
    }
    Ok(Json::Null)
}
