//! A bounded number of connections, and a deadline for everything that is done with one.
//!
//! The driver's own pool asks the server for a sign of life before and after each use, waits as long for one that
//! refuses as for one that is slow, and keeps the place of a connection whose server has stalled. Here a connection
//! whose work did not end well is dropped on the spot, and its place is free at once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::Connection as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use super::engine::{self, Done, Engine, Found, Link};
use super::error::StoreError;
use super::schema::Table;
use super::sql::{Insertion, Statement};
use super::value::Value;

/// A connection that rested longer is asked for a sign of life before it is used again.
const FRESH: Duration = Duration::from_secs(1);

/// How long the end of connections may take that nobody uses any more.
const CLOSING: Duration = Duration::from_secs(2);

/// How often a statement is run again that lost against another.
const ATTEMPTS: u32 = 5;

/// What is done with a connection.
#[derive(Debug)]
pub(super) enum Work {
    Rows(Statement),
    Run(Statement),
    Insert(Insertion),
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) rows: Vec<Vec<Value>>,
    /// How many rows were found to change.
    pub(super) changed: u64,
}

/// The connections to one database.
pub(super) struct Pool<E: Engine> {
    engine: E,
    limit: Duration,
    size: u32,
    places: Arc<Semaphore>,
    resting: Mutex<Vec<Resting<E>>>,
}

struct Resting<E: Engine> {
    link: Link<E>,
    since: Instant,
}

/// A connection in use. Dropped before its work ended well it is gone, with what the database holds for it.
pub(super) struct Lease<E: Engine> {
    pool: Arc<Pool<E>>,
    /// None when it is gone.
    link: Option<Link<E>>,
    /// Whether it has worked before.
    reused: bool,
    _place: OwnedSemaphorePermit,
}

impl<E: Engine> Pool<E> {
    pub(super) fn new(engine: E, limit: Duration, size: u32) -> Arc<Self> {
        Arc::new(Self {
            engine,
            limit,
            size,
            places: Arc::new(Semaphore::new(size as usize)),
            resting: Mutex::new(Vec::new()),
        })
    }

    /// When an operation must end that starts now.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.limit
    }

    /// Does work that stands for itself.
    pub(super) async fn perform(self: &Arc<Self>, work: &Work, table: &Table) -> Result<Answer, StoreError> {
        let deadline = self.deadline();
        let mut attempt = 1;
        loop {
            let mut lease = self.lease(deadline).await?;
            let error = match lease.perform(work, Some(table), deadline).await {
                Ok(answer) => {
                    lease.release();
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let again = match (&error, work) {
                // What was given up left nothing behind.
                (StoreError::Conflict(_), _) => true,
                // It may have broken while it rested; a reading can be done twice.
                (StoreError::Unreachable(_), Work::Rows(_)) => lease.reused,
                _ => false,
            };
            if lease.link.is_some() {
                lease.release();
            }
            if !again || attempt == ATTEMPTS {
                return Err(error);
            }
            attempt += 1;
        }
    }

    /// A connection, as soon as there is a place for one.
    pub(super) async fn lease(self: &Arc<Self>, deadline: Instant) -> Result<Lease<E>, StoreError> {
        let place = match timeout_at(deadline, Arc::clone(&self.places).acquire_owned()).await {
            Ok(Ok(place)) => place,
            _ => {
                return Err(StoreError::Busy(format!(
                    "all {} connections are in use",
                    self.size
                )));
            }
        };
        let rested = self.rested(deadline).await;
        let reused = rested.is_some();
        let link = match rested {
            Some(link) => link,
            None => match timeout_at(deadline, self.engine.connect()).await {
                Ok(Ok(link)) => link,
                Ok(Err(error)) => return Err(self.meaning(&error, None)),
                Err(_) => {
                    return Err(StoreError::Unreachable(format!(
                        "no connection within {:?}",
                        self.limit
                    )));
                }
            },
        };
        Ok(Lease {
            pool: Arc::clone(self),
            link: Some(link),
            reused,
            _place: place,
        })
    }

    /// A connection that rested, and is alive.
    async fn rested(&self, deadline: Instant) -> Option<Link<E>> {
        let Resting { mut link, since } = self.resting().pop()?;
        if since.elapsed() < FRESH {
            return Some(link);
        }
        // One that has stalled must leave time for a new one.
        let half = Instant::now() + deadline.saturating_duration_since(Instant::now()) / 2;
        if timeout_at(half, engine::answers::<E>(&mut link)).await == Ok(true) {
            return Some(link);
        }
        // What happened to this one happened to all that rested.
        self.resting().clear();
        None
    }

    /// Ends the connections that nobody uses, as a server likes it; a file is then whole by itself.
    pub(super) async fn close(&self) {
        let all = std::mem::take(&mut *self.resting());
        let closing = async {
            for Resting { link, .. } in all {
                // One that cannot be closed is dropped, which is all that is left to do.
                let _ = link.close().await;
            }
        };
        let _ = timeout(CLOSING, closing).await;
    }

    fn resting(&self) -> std::sync::MutexGuard<'_, Vec<Resting<E>>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn meaning(&self, error: &sqlx::Error, table: Option<&Table>) -> StoreError {
        engine::meaning::<E>(error, table, self.limit)
    }
}

impl<E: Engine> Lease<E> {
    /// When an operation must end that starts now.
    pub(super) fn deadline(&self) -> Instant {
        self.pool.deadline()
    }

    pub(super) async fn perform(
        &mut self,
        work: &Work,
        table: Option<&Table>,
        deadline: Instant,
    ) -> Result<Answer, StoreError> {
        let rows = |rows| Answer { rows, changed: 0 };
        let done = |done: Done| Answer {
            rows: Vec::new(),
            changed: done.rows,
        };
        self.within(deadline, table, async |link| match work {
            Work::Rows(statement) => E::rows(link, statement).await.map(rows),
            Work::Run(statement) => E::run(link, statement).await.map(done),
            Work::Insert(insertion) => engine::insert::<E>(link, insertion).await.map(rows),
        })
        .await
    }

    /// Runs text that is part of this program.
    pub(super) async fn script(&mut self, text: &str, deadline: Instant) -> Result<(), StoreError> {
        self.within(deadline, None, async |link| {
            E::script(link, text.to_owned()).await
        })
        .await
    }

    /// The tables of the database, with their columns.
    pub(super) async fn found(&mut self, deadline: Instant) -> Result<Found, StoreError> {
        self.within(deadline, None, async |link| engine::found::<E>(link).await)
            .await
    }

    /// Gives the connection back, to be used again.
    pub(super) fn release(mut self) {
        if let Some(link) = self.link.take() {
            let since = Instant::now();
            self.pool.resting().push(Resting { link, since });
        }
    }

    async fn within<T>(
        &mut self,
        deadline: Instant,
        table: Option<&Table>,
        work: impl AsyncFnOnce(&mut Link<E>) -> Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        // Whoever drops this future before its end leaves no connection behind that waits for an answer.
        let Some(mut link) = self.link.take() else {
            return Err(StoreError::Ended);
        };
        match timeout_at(deadline, work(&mut link)).await {
            Ok(Ok(value)) => {
                self.link = Some(link);
                Ok(value)
            }
            Ok(Err(error)) => {
                if !engine::is_broken(&error) {
                    self.link = Some(link);
                }
                Err(self.pool.meaning(&error, table))
            }
            Err(_) => Err(StoreError::Timeout(self.pool.limit)),
        }
    }
}
