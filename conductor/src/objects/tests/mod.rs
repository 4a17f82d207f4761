//! Objects over the bus and a database of the test's own.

mod fixtures;
mod instances;
mod seed;
mod services;

use std::time::Duration;

use rpc_runtime::{Bus, CallError, Context, Failure, Server, UntypedClient, Version};
use serde_json::{Map, Value, json};

use crate::service::Conductor;
use crate::settings::Settings;
use crate::store::Store;
use crate::store::testing::Lab;

/// A conductor with a database, and a client of it.
struct Served {
    client: UntypedClient,
    ctx: Context,
    store: Store,
    _server: Server,
    _lab: Lab,
}

/// What an object's method changed, and what it answered.
type Done = (Map<String, Value>, Value);

impl Served {
    async fn new() -> Self {
        Self::with(true).await
    }

    /// With new services enabled, or not.
    async fn with(enable_new_services: bool) -> Self {
        let lab = Lab::sqlite();
        let store = lab.open().await;
        let bus = Bus::memory();
        let mut settings = Settings::default();
        settings.service.enable_new_services.0 = enable_new_services;
        let server = Server::builder(&bus)
            .topic("conductor")
            .server("here")
            .service(Conductor::new(&bus, store.clone(), &settings))
            .start()
            .await
            .unwrap();
        let client = UntypedClient::new(&bus, "conductor").timeout(Duration::from_secs(20));
        Self {
            client: client.version(Version::new(3, 0)),
            ctx: Context::admin().with("read_deleted", "no"),
            store,
            _server: server,
            _lab: lab,
        }
    }

    /// Runs a method of a class whose newest version is asked for.
    async fn ask(&self, class: &str, method: &str, args: Value, kwargs: Value) -> Result<Value, Failure> {
        let version = super::class::Class::named(class).map(|class| class.version.to_string());
        let versions = json!({class: version.unwrap_or_else(|| "1.0".to_owned())});
        let call = self.client.call(
            "object_class_action_versions",
            &self.ctx,
            &[
                ("objname", &class),
                ("objmethod", &method),
                ("object_versions", &versions),
                ("args", &args),
                ("kwargs", &kwargs),
            ],
        );
        call.await.map_err(failure)
    }

    /// Runs a method of an object.
    async fn act(&self, object: &Value, method: &str, kwargs: Value) -> Result<Done, Failure> {
        let call = self.client.call(
            "object_action",
            &self.ctx,
            &[
                ("objinst", object),
                ("objmethod", &method),
                ("args", &json!([])),
                ("kwargs", &kwargs),
            ],
        );
        call.await.map_err(failure)
    }
}

fn failure(error: CallError<Failure>) -> Failure {
    match error {
        CallError::Api(failure) | CallError::Remote(failure) => failure,
        other => panic!("{other}"),
    }
}
