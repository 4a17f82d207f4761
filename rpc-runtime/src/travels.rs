//! What can travel on the wire, as one bound: so that the compiler has one thing to say about a type that cannot.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value that can be an argument, an answer, a context or a field of an error: serde writes it and reads it back,
/// it borrows nothing, and tasks can share it. Every such type is one; there is nothing to implement.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not travel on the wire",
    label = "this type does not travel",
    note = "what travels is written and read by serde, owns its data, and is `Send + Sync`",
    note = "for a type of your own, add `#[derive(serde::Serialize, serde::Deserialize)]`"
)]
pub trait Travels: Serialize + DeserializeOwned + Send + Sync {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + Sync> Travels for T {}
