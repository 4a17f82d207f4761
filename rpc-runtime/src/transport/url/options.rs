//! The options of a `rabbit://` URL: group `oslo_messaging_rabbit` by their plain names, and a few of our own.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::UrlError;

/// What the query of a `rabbit://` URL says.
///
/// Names and defaults are oslo.messaging's, except where a field says otherwise. Options of oslo.messaging that
/// mean nothing here are accepted, checked, and listed in [`ignored`](Self::ignored).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RabbitOptions {
    /// `ssl`: TLS. On for `amqps://`.
    pub ssl: bool,
    /// `ssl_ca_file`: the certificate authorities to trust (PEM), instead of the system's.
    pub ssl_ca_file: Option<PathBuf>,
    /// `ssl_cert_file`: our certificate (PEM).
    pub ssl_cert_file: Option<PathBuf>,
    /// `ssl_key_file`: its private key (PEM).
    pub ssl_key_file: Option<PathBuf>,
    /// `rabbit_login_method`. Here `PLAIN` by default.
    pub login_method: LoginMethod,
    /// `heartbeat_timeout_threshold`: what is proposed to the broker; zero leaves it to the broker. Here 10 s by
    /// default, not 60: a dead broker is noticed after twice this time.
    pub heartbeat: Duration,
    /// `rabbit_qos_prefetch_count`: in place of the listener's own prefetch. `None` (0 in the URL) keeps that.
    pub prefetch: Option<u16>,
    /// `rabbit_retry_interval`: the first pause of oslo.messaging between two tries to connect. `None` means
    /// 0.1 s, growing to 2 s.
    pub retry_interval: Option<Duration>,
    /// `rabbit_interval_max`: what the pause grows to. `None` means 2 s.
    pub interval_max: Option<Duration>,
    /// `amqp_durable_queues`: exchange and topic queues survive a restart of the broker.
    pub durable_queues: bool,
    /// `amqp_auto_delete`: exchange and topic queues go with their last user.
    pub auto_delete: bool,
    /// `rabbit_ha_queues`: `x-ha-policy=all` on every queue.
    pub ha_queues: bool,
    /// `rabbit_quorum_queue`: topic queues are quorum queues, and the exchange is durable.
    pub quorum_queue: bool,
    /// `rabbit_transient_quorum_queue`: fan-out and reply queues are quorum queues.
    pub transient_quorum_queue: bool,
    /// `rabbit_quorum_delivery_limit`: 0 sets none.
    pub quorum_delivery_limit: u32,
    /// `rabbit_quorum_max_memory_length`: 0 sets none.
    pub quorum_max_memory_length: u32,
    /// `rabbit_quorum_max_memory_bytes`: 0 sets none.
    pub quorum_max_memory_bytes: u32,
    /// `rabbit_transient_queues_ttl`: how long fan-out and reply queues outlive their consumer. Zero: for ever.
    pub transient_queues_ttl: Duration,
    /// `enable_cancel_on_failover`.
    pub cancel_on_failover: bool,
    /// `profile`, our own: which entities are declared.
    pub profile: Profile,
    /// `fail_when_blocked`, our own: while the broker blocks publishers (an alarm), a send fails at once rather
    /// than at its deadline.
    pub fail_when_blocked: bool,
    /// Options that were given, and mean nothing here.
    pub ignored: Vec<&'static str>,
}

impl Default for RabbitOptions {
    fn default() -> Self {
        Self {
            ssl: false,
            ssl_ca_file: None,
            ssl_cert_file: None,
            ssl_key_file: None,
            login_method: LoginMethod::Plain,
            heartbeat: Duration::from_secs(10),
            prefetch: None,
            retry_interval: None,
            interval_max: None,
            durable_queues: false,
            auto_delete: false,
            ha_queues: false,
            quorum_queue: false,
            transient_quorum_queue: false,
            quorum_delivery_limit: 0,
            quorum_max_memory_length: 0,
            quorum_max_memory_bytes: 0,
            transient_queues_ttl: Duration::from_secs(1800),
            cancel_on_failover: false,
            profile: Profile::Oslo,
            fail_when_blocked: false,
            ignored: Vec::new(),
        }
    }
}

/// How to log in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoginMethod {
    /// User and password, as text.
    Plain,
    /// The same in a table; RabbitMQ's own.
    AmqPlain,
    /// By the client's certificate.
    External,
    /// RabbitMQ's demonstration of challenge and response.
    RabbitCrDemo,
}

