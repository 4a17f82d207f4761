//! Every form of one API, and what others say of it.

use std::fs;
use std::path::Path;

use rpc_snapshot::Snapshot;

use super::{asyncapi, markdown, schema};

/// Values of most kinds, and arguments with every history.
pub(super) const TYPED: &str = include_str!("../../../../tests/tests/mutations/typed.rpc");
/// Some of all that an API may have.
pub(crate) const EVERYTHING: &str = include_str!("../../tests/exported/everything.rpc");
const COMPUTE_TASK: &str = include_str!("../../../../conductor/api/api/compute_task.rpc");

fn apis() -> [Snapshot; 3] {
    [TYPED, COMPUTE_TASK, EVERYTHING].map(|text| rpc_snapshot::read(text).expect("a released interface"))
}

#[test]
fn requests_follow_their_schema() {
    let [typed, ..] = apis();
    let schema = schema::document(&typed);
    let validator = jsonschema::draft7::new(&schema).expect("a schema");
    let request = |method: &str, args: serde_json::Value| serde_json::json!({ "method": method, "namespace": "typed", "version": "1.0", "args": args });
    assert!(validator.is_valid(&request("forget", serde_json::json!({ "ids": [1, 2] }))));
    assert!(validator.is_valid(&request(
        "forget",
        serde_json::json!({ "ids": [], "reason": null })
    )));
    for wrong in [
        serde_json::json!({}),
        serde_json::json!({ "ids": [-1] }),
        serde_json::json!({ "ids": [4_294_967_296_u64] }),
        serde_json::json!({ "ids": [], "reason": 1 }),
        serde_json::json!({ "ids": [], "cause": "" }),
    ] {
        assert!(!validator.is_valid(&request("forget", wrong.clone())), "{wrong}");
    }
    assert!(!validator.is_valid(&request("forgotten", serde_json::json!({ "ids": [] }))));
}

#[test]
fn documents_are_asyncapi() {
    let official = include_str!("../../tests/asyncapi/3.0.0.json");
    let official = serde_json::from_str(official).expect("the official schema");
    let validator = jsonschema::draft7::new(&official).expect("a schema");
    for api in apis() {
        let document = asyncapi::document(&api);
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", api.name);
        // The schema sees more than the outline.
        let mut wrong = document.clone();
        wrong["operations"][&api.methods[0].name]["action"] = "answer".into();
        assert!(!validator.is_valid(&wrong));
    }
}

#[test]
fn asyncapi_tells_what_goes() {
    let [typed, ..] = apis();
    let document = asyncapi::document(&typed);
    let [ping, watch] = ["ping", "watch"].map(|method| &document["operations"][method]);
    assert_eq!(ping["tags"], serde_json::json!([{ "name": "deprecated" }]));
    assert_eq!(ping["x-removed"], "2.0");
    assert_eq!(document["components"]["messages"]["ping"]["deprecated"], true);
    let correlated = |name: &str| {
        document["components"]["messages"][name]
            .get("correlationId")
            .is_some()
    };
    assert!(correlated("ping") && correlated("ping.reply") && !correlated("forget"));
    assert!(watch.get("tags").is_none() && watch.get("x-removed").is_none());
    let clean = &document["components"]["schemas"]["migrate.arguments"]["properties"]["clean"];
    assert_eq!(clean["description"], "optional, since 1.2, default `true`");
}

