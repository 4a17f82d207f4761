//! What a method is called with, out of a request: the context and the arguments. Generated code calls the function for
//! its number of arguments.

use std::borrow::Cow;

use crate::private::ContextOf;
use crate::server::Incoming;
use crate::spec::MethodSpec;
use crate::travels::Travels;
use crate::wire::{self, Failure, todays};

macro_rules! takers {
    ([$($index:tt $type:ident)*] $decode:ident $name:ident $count:tt $next:ident; $($more:tt)*) => {
        /// Reads the context and the arguments of `method`, which are as many, from a request to the API `Of`.
        pub fn $name<Of, Context: ContextOf<Of> + Travels, $($type: Travels),*>(
            request: &Incoming,
            method: &MethodSpec,
        ) -> Result<(Context, $($type),*), Failure> {
            let context = request.context()?;
            let _arguments = wire::$decode(&todays_args(request, method)?, method.args)?;
            Ok((context, $(_arguments.$index),*))
        }
        takers! { [$($index $type)* $count $next] $($more)* }
    };
    ([$($all:tt)*]) => {};
}

crate::arities::arities! { takers }

/// The arguments of a request in today's forms, whatever version it asks for.
fn todays_args<'r>(request: &'r Incoming, method: &MethodSpec) -> Result<Cow<'r, str>, Failure> {
    match request.version() {
        Some(version) => todays(request.args(), version, method.args),
        None => Ok(Cow::Borrowed(request.args())),
    }
}
