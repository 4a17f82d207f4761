//! `XApi`: the API as a type, and what is known of it as data.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{Names, constant, doc, runtime_at, shared, visibility};
use crate::model::{Api, Argument, Below, DefaultValue, Delivery, Method, Timeout, Unsent, Version};

pub(super) fn expand(api: &Api) -> TokenStream {
    let Names {
        api: name, marker, ..
    } = Names::of(api);
    let runtime = &api.runtime;
    let vis = visibility(api);
    let shared: Vec<_> = shared(&api.item.attrs).collect();
    let doc = doc(&format!(
        "The API that [`{name}`] declares: what a server serves and a client calls."
    ));
    let constants = api.methods().map(|method| spec(api, method));
    let methods = api.methods().map(|method| {
        let (shared, constant) = (super::shared(&method.declared.attrs), constant(method));
        quote!(#(#shared)* Self::#constant)
    });
    let api_name = syn::ext::IdentExt::unraw(name).to_string();
    let version = version(api, api.version());
    let more = of_api(api);
    let context = match &api.context {
        Some(ty) => quote!(#ty),
        None => quote!(#runtime::Context),
    };
    quote! {
        #doc
        #(#shared)*
        #vis struct #marker;

        #(#shared)*
        impl #marker {
            #(#constants)*
        }

        #(#shared)*
        impl #runtime::Api for #marker {
            const SPEC: &'static #runtime::ApiSpec =
                &#runtime::ApiSpec::new(#api_name, #version, &[#(#methods),*]) #more;
            type Context = #context;
        }

        #(#shared)*
        impl #runtime::__private::ContextOf<#marker> for #context {}
    }
}

/// What an API says beyond its name and version.
fn of_api(api: &Api) -> TokenStream {
    let mut tokens = TokenStream::new();
    if let Some(topic) = api.topic.as_ref().map(|topic| &topic.value) {
        tokens.extend(quote!(.topic(#topic)));
    }
    if let Some(namespace) = api.namespace.as_ref().map(|namespace| &namespace.value) {
        tokens.extend(quote!(.namespace(#namespace)));
    }
    if let Some(accepts) = &api.accepts {
        let accepts = version(api, accepts.value);
        tokens.extend(quote!(.accepts(#accepts)));
    }
    if !api.releases.is_empty() {
        let releases = api.releases.iter().map(|release| {
            let name = syn::ext::IdentExt::unraw(&release.name).to_string();
            let version = version(api, release.version.value);
            quote!((#name, #version))
        });
        tokens.extend(quote!(.releases(&[#(#releases),*])));
    }
    tokens
}

fn spec(api: &Api, method: &Method) -> TokenStream {
    let runtime = &api.runtime;
    let vis = visibility(api);
    let shared = shared(&method.declared.attrs);
    let constant = constant(method);
    let wire = &method.wire.value;
    let since = api.since(method);
    let doc = doc(&in_words(api, method, &since));
    let since = since.into_iter().map(|since| version(api, since));
    let arguments = arguments(api, method);
    let (new, kinds) = match ways(method)[..] {
        [only] => (Ident::new(only, Span::call_site()), None),
        _ => (Ident::new("new", Span::call_site()), Some(kinds(api, method))),
    };
    let kinds = kinds.into_iter();
    let more = more(api, method);
    quote! {
        #doc
        #(#shared)*
        #vis const #constant: &'static #runtime::MethodSpec = &#runtime::MethodSpec::#new(
            #wire,
            #(#kinds,)*
            &[#(#since),*],
            &#arguments,
        ) #more;
    }
}

/// What the docs say of a method's constant.
fn in_words(api: &Api, method: &Method, since: &[Version]) -> String {
    let listed = |names: Vec<String>| names.join(" and ");
    let quoted = |name: &str| match &api.namespace {
        Some(namespace) => format!("`{}.{name}`", namespace.value),
        None => format!("`{name}`"),
    };
    let mut words = format!(
        "[`{}::{}`]: {} on the wire, by {}; since {}",
        api.item.ident,
        method.ident(),
        quoted(&method.wire.value),
        listed(ways(method).into_iter().map(str::to_owned).collect()),
        listed(since.iter().map(Version::to_string).collect()),
    );
    if !method.aliases.is_empty() {
        let aliases = method.aliases.iter().map(|alias| quoted(&alias.value));
        words += &format!(", also taken as {}", listed(aliases.collect()));
    }
    if let Some(removed) = &method.removed {
        words += &format!(", until {}", removed.version.value);
    }
    words + "."
}

/// An array of what is known of each. Most have no history: their names are enough.
fn arguments(api: &Api, method: &Method) -> TokenStream {
    let runtime = &api.runtime;
    // Of a method that is told to be wrong, only the name is of use.
    let arguments = method.arguments.iter().filter(|_| method.sound);
    let names = arguments.clone().map(|argument| &argument.wire.value);
    let more: Vec<TokenStream> = arguments
        .clone()
        .map(|argument| of_argument(api, argument))
        .collect();
    if !more.is_empty() && more.iter().all(TokenStream::is_empty) {
        return quote!(#runtime::ArgSpec::all([#(#names),*]));
    }
    quote!([#(#runtime::ArgSpec::new(#names) #more),*])
}

/// The ways to send it, as they are declared.
fn ways(method: &Method) -> Vec<&'static str> {
    let kinds = &method.kinds;
    let ways = [
        (&kinds.call, "call"),
        (&kinds.cast, "cast"),
        (&kinds.fanout, "fanout"),
        (&kinds.stream, "stream"),
    ];
    let given = ways.into_iter().filter(|(given, _)| given.is_some());
    given.map(|(_, way)| way).collect()
}

fn kinds(api: &Api, method: &Method) -> TokenStream {
    let runtime = &api.runtime;
    let kinds = ways(method).into_iter().map(|way| {
        let kind = Ident::new(&way.to_uppercase(), Span::call_site());
        quote!(#runtime::spec::Kinds::#kind)
    });
    kinds
        .reduce(|all, kind| quote!(#all.and(#kind)))
        .unwrap_or_else(|| quote!(#runtime::spec::Kinds::NONE))
}

/// What a method says beyond the usual.
fn more(api: &Api, method: &Method) -> TokenStream {
    let runtime = &api.runtime;
    let mut tokens = TokenStream::new();
    if !method.aliases.is_empty() {
        let aliases = method.aliases.iter().map(|alias| &alias.value);
        tokens.extend(quote!(.aliases(&[#(#aliases),*])));
    }
    match method.timeout.as_ref().map(|timeout| &timeout.value) {
        Some(&Timeout::Millis(millis)) => {
            let millis = Literal::u64_unsuffixed(millis);
            tokens.extend(quote!(.timeout(#runtime::spec::Timeout::Millis(#millis))));
        }
        Some(Timeout::Class(class)) => {
            tokens.extend(quote!(.timeout(#runtime::spec::Timeout::Class(#class))));
        }
        None => {}
    }
    if let Some(removed) = &method.removed {
        let removed = version(api, removed.version.value);
        tokens.extend(quote!(.removed(#removed)));
    }
    if method.monitored.is_some() {
        tokens.extend(quote!(.monitored()));
    }
    if method.idempotent {
        tokens.extend(quote!(.idempotent()));
    }
    if method.delivery == Delivery::AtLeastOnce {
        tokens.extend(quote!(.delivery(#runtime::spec::Delivery::AtLeastOnce)));
    }
    tokens
}

/// What an argument says beyond its name.
fn of_argument(api: &Api, argument: &Argument) -> TokenStream {
    let runtime = &api.runtime;
    let ty = &argument.ty;
    let mut tokens = TokenStream::new();
    if let Some(since) = &argument.since {
        let mut versions: Vec<Version> = since.versions.iter().map(|since| since.value).collect();
        versions.sort_unstable();
        let versions = versions.into_iter().map(|since| version(api, since));
        tokens.extend(quote!(.since(&[#(#versions),*])));
    }
    if let Some(until) = &argument.until {
        let until = version(api, until.version.value);
        tokens.extend(quote!(.until(#until)));
    }
    if !argument.below.is_empty() {
        let mut forms: Vec<&Below> = argument.below.iter().collect();
        forms.sort_by_key(|form| form.version.value);
        let forms = forms.into_iter().map(|form| below(api, argument, form));
        tokens.extend(quote!(.below(&[#(#forms),*])));
    }
    let default = match &argument.default {
        None => None,
        Some(DefaultValue::OfType) => Some(quote!(<#ty as ::core::default::Default>::default())),
        Some(DefaultValue::Value(expr)) => Some(quote!(#expr)),
    };
    if let Some(default) = default {
        tokens.extend(quote!(.default(|| #runtime::__private::default_value::<#ty>(#default))));
    }
    if argument
        .unsent
        .as_ref()
        .is_some_and(|unsent| unsent.value == Unsent::Drop)
    {
        tokens.extend(quote!(.unsent(#runtime::spec::Unsent::Drop)));
    }
    if argument.secret {
        tokens.extend(quote!(.secret()));
    }
    tokens
}

/// A form of an argument from before a version. What rustc finds wrong with the functions, it says at their names.
fn below(api: &Api, argument: &Argument, form: &Below) -> TokenStream {
    let ty = &argument.ty;
    let to = &form.to;
    let version = version(api, form.version.value);
    let first = quote!(#to).into_iter().next();
    let span = first.map_or_else(Span::call_site, |token| {
        Span::call_site().located_at(token.span())
    });
    let there = runtime_at(&api.runtime, span);
    let convert = match &form.from {
        Some(from) => quote_spanned!(span=> other_form::<#ty, _, _>(json, way, #to, #from)),
        None => quote_spanned!(span=> own_form::<#ty>(json, way, #to)),
    };
    let runtime = &api.runtime;
    quote!(#runtime::spec::Below::new(#version, |json, way| #there::__private::#convert))
}

fn version(api: &Api, version: Version) -> TokenStream {
    let runtime = &api.runtime;
    let Version { major, minor } = version;
    let (major, minor) = (Literal::u32_unsuffixed(major), Literal::u32_unsuffixed(minor));
    quote!(#runtime::Version::new(#major, #minor))
}
