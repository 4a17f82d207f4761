//! The worker processes of a launcher: started, replaced, told what signals say, and waited for.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroU32;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, sleep_until};
use tracing::{error, info, warn};

use super::signals::{Signals, Told};
use super::throttle::Throttle;
use super::{Ended, LaunchError, Ready, Reload, role, systemd};

/// The workers, by their numbers: 1 to as many as there are to be. One that ended is missing until it is replaced.
pub(super) struct Fleet {
    count: NonZeroU32,
    workers: BTreeMap<u32, Worker>,
    throttle: Throttle,
    /// When the next start may be, if it was asked for.
    next_start: Option<Instant>,
    /// What the tasks that own the processes tell. One end is kept here for those to come.
    events: UnboundedReceiver<Event>,
    teller: UnboundedSender<Event>,
}

/// What the launcher knows of a worker process.
struct Worker {
    /// To the task that owns the process. As many orders as there are signals to this process, so not bounded here.
    orders: UnboundedSender<Signal>,
    ready: bool,
}

/// What became of a worker.
enum Event {
    Ready(u32),
    Ended {
        number: u32,
        pid: u32,
        status: io::Result<ExitStatus>,
    },
}

impl Fleet {
    pub(super) fn new(count: NonZeroU32) -> Self {
        let (teller, events) = mpsc::unbounded_channel();
        Self {
            count,
            workers: BTreeMap::new(),
            throttle: Throttle::new(count),
            next_start: None,
            events,
            teller,
        }
    }

    /// Keeps the workers at their number until a signal ends them.
    pub(super) async fn run(
        mut self,
        mut signals: Signals,
        reload: Reload,
        mut ready: Option<Ready>,
    ) -> Result<Ended, LaunchError> {
        let (mut started, mut up) = (false, false);
        loop {
            let missing = self.missing();
            let start = self.next_start(missing);
            tokio::select! {
                told = signals.next() => match told {
                    Told::End(_) => break,
                    Told::Reload => {
                        // Before the first READY, systemd waits for nothing else.
                        if up {
                            systemd::reloading();
                        }
                        reload();
                        self.tell(Signal::HUP);
                        if up {
                            systemd::ready(&self.status());
                        }
                    }
                },
                () = start => {
                    self.next_start = None;
                    let Some(number) = missing else { continue };
                    match self.start(number) {
                        Ok(()) => started = true,
                        Err(error) if started => error!(%error, number, "cannot start a worker process"),
                        Err(error) => return Err(LaunchError::Spawn(error)),
                    }
                }
                Some(event) = self.events.recv() => {
                    self.note(event);
                    if !up && self.all_ready() {
                        up = true;
                        systemd::ready(&self.status());
                        if let Some(ready) = ready.take() {
                            ready();
                        }
                    } else {
                        systemd::status(&self.status());
                    }
                }
            }
        }
        self.stop(&mut signals).await
    }

    /// Ends the workers: in order, and at once when a second signal says so.
    async fn stop(mut self, signals: &mut Signals) -> Result<Ended, LaunchError> {
        info!(workers = self.workers.len(), "stopping");
        systemd::stopping();
        self.tell(Signal::TERM);
        let mut ended = Ended::Stopped { abandoned: 0 };
        while !self.workers.is_empty() {
            tokio::select! {
                told = signals.next() => if let Told::End(signal) = told {
                    ended = Ended::Signalled(signal);
                    self.tell(Signal::KILL);
                },
                Some(event) = self.events.recv() => self.note(event),
            }
        }
        Ok(ended)
    }

    /// The first number that no process has.
    fn missing(&self) -> Option<u32> {
        (1..=self.count.get()).find(|number| !self.workers.contains_key(number))
    }