#[test]
fn replies_follow_asyncapi() {
    let [typed, ..] = apis();
    let document = asyncapi::document(&typed);
    // Which of the replies to a method a payload is.
    let is = |method: &str, payload: serde_json::Value| {
        let replies = document["operations"][method]["reply"]["messages"].as_array();
        let replies = replies.expect("replies").iter().map(|reply| {
            let path = reply["$ref"].as_str().expect("a reference");
            path.replace("#/channels/replies/", "#/components/")
        });
        let fits = replies.filter(|reply| {
            let schema = serde_json::json!({
                "allOf": [{ "$ref": format!("{reply}/payload") }], "components": document["components"],
            });
            jsonschema::draft7::new(&schema)
                .expect("a schema")
                .is_valid(&payload)
        });
        fits.map(|reply| reply.replace("#/components/messages/", ""))
            .collect::<Vec<_>>()
    };
    let item = serde_json::json!({ "kind": "Came", "host": { "name": "a" } });
    let reply = |result: &serde_json::Value, ending: bool| serde_json::json!({ "result": result, "ending": ending, "_msg_id": "1", "_unique_id": "2" });
    let null = serde_json::Value::Null;
    assert_eq!(is("watch", reply(&item, false)), ["watch.reply"]);
    assert_eq!(is("watch", reply(&null, true)), ["reply.end"]);
    assert_eq!(is("ping", reply(&null, true)), ["ping.reply"]);
    assert!(is("ping", reply(&item, true)).is_empty());
    for method in ["watch", "ping"] {
        let failure = serde_json::json!({ "result": null, "failure": "{}", "_msg_id": "1" });
        assert_eq!(is(method, failure), ["reply.failure"]);
    }
}

#[test]
fn references_lead_somewhere() {
    for api in apis() {
        for document in [asyncapi::document(&api), schema::document(&api)] {
            let mut found = 0;
            let mut open = vec![&document];
            while let Some(value) = open.pop() {
                if let Some(path) = value.get("$ref").and_then(|path| path.as_str()) {
                    let path = path.strip_prefix('#').expect("within the document");
                    assert!(document.pointer(path).is_some(), "{path} of {}", api.name);
                    found += 1;
                }
                match value {
                    serde_json::Value::Array(items) => open.extend(items),
                    serde_json::Value::Object(fields) => open.extend(fields.values()),
                    _ => {}
                }
            }
            assert!(found > api.methods.len(), "{found}");
        }
    }
}

#[test]
fn pages_say_what_the_trait_says() {
    let [typed, ..] = apis();
    let page = markdown::page(&typed);
    for line in [
        "# Typed 1.5",
        "topic: `typed`",
        "## migrate",
        "| zed | 1.3 |",
        "- [migrate](#migrate)",
        "*call, cast; since 1.1; as good twice as once*",
        "Also called `shift`.",
        "An object whose `kind` is the value, beside the data.",
        "| `Moving` | object |  |  |",
        "| `Moving` `since` | `u64` |  |  |",
        "| `Other` |  |  |  |",
        "Readers have a place for values that are not listed.",
        "| `clean` | `bool` | optional, since 1.2, default `true` |  |",
        "Errors: `typed.Gone`, `typed.Busy`",
        "*call; deprecated; goes with 2.0*",
        "A call waits for its answer, and a stream for any number of them; a cast waits for none, and a fanout is a cast to \
         every server.",
    ] {
        assert!(
            page.lines().any(|found| found == line),
            "{line} is not in:\n{page}"
        );
    }
}

#[test]
fn pages_say_what_is_gone() {
    let text = "api Calc 2.0\n\nmethod add call removed 2.0\n  ok null\n";
    let api = rpc_snapshot::read(text).unwrap_or_else(|error| panic!("{error}"));
    let page = markdown::page(&api);
    assert!(page.contains("\n*call; went with 2.0*\n"), "{page}");
}

/// The documents as they are reviewed. `UPDATE=1 cargo test -p cargo-rpc documents` writes them anew.
#[test]
fn documents_are_as_reviewed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exported");
    let api = rpc_snapshot::read(EVERYTHING).expect("an API");
    for (name, found) in [
        ("everything.md", markdown::page(&api)),
        ("everything.schema.json", super::json(&schema::document(&api))),
        ("everything.asyncapi.json", super::json(&asyncapi::document(&api))),
    ] {
        as_reviewed(&folder.join(name), &found);
    }
}

/// Holds a text to its file, or writes that anew when `UPDATE` is set.
pub(super) fn as_reviewed(path: &Path, found: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, found).expect("a file is written");
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    let name = path.display();
    assert!(
        found == expected,
        "{name} would be other, UPDATE=1 writes it anew:\n{found}"
    );
}
