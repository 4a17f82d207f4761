//! What the API says of its versions as a whole: the other major it serves, and what releases speak.

use crate::errors::{Errors, Mistake};
use crate::model::Api;

use super::versions::within;

pub(super) fn check(api: &Api, errors: &mut Errors) {
    accepts(api, errors);
    for (position, release) in api.releases.iter().enumerate() {
        let name = syn::ext::IdentExt::unraw(&release.name);
        let (version, place) = (release.version.value, release.version.place);
        let before = api.releases.get(..position).unwrap_or_default();
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
        } else if api
            .latest()
            .any(|latest| latest.major == version.major && latest < version)
        {
            let latest = api.latest().find(|latest| latest.major == version.major);
            let latest = latest.map_or_else(String::new, |latest| latest.to_string());
            let text = format!("release '{name}' speaks {version}, but this API is at {latest}");
            errors.add(Mistake::at(place, text));
        } else if within(api, &name.to_string(), &release.version, errors)
            && let Some(newer) = before.last().filter(|newer| newer.version.value > version)
        {
            let text = format!(
                "release '{name}' ({version}) is older than '{}' ({}) before it",
                newer.name, newer.version.value
            );
            errors.add(Mistake::at(place, text).help("releases stand in the order of their appearance"));
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
