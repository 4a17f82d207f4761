//! Wrong command lines, files and variables: each is told with its place, none is fatal to more than its command,
//! and none shows a secret.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use rpc_tests::program::Ran;

use crate::program::{Ended as _, Home};

#[tokio::test]
async fn wrong_words_are_told_with_their_place() {
    let home = Home::new();
    let huge = "9".repeat(500);
    let cases: &[(&[&str], &[&str])] = &[
        (&["dance"], &["dance"]),
        (&["call"], &["METHOD"]),
        (&["call", "m", "a"], &["argument 1", "key=value"]),
        (&["call", "m", "a=1", "=2"], &["argument 2"]),
        (&["call", "m", "a=1", "b=2", "a=3"], &["'a' is given twice"]),
        (&["call", ".m"], &["'.m' names no method", "NAMESPACE.METHOD"]),
        (&["call", "n."], &["'n.' names no method"]),
        (&["call", ""], &["names no method"]),
        (
            &["call", "m", "--version", "1"],
            &["--version", "\"1\" is not a version", "1.0"],
        ),
        (&["call", "m", "--version", "1.99999999999"], &["--version"]),
        (&["call", "m", "--timeout", "soon"], &["--timeout", "seconds"]),
        (&["call", "m", "--timeout", "-1"], &["'-1'"]),
        (&["call", "m", "--timeout", &huge], &["--timeout", "49 days"]),
        (
            &["call", "m", "--fanout", "--server", "s"],
            &["--fanout", "--server"],
        ),
        (&["call", "m", "--json", "x", "a=1"], &["--json"]),
        (
            &["call", "m", "--json", "-", "--context", "-"],
            &["--json and --context cannot both"],
        ),
        (
            &["call", "m", "--transport-url", ""],
            &["--transport-url", "scheme"],
        ),
        (
            &["call", "m", "--transport-url", "kafka://h"],
            &["'kafka'", "rabbit://"],
        ),
        (&["call", "m", "--transport-url", "unix:socket"], &["scheme"]),
        (&["ping", "--transport-url", "tcp://h:0"], &["1 to 65535"]),
        (
            &["ping", "--transport-url", "rabbit://h/v?nonsense=1"],
            &["nonsense"],
        ),
        (
            &["ping", "--transport-url", "memory://a"],
            &["inside one process", "unix://"],
        ),
        (&["serve", "extra"], &["extra"]),
        (&["--host", "h"], &["--host"]),
    ];
    for (words, said) in cases {
        let ran = home.run(words).await;
        ran.failed(2, said);
        assert_eq!(ran.out, "", "{words:?}");
    }
}

#[tokio::test]
async fn wrong_files_are_told_with_their_place() {
    let home = Home::new();
    for (text, said) in [
        ("", "EOF while parsing"),
        ("[1]", "expected an object"),
        ("{\"a\": 1,\n  \"b\": nonsense}", "line 2 column 9"),
        ("{\"a\": 1, \"a\": 2}", "'a' is there twice at line 1"),
        ("{\"a\": 1} {}", "trailing characters at line 1 column 10"),
    ] {
        let path = home.file("arguments.json", text);
        for option in ["--json", "--context"] {
            home.run(&["call", "m", option, &path])
                .await
                .failed(2, &[option, &path, said, "a JSON object is wanted"]);
        }
    }
    home.run(&["call", "m", "--json", "/nonexistent/file"])
        .await
        .failed(2, &["/nonexistent/file", "No such file"]);
    home.run(&["call", "m", "--json", "/"])
        .await
        .failed(2, &["cannot read /"]);
    let binary = home.path("binary");
    std::fs::write(&binary, b"{\"a\": \"\xff\"}").unwrap();
    home.run(&["call", "m", "--json", binary.to_str().unwrap()])
        .await
        .failed(2, &["UTF-8"]);
}

#[tokio::test]
async fn words_that_are_no_text_are_refused() {
    let home = Home::new();
    let odd = OsStr::from_bytes(b"a=\xff");
    Ran::new(home.command(&["call", "m"]).arg(odd))
        .await
        .failed(2, &["UTF-8"]);
    Ran::new(home.command(&["ping"]).env("CONDUCTOR_TRANSPORT_URL", odd))
        .await
        .failed(2, &["UTF-8"]);
    Ran::new(home.command(&["ping"]).env("RUST_LOG", "a=b=c"))
        .await
        .failed(2, &["RUST_LOG"]);
}

#[tokio::test]
async fn a_password_is_never_shown() {
    let home = Home::new();
    // Nobody listens on the discard port of the loopback's last address.
    let url = "rabbit://nova:hunter2@127.255.255.254:9/v";
    let words: &[&[&str]] = &[
        &["ping", "-vv", "--timeout", "1", "--transport-url", url],
        &["call", "-vv", "m", "--timeout", "1", "--transport-url", url],
        &["serve", "--transport-url", "rabbit://nova:hunter2@host:port/v"],
        &["ping", "--transport-url", "rabbit://nova:hunter2@h/v?ssl=maybe"],
        &["ping", "--transport-url", "rabbit://nova:hunter2/@h/v"],
        &["ping", "--transport-url", "nova:hunter2@h"],
        &["ping", url],
        &[url],
        &["call", "m", url],
        &["call", "--help"],
    ];
    for words in words {
        let ran = Ran::new(home.command(words).env("CONDUCTOR_TRANSPORT_URL", url)).await;
        assert!(
            !ran.err.contains("hunter2") && !ran.out.contains("hunter2"),
            "{words:?}: {ran:?}"
        );
    }
}
