//! A struct under `#[derive(RpcServer)]`.

use syn::{Attribute, Generics, Ident, Member, Path, Type};

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
    /// Its `#[cfg]`s.
    pub(crate) cfgs: Vec<Attribute>,
    /// The marker of the API that the manager serves.
    pub(crate) api: Type,
    /// The manager's type.
    pub(crate) manager: Type,
}
