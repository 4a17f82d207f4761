//! Methods and arguments that come, or are sent by another name: servers of the released version lack them, in each
//! major that is served.

use rpc_snapshot::{Rule, Snapshot, compare, read};

/// Whether a rule is broken, the text and the help, of each change from one API to another.
fn told(old: &str, new: &str) -> Vec<(Option<Rule>, String, Option<String>)> {
    let read = |text: &str| -> Snapshot { read(text).unwrap_or_else(|error| panic!("{error}: {text}")) };
    let changes = compare(&read(old), &read(new)).into_iter();
    changes
        .map(|change| (change.rule, change.text, change.help))
        .collect()
}

#[track_caller]
fn kept(old: &str, new: &str) {
    let told = told(old, new);
    assert!(told.iter().all(|(rule, ..)| rule.is_none()), "{told:#?}");
}

#[track_caller]
fn broken(old: &str, new: &str, rule: Rule, text: &str, help: &str) {
    let broken = told(old, new).into_iter().filter(|(rule, ..)| rule.is_some());
    let expected = (Some(rule), text.to_owned(), Some(help.to_owned()));
    assert_eq!(broken.collect::<Vec<_>>(), [expected]);
}

const OLD: &str =
    "api Tasks 1.4\nmethod move cast since 1.2\n  arg host text\n  arg clean bool optional since 1.3\n";

/// `OLD`, a version later, with another line for the method, all of whose arguments came with it.
fn renamed(line: &str) -> String {
    OLD.replace("1.4", "1.5")
        .replace("method move cast since 1.2", line)
        .replace(" since 1.3", "")
}

#[test]
fn a_new_name_is_held_back_from_servers_that_do_not_know_it() {
    for (line, since) in [
        ("shove cast since 1.2", "1.5"),
        ("shove cast since 1.4", "1.5"),
        ("shove cast", "1.5"),
    ] {
        broken(
            OLD,
            &renamed(&format!("method {line} alias move")),
            Rule::MethodSameName,
            "'move' is sent as 'shove' now, and servers of 1.4 do not know it",
            &format!("name = \"move\", or since = \"{since}\" for a name that is sent from then on"),
        );
    }
    kept(OLD, &renamed("method shove cast since 1.5 alias move"));
    assert_eq!(
        told(OLD, &renamed("method shove cast since 1.5 alias move")),
        [(None, "method 'move' is sent as 'shove' now".to_owned(), None)]
    );
}

/// Servers of the released version answer to it; those from before may not.
#[test]
fn an_alias_may_become_the_name() {
    let old = OLD.replace("since 1.2", "since 1.2 alias shove");
    kept(&old, &renamed("method shove cast since 1.4 alias move"));
    kept(&old, &renamed("method shove cast since 1.5 alias move"));
    broken(
        &old,
        &renamed("method shove cast since 1.2 alias move"),
        Rule::MethodSameName,
        "'move' is sent as 'shove' now, and servers from before 1.4 may not know it",
        "name = \"move\", or since = \"1.4\" for a name that is sent from then on",
    );
    // Servers of every version that has the method know it.
    let from_the_start = OLD.replace("since 1.2", "since 1.4 alias shove");
    kept(
        &from_the_start,
        &renamed("method shove cast since 1.4 alias move"),
    );
}

/// Servers that do not know it yet are of a version of their own.
#[test]
fn a_new_alias_comes_with_a_version() {
    let new = OLD.replace("since 1.2", "since 1.2 alias shove");
    broken(
        OLD,
        &new,
        Rule::ApiVersionRaisedWhenChanged,
        "'move' answers to 'shove' too, but the version is still \"1.4\"",
        "version = \"1.5\"",
    );
    kept(OLD, &new.replace("Tasks 1.4", "Tasks 1.5"));
}

/// A method that stays may answer to another that goes.
#[test]
fn a_method_may_answer_for_another() {
    let old = format!("{OLD}\nmethod shove cast\n  arg host text\n  arg clean bool optional\n");
    let new = renamed("method shove cast alias move");
    kept(&old, &new);
    let with_another = |argument: &str| {
        let old = format!("{old}  arg why {argument}\n");
        told(&old, &format!("{new}  arg why {argument}\n"))
    };
    assert!(
        with_another("text optional")
            .iter()
            .all(|(rule, ..)| rule.is_none())
    );
    let needed = with_another("text");
    assert!(
        matches!(&needed[..], [.., (Some(Rule::ArgAddedIsOptional), ..)]),
        "{needed:#?}"
    );
}

