//! A service to be: the knobs of OpenStack's `Service.create` with their defaults, and the order of a start.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, info};

use super::backdoor::{self, Bound, Inside, Place};
use super::group::{Pace, join};
use super::identity::{host_name, program_name};
use super::periodic::{Schedule, Timing};
use super::running::Service;
use super::{BoxError, Identity, Manager, ServiceGroup};
use crate::bus::Bus;
use crate::server::{self, Server};

/// A service that could not start. What it had begun is undone, but for its row in the service group, which goes down
/// by itself.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A hook of its manager failed.
    #[error("{hook}: {error}")]
    Hook {
        /// Its name.
        hook: &'static str,
        /// What it failed with.
        error: BoxError,
    },
    /// The service group does not take it.
    #[error("the service group: {0}")]
    Group(BoxError),
    /// The inspection socket.
    #[error("the backdoor at {place}: {error}")]
    Backdoor {
        /// Where it was to be.
        place: Place,
        /// Why it is not there.
        error: io::Error,
    },
    /// It cannot listen.
    #[error(transparent)]
    Server(#[from] server::StartError),
}

/// A service to be.
#[must_use = "a service is up after .start().await"]
pub struct Builder<M> {
    bus: Bus,
    manager: Arc<M>,
    host: Option<String>,
    binary: Option<String>,
    topic: Option<String>,
    group: Option<Arc<dyn ServiceGroup>>,
    report_interval: Duration,
    periodic_enable: bool,
    timing: Timing,
    backdoor: Option<Place>,
    settings: backdoor::Settings,
    server: Configure,
}

/// Changes the server to be.
type Configure = Box<dyn FnOnce(server::Builder) -> server::Builder + Send>;

impl<M: Manager> Builder<M> {
    pub(super) fn new(bus: &Bus, manager: Arc<M>) -> Self {
        Self {
            bus: bus.clone(),
            manager,
            host: None,
            binary: None,
            topic: None,
            group: None,
            report_interval: Duration::from_secs(10),
            periodic_enable: true,
            timing: Timing {
                fuzzy_delay: Duration::from_secs(60),
                interval_max: None,
            },
            backdoor: None,
            settings: Arc::new(|| Value::Null),
            server: Box::new(|server| server),
        }
    }

    /// The host it runs on, and the name of its server; this host's name if not given.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The program, as the service group knows it; this program's name if not given.
    pub fn binary(mut self, binary: impl Into<String>) -> Self {
        self.binary = Some(binary.into());
        self
    }

    /// The topic; that of the APIs if not given.
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.topic = Some(topic.into());
        self
    }

    /// The group that it joins; none if not given.
    pub fn group(mut self, group: Arc<dyn ServiceGroup>) -> Self {
        self.group = Some(group);
        self
    }

    /// How often it gives its group a sign of life; 10 s. None at all: it gives no signs, as in Nova.
    pub fn report_interval(mut self, interval: Duration) -> Self {
        self.report_interval = interval;
        self
    }

    /// Whether its periodic tasks run; they do if not said otherwise.
    pub fn periodic_enable(mut self, enabled: bool) -> Self {
        self.periodic_enable = enabled;
        self
    }

    /// The first pass of periodic tasks is after a random part of this; 60 s. None at all makes it the start.
    pub fn periodic_fuzzy_delay(mut self, delay: Duration) -> Self {
        self.timing.fuzzy_delay = delay;
        self
    }

    /// The longest time between two passes of periodic tasks; a minute if not given, or zero.
    pub fn periodic_interval_max(mut self, interval: Duration) -> Self {
        self.timing.interval_max = Some(interval).filter(|interval| !interval.is_zero());
        self
    }

    /// Where to look into it while it runs; nowhere if not given. In a worker process:
    /// [`Place::of_worker`].
    pub fn backdoor(mut self, place: Place) -> Self {
        self.backdoor = Some(place);
        self
    }

    /// The settings that are shown there. What is secret in them by its name is not; the rest is for the caller to
    /// hide.
    pub fn settings(mut self, settings: impl Fn() -> Value + Send + Sync + 'static) -> Self {
        self.settings = Arc::new(settings);
        self
    }

    /// What else is to be said of its server: handlers, drain time, layers. Topic and name are the service's.
    pub fn server(
        mut self,
        configure: impl FnOnce(server::Builder) -> server::Builder + Send + 'static,
    ) -> Self {
        self.server = Box::new(configure);
        self
    }

    /// Starts, in this order: `init_host`, the row of the service group, `pre_start_hook`, the inspection socket, the
    /// server (its topic, its own name, and fan-outs), `post_start_hook`, the signs of life, and the periodic tasks.
    ///
    /// Waits for a broker that cannot be reached for as long as that lasts.
    pub async fn start(self) -> Result<Service, StartError> {
        let Self {
            bus, manager, group, ..
        } = self;
        let apis = manager.apis();
        let topic = match self.topic {
            Some(topic) => topic,
            None => server::topic_of(apis)?.to_owned(),
        };
        let identity = Identity {
            host: self.host.unwrap_or_else(host_name),
            binary: self.binary.unwrap_or_else(program_name),
            topic,
        };

        debug!(service = %identity, "starting");
        manager.init_host(&identity).await.map_err(failed("init_host"))?;
        if let Some(group) = &group {
            group.enroll(&identity).await.map_err(StartError::Group)?;
        }
        manager.pre_start_hook().await.map_err(failed("pre_start_hook"))?;
        let backdoor = match self.backdoor {
            Some(place) => Some(open(place).await?),
            None => None,
        };
        let port = backdoor.as_ref().and_then(Bound::port);
        if let Some(port) = port {
            manager.backdoor(port);
        }
        let server = (self.server)(Server::builder(&bus).inspectable(backdoor.is_some()))
            .topic(&*identity.topic)
            .server(&*identity.host)
            .service(Arc::clone(&manager))
            .start()
            .await?;
        if let Err(error) = manager.post_start_hook().await {
            // It has been listening, so that there may be calls at work.
            let _ = server.stop().await;
            return Err(failed("post_start_hook")(error));
        }

        let schedule = Schedule::new(Arc::clone(&manager));
        let service = Service {
            identity,
            bus,
            server: Arc::new(server),
            manager,
            group,
            tasks: schedule.reports(),
            backdoor: port,
            background: TaskTracker::new(),
            stopping: CancellationToken::new(),
        };
        if let Some(bound) = backdoor {
            let inside = Inside {
                identity: service.identity.clone(),
                bus: service.bus.clone(),
                server: Arc::downgrade(&service.server),
                tasks: service.tasks.clone(),
                settings: self.settings,
            };
            service.beside(backdoor::open(bound, inside));
        }
        if let Some(group) = &service.group
            && !self.report_interval.is_zero()
        {
            let pace = Pace(self.report_interval);
            service.beside(join(Arc::clone(group), service.identity.clone(), pace));
        }
        if self.periodic_enable {
            service.beside(schedule.run(self.timing));
        }
        info!(service = %service.identity, topic = service.identity.topic, "started");
        Ok(service)
    }
}

async fn open(place: Place) -> Result<Bound, StartError> {
    let bound = place.bind().await;
    bound.map_err(|error| StartError::Backdoor { place, error })
}

fn failed(hook: &'static str) -> impl FnOnce(BoxError) -> StartError {
    move |error| StartError::Hook { hook, error }
}

impl<M> fmt::Debug for Builder<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("host", &self.host)
            .field("binary", &self.binary)
            .field("topic", &self.topic)
            .finish_non_exhaustive()
    }
}
