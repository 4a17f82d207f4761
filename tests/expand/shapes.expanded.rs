/// A server.
#[serde(rename_all = "camelCase")]
struct Server<T> {
    /// Its key.
    server_id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parts: Vec<Server<T>>,
    more: T,
}
const _: () = {
    struct __RoundServer;
    impl ::rpc_runtime::Wire for __RoundServer {
        const SHAPE: &'static ::rpc_runtime::shape::Shape = &::rpc_runtime::shape::Shape::Name(
            ::rpc_runtime::shape::Text::Borrowed("Server"),
        );
    }
    impl<T> ::rpc_runtime::Wire for Server<T> {
        const SHAPE: &'static ::rpc_runtime::shape::Shape = &::rpc_runtime::shape::Shape::Type(
            &::rpc_runtime::shape::Definition {
                name: ::rpc_runtime::shape::Text::Borrowed("Server"),
                origin: ::rpc_runtime::shape::Text::Borrowed(""),
                docs: ::rpc_runtime::shape::Text::Borrowed("A server."),
                body: ::rpc_runtime::shape::Body::Struct {
                    fields: ::rpc_runtime::shape::List::Borrowed(const {
                        &[
                            ::rpc_runtime::shape::Field {
                                name: ::rpc_runtime::shape::Text::Borrowed("serverId"),
                                aliases: ::rpc_runtime::shape::List::Borrowed(const {
                                    &[]
                                }),
                                docs: ::rpc_runtime::shape::Text::Borrowed("Its key."),
                                shape: ::rpc_runtime::shape::Link::Known(
                                    <String as ::rpc_runtime::Wire>::SHAPE,
                                ),
                                optional: ::rpc_runtime::__private::is_optional(
                                    <String as ::rpc_runtime::Wire>::SHAPE,
                                ),
                                omittable: false,
                                flatten: false,
                            },
                            ::rpc_runtime::shape::Field {
                                name: ::rpc_runtime::shape::Text::Borrowed("parts"),
                                aliases: ::rpc_runtime::shape::List::Borrowed(const {
                                    &[]
                                }),
                                docs: ::rpc_runtime::shape::Text::Borrowed(""),
                                shape: ::rpc_runtime::shape::Link::Known(
                                    <Vec<__RoundServer> as ::rpc_runtime::Wire>::SHAPE,
                                ),
                                optional: true,
                                omittable: true,
                                flatten: false,
                            },
                            ::rpc_runtime::shape::Field {
                                name: ::rpc_runtime::shape::Text::Borrowed("more"),
                                aliases: ::rpc_runtime::shape::List::Borrowed(const {
                                    &[]
                                }),
                                docs: ::rpc_runtime::shape::Text::Borrowed(""),
                                shape: ::rpc_runtime::shape::Link::Known(
                                    &::rpc_runtime::shape::Shape::Any,
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
        );
    }
};
#[serde(tag = "kind")]
enum Change {
    Nothing,
    Move(Host),
    Resize { size: u32 },
}
const _: () = {
    impl ::rpc_runtime::Wire for Change {
        const SHAPE: &'static ::rpc_runtime::shape::Shape = &::rpc_runtime::shape::Shape::Type(
            &::rpc_runtime::shape::Definition {
                name: ::rpc_runtime::shape::Text::Borrowed("Change"),
                origin: ::rpc_runtime::shape::Text::Borrowed(
                    ::core::concat!(
                        ::core::module_path!(), ":", ::core::line!(), ":",
                        ::core::column!()
                    ),
                ),
                docs: ::rpc_runtime::shape::Text::Borrowed(""),
                body: ::rpc_runtime::shape::Body::Enum {
                    tagging: ::rpc_runtime::shape::Tagging::Internal(
                        ::rpc_runtime::shape::Text::Borrowed("kind"),
                    ),
                    values: ::rpc_runtime::shape::List::Borrowed(const {
                        &[
                            ::rpc_runtime::shape::Value {
                                name: ::rpc_runtime::shape::Text::Borrowed("Nothing"),
                                aliases: ::rpc_runtime::shape::List::Borrowed(const {
                                    &[]
                                }),
                                docs: ::rpc_runtime::shape::Text::Borrowed(""),
                                content: ::rpc_runtime::shape::Content::Unit,
                            },
                            ::rpc_runtime::shape::Value {
                                name: ::rpc_runtime::shape::Text::Borrowed("Move"),
                                aliases: ::rpc_runtime::shape::List::Borrowed(const {
                                    &[]
                                }),
                                docs: ::rpc_runtime::shape::Text::Borrowed(""),
                                content: ::rpc_runtime::shape::Content::Shape(
                                    ::rpc_runtime::shape::Link::Known(
                                        <Host as ::rpc_runtime::Wire>::SHAPE,
                                    ),
                                ),
                            },
                            ::rpc_runtime::shape::Value {
                                name: ::rpc_runtime::shape::Text::Borrowed("Resize"),
                                aliases: ::rpc_runtime::shape::List::Borrowed(const {
                                    &[]
                                }),
                                docs: ::rpc_runtime::shape::Text::Borrowed(""),
                                content: ::rpc_runtime::shape::Content::Fields(
                                    ::rpc_runtime::shape::List::Borrowed(const {
                                        &[
                                            ::rpc_runtime::shape::Field {
                                                name: ::rpc_runtime::shape::Text::Borrowed("size"),
                                                aliases: ::rpc_runtime::shape::List::Borrowed(const {
                                                    &[]
                                                }),
                                                docs: ::rpc_runtime::shape::Text::Borrowed(""),
                                                shape: ::rpc_runtime::shape::Link::Known(
                                                    <u32 as ::rpc_runtime::Wire>::SHAPE,
                                                ),
                                                optional: ::rpc_runtime::__private::is_optional(
                                                    <u32 as ::rpc_runtime::Wire>::SHAPE,
                                                ),
                                                omittable: false,
                                                flatten: false,
                                            },
                                        ]
                                    }),
                                ),
                            },
                        ]
                    }),
                    open: false,
                },
            },
        );
    }
};
