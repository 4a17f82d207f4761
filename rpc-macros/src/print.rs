//! Writes tokens as one would write them, in one line: in texts for the user, and in the facts of a snapshot.

use proc_macro2::{Delimiter, Literal, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Lit;

/// The tokens as text; they know no spaces of their own.
pub(crate) fn text(tokens: &impl ToTokens) -> String {
    let mut text = String::new();
    write(tokens.to_token_stream(), &mut text);
    text.trim().to_owned()
}

fn write(tokens: TokenStream, text: &mut String) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(group.stream(), text);
                text.truncate(text.trim_end().len());
                text.push_str(close);
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                separator @ (',' | ';') => {
                    text.push(separator);
                    text.push(' ');
                }
                '-' if punct.spacing() == Spacing::Alone && begins_value(text) => text.push('-'),
                infix @ ('=' | '+' | '-') => {
                    text.push(' ');
                    text.push(infix);
                    if punct.spacing() == Spacing::Alone {
                        text.push(' ');
                    }
                }
                '>' if text.ends_with(" -") => text.push_str("> "),
                other => text.push(other),
            },
            TokenTree::Ident(ident) => word(&ident.to_string(), text),
            TokenTree::Literal(literal) => word(&in_one_line(&literal), text),
        }
    }
}

/// Whether a value comes next, so that `-` is its sign and takes nothing from what stands before it.
fn begins_value(text: &str) -> bool {
    let before = text.trim_end();
    before.is_empty()
        || before.ends_with([
            '(', '[', '{', ',', ';', ':', '=', '+', '-', '*', '/', '<', '&', '|',
        ])
}

fn word(word: &str, text: &mut String) {
    if text.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '>') {
        text.push(' ');
    }
    text.push_str(word);
}

/// The same value, with a line break in it escaped.
fn in_one_line(literal: &Literal) -> String {
    let written = literal.to_string();
    if !written.contains('\n') {
        return written;
    }
    match Lit::new(literal.clone()) {
        Lit::Str(text) => Literal::string(&text.value()).to_string(),
        Lit::ByteStr(bytes) => Literal::byte_string(&bytes.value()).to_string(),
        Lit::CStr(text) => Literal::c_string(&text.value()).to_string(),
        _ => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::{Expr, Type};

    #[test]
    fn types_print_as_written() {
        for ty in [
            "Vec<Host>",
            "HashMap<(A, B), Vec<u8>>",
            "a::B<C>",
            "&str",
            "[u8; 4]",
            "Box<dyn Fn(u8) -> u8>",
        ] {
            assert_eq!(text(&syn::parse_str::<Type>(ty).expect("a type")), ty);
        }
    }

    #[test]
    fn a_sign_stands_at_its_value() {
        for written in [
            "-1", "Some(-1)", "(a, -1)", "a - 1", "a - -1", "f() - 1", "[-1; 4]", "S{a:-1}",
        ] {
            assert_eq!(text(&syn::parse_str::<Expr>(written).expect("a value")), written);
        }
    }

    #[test]
    fn a_line_break_is_escaped() {
        for (written, expected) in [
            ("\"a\nb\"", r#""a\nb""#),
            ("r#\"a\n\"b\"\"#", r#""a\n\"b\"""#),
            ("b\"a\nb\"", r#"b"a\nb""#),
            ("c\"a\nb\"", r#"c"a\nb""#),
            ("\"a\\\n   b\"", r#""ab""#),
            ("r\"a\\b\"", "r\"a\\b\""),
        ] {
            assert_eq!(text(&syn::parse_str::<Expr>(written).expect("a value")), expected);
        }
    }
}
