//! `release`, `accept`, `describe` and `show`: on a workspace with a package of two APIs, one of them private and in a
//! module, whose types are asked of the compiler.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::cargo_rpc;

const LIB: &str = r#"//! Calculates.

mod inner {
    use std::convert::Infallible;

    use rpc_runtime::{Context, Wire, rpc_api};
    use serde::{Deserialize, Serialize};

    /// A number with a name.
    #[derive(Serialize, Deserialize, Wire)]
    struct Number {
        /// What it is called.
        name: String,
        value: u32,
    }

    /// Adds things.
    #[rpc_api(topic = "calc", version = "1.0", released = "api/of_calc.rpc")]
    trait Calc {
        /// Adds two numbers.
        #[rpc(call, timeout = "5s")]
        async fn add(&self, ctx: &Context, a: Number, b: Number) -> Result<u32, Infallible>;
    }
}

/// Nothing is released of it, and what its argument is, nobody knows.
#[rpc_runtime::rpc_api(version = "1.0")]
pub trait Other {
    #[rpc(cast)]
    async fn forget(&self, ctx: &rpc_runtime::Context, what: Unknown);
}

#[derive(serde::Serialize, serde::Deserialize)]
pub struct Unknown;
"#;

/// A workspace of the package and another, with the versions of this project's dependencies.
fn workspace() -> io::Result<PathBuf> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package");
    for package in ["calc", "bare"] {
        fs::create_dir_all(home.join(package).join("src"))?;
        let manifest = format!(
            "[package]\nname = {package:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             rpc-runtime = {{ path = {:?} }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\n",
            project.join("rpc-runtime")
        );
        fs::write(home.join(package).join("Cargo.toml"), manifest)?;
    }
    fs::write(
        home.join("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"calc\", \"bare\"]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n",
    )?;
    fs::write(home.join("bare/src/lib.rs"), "//! Without an API.\n")?;
    fs::write(home.join("calc/src/lib.rs"), LIB)?;
    fs::copy(project.join("Cargo.lock"), home.join("Cargo.lock"))?;
    if home.join("calc/api").exists() {
        fs::remove_dir_all(home.join("calc/api"))?;
    }
    Ok(home)
}

/// One test, since all of it is one life of a package, and compiles once.
#[tokio::test]
async fn the_life_of_a_package() {
    let home = workspace().expect("a workspace");
    let released = home.join("calc/api/of_calc.rpc");
    let edit = |from: &str, to: &str| {
        assert!(LIB.contains(from));
        fs::write(home.join("calc/src/lib.rs"), LIB.replace(from, to)).expect("a source");
    };

    let ran = cargo_rpc(&home, &["release", "Calc", "--package", "calc", "--offline"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.starts_with("Calc 1.0 is released: "), "{ran:?}");
    let text = fs::read_to_string(&released).expect("a snapshot");
    let (_, text) = text.split_once('\n').expect("a header");
    assert_eq!(
        text,
        "api Calc 1.0\ntopic calc\n\nmethod add call\n  arg a Number\n  arg b Number\n  ok u32\n  errors none\n\n\
         type Number struct\n  field name text\n  field value u32\n"
    );

    // What breaks a caller compiles only to be described, and is not released.
    edit("value: u32", "value: u16");
    let ran = cargo_rpc(&home.join("calc"), &["release", "Calc", "--offline"]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let broken =
        "breaks: argument 'a' of 'add' .value: it was released as u32 and is u16 [ARG_SAME_SHAPE_OR_WIDER]";
    assert!(
        ran.out.contains(broken) && ran.out.contains("stays as it is"),
        "{ran:?}"
    );
    assert!(
        fs::read_to_string(&released)
            .expect("a snapshot")
            .contains("value u32")
    );
    // Unless it is accepted.
    let ran = cargo_rpc(&home.join("calc"), &["accept", "Calc", "--offline"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        fs::read_to_string(&released)
            .expect("a snapshot")
            .contains("value u16")
    );

    let ran = cargo_rpc(
        &home,
        &["describe", "-p", "calc", "--offline", "--output", "json"],
    )
    .await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let described: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(described[0]["api"], "Calc");
    assert_eq!(described[0]["module"], "calc::inner");
    assert_eq!(described[0]["docs"], "Adds things.");
    assert_eq!(described[0]["methods"][0]["timeout"], "5000ms");
    assert_eq!(described[0]["types"][0]["docs"], "A number with a name.");
    assert_eq!(
        described[0]["types"][0]["fields"][0]["docs"],
        "What it is called."
    );
    assert_eq!(described[1]["methods"][0]["arguments"][0]["shape"]["kind"], "any");

    let ran = cargo_rpc(&home, &["show", "Other", "-p", "calc", "--offline"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.out
            .contains("\npub struct OtherClient {\n    client: ::rpc_runtime::Client,\n}\n"),
        "{ran:?}"
    );

    // What is asked for in vain is told.
    for (arguments, told) in [
        (
            ["show", "Clac", "-p", "calc"],
            "error: there is no API 'Clac'; there are: Calc, Other\n",
        ),
        (["show", "Calc", "-p", "bare"], "error: there is no API in 'bare'"),
        (
            ["show", "Calc", "-p", "cacl"],
            "error: there is no package 'cacl' in the workspace; there are: ",
        ),
    ] {
        let ran = cargo_rpc(&home, &[arguments.as_slice(), &["--offline"]].concat()).await;
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.err.contains(told), "{ran:?}");
    }
}