/// What holds back the method holds back its arguments.
#[test]
fn a_new_name_brings_new_arguments() {
    let new = renamed("method shove cast since 1.5 alias move") + "  arg why text optional\n";
    kept(OLD, &new);
    broken(
        &OLD.replace("since 1.2", "since 1.2 alias shove"),
        &new.replace("since 1.5", "since 1.4"),
        Rule::ArgAddedHasSince,
        "'why' is new since 1.4 was released: servers of 1.4 refuse it",
        "since = \"1.5\"",
    );
}

const BOTH: &str = "api Tasks 2.3\naccepts 1.4\nmethod move cast\n  arg host text\n";

#[test]
fn what_is_new_comes_to_no_released_version_of_an_earlier_major() {
    let new = |accepts: &str, method: &str, argument: &str| {
        let argument = format!("host text\n{argument}");
        BOTH.replace("2.3", "2.4")
            .replace("accepts 1.4", &format!("accepts {accepts}"))
            .replace("host text\n", &argument)
            + method
    };
    kept(BOTH, &new("1.4", "\nmethod learn cast since 2.4\n", ""));
    kept(BOTH, &new("1.5", "\nmethod learn cast since 1.5 since 2.4\n", ""));
    broken(
        BOTH,
        &new("1.4", "\nmethod learn cast since 1.4 since 2.4\n", ""),
        Rule::MethodAddedHasSince,
        "'learn' is new since 1.4 was released: servers of 1.4 lack it",
        "since = \"1.5\"",
    );
    kept(BOTH, &new("1.4", "", "  arg why text optional since 2.4\n"));
    kept(
        BOTH,
        &new("1.5", "", "  arg why text optional since 1.5 since 2.4\n"),
    );
    broken(
        BOTH,
        &new("1.4", "", "  arg why text optional since 1.3 since 2.4\n"),
        Rule::ArgAddedHasSince,
        "'why' is new since 1.4 was released: servers of 1.4 refuse it",
        "since = \"1.5\"",
    );
    // Callers of 1.4 are no longer served: nobody is pinned to it.
    let gone = new("1.4", "", "").replace("accepts 1.4\n", "accepts 0.9\n");
    assert!(
        told(BOTH, &gone)
            .iter()
            .all(|(rule, ..)| *rule == Some(Rule::ApiVersionNotLowered))
    );
}

#[test]
fn what_came_to_an_earlier_major_stays_so() {
    let old = BOTH.replace("cast\n", "cast since 1.2 since 2.1\n");
    let new = |from: &str, to: &str| old.replace("2.3", "2.4").replace(from, to);
    broken(
        &old,
        &new("since 1.2 ", "since 1.3 "),
        Rule::MethodSameSince,
        "'since' was \"1.2\" when 1.4 was released",
        "since = \"1.2\"",
    );
    broken(
        &old,
        &new("since 1.2 ", ""),
        Rule::MethodSameSince,
        "'since' was \"1.2\" when 1.4 was released",
        "since = \"1.2\"",
    );
    broken(
        &old.replace("since 1.2 ", ""),
        &new(" since 1.2 since 2.1", ""),
        Rule::MethodSameSince,
        "'since' was \"2.1\" when 2.3 was released",
        "since = \"2.1\"",
    );
    let later = old.replace("since 1.2 ", "");
    broken(
        &later,
        &new("since 1.2 ", "since 1.4 "),
        Rule::MethodAddedHasSince,
        "'move' is new since 1.4 was released: servers of 1.4 lack it",
        "since = \"1.5\"",
    );
    kept(
        &later,
        &new("since 1.2 ", "since 1.5 ").replace("accepts 1.4", "accepts 1.5"),
    );

    let old = BOTH.replace("host text", "host text optional since 1.2 since 2.1");
    let new = |to: &str| {
        BOTH.replace("2.3", "2.4")
            .replace("host text", &format!("host text optional {to}"))
    };
    broken(
        &old,
        &new("since 1.3 since 2.1"),
        Rule::ArgSameSince,
        "'since' was \"1.2\" when 1.4 was released",
        "since = \"1.2\"",
    );
    let later = BOTH.replace("host text", "host text optional since 2.1");
    broken(
        &later,
        &new("since 1.3 since 2.1"),
        Rule::ArgSameSince,
        "'host' had no 'since' when 1.4 was released",
        "leave 'since' out",
    );
    kept(
        &later,
        &new("since 1.5 since 2.1").replace("accepts 1.4", "accepts 1.5"),
    );
}
