/// The tasks of `ui/released`, one of which is gone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not serve `Tasks`",
    label = "not a manager of this API",
    note = "write `impl Tasks for {Self}`"
)]
trait Tasks {
    /// Gives a server another size.
    #[cfg(not(doc))]
    fn resize(
        &self,
        ctx: &Context,
        server: Server,
        clean: bool,
        hint: Option<Hint>,
    ) -> impl ::core::future::Future<
        Output = Result<Report, TaskError>,
    > + ::core::marker::Send;
    /// Gives a server another size.
    #[cfg(doc)]
    async fn resize(
        &self,
        ctx: &Context,
        server: Server,
        clean: bool,
        hint: Option<Hint>,
    ) -> Result<Report, TaskError>;
}
/// The API that [`Tasks`] declares: what a server serves and a client calls.
struct TasksApi;
impl TasksApi {
    /// [`Tasks::resize`]: `tasks.resize` on the wire, by call and cast; since 1.1, also taken as `tasks.grow`.
    const RESIZE: &'static ::rpc_runtime::MethodSpec = &::rpc_runtime::MethodSpec::new(
            "resize",
            ::rpc_runtime::spec::Kinds::CALL.and(::rpc_runtime::spec::Kinds::CAST),
            &[::rpc_runtime::Version::new(1, 1)],
            &[
                ::rpc_runtime::ArgSpec::new("server"),
                ::rpc_runtime::ArgSpec::new("clean")
                    .since(&[::rpc_runtime::Version::new(1, 2)])
                    .default(|| ::rpc_runtime::__private::default_value::<bool>(true)),
                ::rpc_runtime::ArgSpec::new("hint")
                    .since(&[::rpc_runtime::Version::new(1, 3)]),
            ],
        )
        .aliases(&["grow"])
        .idempotent();
}
impl ::rpc_runtime::Api for TasksApi {
    const SPEC: &'static ::rpc_runtime::ApiSpec = &::rpc_runtime::ApiSpec::new(
            "Tasks",
            ::rpc_runtime::Version::new(1, 3),
            &[Self::RESIZE],
        )
        .topic("tasks")
        .namespace("tasks")
        .releases(&[("zed", ::rpc_runtime::Version::new(1, 1))]);
    type Context = ::rpc_runtime::Context;
}
impl ::rpc_runtime::__private::ContextOf<TasksApi> for ::rpc_runtime::Context {}
/// The releases that speak [`Tasks`], as an operator names them.
#[derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::cmp::PartialEq,
    ::core::cmp::Eq,
    ::core::fmt::Debug
)]
enum TasksRelease {
    /// Speaks 1.1.
    Zed,
}
impl ::rpc_runtime::Release for TasksRelease {
    type Api = TasksApi;
    const ALL: &'static [Self] = &[Self::Zed];
    fn index(self) -> usize {
        self as usize
    }
}
impl ::core::str::FromStr for TasksRelease {
    type Err = ::rpc_runtime::pin::UnknownLevel;
    fn from_str(name: &str) -> ::core::result::Result<Self, Self::Err> {
        <Self as ::rpc_runtime::Release>::named(name)
    }
}
impl ::core::convert::From<TasksRelease> for ::rpc_runtime::Pin {
    fn from(release: TasksRelease) -> Self {
        <Self as ::core::convert::From<
            _,
        >>::from(::rpc_runtime::Release::version(release))
    }
}
impl<__M> ::rpc_runtime::Serve<__M> for TasksApi
where
    __M: Tasks + ::core::marker::Send + ::core::marker::Sync + 'static,
{
    fn dispatch(
        manager: &__M,
        request: ::rpc_runtime::Incoming,
    ) -> ::rpc_runtime::Dispatch<'_> {
        use ::rpc_runtime::__private as __rpc;
        match request.method() {
            "resize" | "grow" => {
                ::std::boxed::Box::pin(async move {
                    let (ctx, server, clean, hint) = __rpc::take3::<
                        Self,
                        Context,
                        Server,
                        bool,
                        Option<Hint>,
                    >(&request, Self::RESIZE)?;
                    __rpc::answer::<
                        Report,
                        TaskError,
                    >(Tasks::resize(manager, &ctx, server, clean, hint).await)
                })
            }
            _ => __rpc::no_such_method(&request),
        }
    }
}
/// A client of [`Tasks`]: `new(&bus)` sends over a bus, `local(manager)` stays in the process.
type TasksClient = ::rpc_runtime::Client<TasksApi>;
impl ::rpc_runtime::client::Calls for TasksApi {
    type Caller<'c> = TasksCaller<'c>;
    fn caller(client: &::rpc_runtime::SpecClient) -> TasksCaller<'_> {
        TasksCaller { client }
    }
}
/// Calls the methods of [`Tasks`] that answer.
struct TasksCaller<'c> {
    client: &'c ::rpc_runtime::SpecClient,
}
impl TasksCaller<'_> {
    /// Gives a server another size.
    fn resize(
        &self,
        ctx: &Context,
        server: impl ::rpc_runtime::ArgOf<Server>,
        clean: impl ::rpc_runtime::ArgOf<bool>,
        hint: impl ::rpc_runtime::ArgOf<Option<Hint>>,
    ) -> ::rpc_runtime::Call<Report, TaskError> {
        self.client.call(TasksApi::RESIZE, ctx, &[&server, &clean, &hint])
    }
}
impl ::rpc_runtime::client::Casts for TasksApi {
    type Caster<'c> = TasksCaster<'c>;
    fn caster(client: &::rpc_runtime::SpecClient) -> TasksCaster<'_> {
        TasksCaster { client }
    }
}
/// Casts the methods of [`Tasks`] that may go unanswered.
struct TasksCaster<'c> {
    client: &'c ::rpc_runtime::SpecClient,
}
impl TasksCaster<'_> {
    /// Gives a server another size.
    fn resize(
        &self,
        ctx: &Context,
        server: impl ::rpc_runtime::ArgOf<Server>,
        clean: impl ::rpc_runtime::ArgOf<bool>,
        hint: impl ::rpc_runtime::ArgOf<Option<Hint>>,
    ) -> ::rpc_runtime::Cast {
        self.client.cast(TasksApi::RESIZE, ctx, &[&server, &clean, &hint])
    }
}
const _: () = {
    const _: &[u8] = ::core::include_bytes!(
        ::core::concat!(::core::env!("CARGO_MANIFEST_DIR"),
        "/../tests/ui/released/tasks.rpc")
    );
    const __TYPES: &[::rpc_runtime::shape::Definition] = &[
        ::rpc_runtime::shape::Definition {
            name: ::rpc_runtime::shape::Text::Borrowed("Flavor"),
            origin: ::rpc_runtime::shape::Text::Borrowed(""),
            docs: ::rpc_runtime::shape::Text::Borrowed(""),
            body: ::rpc_runtime::shape::Body::Struct {
                fields: ::rpc_runtime::shape::List::Borrowed(const {
                    &[
                        ::rpc_runtime::shape::Field {
                            name: ::rpc_runtime::shape::Text::Borrowed("name"),
                            aliases: ::rpc_runtime::shape::List::Borrowed(const { &[] }),
                            docs: ::rpc_runtime::shape::Text::Borrowed(""),
                            shape: ::rpc_runtime::shape::Link::Known(
                                &::rpc_runtime::shape::Shape::Text,
                            ),
                            optional: false,
                            omittable: false,
                            flatten: false,
                        },
                        ::rpc_runtime::shape::Field {
                            name: ::rpc_runtime::shape::Text::Borrowed("size"),
                            aliases: ::rpc_runtime::shape::List::Borrowed(const { &[] }),
                            docs: ::rpc_runtime::shape::Text::Borrowed(""),
                            shape: ::rpc_runtime::shape::Link::Known(
                                &::rpc_runtime::shape::Shape::Integer {
                                    signed: false,
                                    bits: 32,
                                },
                            ),
                            optional: false,
                            omittable: false,
                            flatten: false,
                        },
                    ]
                }),
                strict: false,
            },
        },
        ::rpc_runtime::shape::Definition {
            name: ::rpc_runtime::shape::Text::Borrowed("Report"),
            origin: ::rpc_runtime::shape::Text::Borrowed(""),
            docs: ::rpc_runtime::shape::Text::Borrowed(""),
            body: ::rpc_runtime::shape::Body::Struct {
                fields: ::rpc_runtime::shape::List::Borrowed(const {
                    &[
                        ::rpc_runtime::shape::Field {
                            name: ::rpc_runtime::shape::Text::Borrowed("state"),
                            aliases: ::rpc_runtime::shape::List::Borrowed(const { &[] }),
                            docs: ::rpc_runtime::shape::Text::Borrowed(""),
                            shape: ::rpc_runtime::shape::Link::Known(
                                &::rpc_runtime::shape::Shape::Name(
                                    ::rpc_runtime::shape::Text::Borrowed("State"),
                                ),
                            ),
                            optional: false,
                            omittable: false,
                            flatten: false,
                        },
                    ]
                }),
                strict: false,
            },
        },
        ::rpc_runtime::shape::Definition {
            name: ::rpc_runtime::shape::Text::Borrowed("Server"),
            origin: ::rpc_runtime::shape::Text::Borrowed(""),
            docs: ::rpc_runtime::shape::Text::Borrowed(""),
            body: ::rpc_runtime::shape::Body::Struct {
                fields: ::rpc_runtime::shape::List::Borrowed(const {
                    &[
                        ::rpc_runtime::shape::Field {
                            name: ::rpc_runtime::shape::Text::Borrowed("id"),
                            aliases: ::rpc_runtime::shape::List::Borrowed(const { &[] }),
                            docs: ::rpc_runtime::shape::Text::Borrowed(""),
                            shape: ::rpc_runtime::shape::Link::Known(
                                &::rpc_runtime::shape::Shape::Text,
                            ),
                            optional: false,
                            omittable: false,
                            flatten: false,
                        },
                        ::rpc_runtime::shape::Field {
                            name: ::rpc_runtime::shape::Text::Borrowed("flavor"),
                            aliases: ::rpc_runtime::shape::List::Borrowed(const { &[] }),
                            docs: ::rpc_runtime::shape::Text::Borrowed(""),
                            shape: ::rpc_runtime::shape::Link::Known(
                                &::rpc_runtime::shape::Shape::Name(
                                    ::rpc_runtime::shape::Text::Borrowed("Flavor"),
                                ),
                            ),
                            optional: false,
                            omittable: false,
                            flatten: false,
                        },
                    ]
                }),
                strict: false,
            },
        },
        ::rpc_runtime::shape::Definition {
            name: ::rpc_runtime::shape::Text::Borrowed("State"),
            origin: ::rpc_runtime::shape::Text::Borrowed(""),
            docs: ::rpc_runtime::shape::Text::Borrowed(""),
            body: ::rpc_runtime::shape::Body::Enum {
                tagging: ::rpc_runtime::shape::Tagging::External,
                values: ::rpc_runtime::shape::List::Borrowed(const {
                    &[
                        ::rpc_runtime::shape::Value {
                            name: ::rpc_runtime::shape::Text::Borrowed("Up"),
                            aliases: ::rpc_runtime::shape::List::Borrowed(const { &[] }),
                            docs: ::rpc_runtime::shape::Text::Borrowed(""),
                            content: ::rpc_runtime::shape::Content::Unit,
                        },
                        ::rpc_runtime::shape::Value {
                            name: ::rpc_runtime::shape::Text::Borrowed("Down"),
                            aliases: ::rpc_runtime::shape::List::Borrowed(const { &[] }),
                            docs: ::rpc_runtime::shape::Text::Borrowed(""),
                            content: ::rpc_runtime::shape::Content::Unit,
                        },
                    ]
                }),
                open: false,
            },
        },
    ];
    const _: () = ::rpc_runtime::__private::compare_shape(
        <Server as ::rpc_runtime::Wire>::SHAPE,
        &::rpc_runtime::__private::Compared {
            what: "argument 'server' of 'resize'",
            old: &::rpc_runtime::shape::Shape::Name(
                ::rpc_runtime::shape::Text::Borrowed("Server"),
            ),
            types: __TYPES,
            role: ::rpc_runtime::__private::Role::Argument,
            released: "1.2",
            raised: true,
            waived: &[::rpc_runtime::__private::Rule::TypeFieldNoDelete],
            needed: &[::rpc_runtime::__private::Rule::TypeFieldNoDelete],
        },
    );
    const _: () = ::rpc_runtime::__private::compare_shape(
        <bool as ::rpc_runtime::Wire>::SHAPE,
        &::rpc_runtime::__private::Compared {
            what: "argument 'clean' of 'resize'",
            old: &::rpc_runtime::shape::Shape::Bool,
            types: __TYPES,
            role: ::rpc_runtime::__private::Role::Argument,
            released: "1.2",
            raised: true,
            waived: &[],
            needed: &[],
        },
    );
    const _: () = ::rpc_runtime::__private::compare_shape(
        <Report as ::rpc_runtime::Wire>::SHAPE,
        &::rpc_runtime::__private::Compared {
            what: "the answer of 'resize'",
            old: &::rpc_runtime::shape::Shape::Name(
                ::rpc_runtime::shape::Text::Borrowed("Report"),
            ),
            types: __TYPES,
            role: ::rpc_runtime::__private::Role::Answer,
            released: "1.2",
            raised: true,
            waived: &[],
            needed: &[],
        },
    );
    const _: () = ::rpc_runtime::__private::compare_errors(
        <TaskError as ::rpc_runtime::RpcError>::KNOWN,
        &[
            ::rpc_runtime::__private::KnownError::Class {
                module: "tasks",
                class: "Gone",
                variant: "Gone",
            },
        ],
        "resize",
        &[],
        &[],
    );
};
