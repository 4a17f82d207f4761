//! What expansions call. Not for use by hand: it changes with the macros, without notice.

use std::convert::Infallible;
use std::fmt;
use std::future::ready;

use rpc_snapshot::Message;
use serde::de::Error as _;
use serde_json::Value;

use crate::error::RpcError;
use crate::server::{Answer, Dispatch, Incoming, Items};
use crate::spec::{ApiSpec, Way};
use crate::travels::Travels;
use crate::wire::{Argument, Failure, read_json};

pub use crate::joined::{count_methods, has_method, join_methods};
pub use rpc_snapshot::{Role, Rule};

pub use crate::described::{Described, DescribedMethod, Probe, Unknown, describe};
pub use crate::error::KnownError;
pub use crate::released::{Compared, compare_errors, compare_shape};
pub use crate::taken::*;

/// The one type that is the context of the API `A`. The expansion of the API says which.
#[diagnostic::on_unimplemented(
    message = "the second parameter of an RPC method is its context, and `{Self}` is not the one of `{A}`",
    label = "not the type that the API's option `context` names",
    note = "without the option, the context is `rpc_runtime::Context`"
)]
pub trait ContextOf<A> {}

/// What a method returns, where an alias hides the parts.
#[diagnostic::on_unimplemented(
    message = "a call can fail on the way: return `Result<{Self}, E>`",
    label = "this is no `Result`"
)]
pub trait Outcome {
    /// Of success.
    type Value;
    /// Of failure.
    type Error;
}

impl<T, E> Outcome for Result<T, E> {
    type Value = T;
    type Error = E;
}

/// What a method returns whose caller does not wait, where an alias hides the parts.
#[diagnostic::on_unimplemented(
    message = "neither a cast nor a fan-out sends an answer: `{Self}` would be lost",
    label = "return nothing, or `Result<(), E>`"
)]
pub trait Unanswered {
    /// The same in one form.
    fn ended(self) -> Result<Answer, Failure>;
}

impl Unanswered for () {
    fn ended(self) -> Result<Answer, Failure> {
        done(self)
    }
}

impl<E: RpcError> Unanswered for Result<(), E> {
    fn ended(self) -> Result<Answer, Failure> {
        answer(self)
    }
}

/// What a stream method returns, where an alias hides the item.
#[diagnostic::on_unimplemented(
    message = "a stream answers with items: return `Result<Items<{Self}, E>, E>`",
    label = "this is no `Items`"
)]
pub trait Several {
    /// What it consists of.
    type Item;
}

impl<T, E> Several for Items<T, E> {
    type Item = T;
}

/// The JSON text of an argument's default.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a default of another type is then told at the default"
)]
pub fn default_value<T: Travels>(value: T) -> serde_json::Result<Vec<u8>> {
    value.to_json()
}

/// The answer of a method that returns a `Result`.
pub fn answer<T, E>(result: Result<T, E>) -> Result<Answer, Failure>
where
    T: Travels,
    E: RpcError,
{
    match result {
        Ok(value) => Answer::value(&value),
        Err(error) => Ok(Answer::Declared(error.to_failure())),
    }
}

/// The answer of a method that returns nothing.
pub fn done(_: ()) -> Result<Answer, Failure> {
    Answer::value(&())
}

/// The answer of a method whose caller does not wait for one.
pub fn unanswered<T: Unanswered>(returned: T) -> Result<Answer, Failure> {
    returned.ended()
}

/// The answer of a method that returns items.
pub fn stream<T, E>(result: Result<Items<T, E>, E>) -> Result<Answer, Failure>
where
    T: Travels + 'static,
    E: RpcError,
{
    match result {
        Ok(items) => Ok(items.into()),
        Err(error) => Ok(Answer::Declared(error.to_failure())),
    }
}

/// An error whose one argument is its text.
pub fn failure<E: RpcError>(error: &E, module: &str, class: &str) -> Failure {
    Failure::new(module, class, error.to_string())
}

/// An error that is known by positional arguments.
pub fn failure_of_args<E: RpcError>(error: &E, module: &str, class: &str, args: &[&dyn Argument]) -> Failure {
    Failure {
        args: args.iter().map(|value| json(*value)).collect(),
        ..failure(error, module, class)
    }
}

