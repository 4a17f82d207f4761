//! What makes an old form, and what reads it, is any expression that is a function.

use std::convert::Infallible;
use std::fmt::Display;

use rpc_runtime::{Context, Failure, rpc_api};

mod legacy {
    pub(super) fn text<T: super::Display>(value: &T) -> String {
        value.to_string()
    }

    pub(super) fn parsed<T: std::str::FromStr>(text: String) -> Result<T, T::Err> {
        // A function of its own type may take what it reads.
        let read = text.parse();
        drop(text);
        read
    }
}

macro_rules! kept {
    () => {
        |value: &Vec<u8>| value.clone()
    };
}

#[rpc_api(version = "1.9")]
pub trait Counter {
    #[rpc(call)]
    async fn count(
        &self,
        ctx: &Context,
        #[rpc(below("1.2", legacy::text::<u32>, legacy::parsed))] generic: u32,
        #[rpc(below("1.3", |value| value.len(), |len| Ok::<_, Infallible>(vec![0; len])))] closures: Vec<u8>,
        #[rpc(below("1.4", kept!()))] made_by_a_macro: Vec<u8>,
        #[rpc(below("1.5", Clone::clone))] of_a_trait: Option<String>,
        #[rpc(
            name = "many",
            since = "1.1",
            default,
            secret,
            below("1.7", Clone::clone),
            below("1.6", Clone::clone)
        )]
        every_option: String,
    ) -> Result<u32, Failure>;
}

#[test]
fn compiles() {
    let versions: Vec<String> = CounterApi::COUNT
        .thresholds()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(versions, ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"]);
}
