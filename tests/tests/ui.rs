//! What the macros say of a mistake: the text, and the place it points at. One mistake a file, in `ui/`, a folder a
//! theme.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes the expected messages anew; read the difference.

#[test]
fn mistakes_are_told_where_they_are_made() {
    let cases = trybuild::TestCases::new();
    for theme in [
        "attribute",
        "trait",
        "method",
        "argument",
        "server",
        "manager",
        "client",
        "error",
        "periodic",
    ] {
        cases.compile_fail(format!("ui/{theme}/*.rs"));
    }
}
