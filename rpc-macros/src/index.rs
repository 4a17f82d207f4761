//! `ERRORS.md`, which explains each mistake, against the cases that show what the compiler says of it; and the README,
//! which shows two of them.
//!
//! `UPDATE=1 cargo test -p rpc-macros index` brings the quoted texts up to date; the explanations are written by hand.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const FENCE: &str = "```";

#[test]
fn the_index_explains_what_the_compiler_says() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = package.join("../tests/ui");
    let index = package.join("ERRORS.md");
    let there = fs::read_to_string(&index).expect("the index");

    let mut named = BTreeSet::new();
    let mut expected = String::new();
    for (at, part) in there.split("\n### ").enumerate() {
        if at == 0 {
            expected.push_str(part);
            continue;
        }
        let entry = Entry::read(part);
        for case in &entry.cases {
            assert!(named.insert(case.clone()), "'{case}' is in two entries");
        }
        let first = entry
            .cases
            .first()
            .unwrap_or_else(|| panic!("'{}' names no case", entry.title));
        let quoted = quoted(&cases.join(first).with_extension("stderr"));
        write!(
            expected,
            "\n### {}\n\n{FENCE}text\n{quoted}{FENCE}{}",
            entry.title, entry.rest
        )
        .expect("a string");
    }
    let all = all(&cases);
    let unexplained: Vec<_> = all.difference(&named).collect();
    assert!(unexplained.is_empty(), "in no entry: {unexplained:?}");
    let gone: Vec<_> = named.difference(&all).collect();
    assert!(gone.is_empty(), "there are no such cases: {gone:?}");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&index, &expected).expect("the index is written");
        return;
    }
    let differs = there
        .lines()
        .zip(expected.lines())
        .find(|(there, expected)| there != expected);
    assert!(
        there == expected,
        "ERRORS.md quotes what is not said any more: {differs:?}\n\nUPDATE=1 brings it up to date."
    );
}

#[test]
fn the_readme_shows_what_the_compiler_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let cases = root.join("tests/ui");
    let said: BTreeSet<_> = all(&cases)
        .iter()
        .map(|case| quoted(&cases.join(case).with_extension("stderr")))
        .collect();
    let readme = fs::read_to_string(root.join("README.md")).expect("the README");
    let shown: Vec<_> = readme
        .split(FENCE)
        .filter_map(|block| block.strip_prefix("text\n"))
        .filter(|text| text.starts_with("error"))
        .collect();
    assert!(!shown.is_empty(), "the README shows no error");
    for text in shown {
        assert!(said.contains(text), "no case in tests/ui says:\n\n{text}");
    }
}

/// A mistake, as the index has it: a title, what the compiler says, why and what to do, the cases.
struct Entry<'a> {
    title: &'a str,
    /// What follows on the quotation.
    rest: &'a str,
    cases: Vec<String>,
}

impl<'a> Entry<'a> {
    fn read(part: &'a str) -> Self {
        let (title, rest) = part.split_once('\n').expect("a title in a line of its own");
        let mut parts = rest.splitn(3, FENCE);
        let (_, _, rest) = (parts.next(), parts.next(), parts.next());
        let rest = rest.unwrap_or_else(|| panic!("'{title}' quotes nothing"));
        let (why, cases) = rest
            .split_once("\nCases: ")
            .unwrap_or_else(|| panic!("'{title}' names no cases"));
        assert!(why.trim().len() > 20, "'{title}' does not say why");
        // The next theme may follow.
        let (cases, _) = cases.split_once("\n\n").unwrap_or((cases, ""));
        let cases = cases
            .split(['[', ']'])
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect();
        Self { title, rest, cases }
    }
}

/// The first of the errors: its text, and the line it is about.
fn quoted(stderr: &Path) -> String {
    let text = fs::read_to_string(stderr).unwrap_or_else(|error| panic!("{}: {error}", stderr.display()));
    let is_place = |line: &&str| !line.trim_start().starts_with("-->");
    let mut lines = text.lines();
    let said: Vec<&str> = lines.by_ref().take_while(is_place).collect();
    let shown = lines.take_while(|line| {
        line.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ' ')
            .starts_with('|')
    });
    let lines = said
        .into_iter()
        .chain(shown)
        .map(|line| format!("{}\n", line.trim_end()));
    lines.collect()
}

/// Every case that fails to compile, as `theme/case`.
fn all(folder: &Path) -> BTreeSet<String> {
    let files = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        entries.map(|entry| entry.expect("a file").path()).collect()
    };
    let themes = files(folder).into_iter().filter(|path| path.is_dir());
    let cases = themes.flat_map(|theme| files(&theme));
    let cases = cases.filter(|path| path.extension().is_some_and(|ending| ending == "stderr"));
    let names = cases.map(|path| {
        let name = path.strip_prefix(folder).expect("within").with_extension("");
        name.to_string_lossy().replace('\\', "/")
    });
    names.collect()
}
