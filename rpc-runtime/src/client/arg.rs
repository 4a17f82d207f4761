//! What may be given for an argument of a declared type, so that sending never needs a clone.

use serde::Serialize;

use crate::wire::Argument;

/// A value that is written as a `T`: a `T`, a reference to one, or a borrowed form of it.
///
/// | declared | given |
/// | --- | --- |
/// | any `T` | `T`, `&T` |
/// | `String` | `&str` |
/// | `Vec<T>` | `&[T]`, `&[T; N]` |
/// | `Option<T>` | `&T`, and for a borrowed option [`ByRef`]`(option)` |
/// | `Option<String>` | `&str` |
/// | `Option<Vec<T>>` | `&[T]` |
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as `{T}`",
    label = "expected `{T}`, or a borrowed form of it",
    note = "a `String` may be given as `&str`, a `Vec<T>` as `&[T]`, an `Option<T>` as `&T` or `ByRef(option)`"
)]
pub trait ArgOf<T: ?Sized>: Argument {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + Send + Sync> ArgOf<T> for T {}
#[diagnostic::do_not_recommend]
impl<T: Serialize + Send + Sync> ArgOf<T> for &T {}
#[diagnostic::do_not_recommend]
impl ArgOf<String> for &str {}
#[diagnostic::do_not_recommend]
impl<T: Serialize + Send + Sync> ArgOf<Vec<T>> for &[T] {}
#[diagnostic::do_not_recommend]
impl<T: Serialize + Send + Sync, const N: usize> ArgOf<Vec<T>> for &[T; N] where [T; N]: Serialize {}
#[diagnostic::do_not_recommend]
impl<T: Serialize + Send + Sync> ArgOf<Option<T>> for &T {}
#[diagnostic::do_not_recommend]
impl ArgOf<Option<String>> for &str {}
#[diagnostic::do_not_recommend]
impl<T: Serialize + Send + Sync> ArgOf<Option<Vec<T>>> for &[T] {}

/// A borrowed optional value: `ByRef(name.as_deref())` for an `Option<String>`.
///
/// A wrapper, because a bare `None` could not tell which of two types it is.
#[derive(Clone, Copy, Debug)]
pub struct ByRef<'a, T: ?Sized>(pub Option<&'a T>);

impl<T: Serialize + ?Sized> Serialize for ByRef<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + Send + Sync> ArgOf<Option<T>> for ByRef<'_, T> {}
#[diagnostic::do_not_recommend]
impl ArgOf<Option<String>> for ByRef<'_, str> {}
#[diagnostic::do_not_recommend]
impl<T: Serialize + Send + Sync> ArgOf<Option<Vec<T>>> for ByRef<'_, [T]> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "as generated clients take it")]
    fn json<T>(value: impl ArgOf<T>) -> String {
        String::from_utf8(value.to_json().unwrap()).unwrap()
    }

    #[test]
    fn every_form_is_written_as_the_declared_type() {
        let (text, list) = ("x".to_owned(), vec![1, 2]);
        assert_eq!(json::<String>(text.clone()), r#""x""#);
        assert_eq!(json::<String>(&text), r#""x""#);
        assert_eq!(json::<String>("x"), r#""x""#);
        assert_eq!(json::<Vec<i32>>(&list), "[1,2]");
        assert_eq!(json::<Vec<i32>>(&list[..]), "[1,2]");
        assert_eq!(json::<Vec<i32>>(&[1, 2]), "[1,2]");
        assert_eq!(json::<u64>(3), "3");
        assert_eq!(json::<Option<u64>>(None), "null");
        assert_eq!(json::<Option<u64>>(Some(3)), "3");
        assert_eq!(json::<Option<String>>("x"), r#""x""#);
        assert_eq!(json::<Option<String>>(&text), r#""x""#);
        assert_eq!(json::<Option<String>>(ByRef(Some("x"))), r#""x""#);
        assert_eq!(json::<Option<Vec<i32>>>(ByRef(Some(&list))), "[1,2]");
        assert_eq!(json::<Option<Vec<i32>>>(ByRef(Some(&list[..]))), "[1,2]");
    }
}
