//! Where in a value something is: `.flavor.extra[].name`.

use crate::message::Message;

/// One step into a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'a> {
    Field(&'a str),
    Value(&'a str),
    Element,
    Key,
    Place(usize),
}

/// What is deeper is told by its first steps.
const MOST: usize = 24;

/// The steps from a value to a part of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path<'a> {
    steps: [Step<'a>; MOST],
    len: usize,
}

impl<'a> Path<'a> {
    pub(super) const fn new() -> Self {
        Self {
            steps: [Step::Element; MOST],
            len: 0,
        }
    }

    pub(super) const fn push(&mut self, step: Step<'a>) {
        if self.len < MOST {
            self.steps[self.len] = step;
        }
        self.len += 1;
    }

    pub(super) const fn pop(&mut self) {
        self.len = self.len.saturating_sub(1);
    }

    pub(super) const fn write(&self, message: &mut Message) {
        let mut at = 0;
        while at < self.len && at < MOST {
            match self.steps[at] {
                Step::Field(name) => {
                    message.push(".");
                    message.push(name);
                }
                Step::Value(name) => {
                    message.push("::");
                    message.push(name);
                }
                Step::Element => message.push("[]"),
                Step::Key => message.push("{}"),
                Step::Place(number) => {
                    message.push(".");
                    message.push_number(number as u64);
                }
            }
            at += 1;
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }
}
