//! What `#[derive(Wire)]` reads of types and of serde's attributes, as a snapshot's text; and that serde agrees.

use std::collections::{BTreeMap, HashMap};

use rpc_runtime::Wire;
use rpc_snapshot::{Collector, Snapshot, Version};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The types behind a shape.
fn text<T: Wire>() -> String {
    let mut collector = Collector::default();
    let shape = collector.shape(T::SHAPE);
    let mut snapshot = Snapshot::new("X", Version { major: 1, minor: 0 });
    snapshot.types = collector.into_types();
    let text = snapshot.to_string();
    let types = text.split_once("\n\n").map_or("", |(_, types)| types);
    format!("{shape}\n{types}")
}

/// Everything that a struct can say.
#[derive(Serialize, Deserialize, Wire)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Host {
    /// What it is called.
    host_name: String,
    #[serde(rename = "UUID")]
    uuid: std::net::IpAddr,
    ports: Option<Vec<u16>>,
    #[serde(default)]
    load: f64,
    #[serde(default, skip_serializing_if = "HashMap::is_empty")]
    tags: HashMap<String, Value>,
    #[serde(skip)]
    _seen: u8,
    pair: (u8, bool),
    four: [char; 4],
    #[rpc(opaque)]
    opaque: Elsewhere,
    #[serde(with = "as_text")]
    #[rpc(as = String)]
    number: u64,
    boxed: Box<Id>,
}

#[derive(Serialize, Deserialize)]
struct Elsewhere;

#[derive(Serialize, Deserialize, Wire)]
struct Id(String);

#[derive(Serialize, Deserialize, Wire)]
struct Place(u8, u8);

#[derive(Serialize, Deserialize, Wire)]
struct Nothing;

