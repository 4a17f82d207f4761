//! Arguments as a caller has them: owned, borrowed, a literal, `None`; nothing needs a clone.

use rpc_runtime::{ByRef, Context, Failure, rpc_api};

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Host {
    name: String,
}

#[rpc_api(topic = "a", version = "1.0")]
pub trait Calc {
    #[rpc(call)]
    async fn add(
        &self,
        ctx: &Context,
        name: String,
        host: Host,
        hosts: Vec<Host>,
        note: Option<String>,
        best: Option<Host>,
    ) -> Result<(), Failure>;
}

async fn sends(client: &CalcClient, ctx: &Context, host: &Host) {
    let (name, note, hosts) = ("one".to_owned(), Some("x".to_owned()), vec![host.clone()]);
    let _ = client.call().add(ctx, "one", host, &hosts, "x", host).await;
    let _ = client
        .call()
        .add(ctx, &name, host.clone(), &hosts[..], None, None)
        .await;
    let _ = client
        .call()
        .add(ctx, name, host, hosts, ByRef(note.as_deref()), Some(host.clone()))
        .await;
    let _ = client
        .call()
        .add(ctx, "one", host, &[host.clone(), host.clone()], note, None)
        .await;
}

#[test]
fn compiles() {
    let _ = sends;
}
