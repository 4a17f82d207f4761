//! Reads `#[rpc_api(..)]` and `#[rpc(..)]`: a list of words and `word = value`, checked against a table.
//!
//! A bad entry is told and left out; those beside it are read all the same.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Lit, Path, Token, Type, token};

use crate::errors::{Errors, Mistake, Place};
use crate::nearest::nearest;

/// What stands behind a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// Nothing.
    Flag,
    /// `= expression`.
    Value,
    /// Nothing, or `= expression`.
    FlagOrValue,
    /// `= type`.
    Type,
    /// `= path`.
    Path,
    /// `(..)`.
    List,
    /// `(..)`, as often as one likes.
    Lists,
}

/// An option that exists: its word, what stands behind it, and an example.
pub(crate) struct Key(pub(crate) &'static str, pub(crate) Shape, pub(crate) &'static str);

/// The options of one place.
pub(crate) struct Table {
    /// What has them: `an RPC method`.
    pub(crate) of: &'static str,
    /// The same in general: `methods`.
    pub(crate) of_all: &'static str,
    pub(crate) keys: &'static [Key],
    /// The other places where somebody may have meant to write.
    pub(crate) beside: &'static [&'static Table],
}

impl Table {
    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.0)
    }

    fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.0 == name)
    }

    fn unknown(&self, word: &Ident, name: &str) -> Mistake {
        if let Some(other) = self.beside.iter().find(|table| table.key(name).is_some()) {
            let text = format!(
                "'{name}' is an option of {}, not of {}",
                other.of_all, self.of_all
            );
            return Mistake::at(word.span(), text);
        }
        let mistake = Mistake::at(word.span(), format!("unknown option '{name}' for {}", self.of));
        let mistake = match nearest(name, self.names()) {
            Some(near) => mistake.help(format_args!("did you mean '{near}'?")),
            None => mistake,
        };
        mistake.note(format_args!(
            "known: {}",
            self.names().collect::<Vec<_>>().join(", ")
        ))
    }
}

/// What was written behind a word.
enum Value {
    Nothing,
    Expr(Box<Expr>),
    Type(Box<Type>),
    Path(Path),
    /// What stands between the parentheses.
    List(TokenStream),
}

struct Entry {
    word: Ident,
    name: String,
    value: Value,
}

/// The options found at one place, each at most once.
#[derive(Default)]
pub(crate) struct Options {
    entries: Vec<Entry>,
    doubtful: bool,
}

impl Options {
    /// Reads what stands between the parentheses of the attribute.
    pub(crate) fn parse(&mut self, table: &Table, tokens: TokenStream, errors: &mut Errors) {
        let before = errors.count();
        let read = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = self.entry(table, input, errors) {
                    errors.add_syntax(error);
                    skip_to_comma(input);
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = read.parse2(tokens) {
            errors.add_syntax(error);
        }
        self.doubtful |= errors.count() > before;
    }

    fn entry(&mut self, table: &Table, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        if !input.peek(Ident::peek_any) {
            let text = format!(
                "an option is a word, as in '{}'",
                table.keys.first().map_or("", |key| key.2)
            );
            return Err(input.error(text));
        }
        let word = input.call(Ident::parse_any)?;
        let name = word.unraw().to_string();
        let Some(key) = table.key(&name) else {
            errors.add(table.unknown(&word, &name));
            skip_to_comma(input);
            return Ok(());
        };
        let value = value(&word, key, input)?;
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(input.error("expected a comma between two options"));
        }
        if let Some(first) = self.find(&name)
            && key.1 != Shape::Lists
        {
            let mistake = Mistake::at(word.span(), format!("'{name}' is given twice"));
            errors.add(mistake.see(first.word.span(), "first given here"));
            return Ok(());
        }
        self.entries.push(Entry { word, name, value });
        Ok(())
    }

    /// Something beside the list could not be read.
    pub(super) fn doubt(&mut self) {
        self.doubtful = true;
    }

    /// Whether something could not be read, so that what seems missing may be what was meant.
    pub(crate) fn doubtful(&self) -> bool {
        self.doubtful
    }

    /// Where the word stands, if it was given.
    pub(crate) fn word(&self, name: &str) -> Option<Place> {
        self.find(name).map(|entry| entry.word.span().into())
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.find(name).map(|entry| &entry.value)
    }

    /// What stands between the parentheses behind the word, each time it was given, and where.
    pub(crate) fn lists(&self, name: &str) -> impl Iterator<Item = (Place, &TokenStream)> {
        self.entries.iter().filter_map(move |entry| match &entry.value {
            Value::List(tokens) if entry.name == name => Some((entry.word.span().into(), tokens)),
            _ => None,
        })
    }

    /// The expression behind the word.
    pub(crate) fn expr(&self, name: &str) -> Option<&Expr> {
        match self.value(name)? {
            Value::Expr(expr) => Some(expr),
            _ => None,
        }
    }

    /// The type behind the word.
    pub(crate) fn ty(&self, name: &str) -> Option<&Type> {
        match self.value(name)? {
            Value::Type(ty) => Some(ty),
            _ => None,
        }
    }

    /// The path behind the word.
    pub(crate) fn path(&self, name: &str) -> Option<&Path> {
        match self.value(name)? {
            Value::Path(path) => Some(path),
            _ => None,
        }
    }

    /// The path of the runtime, which is its name unless the option `crate` says otherwise.
    pub(crate) fn runtime(&self) -> Path {
        let other = self.path("crate").cloned();
        other.unwrap_or_else(|| syn::parse_quote!(::rpc_runtime))
    }

    fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

fn value(word: &Ident, key: &Key, input: ParseStream<'_>) -> syn::Result<Value> {
    let &Key(name, shape, example) = key;
    let ends = input.is_empty() || input.peek(Token![,]);
    match shape {
        Shape::Flag if ends => return Ok(Value::Nothing),
        Shape::FlagOrValue if ends => return Ok(Value::Nothing),
        Shape::Flag if input.peek(Token![=]) || input.peek(token::Paren) => {
            let text = format!("'{name}' takes no value");
            return Err(syn::Error::new_spanned(skip_to_comma(input), text));
        }
        // What follows belongs to another option.
        Shape::Flag => return Ok(Value::Nothing),
        Shape::List | Shape::Lists if input.peek(token::Paren) => {
            let content;
            syn::parenthesized!(content in input);
            return Ok(Value::List(content.parse()?));
        }
        Shape::List | Shape::Lists => {
            let text = format!("'{name}' needs values in parentheses\nhelp: {example}");
            skip_to_comma(input);
            return Err(syn::Error::new(word.span(), text));
        }
        _ if ends || input.peek(token::Paren) => {
            let text = format!("'{name}' needs a value\nhelp: {example}");
            return Err(syn::Error::new(word.span(), text));
        }
        _ => {}
    }
    let equals: Token![=] = input.parse()?;
    if input.is_empty() || input.peek(Token![,]) {
        let text = format!("'{name}' needs a value\nhelp: {example}");
        return Err(syn::Error::new_spanned(
            Place::between(word.span(), equals.span),
            text,
        ));
    }
    if let (Shape::Type | Shape::Path, true) = (shape, input.peek(Lit)) {
        let what = if shape == Shape::Type { "type" } else { "path" };
        let text = format!("'{name}' is a {what}, without quotes\nhelp: {example}");
        return Err(syn::Error::new_spanned(skip_to_comma(input), text));
    }
    Ok(match shape {
        Shape::Type => Value::Type(input.parse()?),
        Shape::Path => Value::Path(input.call(Path::parse_mod_style)?),
        _ => Value::Expr(input.parse()?),
    })
}

fn skip_to_comma(input: ParseStream<'_>) -> TokenStream {
    let mut skipped = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        // A token is there, so this reads it.
        skipped.extend(input.parse::<TokenTree>());
    }
    skipped
}

#[cfg(test)]
mod tests {
    use super::*;

    static TABLE: Table = Table {
        of: "a test",
        of_all: "tests",
        keys: &[
            Key("flag", Shape::Flag, "flag"),
            Key("value", Shape::Value, "value = 1"),
            Key("either", Shape::FlagOrValue, "either = 1"),
            Key("type", Shape::Type, "type = Vec<u8>"),
            Key("crate", Shape::Path, "crate = ::there"),
            Key("list", Shape::List, "list(a)"),
            Key("lists", Shape::Lists, "lists(a)"),
        ],
        beside: &[],
    };

    fn read(text: &str) -> (Options, usize) {
        let mut options = Options::default();
        let mut count = 0;
        Errors::told_after(|errors| {
            options.parse(&TABLE, text.parse().expect("tokens"), errors);
            count = errors.count();
            TokenStream::new()
        });
        (options, count)
    }

    #[test]
    fn each_shape_is_read() {
        let (options, errors) =
            read("flag, value = a::<b, c>(|x, y| 1), either, type = HashMap<K, V>, crate = crate::x,");
        assert_eq!(errors, 0);
        assert!(options.word("flag").is_some() && options.expr("value").is_some());
        assert!(options.word("either").is_some() && options.expr("either").is_none());
        assert!(options.ty("type").is_some());
        assert_eq!(options.path("crate").map(|path| path.segments.len()), Some(2));
        assert!(!options.doubtful());
    }

    #[test]
    fn a_list_is_what_stands_in_parentheses() {
        let (options, errors) = read("list(a = 1, (b, c)), lists(), lists(d)");
        assert_eq!(errors, 0);
        let lists = |name| -> Vec<String> {
            let lists = options.lists(name);
            lists.map(|(_, tokens)| crate::print::text(tokens)).collect()
        };
        assert_eq!(lists("list"), ["a = 1, (b, c)"]);
        assert_eq!(lists("lists"), ["", "d"]);
    }

    #[test]
    fn a_bad_entry_takes_no_other_with_it() {
        for bad in [
            "5",
            "+",
            "falg",
            "falg = 1 2 3",
            "falg(a, b)",
            "flag = 1",
            "flag(1)",
            "flag 1",
            "flag value = 1",
            "value",
            "value = ",
            "value = +",
            "value = 1 2",
            "type = 5 +",
            "type = \"Vec<u8>\"",
            "crate = \"x\"",
            "crate = a<b>",
            "list",
            "list = 1",
            "list(a) b",
            "list(a), list(b)",
        ] {
            let (options, errors) = read(&format!("{bad}, either = 7"));
            assert_eq!(errors, 1, "{bad}");
            assert!(options.expr("either").is_some(), "{bad}");
            assert!(options.doubtful(), "{bad}");
        }
    }

    #[test]
    fn the_first_of_two_holds() {
        let (options, errors) = read("value = 1, value = 2");
        assert_eq!(errors, 1);
        let Some(Expr::Lit(first)) = options.expr("value") else {
            panic!("a literal");
        };
        assert_eq!(crate::print::text(first), "1");
    }
}
