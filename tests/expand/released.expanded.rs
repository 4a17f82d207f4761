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
#[allow(missing_debug_implementations)]
struct TasksApi;
#[allow(dead_code)]
#[cfg_attr(not(doc), allow(missing_docs))]
impl TasksApi {
    #[cfg_attr(
        doc,
        doc = " [`Tasks::resize`]: `tasks.resize` on the wire, by call and cast; since 1.1, also taken as `tasks.grow`."
    )]
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
#[allow(non_camel_case_types)]
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
#[allow(deprecated)]
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
/// A client of [`Tasks`].
///
/// The methods that change something give a changed copy.
struct TasksClient {
    client: ::rpc_runtime::Client,
}
#[allow(dead_code)]
impl TasksClient {
    /// A client of [`Tasks`] on this bus.
    fn new(bus: &::rpc_runtime::Bus) -> Self {
        Self {
            client: ::rpc_runtime::Client::new(
                bus,
                <TasksApi as ::rpc_runtime::Api>::SPEC,
            ),
        }
    }
    /// A client of a manager in this process: the same encoding and the same version rules, without a bus.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, which runs the methods of [`Tasks`].
    fn local<M>(manager: M) -> Self
    where
        M: Tasks + ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        Self {
            client: ::rpc_runtime::Client::local::<TasksApi, M>(manager),
        }
    }
    /// Sends to this server of the topic.
    #[must_use]
    fn on(&self, server: impl ::core::convert::Into<::std::string::String>) -> Self {
        Self {
            client: self.client.on(server),
        }
    }
    /// Sends to this topic.
    #[must_use]
    fn topic(&self, topic: impl ::core::convert::Into<::std::string::String>) -> Self {
        Self {
            client: self.client.topic(topic),
        }
    }
    /// Sends to the topic as scoped by this exchange, instead of the bus's own.
    #[must_use]
    fn exchange(
        &self,
        exchange: impl ::core::convert::Into<::std::string::String>,
    ) -> Self {
        Self {
            client: self.client.exchange(exchange),
        }
    }
    /// Waits this long for answers, whatever the methods declare.
    #[must_use]
    fn timeout(&self, limit: ::core::time::Duration) -> Self {
        Self {
            client: self.client.timeout(limit),
        }
    }
    /// Gives a call up when its server is silent for this long.
    #[must_use]
    fn monitored(&self, silence: ::core::time::Duration) -> Self {
        Self {
            client: self.client.monitored(silence),
        }
    }
    /// Sends nothing that a server of this version does not understand.
    #[must_use]
    fn pinned(&self, pin: impl ::core::convert::Into<::rpc_runtime::Pin>) -> Self {
        Self {
            client: self.client.pinned(pin),
        }
    }
    /// Whether servers of the version this client is pinned to have the method.
    fn can_send(&self, method: &::rpc_runtime::MethodSpec) -> bool {
        self.client.can_send(method)
    }
    /// Sends to one server and waits for its answer.
    fn call(&self) -> TasksCaller<'_> {
        TasksCaller {
            client: &self.client,
        }
    }
    /// Sends to one server, which does not answer.
    fn cast(&self) -> TasksCaster<'_> {
        TasksCaster {
            client: &self.client,
        }
    }
}
impl ::core::clone::Clone for TasksClient {
    fn clone(&self) -> Self {
        Self {
            client: ::core::clone::Clone::clone(&self.client),
        }
    }
}
impl ::core::fmt::Debug for TasksClient {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.debug_tuple("TasksClient").field(&self.client).finish()
    }
}
/// Calls the methods of [`Tasks`] that answer.
#[allow(missing_debug_implementations)]
struct TasksCaller<'c> {
    client: &'c ::rpc_runtime::Client,
}
#[allow(dead_code)]
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
/// Casts the methods of [`Tasks`] that may go unanswered.
#[allow(missing_debug_implementations)]
struct TasksCaster<'c> {
    client: &'c ::rpc_runtime::Client,
}
#[allow(dead_code)]
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
