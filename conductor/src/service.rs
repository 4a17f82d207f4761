//! What the conductor serves: one manager for each API, and the service around them.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use conductor_api::{Base, BaseApi, ComputeTaskApi, ConductorApi, Pong, havana};
use rpc_runtime::service::{self, Manager, PeriodicTasks, Service};
use rpc_runtime::{Bus, Context, RpcServer};
use serde_json::Value;

use crate::group::DatabaseGroup;
use crate::havana::{Havana, Options};
use crate::notifier::Notifier;
use crate::objects::ObjectManager;
use crate::peers::Peers;
use crate::settings::Settings;
use crate::store::Store;
use crate::tasks::Tasks;

/// The topic, and the name the service goes by.
pub(crate) const TOPIC: &str = "conductor";

/// The name of the program in the table of services, which Nova's own tools look for.
const BINARY: &str = "nova-conductor";

/// The service as its settings want it.
pub(crate) fn conductor(bus: &Bus, store: Store, settings: &Settings) -> service::Builder<Conductor> {
    let own = &settings.service;
    let handlers = settings.rpc.thread_pool_size.0 as usize;
    let group = DatabaseGroup::new(store.clone(), own.service_down_time.0, own.enable_new_services.0);
    let builder = Service::builder(bus, Conductor::new(bus, store, settings))
        .host(&own.host)
        .binary(BINARY)
        .topic(&own.topic)
        .group(Arc::new(group))
        .report_interval(own.report_interval.0)
        .periodic_enable(own.periodic_enable.0)
        .periodic_fuzzy_delay(own.periodic_fuzzy_delay.0)
        .server(move |server| server.handlers(handlers));
    match own.periodic_interval_max {
        Some(longest) => builder.periodic_interval_max(longest.0),
        None => builder,
    }
}

/// All APIs of the conductor, on one server.
#[derive(RpcServer)]
pub(crate) struct Conductor {
    #[rpc(BaseApi)]
    base: BaseManager,
    #[rpc(ConductorApi)]
    objects: ObjectManager,
    #[rpc(havana::ConductorApi)]
    havana: Havana,
    #[rpc(ComputeTaskApi)]
    tasks: Tasks,
}

impl Conductor {
    /// A conductor of what is in a database, and of the services on a bus.
    pub(crate) fn new(bus: &Bus, store: Store, settings: &Settings) -> Self {
        let (own, told, levels) = (
            &settings.service,
            &settings.notifications,
            &settings.upgrade_levels,
        );
        let base = BaseManager::default();
        let notifier = Notifier::new(told.driver.0, bus, &told.topics.0, &own.host);
        let options = Options {
            enable_new_services: own.enable_new_services.0,
            instance_name_template: own.instance_name_template.clone(),
            default_ephemeral_format: own.default_ephemeral_format.clone(),
            state_changes: told.state_changes.0,
            audit_period: told.audit_period.0,
        };
        let peers = Peers::new(bus, levels.scheduler.0, levels.compute.0);
        let objects = ObjectManager::new(store.clone()).enable_new_services(options.enable_new_services);
        Self {
            havana: Havana::new(
                store.clone(),
                peers.clone(),
                notifier.clone(),
                base.backdoor.clone(),
                options,
            ),
            base,
            objects,
            tasks: Tasks::new(store, notifier, peers, &own.host, own.service_down_time.0),
        }
    }
}

impl Manager for Conductor {
    fn backdoor(&self, port: u16) {
        // Told once, at the start.
        let _ = self.base.backdoor.set(port);
    }
}

impl PeriodicTasks for Conductor {}

/// Tells that the service is there.
#[derive(Default)]
struct BaseManager {
    backdoor: Arc<OnceLock<u16>>,
}

impl Base for BaseManager {
    async fn ping(&self, _: &Context, arg: Value) -> Result<Pong, Infallible> {
        Ok(Pong {
            service: TOPIC.to_owned(),
            arg,
        })
    }

    async fn get_backdoor_port(&self, _: &Context) -> Result<Option<u16>, Infallible> {
        Ok(self.backdoor.get().copied())
    }
}
