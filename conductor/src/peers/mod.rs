//! The services that the conductor asks: what it calls of nova-scheduler, nova-compute and nova-network, and no more of
//! them.
//!
//! The first two have two majors that live on: Havana's, whose arguments are dicts, and today's, whose arguments are
//! objects. The last is gone since.

mod compute;
mod level;
mod network;
mod scheduler;

use rpc_runtime::Bus;

#[cfg(test)]
pub(crate) use compute::{Compute, ComputeApi, HavanaCompute, HavanaComputeApi};
pub(crate) use compute::{ComputeClient, HavanaComputeClient};
pub(crate) use network::NetworkClient;
#[cfg(test)]
pub(crate) use network::{Network, NetworkApi};
pub(crate) use scheduler::{HavanaHost, HavanaSchedulerClient, SchedulerClient};
#[cfg(test)]
pub(crate) use scheduler::{HavanaScheduler, HavanaSchedulerApi, Scheduler, SchedulerApi};

/// What an operator says of compute services.
pub(crate) type ComputeLevel = level::Level<level::OfCompute>;
/// What an operator says of schedulers.
pub(crate) type SchedulerLevel = level::Level<level::OfScheduler>;

/// Clients of all of them, on one bus.
#[derive(Clone, Debug)]
pub(crate) struct Peers {
    pub(crate) scheduler: SchedulerClient,
    pub(crate) compute: ComputeClient,
    pub(crate) havana_scheduler: HavanaSchedulerClient,
    pub(crate) havana_compute: HavanaComputeClient,
    pub(crate) network: NetworkClient,
}

impl Peers {
    /// Held to the versions that an operator says the peers have.
    pub(crate) fn new(bus: &Bus, scheduler: SchedulerLevel, compute: ComputeLevel) -> Self {
        let mut peers = Self {
            scheduler: SchedulerClient::new(bus),
            compute: ComputeClient::new(bus),
            havana_scheduler: HavanaSchedulerClient::new(bus),
            havana_compute: HavanaComputeClient::new(bus),
            network: NetworkClient::new(bus),
        };
        match scheduler.0 {
            Some(pin) if pin.major == 2 => peers.havana_scheduler = peers.havana_scheduler.pinned(pin),
            Some(pin) => peers.scheduler = peers.scheduler.pinned(pin),
            None => {}
        }
        match compute.0 {
            Some(pin) if pin.major == 2 => peers.havana_compute = peers.havana_compute.pinned(pin),
            Some(pin) => peers.compute = peers.compute.pinned(pin),
            None => {}
        }
        peers
    }
}
