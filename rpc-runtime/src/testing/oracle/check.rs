//! The rules, and the report of what broke them.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use super::notes::{Event, Note};
use crate::transport::Sent;

/// What was promised about executions. Always checked besides: every request ends, once, with its own caller, with
/// the reply to it and not to another; nothing is executed that was not asked for, or that failed with
/// [`Sent::No`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Promise {
    /// No request is executed twice.
    pub at_most_once: bool,
    /// A request that the bus accepted or confirmed is executed, even if its caller got no reply.
    pub at_least_once: bool,
}

impl Promise {
    /// Acknowledged before it is executed: a crash loses it.
    pub const AT_MOST_ONCE: Self = Self {
        at_most_once: true,
        at_least_once: false,
    };
    /// Acknowledged after it was executed: a crash repeats it.
    pub const AT_LEAST_ONCE: Self = Self {
        at_most_once: false,
        at_least_once: true,
    };
    /// As it is when no server dies.
    pub const EXACTLY_ONCE: Self = Self {
        at_most_once: true,
        at_least_once: true,
    };
}

/// How often what happened.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct Counts {
    /// Requests.
    pub asked: usize,
    /// Executions, repeated ones included.
    pub executed: usize,
    /// Calls with a reply.
    pub replied: usize,
    /// Casts that the bus accepted.
    pub accepted: usize,
    /// Failures whose message never left.
    pub failed_unsent: usize,
    /// Failures whose message may have left.
    pub failed_unknown: usize,
    /// Failures after the bus had confirmed the message.
    pub failed_confirmed: usize,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Report {
    /// How often what happened.
    pub counts: Counts,
    /// What should not have happened, in the order of the ids.
    pub violations: Vec<Violation>,
}

/// Something that should not have happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// The request.
    pub id: String,
    /// What is wrong with it.
    pub what: String,
}

impl Report {
    /// Nothing was found.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    pub(super) fn unreadable(error: &io::Error) -> Self {
        let violation = Violation {
            id: String::new(),
            what: format!("the notes cannot be read: {error}"),
        };
        Self {
            counts: Counts::default(),
            violations: vec![violation],
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.counts;
        writeln!(
            f,
            "{} asked, {} executed, {} replied, {} accepted; failed: {} not sent, {} unknown, {} confirmed",
            counts.asked,
            counts.executed,
            counts.replied,
            counts.accepted,
            counts.failed_unsent,
            counts.failed_unknown,
            counts.failed_confirmed
        )?;
        const SHOWN: usize = 20;
        writeln!(f, "{} violations", self.violations.len())?;
        for Violation { id, what } in self.violations.iter().take(SHOWN) {
            writeln!(f, "  {id}: {what}")?;
        }
        if self.violations.len() > SHOWN {
            writeln!(f, "  and {} more", self.violations.len() - SHOWN)?;
        }
        Ok(())
    }
}

/// Everything that was noted of one request.
#[derive(Default)]
struct Story<'notes> {
    asked_by: Vec<&'notes str>,
    executed_by: Vec<&'notes str>,
    ends: Vec<&'notes Note>,
}

pub(super) fn check(notes: &[Note], promise: Promise) -> Report {
    let mut counts = Counts::default();
    let mut stories: BTreeMap<&str, Story<'_>> = BTreeMap::new();
    for note in notes {
        let story = stories.entry(&note.id).or_default();
        let count = match &note.event {
            Event::Asked => {
                story.asked_by.push(&note.who);
                &mut counts.asked
            }
            Event::Executed => {
                story.executed_by.push(&note.who);
                &mut counts.executed
            }
            end => {
                story.ends.push(note);
                match end {
                    Event::Failed { sent: Sent::No, .. } => &mut counts.failed_unsent,
                    Event::Failed {
                        sent: Sent::Unknown, ..
                    } => &mut counts.failed_unknown,
                    Event::Failed { .. } => &mut counts.failed_confirmed,
                    Event::Replied { .. } => &mut counts.replied,
                    _ => &mut counts.accepted,
                }
            }
        };
        *count += 1;
    }
    let mut violations = Vec::new();
    for (id, story) in &stories {
        story.judge(id, promise, &mut |what| {
            violations.push(Violation {
                id: (*id).to_owned(),
                what,
            });
        });
    }
    Report { counts, violations }
}

