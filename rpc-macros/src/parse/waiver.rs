//! Reads `breaks = "RULE", because = "..."`: a rule towards a released API that an item may break.

use super::options::Options;
use super::values;
use crate::errors::{Errors, Mistake, Place};
use crate::model::Waiver;
use crate::nearest::nearest;
use rpc_snapshot::Rule;
use syn::Expr;

/// The rules that the options waive.
pub(super) fn waivers(options: &Options, errors: &mut Errors) -> Vec<Waiver> {
    let because = options.expr("because");
    let Some(key) = options.word("breaks") else {
        if let Some(place) = options.word("because") {
            let mistake = Mistake::at(place, "'because' says why a rule is broken, and none is");
            errors.add(mistake.help("breaks = \"RULE\", with the id of the message"));
        }
        return Vec::new();
    };
    let because = match because {
        Some(expr) => reason(expr, errors),
        None => {
            let mistake = Mistake::at(key, "a broken rule breaks somebody: say why it may be broken");
            errors.add(mistake.help("because = \"..\""));
            String::new()
        }
    };
    let ids = options.expr("breaks");
    let ids = ids.map_or_else(Vec::new, |expr| values::strings("breaks", expr, errors));
    ids.into_iter()
        .filter_map(|id| {
            Some(Waiver {
                rule: rule(&id.value, id.place, errors)?,
                because: because.clone(),
                place: id.place,
                used: false,
            })
        })
        .collect()
}

/// Why, in one line, as descriptions have it.
fn reason(expr: &Expr, errors: &mut Errors) -> String {
    let Some(text) = values::string("because", expr, errors) else {
        return String::new();
    };
    let words: Vec<&str> = text.value.split_whitespace().collect();
    if words.is_empty() {
        errors.add(Mistake::at(
            text.place,
            "why this rule may be broken is left open",
        ));
    }
    words.join(" ")
}

fn rule(id: &str, place: Place, errors: &mut Errors) -> Option<Rule> {
    match id.parse() {
        Ok(rule) => Some(rule),
        Err(unknown) => {
            let mistake = Mistake::at(place, format!("{unknown}"));
            errors.add(match nearest(id, Rule::ALL.iter().map(|rule| rule.id())) {
                Some(near) => mistake.help(format_args!("did you mean '{near}'?")),
                None => mistake.help("rules are named at the end of messages, in brackets"),
            });
            None
        }
    }
}
