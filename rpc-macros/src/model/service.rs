//! A struct under `#[derive(RpcServer)]`.

use syn::{Generics, Ident, Member, Path, Type};

/// A set of managers.
pub(crate) struct Service {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) runtime: Path,
    pub(crate) served: Vec<Served>,
}

/// A field that holds a manager.
pub(crate) struct Served {
    pub(crate) member: Member,
    /// The marker of the API that the manager serves.
    pub(crate) api: Type,
    /// The manager's type.
    pub(crate) manager: Type,
}