impl Story<'_> {
    fn judge(&self, id: &str, promise: Promise, wrong: &mut impl FnMut(String)) {
        let executions = self.executed_by.len();
        let [caller] = self.asked_by[..] else {
            let asked = self.asked_by.len();
            return wrong(format!("asked {asked} times, executed {executions} times"));
        };
        let end = match self.ends[..] {
            [end] => end,
            [] => return wrong(format!("{caller} never got an answer: lost, or hung")),
            _ => return wrong(format!("ended {} times: {:?}", self.ends.len(), self.ends)),
        };
        if end.who != caller {
            wrong(format!("asked by {caller}, but {} got the answer", end.who));
        }
        if promise.at_most_once && executions > 1 {
            wrong(format!("executed {executions} times, by {:?}", self.executed_by));
        }
        match &end.event {
            Event::Replied { carried } if carried != id => {
                wrong(format!("{caller} got the reply to {carried}"));
            }
            // A reply shows that somebody executed it, whatever was promised.
            Event::Replied { .. } if executions == 0 => wrong("replied, but never executed".to_owned()),
            Event::Accepted if promise.at_least_once && executions == 0 => {
                wrong("accepted, but never executed".to_owned());
            }
            Event::Failed {
                sent: Sent::Confirmed,
                why,
            } if promise.at_least_once && executions == 0 => {
                wrong(format!("confirmed, but never executed ({why})"));
            }
            Event::Failed { sent: Sent::No, why } if executions > 0 => {
                wrong(format!(
                    "said to be not sent ({why}), but executed {executions} times"
                ));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Oracle;
    use super::*;

    /// The one violation of the rules, if any.
    fn verdict(promise: Promise, story: impl Fn(&Oracle, &str)) -> Option<String> {
        let oracle = Oracle::in_memory();
        let id = oracle.asked("caller");
        story(&oracle, &id);
        let mut report = oracle.check(promise);
        assert!(report.violations.len() < 2, "{report}");
        report.violations.pop().map(|violation| violation.what)
    }

    fn found(promise: Promise, words: &str, story: impl Fn(&Oracle, &str)) {
        let verdict = verdict(promise, story);
        assert!(
            verdict.as_ref().is_some_and(|what| what.contains(words)),
            "{verdict:?}"
        );
    }

    #[test]
    fn a_call_executed_and_answered_is_clean() {
        let story = |oracle: &Oracle, id: &str| {
            oracle.executed(id, "server");
            oracle.replied(id, "caller", id);
        };
        assert_eq!(verdict(Promise::EXACTLY_ONCE, story), None);
    }

    #[test]
    fn a_second_execution_breaks_at_most_once_only() {
        let story = |oracle: &Oracle, id: &str| {
            oracle.executed(id, "one");
            oracle.executed(id, "two");
            oracle.replied(id, "caller", id);
        };
        found(Promise::AT_MOST_ONCE, "executed 2 times", story);
        assert_eq!(verdict(Promise::AT_LEAST_ONCE, story), None);
    }

    #[test]
    fn a_lost_cast_breaks_at_least_once_only() {
        let story = |oracle: &Oracle, id: &str| oracle.accepted(id, "caller");
        found(Promise::AT_LEAST_ONCE, "never executed", story);
        assert_eq!(verdict(Promise::AT_MOST_ONCE, story), None);
    }

    #[test]
    fn a_failure_must_tell_the_truth_about_how_far_it_came() {
        found(Promise::AT_LEAST_ONCE, "confirmed", |oracle, id| {
            oracle.failed(id, "caller", Sent::Confirmed, "time-out");
        });
        found(Promise::AT_LEAST_ONCE, "not sent", |oracle, id| {
            oracle.executed(id, "server");
            oracle.failed(id, "caller", Sent::No, "time-out");
        });
        for executions in [0, 1] {
            let unknown = verdict(Promise::EXACTLY_ONCE, |oracle, id| {
                (0..executions).for_each(|_| oracle.executed(id, "server"));
                oracle.failed(id, "caller", Sent::Unknown, "time-out");
            });
            assert_eq!(unknown, None);
        }
    }

    #[test]
    fn answers_belong_to_their_callers() {
        found(Promise::EXACTLY_ONCE, "reply to another", |oracle, id| {
            oracle.executed(id, "server");
            oracle.replied(id, "caller", "another");
        });
        found(Promise::EXACTLY_ONCE, "stranger got", |oracle, id| {
            oracle.executed(id, "server");
            oracle.replied(id, "stranger", id);
        });
        found(Promise::EXACTLY_ONCE, "ended 2 times", |oracle, id| {
            oracle.executed(id, "server");
            oracle.replied(id, "caller", id);
            oracle.replied(id, "caller", id);
        });
        found(Promise::EXACTLY_ONCE, "never executed", |oracle, id| {
            oracle.replied(id, "caller", id);
        });
    }

    #[test]
    fn nothing_is_forgotten_or_invented() {
        found(Promise::AT_MOST_ONCE, "never got an answer", |_, _| {});
        let oracle = Oracle::in_memory();
        oracle.executed("invented", "server");
        let report = oracle.check(Promise::AT_MOST_ONCE);
        assert!(report.to_string().contains("asked 0 times"), "{report}");
        assert_eq!(report.counts.executed, 1);
    }
}
