//! Tokens that let their bearer see the console of an instance for a while. Only a hash of one is kept.

use conductor_api::NovaObject;
use rpc_runtime::Failure;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use super::arguments::Passed;
use super::class::Class;
use super::exception::{INSTANCE_NOT_FOUND, INVALID_TOKEN, no_such_method, object_action};
use super::request::Request;
use super::{primitive, records};
use crate::store::Query;

const TOKENS: &str = "console_auth_tokens";

pub(crate) async fn class_method(
    request: &Request<'_>,
    class: &'static Class,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    let expired = Query::of(TOKENS).le("expires", seconds());
    let doomed = match passed.method {
        "clean_console_auths_for_instance" => {
            let instance: String = passed.bind(&["instance_uuid"])?.take("instance_uuid")?;
            Query::of(TOKENS).eq("instance_uuid", instance)
        }
        "clean_expired_console_auths" => {
            passed.bind(&[])?;
            expired
        }
        "clean_expired_console_auths_for_host" => {
            let host: String = passed.bind(&["host"])?.take("host")?;
            expired.eq("host", host)
        }
        "validate" => {
            let token: String = passed.bind(&["token"])?.take("token")?;
            return validate(request, class, token).await;
        }
        method => return Err(no_such_method(class.name, method)),
    };
    request.store.delete(&doomed).await?;
    Ok(Json::Null)
}

pub(crate) async fn object_method(
    request: &Request<'_>,
    class: &'static Class,
    console: &mut NovaObject,
    passed: Passed<'_>,
) -> Result<Json, Failure> {
    match passed.method {
        "authorize" => {
            let ttl: i64 = passed.bind(&["ttl"])?.take("ttl")?;
            authorize(request, class, console, ttl).await.map(Json::from)
        }
        method => Err(no_such_method(class.name, method)),
    }
}

/// Makes a token that is good for `ttl` seconds.
async fn authorize(
    request: &Request<'_>,
    class: &Class,
    console: &mut NovaObject,
    ttl: i64,
) -> Result<String, Failure> {
    if console.is_set("id") {
        return Err(object_action("authorize", "must be a new object to authorize"));
    }
    let instance = console.text("instance_uuid").unwrap_or_default();
    let query = Query::of("instances").eq("uuid", instance);
    if request.store.first(&query).await?.is_none() {
        return Err(INSTANCE_NOT_FOUND.with([("instance_id", instance.into())]));
    }
    let token = uuid::Uuid::new_v4().to_string();
    let mut row = records::changed_row(class, console)?;
    row.remove("token");
    let row = row
        .with("token_hash", hash(&token))
        .with("expires", seconds().saturating_add(ttl));
    let row = request.store.insert(TOKENS, &row).await?;
    records::reload(class, console, &row)?;
    console.data.insert("token".to_owned(), token.as_str().into());
    Ok(token)
}

async fn validate(request: &Request<'_>, class: &Class, token: String) -> Result<Json, Failure> {
    let query = Query::of(TOKENS)
        .eq("token_hash", hash(&token))
        .gt("expires", seconds());
    let row = request.store.first(&query).await?;
    let row = row.ok_or_else(|| INVALID_TOKEN.with([("token", "***".into())]))?;
    Ok(primitive::object(class, &row)?.with("token", token).into())
}

fn hash(token: &str) -> String {
    Sha256::digest(token)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// This moment, in seconds since 1970.
fn seconds() -> i64 {
    jiff::Timestamp::now().as_second()
}