/// An error that is known by its text and keyword arguments.
pub fn failure_of_kwargs<E: RpcError>(
    error: &E,
    module: &str,
    class: &str,
    kwargs: &[(&str, &dyn Argument)],
) -> Failure {
    Failure {
        kwargs: kwargs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json(*value)))
            .collect(),
        ..failure(error, module, class)
    }
}

/// What cannot be written is null, and so is a number that is not finite: there is no error about an error.
fn json(value: &dyn Argument) -> Value {
    let text = value.to_json().unwrap_or_default();
    read_json(&String::from_utf8_lossy(&text)).unwrap_or_default()
}

/// The module and class of a failure. Python 2 calls the builtins otherwise.
pub fn class(failure: &Failure) -> (&str, &str) {
    let module = match failure.module.as_str() {
        "exceptions" => "builtins",
        module => module,
    };
    (module, &failure.class)
}

/// Runs `read`: a place for `?`.
pub fn read<T>(read: impl FnOnce() -> Option<T>) -> Option<T> {
    read()
}

/// A positional argument of a failure, if it is there and fits.
pub fn failure_arg<T: Travels>(failure: &Failure, position: usize) -> Option<T> {
    T::deserialize(failure.args.get(position).unwrap_or(&Value::Null)).ok()
}

/// A keyword argument of a failure, if it is there and fits.
pub fn failure_kwarg<T: Travels>(failure: &Failure, name: &str) -> Option<T> {
    T::deserialize(failure.kwargs.get(name).unwrap_or(&Value::Null)).ok()
}

/// The other form of an argument, as JSON: what `to` makes of today's for a receiver from before, or what `from` reads
/// in it.
pub fn other_form<T: Travels, Old: Travels, E: fmt::Display>(
    json: &str,
    way: Way,
    to: fn(&T) -> Old,
    from: fn(Old) -> Result<T, E>,
) -> serde_json::Result<Vec<u8>> {
    match way {
        Way::ToOld => to(&read_json(json)?).to_json(),
        Way::FromOld => {
            let value = from(read_json(json)?).map_err(serde_json::Error::custom)?;
            value.to_json()
        }
    }
}

/// The same for a type that reads its old forms by itself.
pub fn own_form<T: Travels>(json: &str, way: Way, to: fn(&T) -> T) -> serde_json::Result<Vec<u8>> {
    other_form::<T, T, Infallible>(json, way, to, Ok)
}

/// The method asked for, if it is in the version asked for; otherwise a name that no method has.
pub fn method_of<'r>(request: &'r Incoming, api: &ApiSpec) -> &'r str {
    let name = request.method();
    let there = |version| {
        api.method(name)
            .is_none_or(|method| method.history.until.is_none_or(|until| version < until))
    };
    if request.version().is_some_and(there) {
        name
    } else {
        ""
    }
}

/// The answer to a request for a method that the API lacks.
pub fn no_such_method(request: &Incoming) -> Dispatch<'static> {
    Box::pin(ready(Err(Failure::no_such_method(request.method()))))
}

/// The answer to a request for an API that is not served, or not in that version.
pub fn unsupported_version(request: &Incoming) -> Dispatch<'static> {
    Box::pin(ready(Err(Failure::unsupported_version(
        request.version_text(),
        request.method(),
    ))))
}

/// Whether serde does without a field of this shape.
pub const fn is_optional(shape: &crate::shape::Shape) -> bool {
    matches!(shape, crate::shape::Shape::Optional(_))
}

/// Fails the build when two fields of a server serve the same namespace and major version.
#[track_caller]
pub const fn assert_disjoint(served: &[(&ApiSpec, &str)]) {
    let mut second = 0;
    while second < served.len() {
        let mut first = 0;
        while first < second {
            if let Some(major) = served[first].0.shared_major(served[second].0) {
                duplicate(
                    served[first].0.namespace,
                    major,
                    served[first].1,
                    served[second].1,
                );
            }
            first += 1;
        }
        second += 1;
    }
}

/// Puts the message together while compiling, since a constant cannot format.
#[track_caller]
const fn duplicate(namespace: Option<&str>, major: u32, first: &str, second: &str) -> ! {
    let mut text = Message::new();
    match namespace {
        Some(namespace) => {
            text.push("namespace '");
            text.push(namespace);
            text.push("'");
        }
        None => text.push("the API without a namespace"),
    }
    text.push(" (major ");
    text.push_number(major as u64);
    text.push(") is served twice: by field '");
    text.push(first);
    text.push("' and by field '");
    text.push(second);
    text.push("'");
    panic!("{}", text.as_str())
}
