//! The sending half: the client of an API, the one by specs that it wraps, and the one by names and JSON.

mod arg;
mod by_spec;
mod call;
pub(crate) mod layer;
mod older;
mod outgoing;
mod repeats;
mod stream;
mod typed;
mod untyped;
pub(crate) mod waiters;

pub use arg::{ArgOf, ByRef};
pub use by_spec::SpecClient;
pub use call::{Call, Cast};
pub use layer::Sender;
pub use outgoing::{Kind, Outgoing};
pub use stream::{CallStream, ItemStream};
pub use typed::{Calls, Casts, Client, FansOut};
pub use untyped::UntypedClient;
