//! What an unmodified nova-compute 34.0.0 asked of Nova's own conductor, asked of ours: the answers are the same.
//!
//! The rows that an answer needs are made of the recorded answer, or of the object that the request carries.

use std::path::{Path, PathBuf};

use conductor_api::NovaObject;
use rpc_runtime::{Context, Failure, UntypedClient, Version};
use serde_json::{Map, Value};

use super::super::version;
use super::seed::{instance_of, seed};
use super::{Served, failure};
use crate::store::{Row, Store, now};

/// Times of the write itself, and what is made up anew for each object.
const MADE_UP: [&str; 6] = [
    "id",
    "uuid",
    "created_at",
    "updated_at",
    "deleted_at",
    "last_seen_up",
];

struct Fixture {
    name: String,
    request: Map<String, Value>,
    reply: Option<Map<String, Value>>,
}

impl Fixture {
    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let mut document: Map<String, Value> = serde_json::from_str(&text).unwrap();
        let mut member = |name: &str| match document.remove(name) {
            Some(Value::Object(members)) => Some(members),
            _ => None,
        };
        Self {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            request: member("request").unwrap(),
            reply: member("reply"),
        }
    }

    fn all() -> Vec<Self> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        let files = std::fs::read_dir(directory).unwrap();
        let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn method(&self) -> &str {
        self.request["method"].as_str().unwrap()
    }

    fn args(&self) -> &Map<String, Value> {
        self.request["args"].as_object().unwrap()
    }

    fn object(&self) -> Option<NovaObject> {
        serde_json::from_value(self.args().get("objinst")?.clone()).ok()
    }

    /// The context of the caller, as it came.
    fn context(&self) -> Context {
        let keys = self.request.iter().filter_map(|(key, value)| {
            let name = key.strip_prefix("_context_")?;
            Some((name, value.clone()))
        });
        keys.fold(Context::default(), |ctx, (name, value)| ctx.with(name, value))
    }

    /// Asked of a conductor, and answered by it.
    fn is_of_conductor(&self) -> bool {
        self.reply.is_some()
            && ["object_class_action_versions", "object_action", "ping"].contains(&self.method())
    }

    /// Makes the rows without which the answer would be another.
    async fn prepare(&self, store: &Store) {
        let Some(reply) = &self.reply else { return };
        if !reply["failure"].is_null() {
            return;
        }
        match (
            self.object(),
            serde_json::from_value::<NovaObject>(reply["result"].clone()),
        ) {
            (None, Ok(answer)) => seed(store, &answer).await,
            // A new object has no row.
            (Some(object), _) if self.args()["objmethod"] != "create" && object.name != "TaskLog" => {
                seed(store, &before(object)).await;
            }
            _ => {}
        }
        let action = Row::new()
            .with("request_id", self.request["_context_request_id"].as_str())
            .with("start_time", now());
        match self.name.split_once('.') {
            Some(("InstanceActionEvent", rest)) => {
                let instance = self.args()["args"][0].as_str().unwrap();
                instance_of(store, instance).await;
                let action = action.with("instance_uuid", instance);
                let action = store.insert("instance_actions", &action).await.unwrap();
                if rest.starts_with("event_finish") {
                    let event = Row::new()
                        .with("action_id", action.get("id").clone())
                        .with("event", self.args()["args"][1].as_str());
                    store.insert("instance_actions_events", &event).await.unwrap();
                }
            }
            Some(("TaskLog", "end_task.ok")) => {
                let mut task = self.object().unwrap();
                task.data.insert("state".to_owned(), "RUNNING".into());
                seed(store, &task).await;
            }
            _ => {}
        }
    }

    async fn replay(&self) {
        let served = Served::new().await;
        self.prepare(&served.store).await;
        let mut client: UntypedClient = served.client.clone();
        if let Some(namespace) = self.request.get("namespace").and_then(Value::as_str) {
            client = client.namespace(namespace);
        }
        let version = self.request["version"].as_str().unwrap();
        client = client.version(version.parse::<Version>().unwrap());
        let args = self.args().iter();
        let args: Vec<_> = args
            .map(|(name, value)| (name.as_str(), value as &dyn rpc_runtime::wire::Argument))
            .collect();
        let answer = client
            .call::<Value, Failure>(self.method(), &self.context(), &args)
            .await
            .map_err(failure);
        let reply = self.reply.as_ref().unwrap();
        match answer {
            Err(raised) => self.compare_failures(&raised, &reply["failure"]),
            Ok(answer) => {
                assert!(reply["failure"].is_null(), "{}: {answer}", self.name);
                match self.object() {
                    Some(object) => self.compare_updates(&object, &answer, &reply["result"]),
                    None => assert_eq!(canonical(&answer), canonical(&reply["result"]), "{}", self.name),
                }
            }
        }
    }

    fn compare_failures(&self, raised: &Failure, expected: &Value) {
        assert_eq!(
            expected["class"],
            raised.class.as_str(),
            "{}: {raised}",
            self.name
        );
        assert_eq!(expected["module"], raised.module.as_str(), "{}", self.name);
        assert_eq!(expected["message"], raised.message.as_str(), "{}", self.name);
        assert_eq!(
            expected["kwargs"],
            Value::Object(raised.kwargs.clone()),
            "{}",
            self.name
        );
    }

    /// The same fields as Nova's conductor tells, but those that are as the caller has them: Nova tells all objects
    /// within, changed or not, and the time of creation, since it compares with microseconds.
    fn compare_updates(&self, sent: &NovaObject, answer: &Value, expected: &Value) {
        assert_eq!(answer[1], expected[1], "{}: the result", self.name);
        let (ours, nova) = (answer[0].as_object().unwrap(), expected[0].as_object().unwrap());
        assert_eq!(
            canonical(&ours["obj_what_changed"]),
            canonical(&nova["obj_what_changed"]),
            "{}: what is not saved",
            self.name
        );
        for (field, value) in nova {
            let unchanged = sent.data.get(field).map(canonical) == Some(canonical(value));
            let told = ours.get(field);
            assert!(
                told.is_some() || unchanged || field == "created_at",
                "{}: {field}",
                self.name
            );
            if let Some(told) = told.filter(|_| !MADE_UP.contains(&field.as_str())) {
                assert_eq!(canonical(told), canonical(value), "{}: {field}", self.name);
            }
        }
        for field in ours.keys().filter(|field| !MADE_UP.contains(&field.as_str())) {
            assert!(
                nova.contains_key(field),
                "{}: {field} is told, and is not by Nova",
                self.name
            );
        }
    }
}

