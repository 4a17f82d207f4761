//! A test that writes down what the API looks like, for `cargo rpc`. It exists only while cargo rpc compiles.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use rpc_snapshot as snapshot;

use super::{answered, shared};
use crate::declared;
use crate::model::{Api, Method};
use crate::parse::snake;

/// `expansion` is all that is made of the trait otherwise.
pub(super) fn expand(api: &Api, expansion: &TokenStream) -> TokenStream {
    if !crate::describing() {
        return TokenStream::new();
    }
    let runtime = &api.runtime;
    let shared = shared(&api.item.attrs);
    let mut declared = declared::snapshot(api);
    // A crate may forbid that names of another form are let pass.
    let name = format_ident!("__describe_{}", snake(&declared.name));
    let unknown = api.released.is_none().then(|| unknown(api));
    let methods = std::mem::take(&mut declared.methods);
    let methods = api.methods().zip(&methods);
    let methods = methods.map(|(method, declared)| described(api, method, declared));
    let declared = declared.to_string();
    let released = match &api.released {
        Some(released) => {
            let path = &released.path.value;
            quote!(::core::option::Option::Some(#path))
        }
        None => quote!(::core::option::Option::None),
    };
    let expansion = expansion.to_string();
    quote! {
        #(#shared)*
        #[cfg(test)]
        #[test]
        fn #name() -> ::core::result::Result<(), ::std::boxed::Box<dyn ::std::error::Error>> {
            #unknown
            #runtime::__private::describe(&#runtime::__private::Described {
                declared: #declared,
                module: ::core::module_path!(),
                bin: ::core::option_env!("CARGO_BIN_NAME"),
                released: #released,
                methods: &[#(#methods),*],
                expansion: #expansion,
            })
        }
    }
}

/// What stands in for types without a shape, in use also where every type has one.
fn unknown(api: &Api) -> TokenStream {
    let runtime = &api.runtime;
    quote! {
        use #runtime::__private::Unknown as _;
        let _ = #runtime::__private::Probe::<dyn ::core::any::Any>::SHAPE;
    }
}

/// What is not in this build is not described.
fn described(api: &Api, method: &Method, declared: &snapshot::Method) -> TokenStream {
    let shared = shared(&method.declared.attrs);
    let declared = declared.to_string();
    let runtime = &api.runtime;
    // Of an API that is released, every type must be known.
    let shape = |ty: &TokenStream, opaque: bool| match (&api.released, opaque) {
        (_, true) => quote!(&#runtime::shape::Shape::Any),
        (Some(_), _) => quote!(<#ty as #runtime::Wire>::SHAPE),
        (None, _) => quote!(#runtime::__private::Probe::<#ty>::SHAPE),
    };
    let arguments = method.arguments.iter().map(|argument| {
        let ty = &argument.ty;
        shape(&quote!(#ty), argument.opaque)
    });
    let arguments = quote!(&[#(#arguments),*]);
    let none = quote!(::core::option::Option::None);
    let (answer, errors) = if method.kinds.answers() && method.sound {
        let (value, error) = answered(api, method);
        let value = shape(&value, method.opaque);
        (
            quote!(::core::option::Option::Some(#value)),
            quote!(<#error as #runtime::RpcError>::KNOWN),
        )
    } else {
        (none.clone(), none)
    };
    quote!(#(#shared)* #runtime::__private::DescribedMethod {
        declared: #declared,
        arguments: #arguments,
        answer: #answer,
        errors: #errors,
    })
}
