//! Objects: which field of one is which of the other, and what became of it.

use super::difference::What;
use super::lookup::{Inside, Names, Seen, Wanted, find};
use super::path::Step;
use super::shapes::{Role, Walk};
use crate::rules::Rule;
use crate::shape::{Field, Shape, same, text};

impl<'a> Walk<'_, 'a> {
    /// The fields of two objects.
    pub(super) const fn fields(
        &mut self,
        old: &'a [Field],
        new: &'a [Field],
        strict: bool,
        inside: &Inside<'_, 'a>,
    ) {
        self.released_fields(old, old, new, inside);
        self.new_fields(old, new, new, strict || self.takes_others_for_data(old), inside);
    }

    /// Whether a reader of these fields puts all others into a map, whose values are of one kind.
    const fn takes_others_for_data(&self, fields: &'a [Field]) -> bool {
        let mut at = 0;
        while at < fields.len() {
            if fields[at].flatten
                && let Seen::Plain(Shape::Map(_, value)) = self.old(fields[at].shape.get())
                && !matches!(self.old(value.get()), Seen::Plain(Shape::Any))
            {
                return true;
            }
            at += 1;
        }
        false
    }

    /// Each of `some`, which are fields of `old` or stand in the place of one.
    const fn released_fields(
        &mut self,
        some: &'a [Field],
        old: &'a [Field],
        new: &'a [Field],
        inside: &Inside<'_, 'a>,
    ) {
        let mut at = 0;
        while at < some.len() && !self.is_full() {
            let field = &some[at];
            if field.flatten {
                match self.old(field.shape.get()) {
                    Seen::Struct(within, _) => self.released_fields(within, old, new, inside),
                    _ => self.flattened(at, some, new, inside),
                }
            } else {
                match self.present(field, new, inside) {
                    Some(is) => {
                        self.are_one(self.released(is, old), field);
                        self.path.push(Step::Field(text(&field.name)));
                        self.field(field, is, inside);
                        self.path.pop();
                    }
                    None => match self.renamed(at, some, old, new) {
                        Some(is) => self.tell(
                            Some(Rule::TypeFieldSameName),
                            What::FieldRenamed(text(&field.name), text(&is.name)),
                        ),
                        None => self.tell(Some(Rule::TypeFieldNoDelete), What::FieldGone(text(&field.name))),
                    },
                }
            }
            at += 1;
        }
    }

    /// A map or an enum whose fields stand among the others: the first is compared with the first, and so on.
    const fn flattened(&mut self, at: usize, some: &'a [Field], new: &'a [Field], inside: &Inside<'_, 'a>) {
        let (mut before, mut earlier) = (0, 0);
        while earlier < at {
            let shape = some[earlier].shape.get();
            if some[earlier].flatten && !matches!(self.old(shape), Seen::Struct(..)) {
                before += 1;
            }
            earlier += 1;
        }
        let mut now = 0;
        while now < new.len() {
            let shape = new[now].shape.get();
            if new[now].flatten && !matches!(self.new_one(shape, inside), Seen::Struct(..)) {
                if before == 0 {
                    return self.shapes(some[at].shape.get(), shape, inside);
                }
                before -= 1;
            }
            now += 1;
        }
        self.tell(Some(Rule::TypeFieldNoDelete), What::FieldGone("(flattened)"));
    }

    /// The new field that stands where a released one was, if all that happened is a new name.
    const fn renamed(
        &self,
        at: usize,
        some: &'a [Field],
        old: &'a [Field],
        new: &'a [Field],
    ) -> Option<&'a Field> {
        if some.len() != old.len() || old.len() != new.len() || new[at].flatten {
            return None;
        }
        match self.released(&new[at], old) {
            Some(_) => None,
            None => Some(&new[at]),
        }
    }

    /// Each of `some`, which are fields of `new` or stand in the place of one.
    const fn new_fields(
        &mut self,
        old: &'a [Field],
        new: &'a [Field],
        some: &'a [Field],
        strict: bool,
        inside: &Inside<'_, 'a>,
    ) {
        let mut at = 0;
        while at < some.len() && !self.is_full() {
            let field = &some[at];
            let name = text(&field.name);
            if field.flatten {
                if let Seen::Struct(within, _) = self.new_one(field.shape.get(), inside) {
                    self.new_fields(old, new, within, strict, inside);
                }
            } else if let Some(was) = self.released(field, old) {
                self.are_one(self.present(was, new, inside), field);
            } else if !self.replaces(at, some, old, new, inside) {
                match self.role {
                    Role::Argument if !field.optional => {
                        self.tell(self.shape_rule(), What::FieldNewAndRequired(name));
                    }
                    // Who leaves it out says nothing that old servers do not know.
                    Role::Argument if strict && !field.omittable => {
                        self.tell(self.shape_rule(), What::FieldNewAndRefusedByServers(name));
                    }
                    Role::Answer if strict => self.tell(self.shape_rule(), What::FieldNewAndRefused(name)),
                    Role::Answer if !field.optional => {
                        self.tell(Some(Rule::OkAddedIsOptional), What::FieldNewAndAwaited(name));
                    }
                    _ => self.tell(None, What::FieldNew(name)),
                }
            }
            at += 1;
        }
    }

    /// Whether the new field at this place was told as a new name of a released one.
    const fn replaces(
        &self,
        at: usize,
        some: &'a [Field],
        old: &'a [Field],
        new: &'a [Field],
        inside: &Inside<'_, 'a>,
    ) -> bool {
        some.len() == new.len()
            && old.len() == new.len()
            && !old[at].flatten
            && self.present(&old[at], new, inside).is_none()
    }

    const fn field(&mut self, old: &'a Field, new: &'a Field, inside: &Inside<'_, 'a>) {
        match self.role {
            Role::Argument if (old.optional || old.omittable) && !new.optional => {
                self.tell(Some(Rule::ArgNotMadeRequired), What::FieldMadeRequired);
            }
            Role::Argument if !old.optional && self.leaves_out_a_value(old, new, inside) => {
                self.tell(self.shape_rule(), What::FieldLeftOut("servers"));
            }
            Role::Argument if !old.optional && new.optional => self.tell(None, What::FieldMadeOptional),
            Role::Answer if new.omittable && !old.optional => {
                self.tell(self.shape_rule(), What::FieldLeftOut("callers"));
            }
            _ => {}
        }
        self.names(
            Names::of_field(old),
            Names::of_field(new),
            Rule::TypeFieldSameName,
        );
        self.shapes(old.shape.get(), new.shape.get(), inside);
    }

    /// Whether a field is left out now when it holds a value, and not just when it holds none.
    const fn leaves_out_a_value(&self, old: &Field, new: &'a Field, inside: &Inside<'_, 'a>) -> bool {
        let holds_none = matches!(
            self.new_one(new.shape.get(), inside),
            Seen::Plain(Shape::Optional(_))
        );
        new.omittable && !old.omittable && !holds_none
    }

    /// What a released field is now.
    const fn present(&self, old: &Field, new: &'a [Field], inside: &Inside<'_, 'a>) -> Option<&'a Field> {
        let wanted = Wanted::OfOld(Names::of_field(old));
        find(self.new_types, new, wanted, self.role, inside)
    }

    /// What a present field was.
    const fn released(&self, new: &Field, old: &'a [Field]) -> Option<&'a Field> {
        let wanted = Wanted::OfNew(Names::of_field(new));
        find(self.old_types, old, wanted, self.role, &Inside::Nothing)
    }

    /// Tells when two fields of one side are the same of the other: a reader refuses the second.
    const fn are_one(&mut self, first: Option<&'a Field>, second: &'a Field) {
        if let Some(first) = first
            && !same(text(&first.name), text(&second.name))
        {
            let what = What::FieldsAreOne(text(&first.name), text(&second.name));
            self.tell(self.shape_rule(), what);
        }
    }
}
