//! Methods: how they are sent, how long they may take, and the versions that have them.

use super::history::last;
use super::{ArgSpec, History};
use crate::version::Version;

/// One method.
#[derive(Clone, Copy, Debug)]
pub struct MethodSpec {
    /// Its name on the wire.
    pub name: &'static str,
    /// Names that old callers use; accepted, never sent.
    pub aliases: &'static [&'static str],
    /// How it may be sent.
    pub kinds: Kinds,
    /// The versions that have it.
    pub history: History,
    /// How long a caller waits, when it does not say.
    pub timeout: Timeout,
    /// The server tells the caller that it is alive while the method runs (oslo's call monitoring).
    pub monitored: bool,
    /// Running it twice is as good as once, so an unknown outcome may be retried.
    pub idempotent: bool,
    /// When the server acknowledges.
    pub delivery: Delivery,
    /// Its arguments, in the order of the trait, without the context.
    pub args: &'static [ArgSpec],
    /// The latest version that its history and its arguments, as given to `new`, name.
    latest: Version,
}

impl MethodSpec {
    /// A method with nothing special about it. `since` is the version that brought it; one for each major, if the API
    /// has two.
    pub const fn new(
        name: &'static str,
        kinds: Kinds,
        since: &'static [Version],
        args: &'static [ArgSpec],
    ) -> Self {
        Self {
            name,
            aliases: &[],
            kinds,
            history: History::since(since),
            timeout: Timeout::Default,
            monitored: false,
            idempotent: false,
            delivery: Delivery::AtMostOnce,
            args,
            latest: latest(since, args),
        }
    }

    /// A method that is only called; the parameters are those of [`new`](Self::new).
    pub const fn call(name: &'static str, since: &'static [Version], args: &'static [ArgSpec]) -> Self {
        Self::new(name, Kinds::CALL, since, args)
    }

    /// One that is only cast.
    pub const fn cast(name: &'static str, since: &'static [Version], args: &'static [ArgSpec]) -> Self {
        Self::new(name, Kinds::CAST, since, args)
    }

    /// One that is only fanned out.
    pub const fn fanout(name: &'static str, since: &'static [Version], args: &'static [ArgSpec]) -> Self {
        Self::new(name, Kinds::FANOUT, since, args)
    }

    /// One that is only called, and answers with items.
    pub const fn stream(name: &'static str, since: &'static [Version], args: &'static [ArgSpec]) -> Self {
        Self::new(name, Kinds::STREAM, since, args)
    }

    /// With names that old callers use.
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// With a time limit of its own.
    pub const fn timeout(mut self, timeout: Timeout) -> Self {
        self.timeout = timeout;
        self
    }

    /// With heartbeats while it runs.
    pub const fn monitored(mut self) -> Self {
        self.monitored = true;
        self
    }

    /// Twice is as good as once.
    pub const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// Acknowledged at another time.
    pub const fn delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// Gone with this version, a new major. Callers of an earlier major still have it.
    pub const fn removed(mut self, version: Version) -> Self {
        self.history.until = Some(version);
        self
    }

    /// The version to ask for under `pin`: the latest that changed the method's message and is not above it. `None`
    /// when the method is not in that version.
    pub fn version_under(&self, pin: Version) -> Option<Version> {
        // Nearly every client may send the latest form; none needs to search for it at each call.
        if pin.accepts(self.latest) && self.history.has(self.latest) {
            return Some(self.latest);
        }
        self.changes().filter(|&change| pin.accepts(change)).max()
    }

    /// The versions at which its message changed, ascending.
    pub fn thresholds(&self) -> Vec<Version> {
        let mut versions: Vec<Version> = self.changes().collect();
        versions.sort_unstable();
        versions.dedup();
        versions
    }

    /// The same, in no order, and some of them twice.
    fn changes(&self) -> impl Iterator<Item = Version> {
        let own = self.history.since.iter().copied();
        let of_arguments = self.args.iter().flat_map(ArgSpec::changes);
        own.chain(of_arguments)
            .filter(|&version| self.history.has(version))
    }
}

/// The latest version that a method's message depends on.
const fn latest(since: &[Version], args: &[ArgSpec]) -> Version {
    let mut latest = last(since, Version::new(0, 0));
    let mut at = 0;
    while at < args.len() {
        latest = args[at].latest(latest);
        at += 1;
    }
    latest
}

/// The ways to send a method.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Kinds {
    /// To one server, which answers.
    pub call: bool,
    /// To one server, which does not answer.
    pub cast: bool,
    /// To every server of the topic; none answers.
    pub fanout: bool,
    /// To one server, which answers with any number of items.
    pub stream: bool,
}

