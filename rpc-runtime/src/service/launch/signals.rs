//! The signals of a process that serves, and what each of them asks for.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::role::Role;

/// Hears the signals from its making on.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    /// A terminal interrupts a whole group of processes; it is for the launcher to tell its workers what to do.
    ignores_interrupt: bool,
}

/// What a signal says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Told {
    /// To end. The signal's number.
    End(i32),
    /// To read again what can change.
    Reload,
}

impl Signals {
    pub(super) fn listen(role: &Role) -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            ignores_interrupt: role.worker().is_some(),
        })
    }

    /// Waits for the next one. A signal is not lost when this is dropped.
    pub(super) async fn next(&mut self) -> Told {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Told::End(SignalKind::terminate().as_raw_value()),
                _ = self.interrupt.recv() => {
                    if !self.ignores_interrupt {
                        return Told::End(SignalKind::interrupt().as_raw_value());
                    }
                }
                _ = self.hang_up.recv() => return Told::Reload,
            }
        }
    }

    /// Waits until it is told to end; until then, `reload` is done as often as it is told.
    pub(super) async fn end(&mut self, reload: impl Fn()) -> i32 {
        loop {
            match self.next().await {
                Told::End(signal) => return signal,
                Told::Reload => reload(),
            }
        }
    }
}
