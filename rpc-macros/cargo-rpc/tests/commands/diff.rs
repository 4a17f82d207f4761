//! `diff`: two files, and nothing to compile.

use std::fs;
use std::io::{self, PipeWriter};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::program::{cargo_rpc, told_to};

const OLD: &str = "api Calc 1.0\n\nmethod add call\n  arg a u32\n  ok u32\n";

/// A folder with these two files in it.
fn folder(name: &str, old: &str, new: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("old.rpc"), old).expect("a file");
    fs::write(folder.join("new.rpc"), new).expect("a file");
    folder
}

#[tokio::test]
async fn what_breaks_nobody_ends_with_0() {
    let new = OLD.replace("1.0", "1.1").replace("a u32", "a u64");
    let ran = cargo_rpc(&folder("diff_keeps", OLD, &new), &["diff", "old.rpc", "new.rpc"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(
        ran.out,
        "keeps:  argument 'a' of 'add': it was released as u32 and is u64\n"
    );
}

#[tokio::test]
async fn what_breaks_a_caller_ends_with_1() {
    let new = OLD.replace("1.0", "1.1").replace("arg a", "arg b");
    let folder = folder("diff_breaks", OLD, &new);
    let ran = cargo_rpc(&folder, &["diff", "old.rpc", "new.rpc"]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(
        ran.out,
        "breaks: argument 'a' of 'add' was released and is gone [ARG_SAME_NAME]\n  \
         help: did you rename it to 'b'? add name = \"a\"\n"
    );
    let ran = cargo_rpc(&folder, &["diff", "old.rpc", "new.rpc", "--output", "json"]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let told: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(
        told,
        json!([{
            "breaks": true,
            "rule": "ARG_SAME_NAME",
            "method": "add",
            "argument": "b",
            "text": "argument 'a' of 'add' was released and is gone",
            "help": "did you rename it to 'b'? add name = \"a\"",
            "waived": null,
        }])
    );
}

#[tokio::test]
async fn what_is_waived_breaks_nobody() {
    let waived = "arg b u32\n    breaks ARG_SAME_NAME because it is sent by nobody";
    let new = OLD.replace("1.0", "1.1").replace("arg a u32", waived);
    let folder = folder("diff_waived", OLD, &new);
    let ran = cargo_rpc(&folder, &["diff", "old.rpc", "new.rpc"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(
        ran.out,
        "waived: argument 'a' of 'add' was released and is gone [ARG_SAME_NAME]\n  \
         because: it is sent by nobody\n"
    );
    let ran = cargo_rpc(&folder, &["diff", "old.rpc", "new.rpc", "--output", "json"]).await;
    let told: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!((ran.code, &told[0]["breaks"]), (Some(0), &json!(false)));
    assert_eq!(told[0]["waived"], "it is sent by nobody");
}

#[tokio::test]
async fn what_cannot_be_read_ends_with_2() {
    let folder = folder("diff_unread", OLD, "api Calc 1.0\n\nmethod add calls\n");
    fs::write(folder.join("binary.rpc"), b"api Calc 1.0\n\xff\n").expect("a file");
    for (new, told) in [
        (
            "new.rpc",
            "error: 'new.rpc': line 3: \"calls\" is nothing that a method can be\n",
        ),
        (
            "gone.rpc",
            "error: cannot read 'gone.rpc': No such file or directory (os error 2)\n",
        ),
        (".", "error: cannot read '.': Is a directory (os error 21)\n"),
        (
            "binary.rpc",
            "error: 'binary.rpc': line 2: this is no text in UTF-8\n",
        ),
    ] {
        let ran = cargo_rpc(&folder, &["diff", "old.rpc", new]).await;
        assert_eq!((ran.code, ran.err.as_str()), (Some(2), told));
    }
}

/// A pipe that nobody reads any more.
fn left() -> PipeWriter {
    let (reader, writer) = io::pipe().expect("a pipe");
    drop(reader);
    writer
}

#[tokio::test]
async fn that_nobody_listens_changes_no_exit_code() {
    let new = OLD.replace("1.0", "1.1").replace("arg a", "arg b");
    let folder = folder("diff_unheard", OLD, &new);
    let ran = told_to(&folder, &["diff", "old.rpc", "new.rpc"], left(), Stdio::piped()).await;
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""));
    let ran = told_to(&folder, &["diff", "old.rpc", "gone.rpc"], Stdio::piped(), left()).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
}

#[tokio::test]
async fn what_cannot_be_printed_ends_with_2() {
    let folder = folder("diff_full", OLD, &OLD.replace("u32", "u64"));
    let full = fs::File::create("/dev/full").expect("a full disk");
    let ran = told_to(&folder, &["diff", "old.rpc", "new.rpc"], full, Stdio::piped()).await;
    let told = "error: cannot print: No space left on device (os error 28)\n";
    assert_eq!((ran.code, ran.err.as_str()), (Some(2), told));
}
