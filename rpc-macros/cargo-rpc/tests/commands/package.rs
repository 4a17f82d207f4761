//! `release`, `accept`, `describe`, `show` and `export`: on a workspace with a package of two APIs, one of them private and in a
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

    /// Of another build.
    #[cfg(any())]
    #[rpc(cast)]
    async fn recall(&self, ctx: &rpc_runtime::Context, what: Elsewhere);

    #[cfg(not(any()))]
    #[rpc(cast)]
    async fn recall(&self, ctx: &rpc_runtime::Context, what: u8);
}

#[derive(serde::Serialize, serde::Deserialize)]
pub struct Unknown;
"#;

/// A library and a program of one name, each with an API of one name.
const OF_BOTH: [(&str, &str); 2] = [("lib.rs", "1.1"), ("main.rs", "1.2")];

/// A workspace of the package and others, with the versions of this project's dependencies.
fn workspace() -> io::Result<PathBuf> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package");
    for package in ["calc", "bare", "both"] {
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
        "[workspace]\nresolver = \"3\"\nmembers = [\"calc\", \"bare\", \"both\"]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n",
    )?;
    fs::write(home.join("bare/src/lib.rs"), "//! Without an API.\n")?;
    fs::write(home.join("calc/src/lib.rs"), LIB)?;
    for (file, version) in OF_BOTH {
        let api = format!(
            "#[rpc_runtime::rpc_api(version = {version:?})]\npub trait Calc {{\n    #[rpc(cast)]\n    \
             async fn forget(&self, ctx: &rpc_runtime::Context);\n}}\n\n#[allow(unused)]\nfn main() {{}}\n"
        );
        fs::write(home.join("both/src").join(file), api)?;
    }
    fs::copy(project.join("Cargo.lock"), home.join("Cargo.lock"))?;
    if home.join("calc/api").exists() {
        fs::remove_dir_all(home.join("calc/api"))?;
    }
    Ok(home)
}

/// Two APIs of one name, in a crate that lets no lint pass.
const TWINS: &str = r#"
#![forbid(unused_imports, non_snake_case)]

pub mod one {
    #[rpc_runtime::rpc_api(version = "1.1")]
    pub trait Calc {
        #[rpc(cast)]
        async fn forget(&self, ctx: &rpc_runtime::Context);
    }
}

pub mod two {
    #[rpc_runtime::rpc_api(version = "1.2")]
    pub trait Calc {
        #[rpc(cast)]
        async fn forget(&self, ctx: &rpc_runtime::Context);
    }
}
"#;

/// Every form, into a folder that is made; over what is there; and into what is none.
async fn export(home: &Path) {
    let into = home.join("exported");
    if into.exists() {
        fs::remove_dir_all(&into).expect("the folder goes");
    }
    let forms = ["--asyncapi", "--json-schema", "--markdown", "--python"];
    let of = ["export", "Calc", "-p", "calc", "--offline", "--into"];
    let files = [
        "calc.asyncapi.json",
        "calc.schema.json",
        "calc.md",
        "calc/rpcapi.py",
        "calc/manager.py",
    ];
    for _ in 0..2 {
        let ran = cargo_rpc(home, &[&of[..], &["exported"], &forms].concat()).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let told: Vec<&str> = ran.out.lines().collect();
        assert_eq!(told, files.map(|file| format!("exported/{file}")), "{ran:?}");
        let text = fs::read_to_string(into.join("calc/rpcapi.py")).expect("a client");
        assert!(text.contains(
            "    def add(self, ctxt, a, b, server=None):\n        \"\"\"Adds two numbers.\"\"\"\n"
        ));
        fs::write(into.join("calc/rpcapi.py"), "what was there").expect("a file");
    }

    let ran = cargo_rpc(home, &[&of[..], &["exported/calc.md", "--markdown"]].concat()).await;
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let told = "error: cannot write 'exported/calc.md/calc.md': ";
    assert!(ran.err.contains(told), "{ran:?}");
    let ran = cargo_rpc(home, &of[..5]).await;
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.err.contains("<--asyncapi|--json-schema|--markdown|--python>"),
        "{ran:?}"
    );
}

/// Two at once, one of the library and one of the program; and both, each with where it is.
async fn of_both(home: &Path) {
    let of = ["describe", "-p", "both", "--offline"];
    let [lib, bin, all] = [&["--lib"][..], &["--bin", "both"], &[]].map(|which| [&of[..], which].concat());
    let ran = cargo_rpc(home, &all).await;
    let found = |version: &str, place: &str| {
        format!("# both::Calc{place}\napi Calc {version}\n\nmethod forget cast\n")
    };
    let (of_lib, of_bin) = (found("1.1", ""), found("1.2", " of bin 'both'"));
    assert_eq!((ran.code, ran.out), (Some(0), format!("{of_lib}\n{of_bin}")));
    let (lib, bin) = tokio::join!(cargo_rpc(home, &lib), cargo_rpc(home, &bin));
    assert_eq!((lib.code, lib.out), (Some(0), of_lib), "{}", lib.err);
    assert_eq!((bin.code, bin.out), (Some(0), of_bin), "{}", bin.err);
    let ran = cargo_rpc(home, &[&of[..], &["--bin", "bath"]].concat()).await;
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("no bin target named `bath`"), "{ran:?}");
}

