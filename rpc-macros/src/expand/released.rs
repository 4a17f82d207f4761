//! What the compiler compares with the released API: each argument's and answer's type with the shape it had. The
//! comparison is a constant, so `cargo check` makes it.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use rpc_snapshot::{self as snapshot, Rule, Snapshot};

use super::{answered, shape, shared};
use crate::declared;
use crate::errors::Place;
use crate::model::wire_type::{Body, Content, Field, Held, Tagging, Value};
use crate::model::{Api, Method, Waiver};

pub(super) fn expand(api: &Api) -> TokenStream {
    let Some((released, was)) = api
        .released
        .as_ref()
        .and_then(|released| Some((released, released.snapshot.as_ref()?)))
    else {
        return TokenStream::new();
    };
    let runtime = &api.runtime;
    let path = format!("/{}", released.path.value);
    let types = was.types.iter().map(|definition| {
        let body = body(&definition.body);
        shape::definition(runtime, &definition.name, &quote!(""), "", &body)
    });
    let comparison = Comparison { api, was };
    let methods = api.sound_methods().map(|method| comparison.method(method));
    let shared = shared(&api.item.attrs);
    quote! {
        #(#shared)*
        const _: () = {
            // Cargo compiles anew when the file changes.
            const _: &[u8] =
                ::core::include_bytes!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), #path));
            const __TYPES: &[#runtime::shape::Definition] = &[#(#types),*];
            #(#methods)*
        };
    }
}

struct Comparison<'a> {
    api: &'a Api,
    was: &'a Snapshot,
}

/// A type as it is now, and what has it.
struct Now<'a, T> {
    ty: &'a T,
    opaque: bool,
    role: &'static str,
    what: &'a str,
    waivers: &'a [Waiver],
}

