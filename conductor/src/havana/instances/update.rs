//! What a compute host may write of an instance, and under which condition.

use conductor_api::havana::{Code, NovaError, Row as Sent};
use jiff::civil::DateTime;
use rpc_runtime::Context;
use serde_json::Value as Json;

use super::{Caller, Havana, Joins, found, metadata, rows};
use crate::store::{Row, Transaction};

/// The columns, `expected_task_state`, which is the condition, and `system_metadata`, which is a table.
const WRITABLE: [&str; 23] = [
    "task_state",
    "vm_state",
    "expected_task_state",
    "power_state",
    "access_ip_v4",
    "access_ip_v6",
    "launched_at",
    "terminated_at",
    "host",
    "node",
    "memory_mb",
    "vcpus",
    "root_gb",
    "ephemeral_gb",
    "instance_type_id",
    "root_device_name",
    "launched_on",
    "progress",
    "vm_mode",
    "default_ephemeral_device",
    "default_swap_device",
    "system_metadata",
    "updated_at",
];

/// Those that are times.
const TIMES: [&str; 3] = ["launched_at", "terminated_at", "updated_at"];

impl Havana {
    pub(super) async fn update_instance(
        &self,
        ctx: &Context,
        uuid: &str,
        mut updates: Sent,
        service: Option<String>,
    ) -> Result<Sent, NovaError> {
        let caller = Caller::known(ctx)?;
        check(&updates)?;
        let expected = updates.remove("expected_task_state");
        let system_metadata = updates.remove("system_metadata");
        let changes = rows::columns(&self.store, "instances", &updates)?;

        let mut tx = self.store.begin().await?;
        let instance = found(&mut tx, &caller, uuid).await?;
        if let Some(expected) = expected {
            expect_task_state(&instance, expected)?;
        }
        if let Some(Json::Object(wanted)) = &system_metadata {
            metadata::replace(&mut tx, "instance_system_metadata", uuid, wanted).await?;
        }
        let updated = write(&mut tx, instance.clone(), changes).await?;
        tx.commit().await?;
        let updated = self.one_joined(&updated, &Joins::of_one(None)?, &caller).await?;
        let service = service.as_deref().unwrap_or("compute");
        self.notify_of_update(ctx, &instance, &updated, service).await;
        Ok(updated)
    }

    /// Sets the task state of an instance that has none, for something that was asked for.
    pub(in super::super) async fn begin_task(
        &self,
        ctx: &Context,
        uuid: &str,
        task: &str,
    ) -> Result<Sent, NovaError> {
        let mut updates = Sent::new();
        updates.insert("task_state".to_owned(), task.into());
        updates.insert("expected_task_state".to_owned(), Json::Null);
        self.update_instance(ctx, uuid, updates, None).await
    }
}

/// Writes columns of an instance, and gives it as it is then.
async fn write(tx: &mut Transaction, instance: Row, changes: Row) -> Result<Row, NovaError> {
    if changes.is_empty() {
        return Ok(instance);
    }
    // By its number: whether it is deleted was decided when it was found.
    let query = super::ever("instances").eq("id", instance.get("id").clone());
    tx.update(&query, &changes).await?;
    Ok(tx.first(&query).await?.unwrap_or(instance))
}

fn check(updates: &Sent) -> Result<(), NovaError> {
    for (key, value) in updates {
        if !WRITABLE.contains(&key.as_str()) {
            let text = format!("unexpected update keyword '{key}'");
            return Err(NovaError::KeyError(text));
        }
        if let (true, Json::String(text)) = (TIMES.contains(&key.as_str()), value) {
            strict_time(text)?;
        }
    }
    Ok(())
}

/// A time in the one form that callers send.
fn strict_time(text: &str) -> Result<DateTime, NovaError> {
    DateTime::strptime("%Y-%m-%dT%H:%M:%S.%f", text).map_err(|_| {
        let text = format!("time data '{text}' does not match format '%Y-%m-%dT%H:%M:%S.%f'");
        NovaError::ValueError(text)
    })
}

/// The condition holds if the state is the expected one, or one of several.
fn expect_task_state(instance: &Row, expected: Json) -> Result<(), NovaError> {
    let actual = rows::json(instance.get("task_state"));
    let expected = match expected {
        Json::Array(several) => several,
        one => vec![one],
    };
    if expected.contains(&actual) {
        return Ok(());
    }
    Err(NovaError::UnexpectedTaskStateError {
        expected: expected.into(),
        actual,
        code: Code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_listed_keys_may_be_written() {
        for key in WRITABLE {
            let updates = Sent::from_iter([(key.to_owned(), Json::Null)]);
            assert_eq!(check(&updates), Ok(()), "{key}");
        }
        for key in ["id", "uuid", "deleted", "metadata", "project_id", "display_name"] {
            let updates = Sent::from_iter([(key.to_owned(), Json::Null)]);
            let text = format!("unexpected update keyword '{key}'");
            assert_eq!(check(&updates), Err(NovaError::KeyError(text)));
        }
    }

    #[test]
    fn times_are_of_one_form() {
        let at = |text: &str| check(&Sent::from_iter([("launched_at".to_owned(), text.into())]));
        assert_eq!(at("2013-10-17T12:00:01.000042"), Ok(()));
        for odd in ["2013-10-17 12:00:01.0", "2013-10-17T12:00:01", "yesterday", ""] {
            assert!(matches!(at(odd), Err(NovaError::ValueError(_))), "{odd}");
        }
    }

    #[test]
    fn the_expected_state_is_one_or_one_of_several() {
        let instance = Row::new().with("task_state", "spawning");
        let expect = |expected| expect_task_state(&instance, expected);
        assert_eq!(expect(json!("spawning")), Ok(()));
        assert_eq!(expect(json!([null, "spawning"])), Ok(()));
        for wrong in [json!(null), json!("building"), json!([]), json!(["a", null])] {
            let error = expect(wrong).unwrap_err().to_string();
            assert!(error.ends_with("the actual state is spawning"), "{error}");
        }
        assert_eq!(expect_task_state(&Row::new(), json!(null)), Ok(()));
    }
}
