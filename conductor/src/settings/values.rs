//! How values are spelt: what a text, a number or a switch of any layer means. It knows no setting by name.
//!
//! Layers have texts; defaults have values of their own, as they are shown.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

/// A time: seconds, or a number with a unit; of whole milliseconds, as it is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Time(pub(crate) Duration);

impl Time {
    const ADVICE: &str = "write seconds, or a number with ms, s, m or h, as in 30, 0.5, 200ms or 5m";

    const EXPECTED: &str = "a time: seconds, or a text as in \"200ms\", \"5m\" or \"1h\"";

    pub(crate) const fn secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const LONGEST: f64 = 49.0 * 86_400.0;
        const MILLISECOND: u32 = 1_000_000;
        let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
        let (number, unit) = units
            .iter()
            .find_map(|(name, seconds)| Some((text.strip_suffix(name)?, *seconds)))
            .unwrap_or((text, 1.0));
        let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        match number.parse::<f64>() {
            Ok(number) if plain => {
                let seconds = number * unit;
                if seconds > LONGEST {
                    return Err("longer than 49 days, which no broker waits".to_owned());
                }
                let time = Duration::try_from_secs_f64(seconds).map_err(|_| Self::ADVICE.to_owned())?;
                // Up: what is more than nothing stays so.
                let over = time.subsec_nanos() % MILLISECOND;
                let rest = if over == 0 { 0 } else { MILLISECOND - over };
                Ok(Self(time + Duration::from_nanos(rest.into())))
            }
            _ => Err(Self::ADVICE.to_owned()),
        }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.as_secs(), self.0.subsec_millis()) {
            (seconds, 0) => write!(f, "{seconds}s"),
            _ => write!(f, "{}ms", self.0.as_millis()),
        }
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer, Time::EXPECTED)
    }
}

/// A time that something may take, which is more than none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Limit(Time);

impl Limit {
    /// Of so many seconds, which are one at least.
    pub(super) fn secs(seconds: u64) -> Self {
        Self(Time::secs(seconds.max(1)))
    }

    pub(crate) fn get(self) -> Duration {
        self.0.0
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse()? {
            Time(Duration::ZERO) => Err(format!("no time at all: {}", Time::ADVICE)),
            time => Ok(Self(time)),
        }
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer, Time::EXPECTED)
    }
}

/// A value that is written as a text, and shown without its secrets: a URL.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Parsed<T>(pub(crate) T);

impl<T: fmt::Display> Serialize for Parsed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer, "a text").map(|Wrapped(value)| Self(value))
    }
}

/// A whole number with limits, both of them possible.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Count<const LEAST: u32, const MOST: u32>(pub(crate) u32);

impl<const LEAST: u32, const MOST: u32> FromStr for Count<LEAST, MOST> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().parse() {
            Ok(number) if (LEAST..=MOST).contains(&number) => Ok(Self(number)),
            _ => Err(format!("write a whole number from {LEAST} to {MOST}")),
        }
    }
}

impl<'de, const LEAST: u32, const MOST: u32> Deserialize<'de> for Count<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer, "a whole number")
    }
}

/// A switch, in all words of oslo.config.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Switch(pub(crate) bool);

impl FromStr for Switch {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "on" | "yes" => Ok(Self(true)),
            "false" | "0" | "off" | "no" => Ok(Self(false)),
            _ => Err("write true or false"),
        }
    }
}

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer, "true or false")
    }
}

/// What is logged, in the form of RUST_LOG.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LogFilter(String);

impl LogFilter {
    pub(crate) fn get(&self) -> EnvFilter {
        // It was read before.
        EnvFilter::new(&self.0)
    }
}

impl Default for LogFilter {
    fn default() -> Self {
        Self("warn".to_owned())
    }
}

impl FromStr for LogFilter {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        EnvFilter::try_new(text).map(|_| Self(text.to_owned()))
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Anything a text is read into, whose own type has no serde.
struct Wrapped<T>(T);

impl<T: FromStr> FromStr for Wrapped<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        text.parse().map(Wrapped)
    }
}

/// Reads a value out of its text, whichever scalar a layer has for it.
fn scalar<'de, D, T>(deserializer: D, expected: &'static str) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    struct Scalar<T>(&'static str, PhantomData<T>);

    impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Scalar<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }

        fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
            self.visit_str(&value.to_string())
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
            self.visit_str(&value.to_string())
        }
    }

    deserializer.deserialize_any(Scalar(expected, PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, millis) in [
            ("30", 30_000),
            ("0", 0),
            ("0.5", 500),
            ("200ms", 200),
            ("5m", 300_000),
            ("1h", 3_600_000),
        ] {
            let time: Time = text.parse().unwrap();
            assert_eq!(time.0, Duration::from_millis(millis), "{text}");
            assert_eq!(time.to_string().parse(), Ok(time));
        }
        let huge = "9".repeat(400);
        for bad in [
            "",
            "-1",
            "NaN",
            "inf",
            "1e3",
            "s",
            "1 s",
            "1d",
            "99999999999",
            huge.as_str(),
        ] {
            bad.parse::<Time>().unwrap_err();
        }
    }

    #[test]
    fn a_time_is_used_as_it_is_shown() {
        for (text, shown) in [
            ("0.0004", "1ms"),
            ("1.0001s", "1001ms"),
            ("0.07", "70ms"),
            ("0.0ms", "0s"),
        ] {
            assert_eq!(text.parse::<Time>().unwrap().to_string(), shown);
        }
        assert_eq!("0.0004".parse(), Ok(Time(Duration::from_millis(1))));
    }

    #[test]
    fn a_limit_is_some_time() {
        assert_eq!("200ms".parse().map(Limit::get), Ok(Duration::from_millis(200)));
        for bad in ["", "0", "0.0000000001", "soon"] {
            assert!(bad.parse::<Limit>().is_err(), "{bad}");
        }
    }

    #[test]
    fn switches_are_those_of_oslo_config() {
        for (text, on) in [
            ("True", true),
            ("yes", true),
            ("ON", true),
            ("1", true),
            ("No", false),
            ("0", false),
        ] {
            assert_eq!(text.parse(), Ok(Switch(on)));
        }
        assert!("enabled".parse::<Switch>().is_err());
    }

    #[test]
    fn counts_keep_their_limits() {
        assert_eq!("7".parse(), Ok(Count::<1, 7>(7)));
        for bad in ["0", "8", "-1", "1.5", "many", "99999999999"] {
            let error = bad.parse::<Count<1, 7>>().unwrap_err();
            assert!(error.contains("from 1 to 7"), "{error}");
        }
    }
}
