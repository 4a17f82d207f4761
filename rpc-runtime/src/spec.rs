//! What the compiler knows of an API, as static data: the runtime reads it, `#[rpc_api]` writes it.

use crate::version::Version;

/// A trait under `#[rpc_api]`, as a type: the macro implements this for the marker `<Trait>Api`.
pub trait Api: Send + Sync + 'static {
    /// What the trait declares.
    const SPEC: &'static ApiSpec;

    /// What travels as the context of each call; the type of the methods' second parameter. That it
    /// [travels](crate::Travels) is asked for where it is used.
    type Context: 'static;
}

/// A whole API.
#[derive(Clone, Copy, Debug)]
pub struct ApiSpec {
    /// The trait's name.
    pub name: &'static str,
    /// The topic its servers listen on, unless a client or server says otherwise.
    pub topic: Option<&'static str>,
    /// Separates APIs that share a topic; absent on the wire when `None`.
    pub namespace: Option<&'static str>,
    /// The latest version a server of this code implements.
    pub version: Version,
    /// Every method, in the order of the trait.
    pub methods: &'static [&'static MethodSpec],
}

impl ApiSpec {
    /// The method a peer means by `name`: its wire name or an alias.
    pub fn method(&self, name: &str) -> Option<&'static MethodSpec> {
        self.methods
            .iter()
            .copied()
            .find(|method| method.name == name || method.aliases.contains(&name))
    }
}

/// One method.
#[derive(Clone, Copy, Debug)]
pub struct MethodSpec {
    /// Its name on the wire.
    pub name: &'static str,
    /// Names that old callers use; accepted, never sent.
    pub aliases: &'static [&'static str],
    /// How it may be sent.
    pub kinds: Kinds,
    /// The API version that brought it.
    pub since: Version,
    /// The versions at which its message changed, ascending: `since`, and that of each argument. The first is
    /// always `since`.
    pub thresholds: &'static [Version],
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
}

impl MethodSpec {
    /// A method with nothing special about it.
    ///
    /// # Panics
    ///
    /// Without thresholds: the first is the version that brought the method.
    pub const fn new(
        name: &'static str,
        kinds: Kinds,
        thresholds: &'static [Version],
        args: &'static [ArgSpec],
    ) -> Self {
        let Some(&since) = thresholds.first() else {
            panic!("a method is of some version");
        };
        Self {
            name,
            aliases: &[],
            kinds,
            since,
            thresholds,
            timeout: Timeout::Default,
            monitored: false,
            idempotent: false,
            delivery: Delivery::AtMostOnce,
            args,
        }
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

    /// The version to ask for under `pin`: the highest threshold that is not above it. `None` when the method is
    /// later than the pin.
    pub fn version_under(&self, pin: Option<Version>) -> Option<Version> {
        match pin {
            None => self.thresholds.last().copied(),
            Some(pin) => self
                .thresholds
                .iter()
                .rev()
                .copied()
                .find(|&threshold| pin.accepts(threshold)),
        }
    }
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
    AtLeastOnce,
}

/// One argument.
#[derive(Clone, Copy, Debug)]
pub struct ArgSpec {
    /// Its key on the wire.
    pub name: &'static str,
    /// The API version that brought it; calls from before come without it.
    pub since: Option<Version>,
    /// The JSON text of the value to use when a call comes without it.
    pub default: Option<fn() -> serde_json::Result<Vec<u8>>>,
    /// What a client does with a value when the pin is below `since`.
    pub unsent: Unsent,
    /// Never written to a log.
    pub secret: bool,
}

impl ArgSpec {
    /// An argument that every call has.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            since: None,
            default: None,
            unsent: Unsent::Refuse,
            secret: false,
        }
    }

    /// One that a version brought.
    pub const fn since(mut self, version: Version) -> Self {
        self.since = Some(version);
        self
    }

    /// With the JSON text of the value it has in calls without it.
    pub const fn default(mut self, value: fn() -> serde_json::Result<Vec<u8>>) -> Self {
        self.default = Some(value);
        self
    }

    /// With another treatment by clients that are pinned to a version from before.
    pub const fn unsent(mut self, unsent: Unsent) -> Self {
        self.unsent = unsent;
        self
    }

    /// Kept out of logs.
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

/// What becomes of an argument that the receiver is too old for.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Unsent {
    /// A value that differs from the default is an error: it was meant to have an effect.
    #[default]
    Refuse,
    /// The value is left out.
    Drop,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_sent_is_the_highest_threshold_under_the_pin() {
        const M: MethodSpec = MethodSpec::new(
            "m",
            Kinds::CALL,
            &[Version::new(1, 2), Version::new(1, 11), Version::new(1, 20)],
            &[],
        );
        let under = |major, minor| M.version_under(Some(Version::new(major, minor)));
        assert_eq!(M.version_under(None), Some(Version::new(1, 20)));
        assert_eq!(under(1, 25), Some(Version::new(1, 20)));
        assert_eq!(under(1, 19), Some(Version::new(1, 11)));
        assert_eq!(under(1, 2), Some(Version::new(1, 2)));
        assert_eq!(under(1, 1), None);
        assert_eq!(under(2, 0), None);
    }
}