/// Which entities are declared on the broker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    /// Those of oslo.messaging, with its options.
    Oslo,
    /// Durable exchanges and quorum queues throughout, for brokers that refuse transient queues (RabbitMQ 4.3).
    /// The same names; oslo.messaging peers need `rabbit_quorum_queue` and `rabbit_transient_quorum_queue`.
    Modern,
}

/// How an option's value is spelt. What this process has no use for is checked all the same.
#[derive(Clone, Copy)]
enum Kind {
    Bool,
    Count,
    Float,
    Text,
}

/// Every name that is accepted.
const KNOWN: &[(&str, Kind)] = &[
    ("amqp_auto_delete", Kind::Bool),
    ("amqp_durable_queues", Kind::Bool),
    ("conn_pool_min_size", Kind::Count),
    ("conn_pool_ttl", Kind::Count),
    ("direct_mandatory_flag", Kind::Bool),
    ("enable_cancel_on_failover", Kind::Bool),
    ("fail_when_blocked", Kind::Bool),
    ("heartbeat_in_pthread", Kind::Bool),
    ("heartbeat_rate", Kind::Count),
    ("heartbeat_timeout_threshold", Kind::Count),
    ("hostname", Kind::Text),
    ("kombu_compression", Kind::Text),
    ("kombu_failover_strategy", Kind::Text),
    ("kombu_missing_consumer_retry_timeout", Kind::Count),
    ("kombu_reconnect_delay", Kind::Float),
    ("kombu_reconnect_splay", Kind::Float),
    ("processname", Kind::Text),
    ("profile", Kind::Text),
    ("rabbit_ha_queues", Kind::Bool),
    ("rabbit_interval_max", Kind::Count),
    ("rabbit_login_method", Kind::Text),
    ("rabbit_qos_prefetch_count", Kind::Count),
    ("rabbit_quorum_delivery_limit", Kind::Count),
    ("rabbit_quorum_max_memory_bytes", Kind::Count),
    ("rabbit_quorum_max_memory_length", Kind::Count),
    ("rabbit_quorum_queue", Kind::Bool),
    ("rabbit_retry_backoff", Kind::Count),
    ("rabbit_retry_interval", Kind::Count),
    ("rabbit_stream_fanout", Kind::Bool),
    ("rabbit_transient_queues_ttl", Kind::Count),
    ("rabbit_transient_quorum_queue", Kind::Bool),
    ("rpc_conn_pool_size", Kind::Count),
    ("ssl", Kind::Bool),
    ("ssl_ca_file", Kind::Text),
    ("ssl_cert_file", Kind::Text),
    ("ssl_enforce_fips_mode", Kind::Bool),
    ("ssl_key_file", Kind::Text),
    ("ssl_version", Kind::Text),
    ("use_queue_manager", Kind::Bool),
];

impl RabbitOptions {
    /// Whether there is an option of this name.
    pub fn knows(name: &str) -> bool {
        KNOWN.iter().any(|(known, _)| *known == name)
    }

    /// Checks an option by itself, as one that comes from elsewhere than a URL.
    pub fn check(name: &str, value: &str) -> Result<(), UrlError> {
        Self::default().give(name, value)
    }

    pub(super) fn parse(query: &[(String, String)]) -> Result<Self, UrlError> {
        let mut options = Self::default();
        for (name, value) in query {
            options.give(name, value)?;
        }
        if options.ssl_cert_file.is_some() != options.ssl_key_file.is_some() {
            return Err(UrlError::new(
                "one of the options 'ssl_cert_file' and 'ssl_key_file' is missing",
                "give both, or neither",
            ));
        }
        if options.ha_queues && (options.quorum_queue || options.transient_quorum_queue) {
            return Err(UrlError::new(
                "the options 'rabbit_ha_queues' and 'rabbit_quorum_queue' contradict each other",
                "leave out 'rabbit_ha_queues': quorum queues are replicated anyway",
            ));
        }
        Ok(options)
    }

    fn give(&mut self, name: &str, value: &str) -> Result<(), UrlError> {
        let Some((name, kind)) = KNOWN.iter().find(|(known, _)| *known == name) else {
            return Err(unknown(name));
        };
        let option = Given { name, value };
        match *kind {
            Kind::Bool => drop(option.bool()?),
            Kind::Count => drop(option.count::<u32>()?),
            Kind::Float => drop(option.float()?),
            Kind::Text => {}
        }
        self.set(&option)
    }

