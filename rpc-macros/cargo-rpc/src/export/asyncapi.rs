//! An AsyncAPI 3 document, from the side of the server: it receives requests on a topic, and replies.

use rpc_snapshot::{Answer, Method, Snapshot};
use serde_json::{Map, Value, json};

use super::schema;

const SCHEMAS: &str = "#/components/schemas/";

/// What answers a call that failed.
const FAILURE: &str = "reply.failure";

/// What comes after the last item of a stream.
const END: &str = "reply.end";

const REQUESTS: &str = "On RabbitMQ the body of a message is an envelope, \
    `{\"oslo.version\": \"2.0\", \"oslo.message\": \"..\"}`, in which the payload is a text of JSON. Beside what is described \
    here a payload has a `_unique_id`, the caller's context (`_context_user`, ..) and, where an answer is awaited, \
    `_msg_id` and `_reply_q`.";

const REPLIES: &str = "Each caller has a queue of its own, and names it in `_reply_q`. A reply is in the same envelope, and \
    has the `_msg_id` of what it answers. One of `ending` false without a result tells a caller that the method is at \
    work still.";

pub(super) fn document(api: &Snapshot) -> Value {
    let methods = api.methods.iter();
    let operations = methods.map(|method| (method.name.clone(), operation(method)));
    json!({
        "asyncapi": "3.0.0",
        "info": { "title": api.name, "version": api.version.to_string(), "description": api.docs },
        "defaultContentType": "application/json",
        "channels": {
            "requests": {
                "address": api.topic,
                "description": REQUESTS,
                "messages": in_channel(requests(api)),
            },
            "replies": {
                "address": null,
                "description": REPLIES,
                "messages": in_channel(replies(api)),
            },
        },
        "operations": operations.collect::<Map<_, _>>(),
        "components": {
            "messages": requests(api).chain(replies(api)).collect::<Map<_, _>>(),
            "schemas": schema::all(api, SCHEMAS),
        },
    })
}

/// The messages of a channel, each a reference to all that is known of it.
fn in_channel(messages: impl Iterator<Item = (String, Value)>) -> Map<String, Value> {
    let references = messages.map(|(name, _)| {
        let reference = json!({ "$ref": format!("#/components/messages/{name}") });
        (name, reference)
    });
    references.collect()
}

/// A message for each method.
fn requests(api: &Snapshot) -> impl Iterator<Item = (String, Value)> {
    let methods = api.methods.iter();
    methods.map(|method| (method.name.clone(), request(api, method)))
}

/// What comes back.
fn replies(api: &Snapshot) -> impl Iterator<Item = (String, Value)> {
    let answered = || api.methods.iter().filter(|method| answers(method));
    let fails = answered().next().map(|_| (FAILURE.to_owned(), failure()));
    let ends = answered().any(|method| method.kinds.stream);
    let ends = ends.then(|| (END.to_owned(), end()));
    let answers = answered().map(|method| (reply_name(method), reply(method)));
    answers.chain(fails).chain(ends)
}

fn answers(method: &Method) -> bool {
    method.kinds.call || method.kinds.stream
}

fn reply_name(method: &Method) -> String {
    format!("{}.reply", method.name)
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
    });
    if !method.since.is_empty() {
        operation["x-since"] = method.since.iter().map(ToString::to_string).collect();
    }
    if method.deprecated {
        // What an operation has no field for, every reader shows as a tag.
        operation["tags"] = json!([{ "name": "deprecated" }]);
    }
    if let Some(removed) = method.removed {
        operation["x-removed"] = removed.to_string().into();
    }
    if answers(method) {
        let end = method.kinds.stream.then(|| END.to_owned());
        let names = [reply_name(method), FAILURE.to_owned()].into_iter().chain(end);
        let messages = names.map(|name| json!({ "$ref": format!("#/channels/replies/messages/{name}") }));
        operation["reply"] = json!({
            "address": { "location": "$message.payload#/_reply_q" },
            "channel": { "$ref": "#/channels/replies" },
            "messages": messages.collect::<Vec<_>>(),
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
    let mut request = message(&method.name, "A request.", &schema::request(api, method, SCHEMAS));
    if answers(method) {
        request["correlationId"] = correlation();
    }
    if method.deprecated {
        request["deprecated"] = true.into();
    }
    request
}

/// The answer; of a stream, one of its items.
fn reply(method: &Method) -> Value {
    let (summary, last) = match method.answer {
        Answer::Items(_) => (
            "An item: any number of them come, and then the end or a failure.",
            false,
        ),
        Answer::Nothing | Answer::Value(_) => ("The answer.", true),
    };
    let result = json!({ "$ref": format!("{SCHEMAS}{}.answer", method.name) });
    let fields = &json!({ "result": result, "ending": { "const": last } });
    from_server(
        &reply_name(method),
        summary,
        &object(&["result", "ending"], fields),
    )
}

fn failure() -> Value {
    let text = "An object in a text of JSON: the `class` of the error and its `module`, its text as `message`, the \
                traceback as `tb`, and the `args` and `kwargs` that the class is made of.";
    let failure = json!({ "type": "string", "contentMediaType": "application/json", "description": text });
    let fields = &json!({ "failure": failure });
    from_server(
        FAILURE,
        "What kept the server from an answer. Nothing follows.",
        &object(&["failure"], fields),
    )
}

fn end() -> Value {
    let fields = &json!({ "result": { "type": "null" }, "ending": { "const": true } });
    from_server(END, "The end of a stream.", &object(&["ending"], fields))
}

fn from_server(name: &str, summary: &str, payload: &Value) -> Value {
    let mut reply = message(name, summary, payload);
    reply["correlationId"] = correlation();
    reply
}

fn message(name: &str, summary: &str, payload: &Value) -> Value {
    json!({ "name": name, "summary": summary, "payload": payload })
}

/// What tells which reply answers which request.
fn correlation() -> Value {
    json!({ "location": "$message.payload#/_msg_id" })
}

fn object(required: &[&str], properties: &Value) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}
