//! What the log shows of a request that came in, when it shows everything: all but its secrets.

use std::fmt;

use serde_json::{Map, Value};

use crate::sanitized::{SANITIZED, sanitized};
use crate::spec::MethodSpec;
use crate::wire::{Request, read_json};

/// A request without what is secret: by the name of a value, at whatever depth, or by the word of the method that
/// declares its argument so.
pub(super) struct Received<'a> {
    pub(super) request: &'a Request,
    /// The method, if the server has it.
    pub(super) method: Option<&'a MethodSpec>,
}

impl fmt::Display for Received<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, method } = self;
        let unreadable = || Value::String("(not shown: it cannot be read)".to_owned());
        let mut args = read_json(request.args()).map_or_else(|_| unreadable(), sanitized);
        if let (Value::Object(args), Some(method)) = (&mut args, method) {
            for secret in method.args.iter().filter(|arg| arg.secret) {
                if let Some(value) = args.get_mut(secret.name) {
                    *value = SANITIZED.into();
                }
            }
        }
        let context = request.context::<Map<String, Value>>();
        let context = context.map_or_else(|_| unreadable(), |context| sanitized(Value::Object(context)));
        write!(f, "args={args} context={context}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{ArgSpec, Kinds};
    use crate::version::Version;

    #[test]
    fn neither_named_nor_declared_secrets_are_shown() {
        const ARGS: &[ArgSpec] = &[ArgSpec::new("key").secret(), ArgSpec::new("host")];
        const VERSIONS: &[Version] = &[Version::new(1, 0)];
        let method = MethodSpec::new("m", Kinds::CALL, VERSIONS, ARGS);
        let body = br#"{"method":"m","_context_auth_token":"hunter2","_context_user":"ada",
            "args":{"key":"hunter2","host":"h","deep":[{"new_pass":"hunter2"}]}}"#;
        let request = Request::decode(body).unwrap().unwrap();
        let shown = |method| {
            let received = Received {
                request: &request,
                method,
            };
            received.to_string()
        };
        let text = shown(Some(&method));
        assert!(!text.contains("hunter2"), "{text}");
        assert!(
            text.contains(r#""host":"h""#) && text.contains(r#""user":"ada""#),
            "{text}"
        );
        // Of a method that nobody knows, names alone tell.
        assert_eq!(shown(None).matches("hunter2").count(), 1);
    }

    #[test]
    fn what_only_python_writes_is_shown() {
        let body = br#"{"method":"m","args":{"load":NaN,"host":"h"}}"#;
        let request = Request::decode(body).unwrap().unwrap();
        let received = Received {
            request: &request,
            method: None,
        };
        assert!(received.to_string().contains(r#""host":"h""#), "{received}");
    }

    #[test]
    fn what_cannot_be_read_is_not_shown() {
        let request = Request::decode(br#"{"method":"m","args":[1]}"#).unwrap().unwrap();
        let received = Received {
            request: &request,
            method: None,
        };
        assert!(received.to_string().starts_with("args=[1]"), "{received}");
    }
}
