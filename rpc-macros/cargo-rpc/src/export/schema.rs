//! Shapes as JSON Schema, in the keywords of draft 7: AsyncAPI knows no others.

use rpc_snapshot::{
    Answer, Argument, Body, Content, Definition, Field, Method, Shape, Snapshot, Tagging, Text,
};
use serde_json::{Map, Value, json};

use super::notes;

/// What follows on a folder of schemas, in a reference.
pub(super) type Refs<'a> = &'a str;

/// The requests of an API, as oslo.messaging has them on the wire.
pub(super) fn document(api: &Snapshot) -> Value {
    let refs = "#/definitions/";
    let requests: Vec<Value> = api
        .methods
        .iter()
        .map(|method| request(api, method, refs))
        .collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": format!("{} {}", api.name, api.version),
        "description": api.docs,
        "definitions": all(api, refs),
        "oneOf": requests,
    })
}

/// Every type, and the arguments and the answer of every method, by their names.
pub(super) fn all(api: &Snapshot, refs: Refs<'_>) -> Map<String, Value> {
    let types = api
        .types
        .iter()
        .map(|of| (of.name.to_string(), definition(of, refs)));
    let methods = api.methods.iter().flat_map(|method| {
        let answer = answer(method, refs).map(|answer| (format!("{}.answer", method.name), answer));
        [(format!("{}.arguments", method.name), arguments(method, refs))]
            .into_iter()
            .chain(answer)
    });
    types.chain(methods).collect()
}

