//! An AsyncAPI 3 document, from the side of the server: it receives requests on a topic, and replies.

use rpc_snapshot::{Method, Snapshot};
use serde_json::{Map, Value, json};

use super::schema;

const SCHEMAS: &str = "#/components/schemas/";

pub(super) fn document(api: &Snapshot) -> Value {
    let methods = || api.methods.iter();
    let asked = methods().map(|method| (method.name.clone(), message(&method.name)));
    let answered = methods().filter(|method| answers(method));
    let answered = answered.map(|method| (method.name.clone(), message(&reply_name(method))));
    let operations = methods().map(|method| (method.name.clone(), operation(method)));
    let messages = methods().flat_map(|method| {
        let reply = schema::answer(method, SCHEMAS).map(|_| (reply_name(method), reply(method)));
        [(method.name.clone(), request(api, method))]
            .into_iter()
            .chain(reply)
    });
    json!({
        "asyncapi": "3.0.0",
        "info": { "title": api.name, "version": api.version.to_string(), "description": api.docs },
        "defaultContentType": "application/json",
        "channels": {
            "requests": { "address": api.topic, "messages": asked.collect::<Map<_, _>>() },
            // Each caller names a queue of its own.
            "replies": { "address": null, "messages": answered.collect::<Map<_, _>>() },
        },
        "operations": operations.collect::<Map<_, _>>(),
        "components": {
            "messages": messages.collect::<Map<_, _>>(),
            "schemas": schema::all(api, SCHEMAS),
        },
    })
}

fn answers(method: &Method) -> bool {
    method.kinds.call || method.kinds.stream
}

fn reply_name(method: &Method) -> String {
    format!("{}.reply", method.name)
}

fn message(name: &str) -> Value {
    json!({ "$ref": format!("#/components/messages/{name}") })
}

fn operation(method: &Method) -> Value {
    let kinds = method.kinds.each().into_iter();
    let kinds: Vec<&str> = kinds.filter_map(|(kind, given)| given.then_some(kind)).collect();
    let mut operation = json!({
        "action": "receive",
        "channel": { "$ref": "#/channels/requests" },
        "description": method.docs,
        "messages": [{ "$ref": format!("#/channels/requests/messages/{}", method.name) }],
        "x-kinds": kinds,
        "x-since": method.since.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    if answers(method) {
        operation["reply"] = json!({
            "channel": { "$ref": "#/channels/replies" },
            "messages": [{ "$ref": format!("#/channels/replies/messages/{}", method.name) }],
        });
    }
    if let Some(errors) = &method.errors {
        let classes = errors
            .iter()
            .map(|error| format!("{}.{}", error.module, error.class));
        operation["x-errors"] = classes.collect();
    }
    operation
}

fn request(api: &Snapshot, method: &Method) -> Value {
    json!({ "name": method.name, "payload": schema::request(api, method, SCHEMAS) })
}

fn reply(method: &Method) -> Value {
    json!({
        "name": reply_name(method),
        "payload": {
            "type": "object",
            "properties": { "result": { "$ref": format!("{SCHEMAS}{}.answer", method.name) } },
        },
    })
}
