//! A type under `#[derive(RpcError)]`.

use syn::{Ident, Path, Type};

use crate::errors::Located;

/// An enum of errors, or a struct that is a single one.
pub(crate) struct ErrorType {
    pub(crate) ident: Ident,
    pub(crate) runtime: Path,
    pub(crate) variants: Vec<Variant>,
}

/// One error.
pub(crate) struct Variant {
    /// `None` for a struct, which is its own only variant.
    pub(crate) ident: Option<Ident>,
    pub(crate) wire: Wire,
    pub(crate) fields: Fields,
}

/// What an error is for a peer.
pub(crate) enum Wire {
    /// An exception of this module and class.
    Class {
        module: Located<String>,
        class: Located<String>,
    },
    /// Whatever the one field is.
    Transparent,
}

/// What an error carries.
pub(crate) enum Fields {
    Unit,
    /// By position.
    Tuple(Vec<Type>),
    /// By name.
    Named(Vec<NamedField>),
}

/// A field with a name.
pub(crate) struct NamedField {
    pub(crate) ident: Ident,
    /// Its name for a peer.
    pub(crate) wire: Located<String>,
    pub(crate) ty: Type,
}
