//! Enums: which value of one is which of the other, and what became of it.

use super::difference::What;
use super::lookup::{Inside, Names, Wanted, value};
use super::path::Step;
use super::shapes::{Role, Walk};
use crate::rules::Rule;
use crate::shape::{Content, Shape, Tagging, Value, list, same, text};

impl<'a> Walk<'_, 'a> {
    pub(super) const fn values(
        &mut self,
        old: &'a [Value],
        new: &'a [Value],
        tagging: &Tagging,
        open: bool,
        inside: &Inside<'_, 'a>,
    ) {
        let untagged = matches!(tagging, Tagging::Untagged);
        let mut at = 0;
        while at < old.len() && !self.is_full() {
            let name = text(&old[at].name);
            match self.counterpart(old, new, at, untagged) {
                Some(is) => {
                    self.path.push(Step::Value(name));
                    if !untagged {
                        self.names(
                            Names::of_value(&old[at]),
                            Names::of_value(is),
                            Rule::TypeEnumValueSameName,
                        );
                    }
                    self.content(&old[at].content, &is.content, inside);
                    self.path.pop();
                }
                None if self.is_renamed(old, new, at, untagged) => {
                    let is = text(&new[at].name);
                    self.tell(Some(Rule::TypeEnumValueSameName), What::ValueRenamed(name, is));
                }
                None => self.tell(Some(Rule::TypeEnumValueNoDelete), What::ValueGone(name)),
            }
            at += 1;
        }
        let mut at = 0;
        while at < new.len() && !self.is_full() {
            let name = text(&new[at].name);
            if self.is_new(old, new, at, untagged) && !self.is_renamed(old, new, at, untagged) {
                match self.role {
                    Role::Answer if !(open && is_ignored(tagging, &new[at].content)) => {
                        self.tell(self.shape_rule(), What::ValueNewAndUnknown(name));
                    }
                    _ => self.tell(None, What::ValueNew(name)),
                }
            }
            at += 1;
        }
    }

    /// What the released value at this place is now. When names do not travel, it is what stands there.
    const fn counterpart(
        &self,
        old: &'a [Value],
        new: &'a [Value],
        at: usize,
        untagged: bool,
    ) -> Option<&'a Value> {
        if untagged {
            return if at < new.len() { Some(&new[at]) } else { None };
        }
        value(new, Wanted::OfOld(Names::of_value(&old[at])), self.role)
    }

    /// Whether the present value at this place was none.
    const fn is_new(&self, old: &'a [Value], new: &'a [Value], at: usize, untagged: bool) -> bool {
        if untagged {
            return at >= old.len();
        }
        value(old, Wanted::OfNew(Names::of_value(&new[at])), self.role).is_none()
    }

    /// Whether all that happened at this place is a new name.
    const fn is_renamed(&self, old: &'a [Value], new: &'a [Value], at: usize, untagged: bool) -> bool {
        old.len() == new.len()
            && self.is_new(old, new, at, untagged)
            && self.counterpart(old, new, at, untagged).is_none()
    }

    const fn content(&mut self, old: &'a Content, new: &'a Content, inside: &Inside<'_, 'a>) {
        match (old, new) {
            (Content::Unit, Content::Unit) => {}
            (Content::Shape(old), Content::Shape(new)) => self.shapes(old.get(), new.get(), inside),
            (Content::Fields(old), Content::Fields(new)) => self.fields(list(old), list(new), false, inside),
            (Content::Unit, Content::Shape(new)) => {
                self.tell(self.shape_rule(), What::Shape(&Shape::Null, new.get()));
            }
            (Content::Shape(old), Content::Unit) => {
                self.tell(self.shape_rule(), What::Shape(old.get(), &Shape::Null));
            }
            _ => self.tell(self.shape_rule(), What::Tagging),
        }
    }

    /// The names of what is one field or one value. What a new side writes, the old one reads; and the other way
    /// round, since both are there while an interface is rolled out.
    pub(super) const fn names(&mut self, old: Names<'a>, new: Names<'a>, same_name: Rule) {
        if !same(old.name, new.name) {
            if self.is_argument() && !old.read(new.name) {
                self.tell(Some(same_name), What::NewNameUnread(old.name, new.name));
            } else if !self.is_argument() && !new.read(old.name) {
                self.tell(Some(same_name), What::OldNameUnread(old.name, new.name));
            } else {
                self.tell(None, What::NewName(new.name));
            }
        }
        // What callers read besides is no concern of who answers them.
        if !self.is_argument() {
            return;
        }
        let mut from = 0;
        while let Some((at, alias)) = old.unread_alias(new, from) {
            self.tell(Some(Rule::TypeAliasNoDelete), What::AliasGone(alias));
            from = at + 1;
        }
        let mut from = 0;
        while let Some((at, alias)) = new.unread_alias(old, from) {
            self.tell(None, What::AliasNew(alias));
            from = at + 1;
        }
    }
}

/// Whether who has a place for other values takes one with this content: serde does where it stands beside the tag.
const fn is_ignored(tagging: &Tagging, content: &Content) -> bool {
    matches!(tagging, Tagging::Internal(_)) || matches!(content, Content::Unit)
}
