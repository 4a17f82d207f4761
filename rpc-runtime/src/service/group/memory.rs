//! A service group inside this process, as `mc` is one inside memcached: nothing of it outlives the process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{BoxError, Member, SERVICE_DOWN_TIME, ServiceGroup};
use crate::service::Identity;
use crate::transport::BoxFuture;

/// Rows in memory; for tests, and for services that share a process.
#[derive(Debug)]
pub struct MemoryGroup {
    rows: Mutex<BTreeMap<Identity, Row>>,
    down_time: Duration,
}

#[derive(Debug)]
struct Row {
    seen: Instant,
    enabled: bool,
    reports: u64,
}

impl MemoryGroup {
    /// Without members.
    pub fn new() -> Self {
        Self::with_down_time(SERVICE_DOWN_TIME)
    }

    /// Without members, which are to be down after so long a silence.
    pub fn with_down_time(down_time: Duration) -> Self {
        Self {
            rows: Mutex::default(),
            down_time,
        }
    }

    /// Takes a service out of use, or into it; false if there is none of that name.
    pub fn set_enabled(&self, service: &Identity, enabled: bool) -> bool {
        let mut rows = self.lock();
        let row = rows.get_mut(service);
        row.map(|row| row.enabled = enabled).is_some()
    }

    /// How many signs of life a service gave; `None` without a row.
    pub fn reports(&self, service: &Identity) -> Option<u64> {
        self.lock().get(service).map(|row| row.reports)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Identity, Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryGroup {
    fn default() -> Self {
        Self::new()
    }
}

impl ServiceGroup for MemoryGroup {
    fn enroll<'a>(&'a self, service: &'a Identity) -> BoxFuture<'a, Result<(), BoxError>> {
        self.lock().entry(service.clone()).or_insert_with(|| Row {
            seen: Instant::now(),
            enabled: true,
            reports: 0,
        });
        Box::pin(async { Ok(()) })
    }

    fn report<'a>(&'a self, service: &'a Identity) -> BoxFuture<'a, Result<(), BoxError>> {
        let noted = match self.lock().get_mut(service) {
            Some(row) => {
                row.seen = Instant::now();
                row.reports += 1;
                Ok(())
            }
            None => Err(format!("{service} has no row").into()),
        };
        Box::pin(async { noted })
    }

    fn remove<'a>(&'a self, service: &'a Identity) -> BoxFuture<'a, Result<(), BoxError>> {
        self.lock().remove(service);
        Box::pin(async { Ok(()) })
    }

    fn members<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<Vec<Member>, BoxError>> {
        let rows = self.lock();
        let members = rows.iter().filter(|(service, _)| service.topic == topic);
        let members = members
            .map(|(service, row)| Member {
                service: service.clone(),
                enabled: row.enabled,
                silent: row.seen.elapsed(),
            })
            .collect();
        Box::pin(async { Ok(members) })
    }

    fn down_time(&self) -> Duration {
        self.down_time
    }
}
