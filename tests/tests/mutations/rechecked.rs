//! The released file is a part of what is compiled: when it alone changes, cargo checks anew.

use std::path::Path;

use crate::{check, typed, write, write_crate, write_manifest};

#[tokio::test]
async fn a_released_file_that_changed_is_checked_again() {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutations_rechecked");
    // With what the other test has compiled.
    let target = home.with_file_name("mutations").join("target");
    let sources = typed().expect("an API");
    write_manifest(&home, &["rechecked"]).expect("a workspace");
    write_crate(&home, "rechecked", &sources).expect("a crate");
    let checked = check(&home, &target).await;
    assert!(checked.passed.contains("rechecked"), "{:?}", checked.errors);

    let released = Path::new("api/typed.rpc");
    let text = sources[released].replace("arg reason", "arg why");
    assert_ne!(text, sources[released]);
    write(&home.join("rechecked").join(released), &text).expect("a file");
    let checked = check(&home, &target).await;
    let told = checked.errors.get("rechecked").map_or(&[][..], Vec::as_slice);
    assert!(!checked.passed.contains("rechecked"), "{told:?}");
    assert!(
        matches!(told, [only] if only.contains("[ARG_SAME_NAME]")),
        "{told:?}"
    );
}
