//! The rules that a newer API must keep, each with an id that messages print and waivers name.

use std::fmt;
use std::str::FromStr;

macro_rules! rules {
    ($($rule:ident = $id:literal: $meaning:literal,)*) => {
        /// A rule that a newer API must keep.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Rule {
            $(#[doc = $meaning] $rule,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$rule),*];

            /// Its name, which does not change.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$rule => $id,)*
                }
            }

            /// What it asks for.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$rule => $meaning,)*
                }
            }
        }
    };
}

rules! {
    ApiSameNamespace = "API_SAME_NAMESPACE": "The namespace stays: requests find an API by it.",
    ApiSameTopic = "API_SAME_TOPIC": "The topic stays: old callers send there.",
    ApiVersionNotLowered = "API_VERSION_NOT_LOWERED": "The version never goes back, nor does the one that is accepted beside it.",
    ApiVersionRaisedWhenChanged = "API_VERSION_RAISED_WHEN_CHANGED": "What is new has a new version: pins know it by that.",
    ApiReleasesAppendOnly = "API_RELEASES_APPEND_ONLY": "Releases are added; those that were keep their versions.",
    MethodNoDelete = "METHOD_NO_DELETE": "A method goes only with a new major version, and not before its `removed`.",
    MethodSameName = "METHOD_SAME_NAME": "A method is sent by a name that servers of the released version know, or not to them.",
    MethodSameKindsOrMore = "METHOD_SAME_KINDS_OR_MORE": "A method may be sent as it could be.",
    MethodSameSince = "METHOD_SAME_SINCE": "The version that brought a method stays.",
    MethodAddedHasSince = "METHOD_ADDED_HAS_SINCE": "A new method says which version brought it.",
    MethodSameIdempotencyOrMore = "METHOD_SAME_IDEMPOTENCY_OR_MORE": "What callers may repeat stays repeatable.",
    MethodAliasNoDelete = "METHOD_ALIAS_NO_DELETE": "A method answers to the names that it had.",
    ArgNoDelete = "ARG_NO_DELETE": "An argument stays: old callers send it. `until` ends the sending.",
    ArgSameName = "ARG_SAME_NAME": "An argument keeps its name on the wire.",
    ArgSameSince = "ARG_SAME_SINCE": "The version that brought an argument stays.",
    ArgAddedHasSince = "ARG_ADDED_HAS_SINCE": "A new argument says which version brought it.",
    ArgAddedIsOptional = "ARG_ADDED_IS_OPTIONAL": "Old callers do not send a new argument.",
    ArgNotMadeRequired = "ARG_NOT_MADE_REQUIRED": "What callers could leave out stays so.",
    ArgSameDefault = "ARG_SAME_DEFAULT": "What an absent argument means stays.",
    ArgSameShapeOrWider = "ARG_SAME_SHAPE_OR_WIDER": "An argument takes every value that it took.",
    OkSameShapeOrNarrower = "OK_SAME_SHAPE_OR_NARROWER": "An answer is one that old callers understand.",
    OkAddedIsOptional = "OK_ADDED_IS_OPTIONAL": "Old servers do not answer with a new field.",
    ErrorNoDelete = "ERROR_NO_DELETE": "An error stays: old callers handle it by its class.",
    ErrorSameClass = "ERROR_SAME_CLASS": "An error keeps its module and class.",
    TypeFieldSameName = "TYPE_FIELD_SAME_NAME": "A field keeps its name on the wire.",
    TypeFieldNoDelete = "TYPE_FIELD_NO_DELETE": "A field stays: others send or read it.",
    TypeAliasNoDelete = "TYPE_ALIAS_NO_DELETE": "A field or a value is read by the names that it was read by.",
    TypeEnumValueNoDelete = "TYPE_ENUM_VALUE_NO_DELETE": "A value of an enum stays: others send it.",
    TypeEnumValueSameName = "TYPE_ENUM_VALUE_SAME_NAME": "A value of an enum keeps its name on the wire.",
}

impl Rule {
    /// Whether the shape of an argument can break it.
    pub const fn is_of_arguments(self) -> bool {
        matches!(self, Self::ArgSameShapeOrWider | Self::ArgNotMadeRequired) || self.is_of_types()
    }

    /// Whether the shape of an answer can break it.
    pub const fn is_of_answers(self) -> bool {
        matches!(self, Self::OkSameShapeOrNarrower | Self::OkAddedIsOptional) || self.is_of_types()
    }

    /// Whether the errors of a method can break it.
    pub const fn is_of_errors(self) -> bool {
        matches!(self, Self::ErrorNoDelete | Self::ErrorSameClass)
    }

    const fn is_of_types(self) -> bool {
        matches!(
            self,
            Self::TypeFieldSameName
                | Self::TypeFieldNoDelete
                | Self::TypeAliasNoDelete
                | Self::TypeEnumValueNoDelete
                | Self::TypeEnumValueSameName
                | Self::ApiVersionRaisedWhenChanged
        )
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A word that names no rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownRule(pub String);

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no rule '{}'", self.0)
    }
}

impl std::error::Error for UnknownRule {}

impl FromStr for Rule {
    type Err = UnknownRule;

    fn from_str(id: &str) -> Result<Self, UnknownRule> {
        let known = Self::ALL.iter().copied().find(|rule| rule.id() == id);
        known.ok_or_else(|| UnknownRule(id.to_owned()))
    }
}