/// A message that asks for a method.
pub(super) fn request(api: &Snapshot, method: &Method, refs: Refs<'_>) -> Value {
    let mut properties = Map::new();
    let names: Vec<&str> = [&method.name]
        .into_iter()
        .chain(&method.aliases)
        .map(String::as_str)
        .collect();
    properties.insert("method".into(), json!({ "enum": names }));
    properties.insert(
        "args".into(),
        json!({ "$ref": format!("{refs}{}.arguments", method.name) }),
    );
    properties.insert(
        "version".into(),
        json!({ "type": "string", "pattern": "^[0-9]+\\.[0-9]+$" }),
    );
    let mut required = vec!["method", "args"];
    if let Some(namespace) = &api.namespace {
        properties.insert("namespace".into(), json!({ "const": namespace }));
        required.push("namespace");
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

fn arguments(method: &Method, refs: Refs<'_>) -> Value {
    let argument = |argument: &Argument| {
        let schema = argument
            .shape
            .as_ref()
            .map_or_else(|| json!({}), |of| shape(of, refs));
        let schema = described(schema, &words(&argument.docs, &notes::argument(argument)));
        (argument.name.clone(), schema)
    };
    let properties: Map<String, Value> = method.arguments.iter().map(argument).collect();
    let required = method.arguments.iter().filter(|argument| !argument.optional);
    let required: Vec<&str> = required.map(|argument| argument.name.as_str()).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// What one message of the answer holds.
pub(super) fn answer(method: &Method, refs: Refs<'_>) -> Option<Value> {
    match &method.answer {
        Answer::Nothing => None,
        Answer::Value(of) | Answer::Items(of) => {
            Some(of.as_ref().map_or_else(|| json!({}), |of| shape(of, refs)))
        }
    }
}

fn shape(of: &Shape, refs: Refs<'_>) -> Value {
    match of {
        Shape::Any => json!({}),
        Shape::Null => json!({ "type": "null" }),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Char => json!({ "type": "string", "minLength": 1, "maxLength": 1 }),
        Shape::Text => json!({ "type": "string" }),
        &Shape::Integer { signed, bits } => integer(signed, bits),
        Shape::Float { .. } => json!({ "type": "number" }),
        Shape::Optional(inner) => json!({ "anyOf": [shape(inner.get(), refs), { "type": "null" }] }),
        Shape::List(inner) => json!({ "type": "array", "items": shape(inner.get(), refs) }),
        Shape::Array(inner, len) => json!({
            "type": "array", "items": shape(inner.get(), refs), "minItems": len, "maxItems": len,
        }),
        Shape::Map(_, value) => json!({ "type": "object", "additionalProperties": shape(value.get(), refs) }),
        Shape::Tuple(parts) => {
            let items: Vec<Value> = parts.iter().map(|part| shape(part.get(), refs)).collect();
            json!({ "type": "array", "minItems": items.len(), "maxItems": items.len(), "items": items })
        }
        Shape::Type(definition) => json!({ "$ref": format!("{refs}{}", definition.name) }),
        Shape::Name(name) => json!({ "$ref": format!("{refs}{name}") }),
    }
}

/// With the limits of its size, as far as numbers of JSON can say them.
fn integer(signed: bool, bits: u8) -> Value {
    let mut schema = json!({ "type": "integer" });
    let (least, most) = match (signed, bits) {
        (true, 0 | 65..) => return schema,
        (false, 0 | 65..) => (json!(0), None),
        (false, bits) => (json!(0), Some(json!(u64::MAX >> (64 - bits)))),
        (true, bits) => (
            json!(i64::MIN >> (64 - bits)),
            Some(json!(i64::MAX >> (64 - bits))),
        ),
    };
    schema["minimum"] = least;
    if let Some(most) = most {
        schema["maximum"] = most;
    }
    schema
}

fn definition(of: &Definition, refs: Refs<'_>) -> Value {
    let schema = match &of.body {
        Body::Same(same) => shape(same.get(), refs),
        Body::Struct { fields, strict } => object(fields, *strict, refs),
        Body::Enum {
            tagging,
            values,
            open,
        } => {
            let mut forms: Vec<Value> = values
                .iter()
                .map(|value| {
                    let schema = tagged(tagging, &value.name, &value.content, refs);
                    described(schema, &read_as(&value.docs, &value.aliases))
                })
                .collect();
            if *open {
                // Readers have a place for what is not listed.
                forms.push(json!({}));
            }
            json!({ "anyOf": forms })
        }
    };
    described(schema, &of.docs)
}

fn object(fields: &[Field], strict: bool, refs: Refs<'_>) -> Value {
    let own = || fields.iter().filter(|field| !field.flatten);
    let properties: Map<String, Value> = own()
        .map(|field| {
            let words = read_as(&field.docs, &field.aliases);
            let schema = described(shape(field.shape.get(), refs), &words);
            (field.name.to_string(), schema)
        })
        .collect();
    let required: Vec<&str> = own()
        .filter(|field| !field.optional)
        .map(|field| &*field.name)
        .collect();
    let mut schema = json!({ "type": "object", "properties": properties, "required": required });
    let inner: Vec<Value> = fields
        .iter()
        .filter(|field| field.flatten)
        .map(|field| shape(field.shape.get(), refs))
        .collect();
    if inner.is_empty() {
        if strict {
            schema["additionalProperties"] = json!(false);
        }
        return schema;
    }
    let all: Vec<Value> = [schema].into_iter().chain(inner).collect();
    json!({ "allOf": all })
}

/// A value of an enum, with what tells which it is.
fn tagged(tagging: &Tagging, name: &str, content: &Content, refs: Refs<'_>) -> Value {
    let inner = match content {
        Content::Unit => None,
        Content::Shape(of) => Some(shape(of.get(), refs)),
        Content::Fields(fields) => Some(object(fields, false, refs)),
    };
    match (tagging, inner) {
        (Tagging::External, None) => json!({ "const": name }),
        (Tagging::External, Some(inner)) => keyed(&[(name, inner)]),
        (Tagging::Internal(tag) | Tagging::Adjacent(tag, _), None) => {
            keyed(&[(tag, json!({ "const": name }))])
        }
        (Tagging::Internal(tag), Some(inner)) => {
            json!({ "allOf": [keyed(&[(tag, json!({ "const": name }))]), inner] })
        }
        (Tagging::Adjacent(tag, key), Some(inner)) => keyed(&[(tag, json!({ "const": name })), (key, inner)]),
        (Tagging::Untagged, None) => json!({ "type": "null" }),
        (Tagging::Untagged, Some(inner)) => inner,
    }
}

/// An object that has each of these keys.
fn keyed(fields: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> = fields
        .iter()
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    json!({ "type": "object", "properties": properties, "required": names })
}

/// The docs, and what is to be said besides.
fn words(docs: &str, note: &str) -> String {
    format!("{docs}\n\n{note}").trim().to_owned()
}

/// The docs, and the further names that readers know, for which there is no keyword.
fn read_as(docs: &str, aliases: &[Text]) -> String {
    words(docs, &notes::aliases(aliases).unwrap_or_default())
}

/// With its docs. Beside a `$ref` draft 7 reads nothing else, so that one is wrapped.
fn described(schema: Value, docs: &str) -> Value {
    match schema {
        schema if docs.is_empty() => schema,
        Value::Object(object) if object.contains_key("$ref") => {
            json!({ "allOf": [object], "description": docs })
        }
        Value::Object(mut object) => {
            object.insert("description".into(), docs.into());
            Value::Object(object)
        }
        other => other,
    }
}
