//! The request context that OpenStack services pass along: who asks, for which project, under which request id.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::sanitized::{SANITIZED, is_secret};

/// A context with the keys that OpenStack's `RequestContext` has. Keys it does not know are kept and passed on.
///
/// An API may use any other serde type that is written as a map: `#[rpc_api(context = MyContext)]`.
///
/// ```
/// let ctx = rpc_runtime::Context::new().project("demo");
/// assert!(ctx.request_id().is_some_and(|id| id.starts_with("req-")));
/// ```
#[derive(Clone, PartialEq, Default)]
pub struct Context {
    values: BTreeMap<String, Value>,
}

/// What the wire adds for the receiver alone; passing it on would mislead the next one.
const HOP: &str = "client_timeout";

impl Context {
    /// A context with a fresh request id and nothing else.
    pub fn new() -> Self {
        Self::default().with("request_id", format!("req-{}", uuid::Uuid::new_v4()))
    }

    /// The context of a service acting on its own behalf: an administrator.
    pub fn admin() -> Self {
        Self::new().with("is_admin", true)
    }

    /// The same context with `key` set.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.values.insert(key.to_owned(), value.into());
        self
    }

    /// The same context, in a project.
    #[must_use]
    pub fn project(self, id: &str) -> Self {
        self.with("project_id", id)
    }

    /// The same context, for a user.
    #[must_use]
    pub fn user(self, id: &str) -> Self {
        self.with("user_id", id)
    }

    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// Identifies the request across services: `req-` and a UUID.
    pub fn request_id(&self) -> Option<&str> {
        self.get("request_id")?.as_str()
    }

    /// The user on whose behalf the call is made.
    pub fn user_id(&self) -> Option<&str> {
        self.get("user_id")?.as_str()
    }

    /// The project on whose behalf the call is made.
    pub fn project_id(&self) -> Option<&str> {
        self.get("project_id")?.as_str()
    }

    /// Whether the caller acts as an administrator.
    pub fn is_admin(&self) -> bool {
        self.get("is_admin").and_then(Value::as_bool).unwrap_or(false)
    }

    /// Every key with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value))
    }
}

impl Serialize for Context {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.values.iter().filter(|(key, _)| *key != HOP) {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Context {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = Context;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a context")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Context, A::Error> {
                let mut values = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, Value>()? {
                    values.insert(key, value);
                }
                Ok(Context { values })
            }
        }

        deserializer.deserialize_map(Keys)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.values.iter().map(|(key, value)| {
            let text = if is_secret(key) {
                SANITIZED.to_owned()
            } else {
                value.to_string()
            };
            (key, text)
        });
        f.debug_map().entries(shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_passed_on_and_the_hop_key_is_not() {
        let text = r#"{"client_timeout":5,"request_id":"req-1","spin":[1]}"#;
        let ctx: Context = serde_json::from_str(text).unwrap();
        assert_eq!(ctx.get("client_timeout"), Some(&Value::from(5)));
        assert_eq!(
            serde_json::to_string(&ctx).unwrap(),
            r#"{"request_id":"req-1","spin":[1]}"#
        );
    }

    #[test]
    fn debug_shows_no_credentials() {
        let shown = format!("{:?}", Context::new().with("auth_token", "hunter2"));
        assert!(!shown.contains("hunter2") && shown.contains(SANITIZED), "{shown}");
    }
}