    /// Waits until the missing worker may be started; for ever if none is missing.
    fn next_start(&mut self, missing: Option<u32>) -> impl Future<Output = ()> + use<> {
        let at = missing.map(|_| {
            let throttle = &mut self.throttle;
            *self
                .next_start
                .get_or_insert_with(|| throttle.next(Instant::now()))
        });
        async move {
            match at {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        }
    }

    fn start(&mut self, number: u32) -> io::Result<()> {
        let (command, tether) = role::command(number)?;
        tether.set_nonblocking(true)?;
        let tether = UnixStream::from_std(tether)?;
        // The command holds the worker's end of the tether: it is dropped here, so that only the worker has it.
        let child = Command::from(command).spawn()?;
        let (orders, told) = mpsc::unbounded_channel();
        if let Some(pid) = child.id() {
            info!(number, pid, "started a worker");
        }
        tokio::spawn(keep(number, child, tether, told, self.teller.clone()));
        self.workers.insert(number, Worker { orders, ready: false });
        Ok(())
    }

    fn tell(&self, signal: Signal) {
        for worker in self.workers.values() {
            // One that has just ended need not be told.
            let _ = worker.orders.send(signal);
        }
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Ready(number) => {
                if let Some(worker) = self.workers.get_mut(&number) {
                    worker.ready = true;
                    self.throttle.ready();
                    // What waits for something that is there by now need not.
                    self.next_start = None;
                }
            }
            Event::Ended { number, pid, status } => {
                let was_ready = self.workers.remove(&number).is_some_and(|worker| worker.ready);
                if !was_ready {
                    self.throttle.failed();
                }
                let early = if was_ready { "" } else { " before it was ready" };
                match status {
                    Ok(status) => match (status.signal(), status.code()) {
                        (Some(signal), _) => warn!(number, pid, signal, "a worker was killed{early}"),
                        (None, Some(0)) => info!(number, pid, "a worker ended{early}"),
                        (None, code) => warn!(number, pid, code, "a worker failed{early}"),
                    },
                    Err(error) => error!(number, pid, %error, "a worker cannot be waited for"),
                }
            }
        }
    }

    fn ready(&self) -> usize {
        self.workers.values().filter(|worker| worker.ready).count()
    }

    fn all_ready(&self) -> bool {
        self.ready() == self.count.get() as usize
    }

    fn status(&self) -> String {
        format!("{} of {} workers serve", self.ready(), self.count)
    }
}

/// Owns a worker process. The signals go through here, since only the one who waits for a process knows that its pid
/// is still its own. When this is dropped, so is the tether, and the worker ends.
async fn keep(
    number: u32,
    mut child: Child,
    mut tether: UnixStream,
    mut orders: UnboundedReceiver<Signal>,
    events: UnboundedSender<Event>,
) {
    let pid = child.id().unwrap_or_default();
    let mut silent = true;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            Some(signal) = orders.recv() => {
                let pid = child.id().and_then(|pid| Pid::from_raw(pid.cast_signed()));
                if let Some(Err(error)) = pid.map(|pid| kill_process(pid, signal)) {
                    warn!(number, %error, "a worker cannot be told");
                }
            }
            read = tether.read_u8(), if silent => {
                silent = false;
                if read.is_ok() {
                    let _ = events.send(Event::Ready(number));
                }
            }
        }
    };
    let _ = events.send(Event::Ended { number, pid, status });
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_is_ready_ends_the_long_wait_of_the_others() {
        let mut fleet = Fleet::new(NonZeroU32::new(2).unwrap());
        let (orders, _told) = mpsc::unbounded_channel();
        fleet.workers.insert(1, Worker { orders, ready: false });
        for _ in 0..20 {
            fleet.note(Event::Ended {
                number: 2,
                pid: 0,
                status: Ok(ExitStatus::default()),
            });
        }
        let before = Instant::now();
        drop(fleet.next_start(Some(2)));
        let wait = fleet.next_start.map(|at| at - before);
        assert_eq!(wait, Some(Duration::from_secs(30)));

        fleet.note(Event::Ready(1));
        fleet.next_start(Some(2)).await;
        assert_eq!(before.elapsed(), Duration::ZERO);
    }
}
