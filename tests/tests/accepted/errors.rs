//! Errors of every form: structs, enums, tuples, what passes on another error, and none at all.

use rpc_runtime::{Failure, RpcError};

/// A struct is a single error.
#[derive(Debug, PartialEq, RpcError)]
#[rpc(module = "calc", class = "Full")]
struct TooFull {
    size: u8,
    #[rpc(name = "type")]
    kind: Option<String>,
}

#[derive(Debug, PartialEq, RpcError)]
#[rpc(module = "calc")]
struct Tired;

#[derive(Debug, PartialEq, RpcError)]
#[rpc(module = "builtins")]
struct KeyError(String, u8);

/// Nothing can go wrong.
#[derive(Debug, PartialEq, RpcError)]
enum Never {}

#[derive(Debug, PartialEq, RpcError)]
#[rpc(module = "calc")]
enum All {
    #[rpc(transparent)]
    Full(TooFull),
    Odd(),
    Self_ {
        failure: u8,
        module: u8,
    },
    #[cfg(any())]
    Gone(NoSuchType),
    #[rpc(transparent)]
    Other(Failure),
}

macro_rules! error {
    ($($name:ident)*) => {$(
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{self:?}")
            }
        }

        impl std::error::Error for $name {}
    )*};
}
error!(TooFull Tired KeyError Never All);

/// Nothing but what others are.
mod of_others {
    #![forbid(clippy::match_single_binding)]

    use super::{RpcError, Tired, TooFull};

    #[derive(Debug, PartialEq, RpcError)]
    pub(super) enum Each {
        #[rpc(transparent)]
        Full(TooFull),
        #[rpc(transparent)]
        Tired(Tired),
    }

    error!(Each);
}

fn same<E: RpcError + PartialEq>(error: E) -> Failure {
    let failure = error.to_failure();
    assert_eq!(E::from_failure(&failure), Some(error));
    failure
}

#[test]
fn compiles() {
    let failure = same(TooFull { size: 3, kind: None });
    assert_eq!(
        (failure.module.as_str(), failure.class.as_str()),
        ("calc", "Full")
    );
    assert!(failure.kwargs.contains_key("type"));
    let failure = same(All::Full(TooFull {
        size: 3,
        kind: Some("x".to_owned()),
    }));
    assert_eq!(failure.class, "Full");
    same(Tired);
    assert_eq!(same(of_others::Each::Tired(Tired)).class, "Tired");
    same(KeyError("k".to_owned(), 5));
    same(All::Odd());
    same(All::Self_ {
        failure: 1,
        module: 2,
    });
    same(All::Other(Failure::new("elsewhere", "Thing", "text")));
    assert_eq!(Never::from_failure(&failure), None);
    assert_eq!(Tired::from_failure(&failure), None);
}
