//! What the API says of its versions as a whole: the other major it serves, and what releases speak.

use syn::ext::IdentExt;

use super::versions::majors;
use crate::errors::{Errors, Mistake};
use crate::model::{Api, Release};

pub(super) fn check(api: &mut Api, errors: &mut Errors) {
    accepts(api, errors);
    for (position, release) in api.releases.iter().enumerate() {
        let before = api.releases.get(..position).unwrap_or_default();
        self::release(api, release, before, errors);
    }
    // A second of one name is told: without it, rustc does not tell it again.
    let mut variants = Vec::new();
    api.releases.retain(|release| {
        let variant = release.variant();
        let new = !variants.contains(&variant);
        variants.push(variant);
        new
    });
}

/// Tells what is wrong with a release, given those before it.
fn release(api: &Api, release: &Release, before: &[Release], errors: &mut Errors) {
    let name = release.name.unraw();
    let (version, place) = (release.version.value, release.version.place);
    if name == "auto" {
        let text = "'auto' is what an operator writes to have somebody asked: no release has this name";
        errors.add(Mistake::at(release.name.span(), text));
    }
    if let Some(first) = before.iter().find(|first| first.variant() == release.variant()) {
        let text = if first.name == release.name {
            format!("release '{name}' is given twice")
        } else {
            format!("releases '{}' and '{name}' are one as variants", first.name)
        };
        errors.add(Mistake::at(release.name.span(), text).see(first.name.span(), "first given here"));
        return;
    }
    if api.version.is_none() {
        return;
    }
    match api.latest().find(|latest| latest.major == version.major) {
        None => {
            let text = format!(
                "release '{name}' speaks {version}, but this API has {}",
                majors(api)
            );
            errors.add(Mistake::at(place, text));
        }
        Some(latest) if latest < version => {
            let text = format!("release '{name}' speaks {version}, but this API is at {latest}");
            errors.add(Mistake::at(place, text));
        }
        Some(_) => {
            if let Some(newer) = before.last().filter(|newer| newer.version.value > version) {
                let text = format!(
                    "release '{name}' ({version}) is older than '{}' ({}) before it",
                    newer.name, newer.version.value
                );
                let mistake = Mistake::at(place, text);
                errors.add(mistake.help("releases stand in the order of their appearance"));
            }
        }
    }
}

fn accepts(api: &Api, errors: &mut Errors) {
    let (Some(version), Some(accepts)) = (&api.version, &api.accepts) else {
        return;
    };
    let (own, other) = (version.value, accepts.value);
    if other.major == own.major {
        let text =
            format!("\"{other}\" is covered by version \"{own}\" already: 'accepts' names another major");
        errors.add(Mistake::at(accepts.place, text));
    } else if other.major > own.major {
        let text = format!("\"{other}\" is later than version \"{own}\": 'accepts' names an earlier major");
        errors.add(Mistake::at(accepts.place, text).help("swap them"));
    }
}
