//! The crates that are compared: one API, declared once for each framework, over one crate of types.
//!
//! With the feature `full` a crate also has a manager, a server and a call of each method, so that what the macro
//! makes is not only checked but turned into code.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::Failed;

/// A framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// This project.
    Ours,
    /// tarpc.
    Tarpc,
    /// jsonrpsee.
    Jsonrpsee,
}

impl Peer {
    pub(crate) const ALL: [Self; 3] = [Self::Ours, Self::Tarpc, Self::Jsonrpsee];

    /// What the table calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "`#[rpc_api]`",
            Self::Tarpc => "tarpc 0.38",
            Self::Jsonrpsee => "jsonrpsee 0.26",
        }
    }

    /// Its package.
    pub(crate) fn package(self) -> &'static str {
        match self {
            Self::Ours => "with-ours",
            Self::Tarpc => "with-tarpc",
            Self::Jsonrpsee => "with-jsonrpsee",
        }
    }

    fn dependencies(self, runtime: &Path) -> String {
        match self {
            Self::Ours => format!("rpc-runtime = {{ path = {runtime:?} }}"),
            Self::Tarpc => "tarpc = { version = \"=0.38.0\", features = [\"serde1\"] }".to_owned(),
            Self::Jsonrpsee => {
                "jsonrpsee = { version = \"=0.26.1\", features = [\"server\", \"macros\", \"http-client\"] }"
                    .to_owned()
            }
        }
    }

    /// How the declaration starts.
    fn declaration(self) -> &'static str {
        match self {
            Self::Ours => "#[rpc_runtime::rpc_api(topic = \"cost\", version = \"1.0\")]",
            Self::Tarpc => "#[tarpc::service]",
            Self::Jsonrpsee => {
                "use jsonrpsee::core::RpcResult;\n#[jsonrpsee::proc_macros::rpc(client, server, namespace = \"cost\")]"
            }
        }
    }

    /// A method in the declaration.
    fn declared(self, number: usize) -> String {
        let (attribute, before, answer) = match self {
            Self::Ours => (
                "#[rpc(call)]".to_owned(),
                "&self, ctx: &rpc_runtime::Context, ",
                ANSWER,
            ),
            Self::Tarpc => (String::new(), "", ANSWER),
            Self::Jsonrpsee => (
                format!("#[method(name = \"method_{number:03}\", param_kind = map)]"),
                "&self, ",
                "RpcResult<types::Reply>",
            ),
        };
        let arguments = arguments(number);
        format!(
            "    /// Does thing {number}.\n    {attribute}\n    \
             async fn method_{number:03}({before}{arguments}) -> {answer};\n"
        )
    }

    /// The same in the manager.
    fn implemented(self, number: usize) -> String {
        let (before, answer, body) = match self {
            Self::Ours => ("&self, _: &rpc_runtime::Context, ", ANSWER, "types::reply()"),
            Self::Tarpc => ("self, _: tarpc::context::Context, ", ANSWER, "types::reply()"),
            Self::Jsonrpsee => (
                "&self, ",
                "RpcResult<types::Reply>",
                "Ok(types::Reply::default())",
            ),
        };
        let arguments = arguments(number);
        format!("    async fn method_{number:03}({before}{arguments}) -> {answer} {{ {body} }}\n")
    }

    /// A call of it.
    fn called(self, number: usize) -> String {
        let values = "String::new(), Default::default(), Vec::new(), None";
        let call = match self {
            Self::Ours => {
                // A client takes what stands for the argument, so the type of a default is told.
                let instance = number % TYPES;
                format!(
                    "call().method_{number:03}(&Context::new(), String::new(), types::Object{instance}::default(), Vec::new(), None)"
                )
            }
            Self::Tarpc => format!("method_{number:03}(tarpc::context::current(), {values})"),
            Self::Jsonrpsee => format!("method_{number:03}({values})"),
        };
        format!("    Box::pin(async {{ let _ = client.{call}.await; }}),\n")
    }

    /// What is around the manager's methods: before, and after; then what is before the calls.
    fn manager(self) -> (&'static str, &'static str) {
        match self {
            Self::Ours => (
                "use rpc_runtime::{Bus, Context, Server};\npub struct Manager;\nimpl Cost for Manager {\n",
                "}\n\
                 pub async fn serve(bus: &Bus) -> bool {\n    \
                     Server::builder(bus).serve::<CostApi, _>(Manager).start().await.is_ok()\n}\n\
                 pub fn calls(client: &CostClient) -> Vec<Done<'_>> { vec![\n",
            ),
            Self::Tarpc => (
                "use tarpc::server::Serve;\n#[derive(Clone)]\npub struct Manager;\nimpl Cost for Manager {\n",
                "}\n\
                 pub fn serve(request: CostRequest) -> impl Future<Output = Result<CostResponse, tarpc::ServerError>> {\n    \
                     Manager.serve().serve(tarpc::context::current(), request)\n}\n\
                 pub fn decode(text: &str) -> serde_json::Result<CostRequest> { serde_json::from_str(text) }\n\
                 pub fn encode(answer: &CostResponse) -> serde_json::Result<String> { serde_json::to_string(answer) }\n\
                 pub fn asked(request: &CostRequest) -> serde_json::Result<String> { serde_json::to_string(request) }\n\
                 pub fn answered(text: &str) -> serde_json::Result<CostResponse> { serde_json::from_str(text) }\n\
                 pub fn calls(client: &CostClient) -> Vec<Done<'_>> { vec![\n",
            ),
            Self::Jsonrpsee => (
                "pub struct Manager;\n#[jsonrpsee::core::async_trait]\nimpl CostServer for Manager {\n",
                "}\n\
                 pub fn serve() -> jsonrpsee::RpcModule<Manager> { Manager.into_rpc() }\n\
                 pub fn calls(client: &jsonrpsee::http_client::HttpClient) -> Vec<Done<'_>> { vec![\n",
            ),
        }
    }

    fn source(self, methods: usize) -> String {
        let mut text = format!(
            "#![allow(unused_variables)]\n\n{}\npub trait Cost {{\n",
            self.declaration()
        );
        text.extend((0..methods).map(|number| self.declared(number)));
        text.push_str("}\n\n#[cfg(feature = \"full\")]\npub mod full {\nuse super::*;\n");
        text.push_str("type Done<'a> = std::pin::Pin<Box<dyn Future<Output = ()> + Send + 'a>>;\n");
        let (before, between) = self.manager();
        text.push_str(before);
        text.extend((0..methods).map(|number| self.implemented(number)));
        text.push_str(between);
        text.extend((0..methods).map(|number| self.called(number)));
        text.push_str("] }\n}\n");
        text
    }
}

