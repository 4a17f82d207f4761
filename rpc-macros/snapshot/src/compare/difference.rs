//! A difference of two shapes, and how it is told; also while the compiler evaluates a constant.

use super::path::Path;
use crate::message::Message;
use crate::rules::Rule;
use crate::shape::{Shape, list, text};

/// One difference of two shapes.
#[derive(Clone, Copy, Debug)]
pub struct Difference<'a> {
    /// The rule that it breaks; `None` when it breaks none.
    pub rule: Option<Rule>,
    pub(super) path: Path<'a>,
    pub(super) what: What<'a>,
}

/// What is different.
#[derive(Clone, Copy, Debug)]
pub(super) enum What<'a> {
    FieldGone(&'a str),
    FieldRenamed(&'a str, &'a str),
    FieldNew(&'a str),
    FieldNewAndRequired(&'a str),
    FieldNewAndRefused(&'a str),
    FieldNewAndRefusedByServers(&'a str),
    FieldNewAndAwaited(&'a str),
    FieldMadeRequired,
    FieldMadeOptional,
    /// And who needs it.
    FieldLeftOut(&'static str),
    FieldsAreOne(&'a str, &'a str),
    ValueGone(&'a str),
    ValueRenamed(&'a str, &'a str),
    ValueNew(&'a str),
    ValueNewAndUnknown(&'a str),
    NewName(&'a str),
    NewNameUnread(&'a str, &'a str),
    OldNameUnread(&'a str, &'a str),
    AliasGone(&'a str),
    AliasNew(&'a str),
    Tagging,
    TooDeep,
    Shape(&'a Shape, &'a Shape),
}

impl Difference<'_> {
    /// Where and what, to stand behind the name of the value.
    pub const fn write(&self, message: &mut Message) {
        if self.path.len() > 0 {
            message.push(" ");
            self.path.write(message);
        }
        message.push(": ");
        self.what.write(message);
    }

    /// The same as a text of its own.
    pub fn text(&self) -> String {
        let mut message = Message::new();
        self.write(&mut message);
        message.as_str().to_owned()
    }
}

impl What<'_> {
    const fn write(&self, message: &mut Message) {
        match *self {
            Self::FieldGone(name) => quoted(message, "field '", name, "' was released and is gone"),
            Self::FieldRenamed(old, new) => {
                quoted(
                    message,
                    "field '",
                    old,
                    "' was released and is gone; did you rename it to '",
                );
                quoted(message, "", new, "'? add #[serde(rename = \"");
                quoted(message, "", old, "\")]");
            }
            Self::FieldNew(name) => quoted(message, "field '", name, "' is new"),
            Self::FieldNewAndRequired(name) => {
                quoted(
                    message,
                    "field '",
                    name,
                    "' is new: old callers do not send it; make it Option<..> or add #[serde(default)]",
                );
            }
            Self::FieldNewAndRefused(name) => {
                quoted(
                    message,
                    "field '",
                    name,
                    "' is new, and old callers refuse fields that they do not know",
                );
            }
            Self::FieldNewAndRefusedByServers(name) => {
                quoted(
                    message,
                    "field '",
                    name,
                    "' is new, and old servers refuse fields that they do not know; leave it out while it is not set: \
                     #[serde(skip_serializing_if = \"..\")]",
                );
            }
            Self::FieldNewAndAwaited(name) => {
                quoted(
                    message,
                    "field '",
                    name,
                    "' is new: old servers do not send it; make it Option<..> or add #[serde(default)]",
                );
            }
            Self::FieldMadeRequired => {
                message.push(
                    "it could be left out, and is required now; make it Option<..> or add #[serde(default)]",
                );
            }
            Self::FieldMadeOptional => message.push("it may be left out now"),
            Self::FieldLeftOut(by) => quoted(message, "it may be left out now, and old ", by, " need it"),
            Self::FieldsAreOne(first, second) => {
                quoted(message, "fields '", first, "' and '");
                quoted(message, "", second, "' are one to who reads them, and refused");
            }
            Self::ValueGone(name) => quoted(message, "value '", name, "' was released and is gone"),
            Self::ValueRenamed(old, new) => {
                quoted(
                    message,
                    "value '",
                    old,
                    "' was released and is gone; did you rename it to '",
                );
                quoted(message, "", new, "'? add #[serde(rename = \"");
                quoted(message, "", old, "\")]");
            }
            Self::ValueNew(name) => quoted(message, "value '", name, "' is new"),
            Self::ValueNewAndUnknown(name) => {
                quoted(
                    message,
                    "value '",
                    name,
                    "' is new, and old callers have no place for it",
                );
            }
            Self::NewName(name) => quoted(message, "its name is '", name, "' now"),
            Self::NewNameUnread(old, new) => {
                quoted(message, "its name is '", new, "' now, and old servers read '");
                quoted(message, "", old, "'; keep #[serde(rename = \"");
                quoted(message, "", old, "\")] until a release reads both");
            }
            Self::OldNameUnread(old, new) => {
                quoted(message, "its name is '", new, "' now, and old servers write '");
                quoted(message, "", old, "'; add #[serde(alias = \"");
                quoted(message, "", old, "\")]");
            }
            Self::AliasGone(name) => {
                quoted(
                    message,
                    "it was read as '",
                    name,
                    "' too; keep #[serde(alias = \"",
                );
                quoted(message, "", name, "\")]");
            }
            Self::AliasNew(name) => quoted(message, "it is read as '", name, "' too now"),
            Self::Tagging => message.push("the enum was tagged otherwise when it was released"),
            Self::TooDeep => message.push("what is in it is too deep to be compared"),
            Self::Shape(old, new) => {
                message.push("it was released as ");
                describe(old, message);
                message.push(" and is ");
                describe(new, message);
            }
        }
    }
}

const fn quoted(message: &mut Message, before: &str, name: &str, after: &str) {
    message.push(before);
    message.push(name);
    message.push(after);
}

/// The shape as text, as `Display` has it, which a constant cannot call.
const fn describe(shape: &Shape, message: &mut Message) {
    match shape {
        Shape::Any => message.push("any"),
        Shape::Null => message.push("null"),
        Shape::Bool => message.push("bool"),
        Shape::Char => message.push("char"),
        Shape::Text => message.push("text"),
        Shape::Integer { signed, bits } => {
            message.push(if *signed { "i" } else { "u" });
            message.push_number(*bits as u64);
        }
        Shape::Float { bits } => {
            message.push("f");
            message.push_number(*bits as u64);
        }
        Shape::Optional(inner) => {
            describe(inner.get(), message);
            message.push("?");
        }
        Shape::List(inner) => {
            message.push("[");
            describe(inner.get(), message);
            message.push("]");
        }
        Shape::Array(inner, len) => {
            message.push("[");
            describe(inner.get(), message);
            message.push(";");
            message.push_number(*len as u64);
            message.push("]");
        }
        Shape::Map(key, value) => {
            message.push("{");
            describe(key.get(), message);
            message.push(":");
            describe(value.get(), message);
            message.push("}");
        }
        Shape::Tuple(parts) => {
            message.push("(");
            let parts = list(parts);
            let mut at = 0;
            while at < parts.len() {
                if at > 0 {
                    message.push(",");
                }
                describe(parts[at].get(), message);
                at += 1;
            }
            message.push(")");
        }
        Shape::Type(definition) => message.push(text(&definition.name)),
        Shape::Name(name) => message.push(text(name)),
    }
}
