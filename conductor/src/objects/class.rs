//! The classes of Nova's objects, read from `classes.txt`: names, versions, and what their fields hold. It knows no
//! object and no database.

use std::collections::HashMap;
use std::sync::LazyLock;

use rpc_runtime::Version;

/// A class in its newest version.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) name: &'static str,
    pub(crate) version: Version,
    /// In the order of Nova's declaration.
    pub(crate) fields: Vec<Field>,
}

/// A field of a class.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) nullable: bool,
    /// The version that brought it; `None` if every version of this major has it.
    pub(crate) since: Option<Version>,
}

/// What a field holds, as far as it matters to a database and to older versions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Int,
    Float,
    Bool,
    /// Also identifiers, addresses and enumerations.
    Text,
    Time,
    /// Lists, maps and sets of plain values.
    Json,
    /// An object of the class named.
    Object(&'static str),
    /// A list of such objects.
    Objects(&'static str),
}

static CLASSES: LazyLock<HashMap<&'static str, Class>> = LazyLock::new(|| {
    let blocks = include_str!("classes.txt").split("\n\n");
    let classes = blocks.filter_map(Class::parse);
    classes.map(|class| (class.name, class)).collect()
});

impl Class {
    /// The class of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        CLASSES.get(name)
    }

    /// The field of this name.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// What this class is a list of, if it is one.
    pub(crate) fn items(&self) -> Option<&'static Self> {
        match self.field("objects")?.kind {
            Kind::Objects(name) if self.name.ends_with("List") => Self::named(name),
            _ => None,
        }
    }

    /// Reads a block; `None` if it holds nothing but comments.
    fn parse(block: &'static str) -> Option<Self> {
        let mut lines = block.lines().filter(|line| !line.starts_with('#'));
        let (name, version) = lines.next()?.split_once(' ')?;
        Some(Self {
            name,
            version: version.parse().ok()?,
            fields: lines.filter_map(Field::parse).collect(),
        })
    }
}

impl Field {
    fn parse(line: &'static str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let (name, kind) = (words.next()?, words.next()?);
        let since = words.next().and_then(|word| word.strip_prefix('@'));
        let (kind, nullable) = match kind.strip_suffix('?') {
            Some(kind) => (kind, true),
            None => (kind, false),
        };
        Some(Self {
            name,
            kind: Kind::parse(kind)?,
            nullable,
            since: since.and_then(|version| version.parse().ok()),
        })
    }
}

impl Kind {
    fn parse(word: &'static str) -> Option<Self> {
        Some(match word.split_once(':') {
            Some(("object", class)) => Self::Object(class),
            Some(("objects", class)) => Self::Objects(class),
            Some(_) => return None,
            None => match word {
                "int" => Self::Int,
                "float" => Self::Float,
                "bool" => Self::Bool,
                "text" => Self::Text,
                "time" => Self::Time,
                "json" => Self::Json,
                _ => return None,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_data_is_read() {
        let text = include_str!("classes.txt");
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let (fields, classes): (Vec<_>, Vec<_>) = lines
            .filter(|line| !line.is_empty())
            .partition(|line| line.starts_with(' '));
        assert_eq!(classes.len(), CLASSES.len());
        let read: usize = CLASSES.values().map(|class| class.fields.len()).sum();
        assert_eq!(fields.len(), read);
        let versions = text.matches('@').count() - text.matches("'@'").count();
        let since = CLASSES.values().flat_map(|class| &class.fields);
        assert_eq!(since.filter(|field| field.since.is_some()).count(), versions);
    }

    #[test]
    fn classes_that_fields_name_are_there_but_for_abstract_ones() {
        // Nova registers the kinds of live migration, and not what they have in common.
        for class in CLASSES.values() {
            for field in &class.fields {
                if let Kind::Object(name) | Kind::Objects(name) = field.kind {
                    let known = Class::named(name).is_some() || name == "LiveMigrateData";
                    assert!(known, "{}.{} is a {name}", class.name, field.name);
                }
            }
        }
    }

    #[test]
    fn a_list_knows_its_items() {
        let list = Class::named("InstanceList").unwrap();
        assert_eq!(list.items().unwrap().name, "Instance");
        let node = Class::named("ComputeNode").unwrap();
        assert!(node.items().is_none());
        let field = node.field("mapped").unwrap();
        assert_eq!((field.kind, field.nullable), (Kind::Int, false));
        assert_eq!(field.since, Some(Version::new(1, 17)));
    }
}