/// How many types of objects there are: methods differ in theirs, as those of a service do.
const TYPES: usize = 10;
const ANSWER: &str = "Result<types::Reply, types::CostError>";

/// The arguments of a method. [`edit`] changes the last.
fn arguments(number: usize) -> String {
    let (instance, host) = (number % TYPES, number / TYPES % TYPES);
    format!(
        "project: String, instance: types::Object{instance}, hosts: Vec<types::Object{host}>, limit: Option<u32>"
    )
}

/// The source after somebody's edit: the last argument of one method is of another type. Twice is none.
pub(crate) fn edit(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    for line in source.lines() {
        match line.contains("async fn method_000") {
            true if line.contains("u32") => text.push_str(&line.replace("u32", "u64")),
            true => text.push_str(&line.replace("u64", "u32")),
            false => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

/// Makes the workspace.
pub(crate) fn write(folder: &Path, methods: usize) -> Result<(), Failed> {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../rpc-runtime")
        .canonicalize()?;
    fs::create_dir_all(folder)?;
    put(
        &folder.join("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"types\", \"with-*\"]\n",
    )?;
    let serde = "serde = { version = \"1\", features = [\"derive\"] }";
    let ours = Peer::Ours.dependencies(&runtime);
    package(
        folder,
        "types",
        &format!("{serde}\n{ours}\nthiserror = \"2\""),
        &types()?,
    )?;
    for peer in Peer::ALL {
        let dependencies = format!(
            "types = {{ path = \"../types\" }}\nserde_json = \"1\"\n{}",
            peer.dependencies(&runtime)
        );
        package(folder, peer.package(), &dependencies, &peer.source(methods))?;
    }
    Ok(())
}

fn package(folder: &Path, name: &str, dependencies: &str, source: &str) -> Result<(), Failed> {
    let folder = folder.join(name);
    fs::create_dir_all(folder.join("src"))?;
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [features]\nfull = []\n\n[dependencies]\n{dependencies}\n"
    );
    put(&folder.join("Cargo.toml"), &manifest)?;
    put(&folder.join("src/lib.rs"), source)
}

/// A file that is as it should be is left alone, so that what is compiled already stays so.
fn put(path: &Path, text: &str) -> Result<(), Failed> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn types() -> Result<String, Failed> {
    let mut text = String::from(
        "use std::collections::BTreeMap;\n\nuse serde::{Deserialize, Serialize};\n\n\
         #[derive(Clone, Debug, Default, Serialize, Deserialize)]\n\
         pub struct Reply { pub id: String, pub count: u64, pub tags: Vec<String> }\n\n\
         #[derive(Debug, thiserror::Error, Serialize, Deserialize, rpc_runtime::RpcError)]\n\
         #[rpc(module = \"cost\")]\n\
         pub enum CostError { #[error(\"{id} is not there\")] NotFound { id: String } }\n\n\
         pub fn reply() -> Result<Reply, CostError> { Ok(Reply::default()) }\n\n",
    );
    for number in 0..TYPES {
        writeln!(
            text,
            "#[derive(Clone, Debug, Default, Serialize, Deserialize)]\npub struct Object{number} {{ \
             pub id: String, pub host: Option<String>, pub vcpus: u32, \
             pub labels: BTreeMap<String, String>, pub disks: Vec<u64>, pub on: bool }}\n"
        )?;
    }
    Ok(text)
}