impl Comparison<'_> {
    fn method(&self, method: &Method) -> TokenStream {
        let name = &method.wire.value;
        let was: Vec<_> = declared::released(self.api, method, self.was).collect();
        let shared = shared(&method.declared.attrs);
        let mut checks = Vec::new();
        for argument in &method.arguments {
            let is = |was: &&snapshot::Argument| was.name == argument.wire.value;
            let old = was.iter().filter_map(|was| was.arguments.iter().find(is));
            // What its 'below' reads is no concern of its type's.
            let old = old.filter(|_| !declared::argument(argument).is_converted_from(self.was.version));
            let what = format!("argument '{}' of '{name}'", argument.wire.value);
            let now = Now {
                ty: &argument.ty,
                opaque: argument.opaque,
                role: "Argument",
                what: &what,
                waivers: &argument.waivers,
            };
            let old = old.filter_map(|old| old.shape.as_ref());
            checks.extend(self.shapes(&now, &old.collect::<Vec<_>>()));
        }
        if method.kinds.answers() {
            let (value, error) = answered(self.api, method);
            let now = Now {
                ty: &value,
                opaque: method.opaque,
                role: "Answer",
                what: &format!("the answer of '{name}'"),
                waivers: &method.waivers,
            };
            let old = was.iter().filter_map(|was| declared::answer(method, was));
            checks.extend(self.shapes(&now, &old.collect::<Vec<_>>()));
            let old = was.iter().filter_map(|was| was.errors.as_ref());
            let old: Vec<_> = old.collect();
            let alone = old.len() == 1;
            checks.extend(
                old.into_iter()
                    .map(|old| self.errors(&error, old, name, &method.waivers, alone)),
            );
        }
        let shared = quote!(#(#shared)*);
        quote!(#(#shared #checks)*)
    }

    /// That the type has a shape; and if it had one, or several when the method answers for others, that this is no
    /// other than a caller can take.
    fn shapes<T: ToTokens>(&self, now: &Now<'_, T>, old: &[&snapshot::Shape]) -> Vec<TokenStream> {
        let runtime = &self.api.runtime;
        let ty = now.ty;
        let known = match now.opaque {
            true => quote!(&#runtime::shape::Shape::Any),
            false => quote!(<#ty as #runtime::Wire>::SHAPE),
        };
        match old {
            [] if now.opaque => Vec::new(),
            [] => vec![quote!(const _: &#runtime::shape::Shape = #known;)],
            [old] => vec![self.shape(now, &known, old, true)],
            several => several
                .iter()
                .map(|old| self.shape(now, &known, old, false))
                .collect(),
        }
    }

    /// `alone`: a waiver that is not needed for this is needed for nothing.
    fn shape<T: ToTokens>(
        &self,
        now: &Now<'_, T>,
        known: &TokenStream,
        old: &snapshot::Shape,
        alone: bool,
    ) -> TokenStream {
        let runtime = &self.api.runtime;
        let Now {
            ty,
            role,
            what,
            waivers,
            ..
        } = *now;
        let old = shape::shape(runtime, old);
        let released = self.was.version.to_string();
        let raised = declared::version(self.api.version()) > self.was.version;
        let judged = |rule: Rule| match role {
            "Argument" => rule.is_of_arguments(),
            _ => rule.is_of_answers(),
        };
        let (waived, needed) = self.waived(waivers, &judged, alone);
        let role = quote::format_ident!("{role}");
        let call = quote!(#runtime::__private::compare_shape(#known, &#runtime::__private::Compared {
            what: #what,
            old: &#old,
            types: __TYPES,
            role: #runtime::__private::Role::#role,
            released: #released,
            raised: #raised,
            waived: #waived,
            needed: #needed,
        }));
        blamed_on(ty, call)
    }

    fn errors(
        &self,
        ty: &impl ToTokens,
        old: &[snapshot::ErrorClass],
        method: &str,
        waivers: &[Waiver],
        alone: bool,
    ) -> TokenStream {
        let runtime = &self.api.runtime;
        let old = old.iter().map(|error| {
            let snapshot::ErrorClass { module, class, variant } = error;
            quote!(#runtime::__private::KnownError::Class { module: #module, class: #class, variant: #variant })
        });
        let (waived, needed) = self.waived(waivers, &Rule::is_of_errors, alone);
        let call = quote!(#runtime::__private::compare_errors(
            <#ty as #runtime::RpcError>::KNOWN,
            &[#(#old),*],
            #method,
            #waived,
            #needed,
        ));
        blamed_on(ty, call)
    }

    /// The rules that are waived of those that are judged; and of these the ones that nothing else has broken.
    fn waived(
        &self,
        waivers: &[Waiver],
        judged: &dyn Fn(Rule) -> bool,
        alone: bool,
    ) -> (TokenStream, TokenStream) {
        let runtime = &self.api.runtime;
        let judged = || waivers.iter().filter(|waiver| judged(waiver.rule));
        let list = |waivers: &mut dyn Iterator<Item = &Waiver>| {
            let rules = waivers.map(|waiver| {
                let rule = quote::format_ident!("{}", format!("{:?}", waiver.rule));
                quote!(#runtime::__private::Rule::#rule)
            });
            quote!(&[#(#rules),*])
        };
        (
            list(&mut judged()),
            list(&mut judged().filter(|waiver| alone && !waiver.used)),
        )
    }
}

/// The call as a constant, whose failure rustc reports at the type: its first token is where the type's first is, and
/// its last, the group of arguments, where the type's last is.
fn blamed_on(ty: &impl ToTokens, call: TokenStream) -> TokenStream {
    let place = Place::of(ty);
    let mut call: Vec<TokenTree> = call.into_iter().collect();
    let last = call.len().saturating_sub(1);
    for (at, token) in call.iter_mut().enumerate() {
        if at < last {
            token.set_span(token.span().located_at(place.start()));
        } else if let TokenTree::Group(group) = token {
            let mut moved = Group::new(group.delimiter(), group.stream());
            moved.set_span(group.span().located_at(place.end()));
            *group = moved;
        }
    }
    let call: TokenStream = call.into_iter().collect();
    quote!(const _: () = #call;)
}

/// A type of the snapshot, in the terms of a type that is derived.
fn body(body: &snapshot::Body) -> Body {
    match body {
        snapshot::Body::Same(shape) => Body::Same(Held::Shape(shape.get().clone())),
        snapshot::Body::Struct { fields, strict } => Body::Struct {
            fields: fields.iter().map(field).collect(),
            strict: *strict,
        },
        snapshot::Body::Enum {
            tagging,
            values,
            open,
        } => Body::Enum {
            tagging: match tagging {
                snapshot::Tagging::External => Tagging::External,
                snapshot::Tagging::Internal(tag) => Tagging::Internal(tag.to_string()),
                snapshot::Tagging::Adjacent(tag, content) => {
                    Tagging::Adjacent(tag.to_string(), content.to_string())
                }
                snapshot::Tagging::Untagged => Tagging::Untagged,
            },
            values: values.iter().map(value).collect(),
            open: *open,
        },
    }
}

fn value(value: &snapshot::Value) -> Value {
    Value {
        name: value.name.to_string(),
        aliases: value.aliases.iter().map(ToString::to_string).collect(),
        docs: String::new(),
        content: match &value.content {
            snapshot::Content::Unit => Content::Unit,
            snapshot::Content::Shape(shape) => Content::One(Held::Shape(shape.get().clone())),
            snapshot::Content::Fields(fields) => Content::Fields(fields.iter().map(field).collect()),
        },
    }
}

fn field(field: &snapshot::Field) -> Field {
    Field {
        name: field.name.to_string(),
        aliases: field.aliases.iter().map(ToString::to_string).collect(),
        docs: String::new(),
        held: Held::Shape(field.shape.get().clone()),
        default: field.optional,
        omittable: field.omittable,
        flatten: field.flatten,
    }
}
