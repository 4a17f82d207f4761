//! Reads `#[periodic_tasks] impl`.

use proc_macro2::{Span, TokenStream};
use syn::{FnArg, ImplItem, ImplItemFn, Item, ItemImpl, Receiver, ReceiverKind, Safety, Type};

use super::api::kind;
use super::options::{Key, Options, Shape, Table};
use super::{attribute, values};
use crate::errors::{Errors, Mistake, Place};
use crate::model::{PeriodicTasks, Task};
use crate::{print, types};

static BLOCK: Table = Table {
    of: "a block of periodic tasks",
    of_all: "their block",
    keys: &[Key("crate", Shape::Path, "crate = ::rpc_runtime")],
    beside: &[&TASK],
};

static TASK: Table = Table {
    of: "a periodic task",
    of_all: "periodic tasks",
    keys: &[
        Key("spacing", Shape::Value, r#"spacing = "60s""#),
        Key("run_immediately", Shape::Flag, "run_immediately"),
        Key("enabled", Shape::Value, "enabled = self.audits"),
    ],
    beside: &[],
};

const MARK: &str = "periodic_task";

/// Reads the options and the impl block. For anything else: the tokens to leave in its place.
pub(crate) fn periodic_tasks(
    options: TokenStream,
    item: TokenStream,
    errors: &mut Errors,
) -> Result<PeriodicTasks, TokenStream> {
    let mut item = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Impl(item)) => item,
        Ok(other) => {
            let (place, what) = kind(&other);
            let text = format!("#[periodic_tasks] goes on an impl block of a manager, this is {what}");
            errors.add(Mistake::at(place, text));
            return Err(item);
        }
        Err(error) => {
            errors.add_syntax(error);
            return Err(item);
        }
    };
    if let Some((of_trait, _)) = &item.trait_ {
        let text = "#[periodic_tasks] goes on a manager's own methods, these are those of a trait";
        let help = format!(
            "give the tasks a block of their own: impl {} {{ .. }}",
            print::text(&item.self_ty)
        );
        errors.add(Mistake::at(Place::of(of_trait), text).help(help));
    }

    let mut given = Options::default();
    given.parse(&BLOCK, options, errors);
    let runtime = given.runtime();
    let before = errors.count();
    let tasks = tasks(&mut item, errors);
    if tasks.is_empty() && errors.count() == before && item.trait_.is_none() {
        let mistake = Mistake::at(Span::call_site(), "none of these methods is a periodic task");
        errors.add(mistake.help(r#"mark those that are with #[periodic_task(spacing = "60s")]"#));
    }
    Ok(PeriodicTasks { item, runtime, tasks })
}

fn tasks(item: &mut ItemImpl, errors: &mut Errors) -> Vec<Task> {
    let methods = item.items.iter_mut().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    });
    methods.filter_map(|method| task(method, errors)).collect()
}

/// Reads a method; `None` for one that is no task, or cannot be one.
fn task(method: &mut ImplItemFn, errors: &mut Errors) -> Option<Task> {
    let taken = attribute::take_named(MARK, &mut method.attrs);
    if taken.is_empty() {
        return None;
    }
    let options = attribute::read(MARK, &TASK, &taken, errors);
    let sound = signature(method, errors);
    let spacing = options
        .expr("spacing")
        .and_then(|expr| values::spacing(expr, errors));
    let immediately = options.word("run_immediately");
    if let (Some(place), None) = (immediately, options.word("spacing"))
        && !options.doubtful()
    {
        let mistake = Mistake::at(place, "a task without 'spacing' runs in the first pass anyway");
        errors.add(mistake.help(r#"add spacing = "60s", or leave 'run_immediately' out"#));
    }
    sound.then(|| Task {
        ident: method.sig.ident.clone(),
        attrs: method.attrs.clone(),
        spacing,
        run_immediately: immediately.is_some(),
        enabled: options.expr("enabled").cloned(),
    })
}

/// Whether the method can be called as a task is.
fn signature(method: &ImplItemFn, errors: &mut Errors) -> bool {
    const HELP: &str = "write async fn sweep(&self, ctx: &Context)";
    let before = errors.count();
    let signature = &method.sig;
    if signature.asyncness.is_none() {
        errors.add(Mistake::at(
            signature.fn_token.span,
            "a periodic task is an 'async fn'",
        ));
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.add(Mistake::at(token.span, "a periodic task cannot be unsafe"));
    }
    if !signature.generics.params.is_empty() {
        let text = "a periodic task has no generics: nobody says what they are";
        errors.add(Mistake::at(Place::of(&signature.generics.params), text));
    }
    let mut inputs = signature.inputs.iter();
    match inputs.next() {
        Some(FnArg::Receiver(receiver)) if is_shared(receiver) => {}
        Some(FnArg::Receiver(receiver)) => {
            let text = "a periodic task takes '&self': the manager is shared with its methods";
            errors.add(Mistake::at(Place::of(receiver), text).help(HELP));
        }
        _ => {
            let text = "a periodic task is a method: it takes '&self' and a context";
            errors.add(Mistake::at(signature.ident.span(), text).help(HELP));
            return false;
        }
    }
    match inputs.next() {
        Some(FnArg::Typed(context)) if matches!(types::bare(&context.ty), Type::Reference(of) if of.mutability.is_none()) =>
            {}
        Some(other) => {
            let text = "after '&self', a periodic task takes the context by reference";
            errors.add(Mistake::at(Place::of(other), text).help(HELP));
        }
        None => {
            let text = "a periodic task takes a context";
            errors.add(Mistake::at(signature.ident.span(), text).help(HELP));
        }
    }
    if let Some(more) = inputs.next() {
        let text = "a periodic task takes a context and nothing else: nobody calls it who could say more";
        errors.add(Mistake::at(Place::of(more), text));
    }
    errors.count() == before
}

fn is_shared(receiver: &Receiver) -> bool {
    matches!(&receiver.kind, ReceiverKind::Reference(_, _, None))
}
