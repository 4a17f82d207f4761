//! What is written, word by word; that it works is a test of oslo.messaging.

use std::fs;
use std::path::Path;

use super::default::Default;
use super::words::{docstring, plain, quoted};
use super::{client, manager, notes};
use crate::export::tests::{TYPED, as_reviewed};

#[test]
fn clients_know_the_versions_of_arguments() {
    let typed = rpc_snapshot::read(TYPED).expect("a released interface");
    let client = client(&typed);
    for line in [
        "    def migrate(self, ctxt, instance, clean=ABSENT, hosts=ABSENT, server=None):",
        "    def migrate_cast(self, ctxt, instance, clean=ABSENT, hosts=ABSENT,",
        "            'hosts': ('1.4', None),",
        "        return self._send('call', ctxt, 'migrate', '1.1', arguments,",
        "EXMODS = ['typed']",
    ] {
        assert!(
            client.lines().any(|found| found == line),
            "{line} is not in:\n{client}"
        );
    }
    let manager = manager(&typed);
    for line in [
        "    target = oslo_messaging.Target(namespace='typed', version='1.5')",
        "    def migrate(self, ctxt, instance, clean=True, hosts=None):",
        "    shift = migrate",
    ] {
        assert!(
            manager.lines().any(|found| found == line),
            "{line} is not in:\n{manager}"
        );
    }
}

/// What an argument of this line is when it is absent.
fn absent(line: &str) -> Default {
    let text = format!(
        "api Calc 1.0\ntopic calc\n\nmethod add call\n  arg a {line}\n  ok null\n  errors none\n\n\
         type Way enum\n  value slow_down\n  value Stop\n  value Turn is u8\n  \
         value left\n  value Left\n\ntype Kind enum tag kind\n  value a\n"
    );
    let api = rpc_snapshot::read(&text).unwrap_or_else(|error| panic!("{line}: {error}"));
    Default::of(&api.methods[0].arguments[0], &api.types)
}

