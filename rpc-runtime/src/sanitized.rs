//! Which parts of a document are secret, by their names.

use serde_json::Value;

/// What stands in the place of a secret.
pub(crate) const SANITIZED: &str = "<SANITIZED>";

/// What names of credentials hold, in lower case: what oslo.utils masks by itself, and the trust of a context.
const PARTS: &[&str] = &[
    "password",
    "passphrase",
    "admin_pass",
    "adminpass",
    "new_pass",
    "sys_pswd",
    "token",
    "secret",
    "private_key",
    "encrypted_key",
    "trust_id",
];

/// Whether a value of this name is a credential.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    PARTS.iter().any(|part| name.contains(part))
}

/// The same document without its credentials, at whatever depth they stand.
pub(crate) fn sanitized(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| {
                let value = if is_secret(&name) {
                    SANITIZED.into()
                } else {
                    sanitized(value)
                };
                (name, value)
            });
            Value::Object(members.collect())
        }
        Value::Array(elements) => Value::Array(elements.into_iter().map(sanitized).collect()),
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn credentials_go_wherever_they_stand_and_nothing_else_does() {
        let document = json!({
            "auth_token": "t",
            "_context_auth_token": {"id": "t"},
            "ADMIN_PASSWORD": 1,
            "args": {"new_pass": "p", "host": "h", "list": [{"db_password_hash": "p", "n": [1, null]}]},
            "user_token": "t",
            "adminPass": "p",
            "keypair": {"private_key": "k", "public_key": "kept"},
            "password": null,
        });
        let expected = json!({
            "auth_token": SANITIZED,
            "_context_auth_token": SANITIZED,
            "ADMIN_PASSWORD": SANITIZED,
            "args": {"new_pass": SANITIZED, "host": "h", "list": [{"db_password_hash": SANITIZED, "n": [1, null]}]},
            "user_token": SANITIZED,
            "adminPass": SANITIZED,
            "keypair": {"private_key": SANITIZED, "public_key": "kept"},
            "password": SANITIZED,
        });
        assert_eq!(sanitized(document), expected);
        for plain in [json!("password"), json!([1, "new_pass"]), json!(null)] {
            assert_eq!(sanitized(plain.clone()), plain);
        }
    }
}
