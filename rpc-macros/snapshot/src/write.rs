//! The text form: a line a fact, so that a change is a line of a diff.

use std::fmt;

use crate::model::{Answer, Argument, Method, Snapshot, Waiver};
use crate::name::written;
use crate::shape::{Body, Content, Definition, Field, Shape, Tagging, Text};

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "api {} {}", self.name, self.version)?;
        docs(f, 0, &self.docs)?;
        if let Some(topic) = &self.topic {
            writeln!(f, "topic {}", written(topic))?;
        }
        if let Some(namespace) = &self.namespace {
            writeln!(f, "namespace {}", written(namespace))?;
        }
        if let Some(version) = self.accepts {
            writeln!(f, "accepts {version}")?;
        }
        for release in &self.releases {
            writeln!(f, "release {} {}", release.name, release.version)?;
        }
        waivers(f, 0, &self.waivers)?;
        for method in &self.methods {
            write!(f, "\n{method}")?;
        }
        for definition in &self.types {
            writeln!(f)?;
            self::definition(f, definition)?;
        }
        Ok(())
    }
}

/// Its lines of a snapshot.
impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        method(f, self)
    }
}

fn aliases(f: &mut fmt::Formatter<'_>, aliases: &[Text]) -> fmt::Result {
    aliases
        .iter()
        .try_for_each(|alias| write!(f, " alias {}", written(alias)))
}

fn docs(f: &mut fmt::Formatter<'_>, indent: usize, docs: &str) -> fmt::Result {
    for line in docs.lines() {
        let line = format!("{:indent$}doc {line}", "");
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

fn waivers(f: &mut fmt::Formatter<'_>, indent: usize, waivers: &[Waiver]) -> fmt::Result {
    for Waiver { rule, because } in waivers {
        writeln!(f, "{:indent$}breaks {rule} because {because}", "")?;
    }
    Ok(())
}

fn method(f: &mut fmt::Formatter<'_>, method: &Method) -> fmt::Result {
    write!(f, "method {}", written(&method.name))?;
    for (word, given) in method.kinds.each() {
        if given {
            write!(f, " {word}")?;
        }
    }
    for since in &method.since {
        write!(f, " since {since}")?;
    }
    if let Some(removed) = method.removed {
        write!(f, " removed {removed}")?;
    }
    for alias in &method.aliases {
        write!(f, " alias {}", written(alias))?;
    }
    if let Some(timeout) = &method.timeout {
        write!(f, " timeout {timeout}")?;
    }
    for (word, given) in [
        ("deprecated", method.deprecated),
        ("idempotent", method.idempotent),
        ("monitored", method.monitored),
        ("at_least_once", method.at_least_once),
    ] {
        if given {
            write!(f, " {word}")?;
        }
    }
    writeln!(f)?;
    docs(f, 2, &method.docs)?;
    waivers(f, 2, &method.waivers)?;
    for argument in &method.arguments {
        self::argument(f, argument)?;
    }
    match &method.answer {
        Answer::Nothing => {}
        Answer::Value(shape) => writeln!(f, "  ok {}", or_unknown(shape.as_ref()))?,
        Answer::Items(shape) => writeln!(f, "  items {}", or_unknown(shape.as_ref()))?,
    }
    let Some(errors) = &method.errors else {
        return Ok(());
    };
    if errors.is_empty() {
        return writeln!(f, "  errors none");
    }
    for error in errors {
        let (module, class) = (written(&error.module), written(&error.class));
        writeln!(f, "  error {module} {class} {}", error.variant)?;
    }
    Ok(())
}

fn argument(f: &mut fmt::Formatter<'_>, argument: &Argument) -> fmt::Result {
    write!(
        f,
        "  arg {} {}",
        written(&argument.name),
        or_unknown(argument.shape.as_ref())
    )?;
    if argument.optional {
        f.write_str(" optional")?;
    }
    for since in &argument.since {
        write!(f, " since {since}")?;
    }
    if let Some(until) = argument.until {
        write!(f, " until {until}")?;
    }
    for below in &argument.below {
        write!(f, " below {below}")?;
    }
    if argument.secret {
        f.write_str(" secret")?;
    }
    match argument.default.as_deref() {
        None => {}
        Some("") => f.write_str(" default")?,
        Some(default) => write!(f, " default {default}")?,
    }
    writeln!(f)?;
    docs(f, 4, &argument.docs)?;
    waivers(f, 4, &argument.waivers)
}

/// The shape; `_` for one that is not known.
fn or_unknown(shape: Option<&Shape>) -> String {
    shape.map_or_else(|| "_".to_owned(), ToString::to_string)
}

fn definition(f: &mut fmt::Formatter<'_>, definition: &Definition) -> fmt::Result {
    write!(f, "type {} ", definition.name)?;
    match &definition.body {
        Body::Same(shape) => {
            writeln!(f, "is {}", shape.get())?;
            docs(f, 2, &definition.docs)
        }
        Body::Struct { fields, strict } => {
            writeln!(f, "struct{}", if *strict { " strict" } else { "" })?;
            docs(f, 2, &definition.docs)?;
            fields.iter().try_for_each(|field| self::field(f, 2, field))
        }
        Body::Enum {
            tagging,
            values,
            open,
        } => {
            f.write_str("enum")?;
            match tagging {
                Tagging::External => {}
                Tagging::Internal(tag) => write!(f, " tag {}", written(tag))?,
                Tagging::Adjacent(tag, content) => {
                    write!(f, " tag {} content {}", written(tag), written(content))?;
                }
                Tagging::Untagged => f.write_str(" untagged")?,
            }
            writeln!(f, "{}", if *open { " open" } else { "" })?;
            docs(f, 2, &definition.docs)?;
            for value in values.iter() {
                write!(f, "  value {}", written(&value.name))?;
                aliases(f, &value.aliases)?;
                match &value.content {
                    Content::Unit => writeln!(f)?,
                    Content::Shape(shape) => writeln!(f, " is {}", shape.get())?,
                    Content::Fields(_) => writeln!(f, " struct")?,
                }
                docs(f, 4, &value.docs)?;
                if let Content::Fields(fields) = &value.content {
                    fields.iter().try_for_each(|field| self::field(f, 4, field))?;
                }
            }
            Ok(())
        }
    }
}

fn field(f: &mut fmt::Formatter<'_>, indent: usize, field: &Field) -> fmt::Result {
    write!(f, "{:indent$}", "")?;
    if field.flatten {
        return writeln!(f, "flatten {}", field.shape.get());
    }
    write!(f, "field {} {}", written(&field.name), field.shape.get())?;
    aliases(f, &field.aliases)?;
    if field.optional {
        f.write_str(" optional")?;
    }
    if field.omittable {
        f.write_str(" omittable")?;
    }
    writeln!(f)?;
    docs(f, indent + 2, &field.docs)
}
