//! The application that the recorded servers ran, once more: endpoints known only when the test runs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpc_runtime::{
    __private as private, Answer, ApiSpec, ArgSpec, Dispatch, Failure, Incoming, RpcServer, Version, wire,
};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// What the methods were given, in the notation of the vectors.
pub(crate) type Notes = Arc<Mutex<Vec<Value>>>;

const METHODS: &[&str] = &[
    "echo",
    "add",
    "noargs",
    "anything",
    "nothing",
    "whoami",
    "record",
    "show_ctxt",
    "slow",
    "odd_keys",
    "a_tuple",
    "fail",
    "fail_expected",
];

/// A server of endpoints.
pub(crate) struct Lab {
    specs: Vec<&'static ApiSpec>,
    endpoints: Vec<Endpoint>,
    notes: Notes,
}

struct Endpoint {
    label: String,
    /// `None`: those of the application.
    methods: Option<Vec<String>>,
}

impl Lab {
    /// The endpoints of a vector. One that is known by further namespaces stands there once for each.
    pub(crate) fn new(endpoints: &Value, notes: &Notes) -> Self {
        let mut lab = Self {
            specs: Vec::new(),
            endpoints: Vec::new(),
            notes: notes.clone(),
        };
        for endpoint in endpoints.as_array().expect("endpoints") {
            let legacy = endpoint["legacy_namespaces"]
                .as_array()
                .map_or(&[][..], Vec::as_slice);
            for namespace in std::iter::once(&endpoint["namespace"]).chain(legacy) {
                lab.specs
                    .push(spec(namespace.as_str(), endpoint["version"].as_str()));
                lab.endpoints.push(Endpoint {
                    label: endpoint["label"].as_str().unwrap_or("null").to_owned(),
                    methods: endpoint
                        .get("methods")
                        .map(|methods| serde_json::from_value(methods.clone()).expect("names of methods")),
                });
            }
        }
        lab
    }
}

/// Specs are static, and these are made of data; a test process may leak them.
fn spec(namespace: Option<&str>, version: Option<&str>) -> &'static ApiSpec {
    let version = version.map_or(Version::new(1, 0), |text| text.parse().expect("a version"));
    let spec = ApiSpec::new("Lab", version, &[]);
    Box::leak(Box::new(match namespace {
        Some(text) => spec.namespace(Box::leak(text.to_owned().into_boxed_str())),
        None => spec,
    }))
}

impl Endpoint {
    fn has(&self, method: &str) -> bool {
        match &self.methods {
            // `#[rpc_api]` refuses methods with such names.
            _ if method.starts_with('_') => false,
            Some(methods) => methods.iter().any(|name| name == method),
            None => METHODS.contains(&method),
        }
    }
}

impl RpcServer for Lab {
    fn apis(&self) -> &[&'static ApiSpec] {
        &self.specs
    }

    fn dispatch(&self, request: Incoming) -> Dispatch<'_> {
        let mut compatible = self.specs.iter().zip(&self.endpoints);
        let mut compatible = compatible
            .by_ref()
            .filter(|(spec, _)| request.is_for(spec))
            .peekable();
        if compatible.peek().is_none() {
            return private::unsupported_version(&request);
        }
        match compatible.find(|(_, endpoint)| endpoint.has(request.method())) {
            Some((_, endpoint)) => Box::pin(self.run(endpoint, request)),
            None => private::no_such_method(&request),
        }
    }
}

const ARG: &[ArgSpec] = &[ArgSpec::new("arg")];
const AB: &[ArgSpec] = &[ArgSpec::new("a"), ArgSpec::new("b")];
const VALUE: &[ArgSpec] = &[ArgSpec::new("value")];
const SECONDS: &[ArgSpec] = &[ArgSpec::new("seconds")];

