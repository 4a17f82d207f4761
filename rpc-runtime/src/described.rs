//! Writes what an API looks like to a file, for `cargo rpc`: the expansion has a test that calls this, when cargo rpc
//! compiles it.

use std::error::Error;
use std::marker::PhantomData;
use std::path::Path;
use std::{env, fs};

use rpc_snapshot::{Answer, Collector, ErrorClass, Shape};

use crate::error::KnownError;
use crate::shape::Wire;

/// An API, as far as its expansion knows it.
#[derive(Debug)]
pub struct Described {
    /// The snapshot without methods.
    pub declared: &'static str,
    /// The module it is in.
    pub module: &'static str,
    /// The program that it is compiled into, if that is no library.
    pub bin: Option<&'static str>,
    /// Where its released snapshot is, from its crate.
    pub released: Option<&'static str>,
    /// The methods.
    pub methods: &'static [DescribedMethod],
    /// What the macro made of it.
    pub expansion: &'static str,
}

/// A method, and what travels to and from it.
#[derive(Debug)]
pub struct DescribedMethod {
    /// Its part of the snapshot, without shapes.
    pub declared: &'static str,
    /// Its arguments, in order.
    pub arguments: &'static [&'static Shape],
    /// Its answer, if it has one.
    pub answer: Option<&'static Shape>,
    /// The errors that it answers with.
    pub errors: Option<&'static [KnownError]>,
}

/// Writes the description into the folder that `RPC_DESCRIBE` names.
///
/// # Errors
///
/// When the folder cannot be written to.
pub fn describe(api: &Described) -> Result<(), Box<dyn Error>> {
    let Some(folder) = env::var_os("RPC_DESCRIBE") else {
        return Ok(());
    };
    let methods = api.methods.iter().map(|method| method.declared);
    let declared: String = [api.declared].into_iter().chain(methods).collect();
    let mut snapshot = rpc_snapshot::read(&declared)?;
    let mut types = Collector::default();
    for (method, known) in snapshot.methods.iter_mut().zip(api.methods) {
        for (argument, shape) in method.arguments.iter_mut().zip(known.arguments) {
            argument.shape = Some(types.shape(shape));
        }
        if let (Answer::Value(answer) | Answer::Items(answer), Some(shape)) =
            (&mut method.answer, known.answer)
        {
            *answer = Some(types.shape(shape));
        }
        method.errors = known.errors.map(classes);
    }
    snapshot.types = types.into_types();
    // A library and a program may have modules of one name.
    let file = format!(
        "{}.{}.{}",
        api.bin.unwrap_or_default(),
        api.module.replace("::", "."),
        snapshot.name
    );
    let path = Path::new(&folder).join(file);
    let facts = [
        ("module", Some(api.module)),
        ("bin", api.bin),
        ("released", api.released),
    ];
    let facts = facts
        .into_iter()
        .filter_map(|(fact, value)| Some(format!("# {fact} {}\n", value?)));
    fs::write(
        path.with_added_extension("rpc"),
        facts.collect::<String>() + &snapshot.to_string(),
    )?;
    fs::write(path.with_added_extension("rs"), api.expansion)?;
    Ok(())
}

/// Every error with a class, also of the types within.
fn classes(known: &[KnownError]) -> Vec<ErrorClass> {
    let classes = known.iter().flat_map(|known| match *known {
        KnownError::Class {
            module,
            class,
            variant,
        } => vec![ErrorClass {
            module: module.to_owned(),
            class: class.to_owned(),
            variant: variant.to_owned(),
        }],
        KnownError::Within(within) => within.map(classes).unwrap_or_default(),
    });
    classes.collect()
}

/// What a type looks like, if that is known: [`Probe::SHAPE`] is its own where it has one, and [`Unknown`]'s elsewhere.
#[derive(Debug)]
pub struct Probe<T: ?Sized>(PhantomData<T>);

impl<T: Wire + ?Sized> Probe<T> {
    /// What the type says.
    pub const SHAPE: &'static Shape = T::SHAPE;
}

/// What is said of a type that says nothing.
pub trait Unknown {
    /// Whatever JSON can hold.
    const SHAPE: &'static Shape = &Shape::Any;
}

impl<T: ?Sized> Unknown for Probe<T> {}
