//! The periods that are accounted for: hours, days, months or years, one after the other.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{DateTime, Time};
use jiff::{RoundMode, ToSpan as _, Unit};

/// How long a period is (`instance_usage_audit_period`).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum AuditPeriod {
    Hour,
    Day,
    #[default]
    Month,
    Year,
}

impl FromStr for AuditPeriod {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "hour" => Self::Hour,
            "day" => Self::Day,
            "month" => Self::Month,
            "year" => Self::Year,
            _ => return Err("write hour, day, month or year; an offset as in month@15 is not supported"),
        })
    }
}

impl fmt::Display for AuditPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        })
    }
}

impl AuditPeriod {
    /// When the period began that `now` is in.
    pub(in super::super) fn begin(self, now: DateTime) -> DateTime {
        let hour = now
            .round(
                jiff::civil::DateTimeRound::new()
                    .smallest(Unit::Hour)
                    .mode(RoundMode::Trunc),
            )
            .unwrap_or(now);
        let day = now.date().to_datetime(Time::midnight());
        match self {
            Self::Hour => hour,
            Self::Day => day,
            Self::Month => day.first_of_month(),
            Self::Year => day.first_of_year(),
        }
    }

    /// The last period that was over by `now`.
    pub(super) fn last(self, now: DateTime) -> (DateTime, DateTime) {
        let end = self.begin(now);
        let length = match self {
            Self::Hour => 1.hour(),
            Self::Day => 1.day(),
            Self::Month => 1.month(),
            Self::Year => 1.year(),
        };
        (end.saturating_sub(length), end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_ends_where_the_next_begins() {
        let now: DateTime = "2013-03-31T13:59:59.9".parse().unwrap();
        for (period, begin, end) in [
            ("hour", "2013-03-31T12:00:00", "2013-03-31T13:00:00"),
            ("day", "2013-03-30T00:00:00", "2013-03-31T00:00:00"),
            ("month", "2013-02-01T00:00:00", "2013-03-01T00:00:00"),
            ("year", "2012-01-01T00:00:00", "2013-01-01T00:00:00"),
        ] {
            let (from, to) = period.parse::<AuditPeriod>().unwrap().last(now);
            assert_eq!(
                (from, to),
                (begin.parse().unwrap(), end.parse().unwrap()),
                "{period}"
            );
            assert_eq!(period.parse::<AuditPeriod>().unwrap().begin(now), to);
        }
        assert!("month@3".parse::<AuditPeriod>().is_err());
    }
}