    fn set(&mut self, option: &Given<'_>) -> Result<(), UrlError> {
        match option.name {
            "ssl" => self.ssl = option.bool()?,
            "ssl_ca_file" => self.ssl_ca_file = Some(option.value.into()),
            "ssl_cert_file" => self.ssl_cert_file = Some(option.value.into()),
            "ssl_key_file" => self.ssl_key_file = Some(option.value.into()),
            "rabbit_login_method" => {
                self.login_method = option.choice(&[
                    ("PLAIN", LoginMethod::Plain),
                    ("AMQPLAIN", LoginMethod::AmqPlain),
                    ("EXTERNAL", LoginMethod::External),
                    ("RABBIT-CR-DEMO", LoginMethod::RabbitCrDemo),
                ])?;
            }
            "heartbeat_timeout_threshold" => {
                // AMQP has 16 bits for it.
                self.heartbeat = Duration::from_secs(option.count::<u16>()?.into());
            }
            "rabbit_qos_prefetch_count" => {
                self.prefetch = Some(option.count::<u16>()?).filter(|&count| count > 0);
            }
            "rabbit_retry_interval" => self.retry_interval = Some(option.seconds()?),
            "rabbit_interval_max" => self.interval_max = Some(option.seconds()?),
            "amqp_durable_queues" => self.durable_queues = option.bool()?,
            "amqp_auto_delete" => self.auto_delete = option.bool()?,
            "rabbit_ha_queues" => self.ha_queues = option.bool()?,
            "rabbit_quorum_queue" => self.quorum_queue = option.bool()?,
            "rabbit_transient_quorum_queue" => self.transient_quorum_queue = option.bool()?,
            "rabbit_quorum_delivery_limit" => self.quorum_delivery_limit = option.count()?,
            "rabbit_quorum_max_memory_length" => self.quorum_max_memory_length = option.count()?,
            "rabbit_quorum_max_memory_bytes" => self.quorum_max_memory_bytes = option.count()?,
            "rabbit_transient_queues_ttl" => self.transient_queues_ttl = option.seconds()?,
            "enable_cancel_on_failover" => self.cancel_on_failover = option.bool()?,
            "profile" => {
                self.profile = option.choice(&[("oslo", Profile::Oslo), ("modern", Profile::Modern)])?;
            }
            "fail_when_blocked" => self.fail_when_blocked = option.bool()?,
            other => {
                let known = KNOWN.iter().find(|(known, _)| *known == other);
                self.ignored.extend(known.map(|(known, _)| *known));
            }
        }
        Ok(())
    }
}

/// One option of the query.
struct Given<'a> {
    name: &'a str,
    value: &'a str,
}

impl Given<'_> {
    fn bad(&self, advice: String) -> UrlError {
        UrlError::new(
            format!(
                "option '{}' of the transport URL has the value '{}'",
                self.name, self.value
            ),
            advice,
        )
    }

    fn bool(&self) -> Result<bool, UrlError> {
        match self.value.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err(self.bad("write true or false".into())),
        }
    }

    fn count<T: FromStr + TryFrom<u64>>(&self) -> Result<T, UrlError> {
        self.value
            .trim()
            .parse()
            .map_err(|_| self.bad("write a whole number, not negative and not too large".into()))
    }

    fn float(&self) -> Result<f64, UrlError> {
        match self.value.trim().parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
            _ => Err(self.bad("write a number, not negative".into())),
        }
    }

    fn seconds(&self) -> Result<Duration, UrlError> {
        Ok(Duration::from_secs(self.count::<u32>()?.into()))
    }

    fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, UrlError> {
        let found = choices
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(self.value));
        match found {
            Some((_, choice)) => Ok(*choice),
            None => {
                let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
                Err(self.bad(format!("write one of {}", names.join(", "))))
            }
        }
    }
}

fn unknown(name: &str) -> UrlError {
    let mut near: Vec<(usize, &str)> = KNOWN
        .iter()
        .map(|(known, _)| (distance(name, known), *known))
        .filter(|(distance, known)| *distance <= known.len() / 3 || (name.len() > 3 && known.contains(name)))
        .collect();
    near.sort_unstable();
    let near: Vec<String> = near
        .iter()
        .take(3)
        .map(|(_, known)| format!("'{known}'"))
        .collect();
    UrlError::new(
        format!("the transport URL has the unknown option '{name}'"),
        if near.is_empty() {
            "write an option of oslo.messaging's group oslo_messaging_rabbit, or leave it out".to_owned()
        } else {
            format!("did you mean {}?", near.join(" or "))
        },
    )
}

/// How many letters to insert, remove or replace.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, b) in row.iter_mut().skip(1).zip(to.bytes()) {
            let best = (diagonal + usize::from(a != b)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = best;
            left = best;
        }
    }
    row.last().copied().unwrap_or(from.len())
}
