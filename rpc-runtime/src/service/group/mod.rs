//! Which services are there, and which of them are alive.
//!
//! A driver keeps a row for each service, and notes the signs of life that the service gives at a steady pace. One
//! that gave none for the down time counts as down.

mod join;
mod memory;

use std::time::Duration;

pub(super) use join::{Pace, join};
pub use memory::MemoryGroup;

use super::{BoxError, Identity};
use crate::transport::BoxFuture;

/// How long a service is up without a sign of life (`service_down_time`).
pub const SERVICE_DOWN_TIME: Duration = Duration::from_secs(60);

/// A service as its group knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Who it is.
    pub service: Identity,
    /// An operator has not taken it out of use.
    pub enabled: bool,
    /// How long ago its last sign of life was; its creation counts as one. Clocks differ: one that lies in the
    /// future is as far away as it would be in the past.
    pub silent: Duration,
}

/// A driver of a service group: where the rows are.
pub trait ServiceGroup: Send + Sync + 'static {
    /// Makes sure that the service has its row. One that was there before stays as it is.
    fn enroll<'a>(&'a self, service: &'a Identity) -> BoxFuture<'a, Result<(), BoxError>>;

    /// Notes a sign of life.
    fn report<'a>(&'a self, service: &'a Identity) -> BoxFuture<'a, Result<(), BoxError>>;

    /// Removes the row.
    fn remove<'a>(&'a self, service: &'a Identity) -> BoxFuture<'a, Result<(), BoxError>>;

    /// The services of a topic, up or down.
    fn members<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<Vec<Member>, BoxError>>;

    /// How long a service is up without a sign of life.
    fn down_time(&self) -> Duration {
        SERVICE_DOWN_TIME
    }

    /// Whether the service is alive, as far as one can tell.
    fn is_up(&self, member: &Member) -> bool {
        member.silent <= self.down_time()
    }

    /// The hosts of a topic that work can be sent to: those whose service is enabled and up.
    fn get_all<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<Vec<String>, BoxError>> {
        Box::pin(async move {
            let members = self.members(topic).await?;
            let usable = members
                .into_iter()
                .filter(|member| member.enabled && self.is_up(member));
            Ok(usable.map(|member| member.service.host).collect())
        })
    }
}