impl Kinds {
    /// No way at all, to start from.
    pub const NONE: Self = Self {
        call: false,
        cast: false,
        fanout: false,
        stream: false,
    };
    /// Only as a call.
    pub const CALL: Self = Self {
        call: true,
        ..Self::NONE
    };
    /// Only as a cast.
    pub const CAST: Self = Self {
        cast: true,
        ..Self::NONE
    };
    /// Only as a fan-out.
    pub const FANOUT: Self = Self {
        fanout: true,
        ..Self::NONE
    };
    /// Only as a call that is answered with items.
    pub const STREAM: Self = Self {
        stream: true,
        ..Self::NONE
    };

    /// These ways and those.
    pub const fn and(self, other: Self) -> Self {
        Self {
            call: self.call || other.call,
            cast: self.cast || other.cast,
            fanout: self.fanout || other.fanout,
            stream: self.stream || other.stream,
        }
    }
}

/// The time limit of a call as the method declares it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Timeout {
    /// The bus's own (`rpc_response_timeout`).
    #[default]
    Default,
    /// This many milliseconds.
    Millis(u64),
    /// The class that the bus's settings define by this name (as Nova's `long_rpc_timeout`).
    Class(&'static str),
}

/// When a server acknowledges a message to the broker.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Delivery {
    /// On receipt, as oslo.messaging does. A server that dies loses the call; only one that dies within a
    /// millisecond of the receipt may leave it to another.
    #[default]
    AtMostOnce,
    /// After the reply is sent. Another server repeats the call of one that died.
    ///
    /// RabbitMQ takes the channel from a server that leaves a message without an acknowledgement for 30 minutes
    /// (`consumer_timeout`), and gives all that is at work on it to others: methods should take less, or the broker
    /// allow more. A request that kills its servers is given to the next without end, unless the queue limits that
    /// (`rabbit_quorum_delivery_limit`) or the method asks [`Incoming::redelivered`](crate::Incoming::redelivered).
    AtLeastOnce,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Below;

    const fn v(major: u32, minor: u32) -> Version {
        Version::new(major, minor)
    }

    #[test]
    fn the_version_sent_is_the_latest_change_under_the_pin() {
        const M: MethodSpec = MethodSpec::new(
            "m",
            Kinds::CALL,
            &[v(1, 2)],
            &[
                ArgSpec::new("a").since(&[v(1, 20)]),
                ArgSpec::new("b").since(&[v(1, 5)]).until(v(1, 11)),
            ],
        );
        assert_eq!(M.thresholds(), [v(1, 2), v(1, 5), v(1, 11), v(1, 20)]);
        assert_eq!(M.version_under(v(1, 25)), Some(v(1, 20)));
        assert_eq!(M.version_under(v(1, 19)), Some(v(1, 11)));
        assert_eq!(M.version_under(v(1, 10)), Some(v(1, 5)));
        assert_eq!(M.version_under(v(1, 2)), Some(v(1, 2)));
        assert_eq!(M.version_under(v(1, 1)), None);
        assert_eq!(M.version_under(v(2, 0)), None);
    }

    #[test]
    fn the_shortcut_to_the_latest_version_finds_what_the_search_finds() {
        const ARGS: &[ArgSpec] = &[
            ArgSpec::new("a").since(&[v(5, 9), v(6, 1)]),
            ArgSpec::new("b").until(v(5, 11)),
            ArgSpec::new("c").below(&[Below::new(v(6, 3), |_, _| Ok(Vec::new()))]),
        ];
        const KEPT: MethodSpec = MethodSpec::new("kept", Kinds::CALL, &[v(5, 2), v(6, 0)], ARGS);
        for method in [KEPT, KEPT.removed(v(6, 0)), KEPT.removed(v(6, 2))] {
            for pin in [5, 6, 7]
                .map(|major| (0..13).map(move |minor| v(major, minor)))
                .into_iter()
                .flatten()
            {
                let changes = method.changes();
                let searched = changes.filter(|&change| pin.accepts(change)).max();
                assert_eq!(method.version_under(pin), searched, "{pin}");
            }
        }
        assert_eq!(KEPT.latest, v(6, 3));
    }

    #[test]
    fn of_two_majors_the_pin_says_which() {
        const KEPT: MethodSpec = MethodSpec::new(
            "kept",
            Kinds::CALL,
            &[v(5, 0), v(6, 0)],
            &[ArgSpec::new("a").since(&[v(5, 9), v(6, 1)])],
        );
        assert_eq!(KEPT.version_under(v(6, 5)), Some(v(6, 1)));
        assert_eq!(KEPT.version_under(v(6, 0)), Some(v(6, 0)));
        assert_eq!(KEPT.version_under(v(5, 13)), Some(v(5, 9)));
        assert_eq!(KEPT.version_under(v(5, 8)), Some(v(5, 0)));
        const GONE: MethodSpec =
            MethodSpec::new("gone", Kinds::CALL, &[v(5, 2), v(6, 0)], &[]).removed(v(6, 0));
        assert_eq!(GONE.version_under(v(6, 5)), None);
        assert_eq!(GONE.version_under(v(5, 13)), Some(v(5, 2)));
    }
}