impl Lab {
    async fn run(&self, endpoint: &Endpoint, request: Incoming) -> Result<Answer, Failure> {
        let args = request.args();
        let context: Map<String, Value> = request.context()?;
        let note = |args: Value| {
            let seen = json!({
                "endpoint": endpoint.label, "method": request.method(), "ctxt": context, "args": args,
            });
            self.notes.lock().unwrap().push(seen);
        };
        match request.method() {
            "echo" => {
                let (value,) = wire::decode1::<Value>(args, ARG)?;
                note(json!({ "arg": value }));
                // As written, so that no integer is too long.
                match wire::decode1::<Box<RawValue>>(args, ARG) {
                    Ok((raw,)) => Answer::value(&raw),
                    Err(_) => Answer::value(&value),
                }
            }
            "add" => {
                let (a, b) = wire::decode2::<i64, i64>(args, AB)?;
                note(json!({"a": a, "b": b}));
                Answer::value(&(a + b))
            }
            "record" => {
                let (value,) = wire::decode1::<Value>(args, VALUE)?;
                note(json!({ "value": value }));
                Answer::value(&())
            }
            "slow" => {
                let (seconds,) = wire::decode1::<f64>(args, SECONDS)?;
                note(json!({ "seconds": seconds }));
                tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
                Answer::value(&format!("slept {seconds}"))
            }
            "anything" => {
                let all: Value = serde_json::from_str(args).expect("arguments");
                note(all.clone());
                Answer::value(&json!({ "received": all }))
            }
            "fail" | "fail_expected" => {
                let all: Map<String, Value> = serde_json::from_str(args).expect("arguments");
                let failure = failure(&all);
                note(all.into());
                Ok(Answer::Declared(failure))
            }
            method => {
                wire::decode0(args, &[])?;
                note(json!({}));
                Answer::value(&match method {
                    "nothing" => Value::Null,
                    "noargs" => json!("no arguments were given"),
                    "whoami" => json!(endpoint.label),
                    "show_ctxt" => Value::Object(context.clone()),
                    "odd_keys" => json!({"1": "one", "null": "none", "false": "false", "2.5": "half"}),
                    "a_tuple" => json!([1, [2, 3], "four"]),
                    // A method of a table: which endpoint has it, is the question.
                    _ => json!(endpoint.label),
                })
            }
        }
    }
}

/// The exceptions of the application.
fn failure(args: &Map<String, Value>) -> Failure {
    let text = |name: &str, default: &str| {
        args.get(name)
            .and_then(Value::as_str)
            .unwrap_or(default)
            .to_owned()
    };
    match args.get("kind").and_then(Value::as_str) {
        Some("value") => Failure::new("builtins", "ValueError", text("message", "bad value")),
        Some("key") => {
            let key = text("key", "missing");
            let mut failure = Failure::new("builtins", "KeyError", format!("'{key}'"));
            failure.args = vec![json!(key)];
            failure
        }
        Some("oserror") => {
            let message = "[Errno 2] No such file or directory: '/nowhere'";
            let mut failure = Failure::new("builtins", "FileNotFoundError", message);
            failure.args = vec![json!(2), json!("No such file or directory")];
            failure
        }
        Some("multi_args") => {
            let message = "('first', 2, ['three'], {'four': 4})";
            let mut failure = Failure::new("builtins", "ValueError", message);
            failure.args = vec![json!("first"), json!(2), json!(["three"]), json!({"four": 4})];
            failure
        }
        Some("notfound") => {
            let id = text("instance_id", "i-1");
            let message = format!("Instance {id} could not be found.");
            let mut failure = Failure::new("labapp.errors", "InstanceNotFound", message);
            failure.kwargs.insert("instance_id".to_owned(), json!(id));
            failure
        }
        Some("plain") => Failure::new("labapp.errors", "PlainError", text("message", "plain trouble")),
        Some("twoargs") => Failure::new("labapp.errors", "TwoArgs", "node-3 failed: out of memory"),
        Some("object_arg") => Failure::new("labapp.errors", "CarriesObject", "<object>"),
        Some("timeout") => Failure::new(
            "oslo_messaging.exceptions",
            "MessagingTimeout",
            "no answer from the next hop",
        ),
        // The application of 2013.2 has one exception only.
        None => Failure::new("builtins", "ValueError", "havana says no"),
        Some(other) => panic!("the application has no failure '{other}'"),
    }
}
