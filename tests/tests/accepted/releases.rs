//! Releases have any names, in a public API and in a private one.

use rpc_runtime::{Context, Failure, Pin, Release, UpgradeLevel, Version, rpc_api};

#[rpc_api(
    version = "2.1",
    accepts = "1.9",
    releases(v2024_1 = "1.4", v2024_2 = "1.4", r#box = "2.0", caracal = "2.1")
)]
pub trait Named {
    #[rpc(call)]
    async fn ask(&self, ctx: &Context) -> Result<u8, Failure>;
}

mod inner {
    #![forbid(warnings, nonstandard_style)]

    use super::{Context, Failure, rpc_api};

    #[rpc_api(version = "1.0", releases(first = "1.0", stable_zed = "1.0"))]
    pub(super) trait Hidden {
        #[rpc(call)]
        async fn ask(&self, ctx: &Context) -> Result<u8, Failure>;
    }
}

#[test]
fn compiles() {
    let names: Vec<&str> = NamedRelease::ALL.iter().map(|release| release.name()).collect();
    assert_eq!(names, ["v2024_1", "v2024_2", "box", "caracal"]);
    assert_eq!(NamedRelease::V2024_2.version(), Version::new(1, 4));
    assert_eq!(Pin::from(NamedRelease::Box).version(), Some(Version::new(2, 0)));
    assert_eq!("first".parse(), Ok(inner::HiddenRelease::First));
    assert_eq!(
        "1.0".parse(),
        Ok(UpgradeLevel::<inner::HiddenRelease>::Version(Version::new(1, 0)))
    );
}