mod as_text {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&number.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[test]
fn a_struct() {
    assert_eq!(
        text::<Vec<Host>>(),
        "[Host]
type Host struct strict
  doc Everything that a struct can say.
  field hostName text
    doc What it is called.
  field UUID text
  field ports [u16]? optional
  field load f64 optional
  field tags {text:any} optional omittable
  field pair (u8,bool)
  field four [char;4]
  field opaque any
  field number text
  field boxed Id

type Id is text
"
    );
    assert_eq!(
        text::<(Place, Nothing)>(),
        "(Place,Nothing)\ntype Nothing is null\n\ntype Place is (u8,u8)\n"
    );
}

#[derive(Serialize, Deserialize, Wire)]
#[serde(rename_all = "snake_case")]
enum State {
    /// It runs.
    UpAndRunning,
    #[serde(rename = "off")]
    Down(String),
    MovingTo {
        host: String,
        #[serde(default)]
        since: u64,
    },
    Both(u8, u8),
    #[serde(skip)]
    _Unknown,
}

#[derive(Serialize, Deserialize, Wire)]
#[serde(tag = "kind", rename_all_fields = "UPPERCASE")]
enum Tagged {
    One {
        a: u8,
    },
    #[serde(other)]
    Other,
}

#[derive(Serialize, Deserialize, Wire)]
#[serde(tag = "kind", content = "of")]
enum Beside {
    One(u8),
}

#[derive(Serialize, Deserialize, Wire)]
#[serde(untagged)]
enum Either {
    Number(u8),
    Text(String),
}

// A place that is left of several is in a list; of one that is left out, nothing stays.
#[derive(Serialize, Deserialize, Wire)]
enum Skipping {
    First(u8, #[serde(skip)] u8),
    Nothing(#[serde(skip)] u8),
}

// What serde is told here is not understood, but need not be.
#[derive(Wire)]
struct Told {
    #[serde(getter = "Told::name")]
    #[rpc(as = String)]
    _name: u8,
}

#[derive(Serialize, Deserialize, Wire)]
#[serde(tag = "kind", rename = "event.came")]
struct Came {
    host: String,
}

#[test]
fn a_struct_with_a_tag() {
    let event = "Came\ntype Came enum tag kind\n  value event.came struct\n    field host text\n";
    assert_eq!(text::<Came>(), event);
    let came = Came { host: "a".to_owned() };
    assert_eq!(json!(came), json!({"kind": "event.came", "host": "a"}));
}

#[test]
fn enums() {
    assert_eq!(
        text::<State>(),
        "State
type State enum
  value up_and_running
    doc It runs.
  value off is text
  value moving_to struct
    field host text
    field since u64 optional
  value both is (u8,u8)
"
    );
    assert_eq!(
        text::<Tagged>(),
        "Tagged\ntype Tagged enum tag kind open\n  value One struct\n    field A u8\n  value Other\n"
    );
    assert_eq!(
        text::<Beside>(),
        "Beside\ntype Beside enum tag kind content of\n  value One is u8\n"
    );
    assert_eq!(
        text::<Either>(),
        "Either\ntype Either enum untagged\n  value Number is u8\n  value Text is text\n"
    );
    assert_eq!(
        text::<Skipping>(),
        "Skipping\ntype Skipping enum\n  value First is (u8)\n  value Nothing\n"
    );
    assert_eq!(
        json!([Skipping::First(1, 2), Skipping::Nothing(1)]),
        json!([{"First": [1]}, "Nothing"])
    );
    assert_eq!(text::<Told>(), "Told\ntype Told struct\n  field _name text\n");
    assert_eq!(json!(State::UpAndRunning), json!("up_and_running"));
    assert_eq!(json!(Tagged::One { a: 1 }), json!({"kind": "One", "A": 1}));
}

#[derive(Serialize, Deserialize, Wire)]
struct Tree<T> {
    value: T,
    kids: Vec<Tree<T>>,
    parent: Option<Box<Self>>,
    #[serde(flatten)]
    more: BTreeMap<String, T>,
}

#[derive(Serialize, Deserialize, Wire)]
struct Egg {
    #[rpc(recursive = Hen)]
    from: Option<Box<Hen>>,
}

#[derive(Serialize, Deserialize, Wire)]
struct Hen {
    lays: Vec<Egg>,
}

// A name that the macro might have taken.
#[derive(Serialize, Deserialize, Wire)]
struct RoundNode {
    id: u8,
}

#[derive(Serialize, Deserialize, Wire)]
#[expect(unused_qualifications, reason = "only the option knows a type by its path")]
struct Node {
    kids: Vec<Node>,
    #[rpc(recursive = Node)]
    by_path: Vec<self::Node>,
    other: RoundNode,
}

// Nobody asks what its parameters are.
#[derive(Serialize, Deserialize, Wire)]
struct Holder<T, U> {
    #[rpc(opaque)]
    any: T,
    #[rpc(as = String)]
    text: U,
}

#[test]
fn circles_and_parameters() {
    assert_eq!(
        text::<Node>(),
        "Node
type Node struct
  field kids [Node]
  field by_path [Node]
  field other RoundNode

type RoundNode struct
  field id u8
"
    );
    assert_eq!(
        text::<Holder<Elsewhere, Elsewhere>>(),
        "Holder\ntype Holder struct\n  field any any\n  field text text\n"
    );
    assert_eq!(
        text::<(Tree<u8>, Tree<bool>)>(),
        "(Tree,Tree#2)
type Tree struct
  field value u8
  field kids [Tree]
  field parent Tree? optional
  flatten {text:u8}

type Tree#2 struct
  field value bool
  field kids [Tree#2]
  field parent Tree#2? optional
  flatten {text:bool}
"
    );
    assert_eq!(
        text::<Hen>(),
        "Hen\ntype Egg struct\n  field from Hen? optional\n\ntype Hen struct\n  field lays [Egg]\n"
    );
}

/// What serde reads and writes is what the text says.
#[test]
fn serde_agrees() {
    let host = json!({
        "hostName": "a", "UUID": "::1", "pair": [1, true],
        "four": ["a", "b", "c", "d"], "opaque": null, "number": "5", "boxed": "x",
    });
    let host: Host = serde_json::from_value(host).expect("a host");
    assert_eq!(host.host_name, "a");
    let written = serde_json::to_value(&host).expect("JSON");
    let mut keys: Vec<&str> = written
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "UUID", "boxed", "four", "hostName", "load", "number", "opaque", "pair", "ports"
        ]
    );
}
