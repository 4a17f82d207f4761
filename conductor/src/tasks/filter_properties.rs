//! What a scheduler and a compute service pass on between them about the choice of a host: a dict that Nova calls
//! filter properties.

use conductor_api::NovaObject;
use conductor_api::havana::Code;
use serde_json::{Map, Value, json};

use super::errors::TaskError;

pub(super) type FilterProperties = Map<String, Value>;

/// How often hosts are tried for one instance (`[scheduler] max_attempts`).
const MAX_ATTEMPTS: i64 = 3;

/// Counts one more attempt, unless there is only one host that will do.
pub(super) fn count_attempt(properties: &mut FilterProperties, uuid: &str) -> Result<(), TaskError> {
    let forced = |name| {
        let hosts = properties.get(name).and_then(Value::as_array);
        hosts.is_some_and(|hosts| hosts.len() == 1)
    };
    if forced("force_hosts") || forced("force_nodes") {
        return Ok(());
    }
    let retry = properties
        .entry("retry")
        .or_insert_with(|| json!({"num_attempts": 0, "hosts": []}));
    let Value::Object(retry) = retry else {
        return Err(TaskError::ValueError(
            "'retry' of the filter properties is no dict".to_owned(),
        ));
    };
    let attempts = retry.get("num_attempts").and_then(Value::as_i64).unwrap_or(0);
    let attempts = attempts.saturating_add(1);
    retry.insert("num_attempts".to_owned(), attempts.into());
    let reason = retry.remove("exc_reason").unwrap_or_default();
    if attempts > MAX_ATTEMPTS {
        let reason = reason.as_str().unwrap_or("None").to_owned();
        return Err(TaskError::MaxRetriesExceeded {
            reason: format!(
                "Exceeded max scheduling attempts {MAX_ATTEMPTS} for instance {uuid}. Last exception: {reason}"
            ),
            code: Code,
        });
    }
    Ok(())
}

/// The same without objects inside, as Havana's peers take it.
pub(super) fn plain(mut properties: FilterProperties) -> FilterProperties {
    if let Some(flavor) = properties.get_mut("instance_type")
        && let Ok(object) = serde_json::from_value::<NovaObject>(flavor.clone())
    {
        *flavor = object.plain();
    }
    properties
}

/// How often hosts have been tried.
pub(super) fn attempts(properties: &FilterProperties) -> i64 {
    let retry = properties.get("retry");
    retry
        .and_then(|retry| retry.get("num_attempts")?.as_i64())
        .unwrap_or(1)
}

/// Notes the host that was chosen, and what it may give.
pub(super) fn choose(properties: &mut FilterProperties, host: &str, node: Option<&str>, limits: Value) {
    let retry = properties.get_mut("retry");
    if let Some(Value::Array(hosts)) = retry.and_then(|retry| retry.get_mut("hosts")) {
        hosts.push(json!([host, node]));
    }
    let forced = properties.get("force_hosts").and_then(Value::as_array);
    if forced.is_none_or(Vec::is_empty) {
        properties.insert("limits".to_owned(), limits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(value: Value) -> FilterProperties {
        match value {
            Value::Object(map) => map,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn attempts_are_counted_up_to_their_limit() {
        let mut properties = FilterProperties::new();
        for attempt in 1..=3 {
            count_attempt(&mut properties, "u").unwrap();
            assert_eq!(attempts(&properties), attempt);
            choose(
                &mut properties,
                &format!("host-{attempt}"),
                Some("node"),
                json!({"vcpu": 1}),
            );
        }
        assert_eq!(
            properties["retry"]["hosts"],
            json!([["host-1", "node"], ["host-2", "node"], ["host-3", "node"]])
        );
        properties["retry"]["exc_reason"] = json!("no space");
        let error = count_attempt(&mut properties, "u").unwrap_err();
        assert!(
            matches!(&error, TaskError::MaxRetriesExceeded { reason, .. } if reason.contains("no space"))
        );
        assert!(error.is_no_host());
    }

    #[test]
    fn a_forced_host_is_tried_once_and_without_limits() {
        let mut properties = map(json!({"force_hosts": ["a"]}));
        count_attempt(&mut properties, "u").unwrap();
        choose(&mut properties, "a", None, json!({"vcpu": 1}));
        assert_eq!(properties, map(json!({"force_hosts": ["a"]})));
        let mut odd = map(json!({"retry": []}));
        count_attempt(&mut odd, "u").unwrap_err();
    }
}
