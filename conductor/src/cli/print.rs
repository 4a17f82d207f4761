//! What a command writes: answers to the standard output, all else to the standard error. A reader that has gone
//! away is no error.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use serde_json::value::RawValue;

use super::exit::{Class, Failed};

/// Writes a line to the standard output.
pub(super) fn line(text: impl Display) -> Result<(), Failed> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failed::output(&error)),
        _ => Ok(()),
    }
}

/// Writes a line for the person at the terminal.
pub(super) fn note(text: impl Display) {
    // When even this fails there is nobody left to tell.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes an answer: indented for a person, in one line for a program.
pub(super) fn answer(answer: &RawValue) -> Result<(), Failed> {
    if io::stdout().is_terminal() {
        line(indented(answer.get()))
    } else {
        line(answer.get())
    }
}

/// What clap has to say: help, or what is wrong with the command line.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        note(without_passwords(&error.render().to_string()).trim_end());
        return Class::Usage.into();
    }
    match line(error.render().to_string().trim_end()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => failed.class.into(),
    }
}

/// The text without what stands between `://` and `@`: a URL may stand where none belongs, and be quoted then.
fn without_passwords(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let word = after.find([' ', '\n', '\'']).unwrap_or(after.len());
        rest = match after[..word].rfind('@') {
            Some(at) => {
                shown.push_str("***");
                &after[at..]
            }
            None => after,
        };
    }
    shown.push_str(rest);
    shown
}

/// Valid JSON, laid out over lines. The values stay as they were written.
fn indented(json: &str) -> String {
    let mut laid = String::with_capacity(json.len() * 2);
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        if quoted {
            laid.push(c);
            (quoted, escaped) = (escaped || c != '"', c == '\\' && !escaped);
            continue;
        }
        match c {
            ' ' | '\t' | '\n' | '\r' => {}
            '{' | '[' => {
                while chars.peek().is_some_and(char::is_ascii_whitespace) {
                    chars.next();
                }
                laid.push(c);
                match chars.next_if(|next| matches!(next, '}' | ']')) {
                    Some(close) => laid.push(close),
                    None => {
                        depth += 1;
                        new_line(&mut laid, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut laid, depth);
                laid.push(c);
            }
            ',' => {
                laid.push(c);
                new_line(&mut laid, depth);
            }
            ':' => laid.push_str(": "),
            other => {
                quoted = other == '"';
                laid.push(other);
            }
        }
    }
    laid
}

fn new_line(laid: &mut String, depth: usize) {
    laid.push('\n');
    for _ in 0..depth {
        laid.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out_as_serde_json_does_it() {
        for text in [
            r#"{"a":[1,{"b":"x, \"{y}\" \\"}],"c":{ },"d":[ ],"e":null}"#,
            "7",
            r#""text""#,
            "[[],[[]]]",
            "{ \"a\" : \n 1 }",
        ] {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(indented(text), serde_json::to_string_pretty(&value).unwrap());
        }
    }

    #[test]
    fn numbers_stay_as_they_are() {
        assert_eq!(
            indented("[123456789012345678901.50]"),
            "[\n  123456789012345678901.50\n]"
        );
    }

    #[test]
    fn a_quoted_url_loses_its_password() {
        let shown = without_passwords("unexpected 'rabbit://u:p@ss@h1,u:p2@h2/v' and 'tcp://h:1' found");
        assert_eq!(shown, "unexpected 'rabbit://***@h2/v' and 'tcp://h:1' found");
    }
}
