//! Values of enums, and how an enum is tagged.

use rpc_snapshot::Rule;

use crate::{OLD, broken, compared, edited, raised, told};

#[test]
fn values() {
    broken(
        &[("  value Up\n", "")],
        Rule::TypeEnumValueNoDelete,
        "value 'Up' was released",
    );
    broken(
        &[("value Up", "value On")],
        Rule::TypeEnumValueSameName,
        "did you rename it to 'On'?",
    );
    broken(
        &[("value Down", "value Down\n  value New")],
        Rule::OkSameShapeOrNarrower,
        ".states[]: value 'New' is new",
    );
    let told = told(&[("State enum", "State enum tag kind")]);
    assert!(
        told.len() == 2 && told.iter().all(|(_, text)| text.contains("tagged otherwise")),
        "{told:?}"
    );
    let untagged = OLD.replace("State enum", "State enum untagged");
    let new = untagged.replace("value Up", "value On");
    assert!(compared(&untagged, &new).is_empty());
    let open = OLD.replace("State enum", "State enum open");
    let new = edited(&raised(&open), &[("value Down", "value Down\n  value New")]);
    assert!(compared(&open, &new).iter().all(|(rule, _)| rule.is_none()));
}
