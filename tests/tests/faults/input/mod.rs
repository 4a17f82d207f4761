//! Bad input, from peers that are broken or hostile.

mod names;
mod replies;
mod requests;
