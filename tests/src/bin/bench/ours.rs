//! The project itself, as an application uses it, with its defaults.

use std::future::pending;
use std::sync::Arc;

use rpc_runtime::{Api as _, Bus, Server};

use crate::Failed;
use crate::api::{self, Bench, Manager};
use crate::payload::Args;
use crate::worker::{Caller, say};

pub(crate) async fn serve(url: &str) -> Result<(), Failed> {
    let bus = Bus::connect(url).await?;
    let _server = Server::builder(&bus)
        .server("here")
        .serve::<Bench, _>(Manager::default())
        .start()
        .await?;
    say("ready")?;
    pending().await
}

#[derive(Clone)]
pub(crate) struct Client {
    client: Arc<rpc_runtime::SpecClient>,
    args: Arc<Args>,
}

impl Client {
    pub(crate) async fn connect(url: &str) -> Result<Self, Failed> {
        let bus = Bus::connect(url).await?;
        Ok(Self {
            client: Arc::new(rpc_runtime::SpecClient::new(&bus, Bench::SPEC)),
            args: Arc::new(Args::sample()?),
        })
    }
}

impl Caller for Client {
    async fn call(&self) -> Result<(), Failed> {
        let echo = api::object_action(&self.client, &self.args).await?;
        if echo.is_sample() {
            Ok(())
        } else {
            Err("the echo differs".into())
        }
    }

    async fn cast(&self) -> Result<(), Failed> {
        Ok(api::cast_action(&self.client, &self.args).await?)
    }

    async fn count(&self) -> Result<u64, Failed> {
        Ok(api::count(&self.client).await?)
    }
}
