pub enum MigrateError {
    InstanceNotFound { instance: Uuid },
    NoValidHost,
    Invalid(String),
    Other(Failure),
}
impl ::rpc_runtime::RpcError for MigrateError {
    const KNOWN: ::core::option::Option<&'static [::rpc_runtime::KnownError]> = ::core::option::Option::Some(
        &[
            ::rpc_runtime::KnownError::Class {
                module: "nova.exception",
                class: "InstanceNotFound",
                variant: "InstanceNotFound",
            },
            ::rpc_runtime::KnownError::Class {
                module: "nova.exception",
                class: "NoValidHost",
                variant: "NoValidHost",
            },
            ::rpc_runtime::KnownError::Class {
                module: "builtins",
                class: "ValueError",
                variant: "Invalid",
            },
            ::rpc_runtime::KnownError::Within(
                <Failure as ::rpc_runtime::RpcError>::KNOWN,
            ),
        ],
    );
    fn to_failure(&self) -> ::rpc_runtime::Failure {
        match *self {
            Self::InstanceNotFound { ref instance } => {
                ::rpc_runtime::__private::failure_of_kwargs(
                    self,
                    "nova.exception",
                    "InstanceNotFound",
                    &[("instance_id", instance)],
                )
            }
            Self::NoValidHost => {
                ::rpc_runtime::__private::failure(self, "nova.exception", "NoValidHost")
            }
            Self::Invalid(ref field_0) => {
                ::rpc_runtime::__private::failure_of_args(
                    self,
                    "builtins",
                    "ValueError",
                    &[field_0],
                )
            }
            Self::Other(ref inner) => {
                <Failure as ::rpc_runtime::RpcError>::to_failure(inner)
            }
        }
    }
    fn from_failure(failure: &::rpc_runtime::Failure) -> ::core::option::Option<Self> {
        let known = match ::rpc_runtime::__private::class(failure) {
            ("nova.exception", "InstanceNotFound") => {
                ::rpc_runtime::__private::read(|| ::core::option::Option::Some(Self::InstanceNotFound {
                    instance: ::rpc_runtime::__private::failure_kwarg::<
                        Uuid,
                    >(failure, "instance_id")?,
                }))
            }
            ("nova.exception", "NoValidHost") => {
                ::core::option::Option::Some(Self::NoValidHost)
            }
            ("builtins", "ValueError") => {
                ::rpc_runtime::__private::read(|| ::core::option::Option::Some(
                    Self::Invalid(
                        ::rpc_runtime::__private::failure_arg::<String>(failure, 0)?,
                    ),
                ))
            }
            _ => ::core::option::Option::None,
        };
        known
            .or_else(|| {
                <Failure as ::rpc_runtime::RpcError>::from_failure(failure)
                    .map(Self::Other)
            })
    }
}
pub struct TooMuch {
    limit: u64,
}
impl ::rpc_runtime::RpcError for TooMuch {
    const KNOWN: ::core::option::Option<&'static [::rpc_runtime::KnownError]> = ::core::option::Option::Some(
        &[
            ::rpc_runtime::KnownError::Class {
                module: "calc.exception",
                class: "Overflow",
                variant: "TooMuch",
            },
        ],
    );
    fn to_failure(&self) -> ::rpc_runtime::Failure {
        match *self {
            Self { ref limit } => {
                ::rpc_runtime::__private::failure_of_kwargs(
                    self,
                    "calc.exception",
                    "Overflow",
                    &[("limit", limit)],
                )
            }
        }
    }
    fn from_failure(failure: &::rpc_runtime::Failure) -> ::core::option::Option<Self> {
        let known = match ::rpc_runtime::__private::class(failure) {
            ("calc.exception", "Overflow") => {
                ::rpc_runtime::__private::read(|| ::core::option::Option::Some(Self {
                    limit: ::rpc_runtime::__private::failure_kwarg::<
                        u64,
                    >(failure, "limit")?,
                }))
            }
            _ => ::core::option::Option::None,
        };
        known
    }
}
