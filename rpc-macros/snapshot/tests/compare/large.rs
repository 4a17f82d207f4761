//! Types that circle, that many share, that are wide or deep: a comparison ends, and tells what it found.

use rpc_snapshot::{
    Body, Collector, Definition, Difference, Differences, Field, List, Role, Rule, Shape, Text, compare,
    differences,
};

use crate::{OLD, compared, snapshot};

/// A type that is nothing but itself, or that circles through others, ends.
#[test]
fn circles_end() {
    let circle = "api X 1.0\nmethod m call\n  arg a A\n\ntype A is B\n\ntype B is A\n";
    assert!(compared(circle, circle).is_empty());
    let list = "api X 1.0\nmethod m call\n  arg a A\n\ntype A is [A]\n";
    let told = compared(list, list);
    assert!(told.is_empty(), "{told:?}");
    // Of one side alone, and through nothing that a path shows.
    let optional = "api X 1.0\nmethod m call\n  arg a A\n  ok A\n\ntype A is A?\n";
    let text = "api X 1.0\nmethod m call\n  arg a text?\n  ok text?\n";
    for (old, new) in [(optional, text), (text, optional)] {
        assert!(!compared(old, new).is_empty());
    }
}

#[test]
fn differences_come_one_after_the_other() {
    let (old, new) = (snapshot(OLD), snapshot(OLD));
    let shape = old.methods[0].arguments[0].shape.as_ref().expect("a shape");
    let present = new.methods[0].arguments[0].shape.as_ref().expect("a shape");
    // A name that nothing stands behind is whatever JSON holds.
    let found = differences(shape, &old.types, present, Role::Argument, 0);
    assert!(matches!(found, [Some(Difference { rule: None, .. }), None, ..]));
    let found = differences(shape, &old.types, present, Role::Argument, 1);
    assert!(matches!(found, [None, ..]));
}

/// As many as there are, in one order: however many are told at a time, and however many were told before.
#[test]
fn differences_are_many() {
    let wide = |of: &str| {
        let fields: String = (0..300).map(|at| format!("  field f{at} {of}\n")).collect();
        snapshot(&format!(
            "api X 1.0\nmethod m call\n  arg a T\n\ntype T struct\n{fields}"
        ))
    };
    let (old, new) = (wide("u32"), wide("u8"));
    let changes = compare(&old, &new).into_iter();
    let told: Vec<_> = changes.map(|change| change.text).collect();
    let expected = (0..300).map(|at| format!("argument 'a' of 'm' .f{at}: it was released as u32 and is u8"));
    assert_eq!(told, expected.collect::<Vec<_>>());

    let shape = constant(new.types[0].clone());
    let name = Shape::Name("T".into());
    let mut found = Vec::new();
    while found.len() % Differences::default().len() == 0 {
        let more = differences(&name, &old.types, &shape, Role::Argument, found.len());
        let more = more.iter().flatten();
        found.extend(more.map(|found| format!("argument 'a' of 'm'{}", found.text())));
    }
    assert_eq!(found, told);
}

/// Each level has the next one twice: there are more ways down than can be gone.
#[test]
fn a_type_that_many_share_is_compared_once() {
    let diamond = |last: &str| {
        let levels: String = (0..40)
            .map(|at| format!("type L{at} struct\n  field a L{0}\n  field b L{0}\n\n", at + 1))
            .collect();
        snapshot(&format!(
            "api X 1.0\nmethod m call\n  arg a L0\n\n{levels}type L40 struct\n  field x {last}\n"
        ))
    };
    assert!(compare(&diamond("u8"), &diamond("u8")).is_empty());
    let changes = compare(&diamond("u32"), &diamond("u8"));
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert!(
        changes[0].text.ends_with("it was released as u32 and is u8"),
        "{changes:?}"
    );
}

/// So the compiler does, where it knows the types by their origin.
#[test]
fn a_type_that_many_share_is_compared_once_in_a_constant() {
    let levels = |first: Shape| (0..40).fold(first, |within, at| constant(level(&within, at, "x.rs:1")));
    // Nor is it described more than once.
    let mut collector = Collector::default();
    collector.shape(&levels(Shape::Bool));
    assert_eq!(collector.into_types().len(), 40);

    let below = |at| match at {
        0 => unsigned(32),
        at => Shape::Name(format!("L{}", at - 1).into()),
    };
    let types: Vec<Definition> = (0..40).map(|at| level(&below(at), at, "")).collect();
    let old = Shape::Name("L39".into());
    let (same, narrower) = (levels(unsigned(32)), levels(unsigned(8)));
    let found = differences(&old, &types, &same, Role::Argument, 0);
    assert!(matches!(found, [None, ..]), "{found:?}");
    let found = differences(&old, &types, &narrower, Role::Argument, 0);
    // Of both fields of the innermost.
    assert!(matches!(found, [Some(_), Some(_), None, ..]), "{found:?}");

    // Two of one name and another origin are two.
    let pair = |one: Shape, other: Shape| Shape::Tuple(vec![one.into(), other.into()].into());
    let old = pair(Shape::Name("L0".into()), Shape::Name("L0".into()));
    let new = pair(
        constant(level(&unsigned(32), 0, "x.rs:1")),
        constant(level(&Shape::Text, 0, "x.rs:2")),
    );
    assert!(differences(&old, &types, &new, Role::Argument, 0)[0].is_some());
}

/// A struct that has a shape twice.
fn level(within: &Shape, at: usize, origin: &str) -> Definition {
    let field = |name| Field {
        name: Text::Borrowed(name),
        aliases: List::default(),
        docs: Text::default(),
        shape: within.clone().into(),
        optional: false,
        omittable: false,
        flatten: false,
    };
    Definition {
        name: format!("L{at}").into(),
        origin: origin.to_owned().into(),
        docs: Text::default(),
        body: Body::Struct {
            fields: vec![field("a"), field("b")].into(),
            strict: false,
        },
    }
}

fn unsigned(bits: u8) -> Shape {
    Shape::Integer { signed: false, bits }
}

/// As a type is in a constant: there for as long as the program.
fn constant(definition: Definition) -> Shape {
    Shape::Type(Box::leak(Box::new(definition)))
}

#[test]
fn what_is_too_deep_to_be_compared_is_no_match() {
    let nested = |last: &str| {
        let lists = |of: &str| format!("{}{of}{}", "[".repeat(50), "]".repeat(50));
        snapshot(&format!(
            "api X 1.0\nmethod m call\n  arg a R\n\ntype T is {}\n\ntype S is {}\n\ntype R is {}\n",
            lists(last),
            lists("T"),
            lists("S")
        ))
    };
    let changes = compare(&nested("u32"), &nested("u8"));
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0].rule, Some(Rule::ArgSameShapeOrWider));
    assert!(changes[0].text.contains("too deep"), "{changes:?}");
}
