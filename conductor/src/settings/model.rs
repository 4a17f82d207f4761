//! The settings, with their defaults: what exists, of which kind. It knows no layer and no file.
//!
//! These structs are the whole list: what is known of names in files and variables is read off them.

use std::collections::BTreeMap;

use rpc_runtime::service::backdoor::Place;
use rpc_runtime::service::host_name;
use rpc_runtime::transport::url::TransportUrl;
use serde::{Deserialize, Serialize};

use super::values::{Count, Limit, LogFilter, Parsed, Switch, Time};
use crate::havana::{AuditPeriod, StateChanges};
use crate::notifier::{Driver, Topics};
use crate::peers::{ComputeLevel, SchedulerLevel};
use crate::store::DatabaseUrl;

/// How many connections to a database there may be at most, in all reason.
pub(super) const MOST_CONNECTIONS: u32 = 10_000;

/// All settings of a conductor.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) service: Service,
    pub(crate) rpc: Rpc,
    /// Options of a `rabbit://` URL that gives them no value of its own, by their names there.
    pub(crate) rabbit: BTreeMap<String, String>,
    pub(crate) database: Database,
    pub(crate) notifications: Notifications,
    pub(crate) upgrade_levels: UpgradeLevels,
    pub(crate) log: Log,
}

/// How the service lives.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Service {
    /// The name of this server on its topic.
    pub(crate) host: String,
    pub(crate) topic: String,
    /// Processes that compete for the work. Unset: one, this one.
    pub(crate) workers: Option<Count<1, 1024>>,
    /// How often it gives a sign of life; not at all if this is none.
    pub(crate) report_interval: Time,
    pub(crate) service_down_time: Time,
    pub(crate) periodic_enable: Switch,
    pub(crate) periodic_fuzzy_delay: Time,
    pub(crate) periodic_interval_max: Option<Time>,
    /// Whether a service that registers itself may be given work at once.
    pub(crate) enable_new_services: Switch,
    /// What the name of an instance is made of.
    pub(crate) instance_name_template: String,
    /// The file system of ephemeral disks that come without one.
    pub(crate) default_ephemeral_format: Option<String>,
    /// Where the service may be inspected: ports of the loopback, or the path of a socket. Unset: nowhere.
    pub(crate) backdoor: Option<Parsed<Place>>,
}

/// How calls and casts travel.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Rpc {
    /// The bus. Unset: a socket of the user's own.
    pub(crate) transport_url: Option<Parsed<TransportUrl>>,
    pub(crate) control_exchange: String,
    pub(crate) response_timeout: Limit,
    pub(crate) long_timeout: Limit,
    /// How many methods run at once.
    pub(crate) thread_pool_size: Count<1, 1_000_000>,
}

/// What is kept, and where.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Database {
    /// Unset: a file in the user's own directory.
    pub(crate) connection: Option<Parsed<DatabaseUrl>>,
    pub(crate) max_pool_size: Count<1, MOST_CONNECTIONS>,
    /// How long an operation may take, waiting for a connection included.
    pub(crate) timeout: Limit,
}

/// What is told to listeners of what happens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Notifications {
    pub(crate) driver: Parsed<Driver>,
    pub(crate) topics: Parsed<Topics>,
    /// Which changes of instances: none, vm_state or vm_and_task_state.
    pub(crate) state_changes: Parsed<StateChanges>,
    /// What is accounted for at a time: an hour, day, month or year.
    pub(crate) audit_period: Parsed<AuditPeriod>,
}

/// The versions that peers are spoken to in: one as in 6.0, the name of a release, or auto.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct UpgradeLevels {
    pub(crate) compute: Parsed<ComputeLevel>,
    pub(crate) scheduler: Parsed<SchedulerLevel>,
}

/// What is logged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Log {
    /// In the form of RUST_LOG, which goes first: a level, or targets with levels.
    pub(crate) filter: Parsed<LogFilter>,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            host: host_name(),
            topic: crate::service::TOPIC.to_owned(),
            workers: None,
            report_interval: Time::secs(10),
            service_down_time: Time::secs(60),
            periodic_enable: Switch(true),
            periodic_fuzzy_delay: Time::secs(60),
            periodic_interval_max: None,
            enable_new_services: Switch(true),
            instance_name_template: "instance-%08x".to_owned(),
            default_ephemeral_format: None,
            backdoor: None,
        }
    }
}

impl Default for Rpc {
    fn default() -> Self {
        Self {
            transport_url: None,
            control_exchange: "openstack".to_owned(),
            response_timeout: Limit::secs(60),
            long_timeout: Limit::secs(1800),
            thread_pool_size: Count(64),
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            connection: None,
            max_pool_size: Count(10),
            timeout: Limit::secs(30),
        }
    }
}

impl Default for Notifications {
    fn default() -> Self {
        Self {
            driver: Parsed(Driver::default()),
            topics: Parsed(Topics::default()),
            state_changes: Parsed(StateChanges::default()),
            audit_period: Parsed(AuditPeriod::default()),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            filter: Parsed(LogFilter::default()),
        }
    }
}
