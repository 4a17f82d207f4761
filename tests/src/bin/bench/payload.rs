//! What every measured call carries: four arguments, 247 bytes of compact JSON, shaped like a call of Nova's
//! `object_action`. The answer echoes all of it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The arguments as they travel.
pub(crate) const JSON: &str = concat!(
    r#"{"objinst":{"name":"Instance","version":"2.8","fields":[{"id":0,"#,
    r#""uuid":"b6589fc6-ab0d-c82c-f120-99d1c2d40ab9","host":"compute-000","state":"active","mem_mb":2048}]},"#,
    r#""objmethod":"save","args":["spawning",17],"kwargs":{"expected":null,"admin":true}}"#
);

#[derive(Serialize, Deserialize, Clone, Debug)]
pub(crate) struct Args {
    pub(crate) objinst: Object,
    pub(crate) objmethod: String,
    pub(crate) args: (String, i64),
    pub(crate) kwargs: Kwargs,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
pub(crate) struct Object {
    name: String,
    version: String,
    fields: Vec<Field>,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
struct Field {
    id: u32,
    uuid: String,
    host: String,
    state: String,
    mem_mb: u32,
}

#[derive(Serialize, Deserialize, Clone, Copy, Debug)]
pub(crate) struct Kwargs {
    expected: Option<i64>,
    admin: bool,
}

impl Args {
    pub(crate) fn sample() -> serde_json::Result<Self> {
        serde_json::from_str(JSON)
    }

    /// Whether this came back as it was sent, as far as one look tells.
    pub(crate) fn is_sample(&self) -> bool {
        self.args.1 == 17
    }
}

/// The same, borrowed from the text it is read from.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub(crate) struct ArgsRef<'a> {
    #[serde(borrow)]
    objinst: ObjectRef<'a>,
    #[serde(borrow)]
    objmethod: Cow<'a, str>,
    #[serde(borrow)]
    args: (&'a str, i64),
    kwargs: Kwargs,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
struct ObjectRef<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow)]
    fields: Vec<FieldRef<'a>>,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
struct FieldRef<'a> {
    id: u32,
    #[serde(borrow)]
    uuid: Cow<'a, str>,
    #[serde(borrow)]
    host: Cow<'a, str>,
    #[serde(borrow)]
    state: Cow<'a, str>,
    mem_mb: u32,
}

impl ArgsRef<'static> {
    pub(crate) fn sample() -> serde_json::Result<Self> {
        serde_json::from_str(JSON)
    }
}

impl ArgsRef<'_> {
    pub(crate) fn is_sample(&self) -> bool {
        self.args.1 == 17
    }
}