#[test]
fn defaults_are_literals_of_python() {
    for (line, expected) in [
        ("text? optional", "None"),
        ("bool optional default", "False"),
        ("bool optional default true", "True"),
        ("i8 optional default - 1", "-1"),
        ("u32 optional default 1_000u32", "1000"),
        ("f64 optional default 0.5", "0.5"),
        ("text optional default", "''"),
        (r#"text optional default "it's \n".to_owned()"#, r"'it\'s \n'"),
        (r#"text optional default String::from("\\")"#, r"'\\'"),
        ("text optional default String::new()", "''"),
        ("u8? optional default Some(3)", "3"),
        ("u8? optional default None", "None"),
        ("any optional default serde_json::Value::Null", "None"),
        ("null optional default ()", "None"),
        ("char optional default", r"'\x00'"),
        ("char optional default 'x'", "'x'"),
        ("f64 optional default", "0.0"),
        ("text optional default &(\"a\").to_string()", "'a'"),
        ("u32 optional default Default::default()", "0"),
        ("u8? optional default Some(Default::default())", "0"),
        ("Way optional default Way::SlowDown", "'slow_down'"),
        ("Way optional default api::Way::Stop", "'Stop'"),
    ] {
        assert_eq!(absent(line), Default::Value(expected.to_owned()), "{line}");
    }
    for (line, expected) in [
        ("[text] optional default", "[]"),
        (
            "[text] optional default vec![\"a\".into(), \"b\".into()]",
            "['a', 'b']",
        ),
        ("[u8;2] optional default [1, 2]", "[1, 2]"),
        ("[bool;2] optional default", "[False, False]"),
        ("(u8,text) optional default", "[0, '']"),
        ("[u8] optional default [1].to_vec()", "[1]"),
        ("[u8] optional default HashSet::new()", "[]"),
        ("[u8] optional default BTreeSet::new()", "[]"),
        ("[u8] optional default VecDeque::new()", "[]"),
        ("{text:u8} optional default", "{}"),
        ("{text:any} optional default HashMap::new()", "{}"),
        ("{text:any} optional default BTreeMap::new()", "{}"),
        ("{text:any} optional default serde_json::Map::new()", "{}"),
    ] {
        assert_eq!(absent(line), Default::Fresh(expected.to_owned()), "{line}");
    }
    for (line, expected) in [
        ("Way optional default", "the default of its type"),
        ("Way optional default Way::Turn(1)", "Way::Turn(1)"),
        ("Way optional default Way::Turn", "Way::Turn"),
        ("Way optional default Way::Left", "Way::Left"),
        ("Kind optional default Kind::A", "Kind::A"),
        ("u32 optional default u32::MAX", "u32::MAX"),
        ("u32 optional default LIMIT", "LIMIT"),
        // Null is a value of it, and no sign that it is absent.
        ("[u8]? optional default Some(vec![1])", "Some(vec![1])"),
    ] {
        assert_eq!(absent(line), Default::Rust(expected.to_owned()), "{line}");
    }
}

#[test]
fn what_python_cannot_do_is_told() {
    let text = "api Calc 2.0\ntopic calc\naccepts 1.9\n\nmethod add call cast\n  arg method text\n  \
                arg a u32 optional below 2.0 default LIMIT\n  ok null\n  errors none\n\n\
                method add_cast call\n  ok null\n  errors none\n\n\
                method gone call removed 2.0\n  ok null\n  errors none\n";
    let api = rpc_snapshot::read(text).unwrap_or_else(|error| panic!("{error}"));
    let told = notes(&api);
    for start in [
        "it is of version 2.0: ",
        "argument 'method' of 'add' cannot be sent: ",
        "argument 'a' of 'add' had other forms: ",
        "argument 'a' of 'add' is None in the manager when it is absent: write there what LIMIT is",
        "'gone' is left out: ",
    ] {
        let found = told.iter().filter(|note| note.starts_with(start)).count();
        assert_eq!(found, 1, "{start} is not in: {told:#?}");
    }
    assert_eq!(told.len(), 5, "{told:#?}");
    let (client, manager) = (client(&api), manager(&api));
    for (text, told) in [
        (
            &client,
            "\nIt speaks 2.x alone. Servers of 1.9 need a client of their own.\n\"\"\"\n",
        ),
        (
            &manager,
            "\nIt speaks 2.x alone. Callers of 1.9 need a manager of their own.\n\"\"\"\n",
        ),
    ] {
        assert!(text.contains(told), "{told} is not in:\n{text}");
    }
    assert!(client.contains("raise NotImplementedError(\n            'oslo.messaging cannot send"));
    // A method may have the name that another's second way would have.
    for name in ["add", "add_cast", "add_cast_"] {
        let found = client.matches(&format!("    def {name}(self")).count();
        assert_eq!(found, 1, "{name} in:\n{client}");
    }
    assert!(!client.contains("gone") && !manager.contains("gone"), "{manager}");
}

#[test]
fn names_of_their_own_are_kept() {
    let text = "api Calc 2.4\ntopic calc\naccepts 1.9\n\nmethod older_form call\n  arg server text\n  \
                arg a u32? optional below 1.5 until 2.3\n  ok null\n  error builtins ValueError Bad\n";
    let api = rpc_snapshot::read(text).unwrap_or_else(|error| panic!("{error}"));
    let (client, manager) = (client(&api), manager(&api));
    for line in [
        "    def older_form_(self, ctxt, server_, a=ABSENT, server=None):",
        "            'server': server_,",
        "            'a': (None, '2.3'),",
        "        older = {}",
        "EXMODS = []",
    ] {
        assert!(
            client.lines().any(|found| found == line),
            "{line} is not in:\n{client}"
        );
    }
    assert!(
        manager.contains("    def older_form(self, ctxt, server, a=None):\n"),
        "{manager}"
    );
    assert!(
        manager.contains("        ValueError)\n") && !manager.contains("builtins"),
        "{manager}"
    );
}

#[test]
fn words_and_texts_are_those_of_python() {
    assert_eq!(plain("yield", &[]), "yield_");
    assert_eq!(quoted("a\u{7}\n"), r"'a\x07\n'");
    for (docs, expected) in [
        (r#"Says "hi""#, "\"\"\"Says \"hi\" \"\"\"\n"),
        (r"a\b", "\"\"\"a\\\\b\"\"\"\n"),
        (r#"a """ b"#, "\"\"\"a ''' b\"\"\"\n"),
    ] {
        let mut text = String::new();
        docstring(&mut text, docs, "");
        assert_eq!(text, expected);
    }
}

/// The files that tests of oslo.messaging run. `UPDATE=1 cargo test -p cargo-rpc written` writes them anew.
#[test]
fn python_is_written_as_it_is_tested() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/python/exported");
    let text = fs::read_to_string(folder.join("shelf.rpc")).expect("a released interface");
    let api = rpc_snapshot::read(&text).expect("a released interface");
    for (name, found) in [("rpcapi.py", client(&api)), ("manager.py", manager(&api))] {
        as_reviewed(&folder.join(name), &found);
    }
}
