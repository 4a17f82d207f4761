//! The manager of Havana's API: what nova-compute of 2013.2 asks of the database, one file a theme.
//!
//! Each method does in one transaction what Nova's does. Rows are read and written by the names of their columns, so
//! that it works on the schema of 2013.2 and on today's. Errors that callers expect of a method are returned as they
//! are; others are told in the log too.

mod actions;
mod aggregates;
mod block_devices;
mod caller;
mod compute_nodes;
mod ec2;
mod errors;
mod instances;
mod migrations;
mod moves;
mod notices;
mod objects;
mod others;
mod quotas;
mod rows;
mod security_groups;
mod services;
mod tasks;
#[cfg(test)]
mod tests;
mod usage;

use std::sync::{Arc, OnceLock};

use crate::notifier::Notifier;
use crate::objects::ObjectManager;
use crate::peers::Peers;
use crate::store::Store;

pub(crate) use notices::{AuditPeriod, StateChanges};

/// Serves [`ConductorApi`](conductor_api::havana::ConductorApi).
pub(crate) struct Havana {
    store: Store,
    /// Today's objects, which those of then are made of.
    objects: ObjectManager,
    /// The services that requests are passed on to.
    peers: Peers,
    notifier: Notifier,
    /// The port of the inspection socket, once it is open.
    backdoor: Arc<OnceLock<u16>>,
    options: Options,
}

/// The options of Nova that change what these methods do.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Whether a service that registers itself is given work at once.
    pub(crate) enable_new_services: bool,
    /// How instances are called: with a number in the style of C, or `%(column)s`.
    pub(crate) instance_name_template: String,
    /// The file system of ephemeral disks that come without one.
    pub(crate) default_ephemeral_format: Option<String>,
    /// Which changes of instances are told to listeners.
    pub(crate) state_changes: StateChanges,
    /// What is accounted for at a time.
    pub(crate) audit_period: AuditPeriod,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            enable_new_services: true,
            instance_name_template: "instance-%08x".to_owned(),
            default_ephemeral_format: None,
            state_changes: StateChanges::default(),
            audit_period: AuditPeriod::default(),
        }
    }
}

impl Havana {
    pub(crate) fn new(
        store: Store,
        peers: Peers,
        notifier: Notifier,
        backdoor: Arc<OnceLock<u16>>,
        options: Options,
    ) -> Self {
        Self {
            objects: ObjectManager::new(store.clone()).enable_new_services(options.enable_new_services),
            store,
            peers,
            notifier,
            backdoor,
            options,
        }
    }
}