/// What the object was before the caller changed it: in the state that a save expects, and with fewer reports.
fn before(mut object: NovaObject) -> NovaObject {
    if object.name == "Instance" && object.is_changed("task_state") {
        object.data.insert("task_state".to_owned(), "scheduling".into());
    }
    if object.is_changed("report_count") {
        object.data.insert("report_count".to_owned(), 0.into());
    }
    object
}

/// A value in which the fields that changed are in order, as they are a set.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(canonical).collect();
            if items.iter().all(Value::is_string) {
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
            items.into()
        }
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| (key.clone(), canonical(value)));
            Value::Object(members.collect())
        }
        plain => plain.clone(),
    }
}

#[tokio::test]
async fn what_nova_compute_asks_is_answered_as_nova_answers_it() {
    let of_conductor: Vec<Fixture> = Fixture::all()
        .into_iter()
        .filter(Fixture::is_of_conductor)
        .collect();
    assert_eq!(of_conductor.len(), 47);
    let replayed = async {
        for fixture in of_conductor {
            fixture.replay().await;
        }
    };
    let limit = std::time::Duration::from_secs(120);
    tokio::time::timeout(limit, replayed).await.unwrap();
}

/// What is cast, or asked of others, holds objects too.
#[test]
fn every_object_that_travels_is_of_a_class_that_is_known() {
    let fixtures = Fixture::all();
    assert_eq!(fixtures.len(), 54);
    let mut seen = 0;
    for fixture in &fixtures {
        for value in fixture
            .args()
            .values()
            .chain(fixture.reply.iter().flat_map(Map::values))
        {
            seen += check(value, &fixture.name);
        }
    }
    assert!(seen > 100, "{seen}");
}

/// How many objects there are, all of which are served.
fn check(value: &Value, name: &str) -> usize {
    if let Ok(object) = serde_json::from_value::<NovaObject>(value.clone()) {
        version::check(&object).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        let class = super::super::class::Class::named(&object.name).unwrap();
        for field in object.data.keys() {
            assert!(class.field(field).is_some(), "{name}: {}.{field}", object.name);
        }
    }
    let within: usize = match value {
        Value::Array(items) => items.iter().map(|item| check(item, name)).sum(),
        Value::Object(members) => members.values().map(|value| check(value, name)).sum(),
        _ => 0,
    };
    within + usize::from(value.get("nova_object.name").is_some())
}