#[tokio::test]
async fn where_cargo_knows_no_package() {
    // Not within this project.
    let folder = std::env::temp_dir().join(format!("cargo-rpc-nowhere-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let ran = cargo_rpc(&folder, &["describe"]).await;
    fs::remove_dir_all(&folder).expect("the folder goes");
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.err.ends_with(
            "error: cargo knows no package here: go to the folder of one, or name it with --manifest-path\n"
        ),
        "{ran:?}"
    );
}

/// One test, since all of it is one life of a package, and compiles once.
#[tokio::test]
async fn the_life_of_a_package() {
    let home = workspace().expect("a workspace");
    let released = home.join("calc/api/of_calc.rpc");
    let edit = |changes: &[(&str, &str)]| {
        let mut lib = LIB.to_owned();
        for (from, to) in changes {
            assert!(lib.contains(from));
            lib = lib.replace(from, to);
        }
        fs::write(home.join("calc/src/lib.rs"), lib).expect("a source");
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
    edit(&[("value: u32", "value: u16")]);
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
    let accept = ["accept", "Calc", "--offline", "--manifest-path", "Cargo.toml"];
    let ran = cargo_rpc(&home.join("calc"), &accept).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        fs::read_to_string(&released)
            .expect("a snapshot")
            .contains("value u16")
    );

    // Or the trait waives it, for this release alone.
    let waiver = "#[rpc(breaks = \"ARG_SAME_SHAPE_OR_WIDER\", because = \"no value\n is that large\")]";
    edit(&[
        ("value: u32", "value: u8"),
        ("a: Number", &format!("{waiver} a: Number")),
        ("b: Number", &format!("{waiver} b: Number")),
    ]);
    let ran = cargo_rpc(&home.join("calc"), &["release", "Calc", "--offline"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for told in [
        "waived: argument 'b' of 'add' .value: it was released as u16 and is u8 [ARG_SAME_SHAPE_OR_WIDER]",
        "\n  because: no value is that large\n",
        "take its waivers away",
    ] {
        assert!(ran.out.contains(told), "{ran:?}");
    }
    let text = fs::read_to_string(&released).expect("a snapshot");
    assert!(text.contains("value u8") && !text.contains("breaks"), "{text}");

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
    // Of two for different builds, the one that is in this.
    let methods = described[1]["methods"].as_array().expect("a list");
    assert!(methods.len() == 2 && methods[1]["docs"] == "", "{methods:?}");
    assert_eq!(methods[1]["arguments"][0]["shape"]["kind"], "integer");

    let ran = cargo_rpc(&home, &["show", "Other", "-p", "calc", "--offline"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.starts_with("// calc::Other\n"), "{ran:?}");
    assert!(
        ran.out
            .contains("\npub type OtherClient = ::rpc_runtime::Client<OtherApi>;\n"),
        "{ran:?}"
    );

    export(&home).await;

    // Of two of one name, one has to be meant.
    fs::write(home.join("calc/src/lib.rs"), TWINS).expect("a source");
    for command in [["release", "Calc"], ["export", "--markdown"]] {
        let arguments = [command.as_slice(), &["-p", "calc", "--offline"]].concat();
        let ran = cargo_rpc(&home, &arguments).await;
        assert_eq!(ran.code, Some(2), "{ran:?}");
        let told = "calc::one::Calc and calc::two::Calc would be written to one file: name one of them";
        assert!(ran.err.contains(told), "{ran:?}");
    }
    let ran = cargo_rpc(&home, &["describe", "calc::two::Calc", "-p", "calc", "--offline"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.out.starts_with("# calc::two::Calc\napi Calc 1.2") && !ran.out.contains("api Calc 1.1"),
        "{ran:?}"
    );

    of_both(&home).await;

    // What does not compile is told by the compiler.
    edit(&[("b: Number", "b: Nubmer")]);
    let ran = cargo_rpc(&home, &["describe", "-p", "calc", "--offline"]).await;
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let told = "error: cargo does not compile 'calc' as for its tests, so that nothing is known of its APIs: see above\n";
    assert!(
        ran.err.contains("cannot find type `Nubmer`") && ran.err.ends_with(told),
        "{ran:?}"
    );
    fs::write(home.join("calc/src/lib.rs"), LIB).expect("a source");

    // What is asked for in vain is told.
    for (arguments, told) in [
        (
            ["show", "Clac", "-p", "calc"],
            "error: there is no API 'Clac'; there are: calc::inner::Calc, calc::Other\n",
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
