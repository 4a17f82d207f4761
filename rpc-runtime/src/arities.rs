//! The numbers of arguments that a method may have, for the macros that write a function for each.

/// Calls a macro with `[]`, and for each number: the name of the function that decodes as many arguments, of the one
/// that takes them from a request, and the place and the type of one argument more.
macro_rules! arities {
    ($each:ident) => {
        $each! {
            []
            decode0 take0 0 A; decode1 take1 1 B; decode2 take2 2 C; decode3 take3 3 D;
            decode4 take4 4 E; decode5 take5 5 F; decode6 take6 6 G; decode7 take7 7 H;
            decode8 take8 8 I; decode9 take9 9 J; decode10 take10 10 K; decode11 take11 11 L;
            decode12 take12 12 M; decode13 take13 13 N; decode14 take14 14 O; decode15 take15 15 P;
            decode16 take16 16 Q; decode17 take17 17 R; decode18 take18 18 S; decode19 take19 19 T;
            decode20 take20 20 U; decode21 take21 21 V; decode22 take22 22 W; decode23 take23 23 X;
            decode24 take24 24 Y;
        }
    };
}
pub(crate) use arities;
