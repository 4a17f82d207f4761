//! `RpcError`: an error to the failure that travels, and back.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Path, Type};

use crate::model::{ErrorType, Fields, NamedField, Variant, Wire};

pub(crate) fn expand(ty: &ErrorType) -> TokenStream {
    let ErrorType {
        ident,
        runtime,
        variants,
    } = ty;
    let failure = Ident::new("failure", Span::mixed_site());
    let written = variants.iter().map(|variant| to_failure(runtime, variant));
    let known: Vec<_> = variants
        .iter()
        .filter_map(|variant| known(runtime, variant, &failure))
        .collect();
    // A match on nothing is one that clippy asks about, and a crate may forbid that it is let pass.
    let known = (!known.is_empty()).then(|| {
        quote! {
            match #runtime::__private::class(#failure) {
                #(#known)*
                _ => ::core::option::Option::None,
            }
        }
    });
    let classes = variants.iter().map(|variant| class(ty, variant));
    let others = variants
        .iter()
        .filter_map(|variant| other(runtime, variant, &failure));
    let mut found = known.into_iter().chain(others);
    let first = found
        .next()
        .unwrap_or_else(|| quote!(::core::option::Option::None));
    quote! {
        impl #runtime::RpcError for #ident {
            const KNOWN: ::core::option::Option<&'static [#runtime::KnownError]> =
                ::core::option::Option::Some(&[#(#classes),*]);

            fn to_failure(&self) -> #runtime::Failure {
                match *self {
                    #(#written)*
                }
            }

            fn from_failure(#failure: &#runtime::Failure) -> ::core::option::Option<Self> {
                let known = #first;
                known #(.or_else(|| #found))*
            }
        }
    }
}

/// The variant as peers know it.
fn class(ty: &ErrorType, variant: &Variant) -> TokenStream {
    let runtime = &ty.runtime;
    match &variant.wire {
        Wire::Class { module, class } => {
            let (module, class) = (&module.value, &class.value);
            let name = variant.ident.as_ref().unwrap_or(&ty.ident).unraw().to_string();
            quote!(#runtime::KnownError::Class { module: #module, class: #class, variant: #name })
        }
        Wire::Transparent => {
            let ty = transparent(variant);
            quote!(#runtime::KnownError::Within(<#ty as #runtime::RpcError>::KNOWN))
        }
    }
}

fn path(variant: &Variant) -> TokenStream {
    match &variant.ident {
        Some(ident) => quote!(Self::#ident),
        None => quote!(Self),
    }
}

fn to_failure(runtime: &Path, variant: &Variant) -> TokenStream {
    let path = path(variant);
    let (module, class) = match &variant.wire {
        Wire::Class { module, class } => (&module.value, &class.value),
        Wire::Transparent => {
            let inner = Ident::new("inner", Span::mixed_site());
            let ty = transparent(variant);
            return quote! {
                #path(ref #inner) => <#ty as #runtime::RpcError>::to_failure(#inner),
            };
        }
    };
    match &variant.fields {
        Fields::Unit => quote! {
            #path => #runtime::__private::failure(self, #module, #class),
        },
        Fields::Tuple(types) => {
            // Each where its type is, which is where rustc finds fault with it.
            let names: Vec<Ident> = types
                .iter()
                .enumerate()
                .map(|(position, ty)| format_ident!("field_{position}", span = ty.span()))
                .collect();
            quote! {
                #path(#(ref #names),*) => {
                    #runtime::__private::failure_of_args(self, #module, #class, &[#(#names),*])
                }
            }
        }
        Fields::Named(fields) => {
            let idents: Vec<&Ident> = fields.iter().map(|field| &field.ident).collect();
            let keys = fields.iter().map(|field| &field.wire.value);
            quote! {
                #path { #(ref #idents),* } => {
                    #runtime::__private::failure_of_kwargs(self, #module, #class, &[#((#keys, #idents)),*])
                }
            }
        }
    }
}

/// The arm for a variant that has a class.
fn known(runtime: &Path, variant: &Variant, failure: &Ident) -> Option<TokenStream> {
    let Wire::Class { module, class } = &variant.wire else {
        return None;
    };
    let (module, class) = (&module.value, &class.value);
    let path = path(variant);
    let error = match &variant.fields {
        Fields::Unit => quote!(::core::option::Option::Some(#path)),
        Fields::Tuple(types) => {
            let values = types.iter().enumerate().map(|(position, ty)| {
                let position = Literal::usize_unsuffixed(position);
                quote!(#runtime::__private::failure_arg::<#ty>(#failure, #position)?)
            });
            read(runtime, &quote!(#path(#(#values),*)))
        }
        Fields::Named(fields) => {
            let values = fields.iter().map(|NamedField { ident, wire, ty }| {
                let key = &wire.value;
                quote!(#ident: #runtime::__private::failure_kwarg::<#ty>(#failure, #key)?)
            });
            read(runtime, &quote!(#path { #(#values),* }))
        }
    };
    Some(quote! {
        (#module, #class) => #error,
    })
}

fn read(runtime: &Path, error: &TokenStream) -> TokenStream {
    quote!(#runtime::__private::read(|| ::core::option::Option::Some(#error)))
}

/// What comes into question when no class fits.
fn other(runtime: &Path, variant: &Variant, failure: &Ident) -> Option<TokenStream> {
    let Wire::Transparent = variant.wire else {
        return None;
    };
    let (path, ty) = (path(variant), transparent(variant));
    Some(quote!(<#ty as #runtime::RpcError>::from_failure(#failure).map(#path)))
}

/// The error type that a transparent variant holds.
fn transparent(variant: &Variant) -> Option<&Type> {
    match &variant.fields {
        Fields::Tuple(types) => types.first(),
        Fields::Unit | Fields::Named(_) => None,
    }
}
