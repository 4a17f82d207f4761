//! One API in several traits: for an interface too large to read in one piece. To a peer it is a single API, and a
//! server serves it like any other; only its source is divided.

use crate::server::Incoming;
use crate::spec::{Api, ApiSpec, MethodSpec, same_text};
use crate::version::Version;
use rpc_snapshot::Message;

/// Joins the APIs of several traits, which agree in topic, namespace and version, to one.
///
/// A manager serves it by implementing all the traits. Each keeps a client of its own.
///
/// ```
/// use std::convert::Infallible;
/// use rpc_runtime::{Bus, Context, Server, joined_api, rpc_api};
///
/// #[rpc_api(topic = "shop", version = "1.4")]
/// trait Goods {
///     #[rpc(call)]
///     async fn count(&self, ctx: &Context) -> Result<u8, Infallible>;
/// }
///
/// #[rpc_api(topic = "shop", version = "1.4")]
/// trait Customers {
///     #[rpc(call)]
///     async fn greet(&self, ctx: &Context, name: String) -> Result<String, Infallible>;
/// }
///
/// joined_api! {
///     /// Everything a shop can be asked.
///     struct ShopApi = [GoodsApi, CustomersApi];
/// }
///
/// struct Shop;
///
/// impl Goods for Shop {
///     async fn count(&self, _: &Context) -> Result<u8, Infallible> {
///         Ok(7)
///     }
/// }
///
/// impl Customers for Shop {
///     async fn greet(&self, _: &Context, name: String) -> Result<String, Infallible> {
///         Ok(format!("Good morning, {name}"))
///     }
/// }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::memory();
/// let server = Server::builder(&bus).server("here").serve::<ShopApi, _>(Shop).start().await?;
/// let ctx = Context::new();
/// assert_eq!(GoodsClient::new(&bus).call().count(&ctx).await?, 7);
/// assert_eq!(CustomersClient::new(&bus).call().greet(&ctx, "Ada").await?, "Good morning, Ada");
/// # let _ = server.stop().await;
/// # Ok(())
/// # }
/// ```
///
/// Two methods of one name, and traits that are not of one API, do not compile.
#[macro_export]
macro_rules! joined_api {
    ($(#[$attribute:meta])* $visibility:vis struct $api:ident = [$first:ty $(, $more:ty)* $(,)?];) => {
        $(#[$attribute])*
        #[allow(missing_debug_implementations)]
        $visibility struct $api;

        impl $crate::Api for $api {
            const SPEC: &'static $crate::ApiSpec = {
                const PARTS: &[&$crate::ApiSpec] =
                    &[<$first as $crate::Api>::SPEC $(, <$more as $crate::Api>::SPEC)*];
                const METHODS: [&$crate::MethodSpec; $crate::__private::count_methods(PARTS)] =
                    $crate::__private::join_methods(PARTS);
                &$crate::ApiSpec { name: stringify!($api), methods: &METHODS, ..*PARTS[0] }
            };
            type Context = <$first as $crate::Api>::Context;
        }

        impl<M> $crate::Serve<M> for $api
        where
            $first: $crate::Serve<M>,
            $($more: $crate::Serve<M>,)*
        {
            fn dispatch(manager: &M, request: $crate::Incoming) -> $crate::Dispatch<'_> {
                if $crate::__private::has_method::<$first>(&request) {
                    return <$first as $crate::Serve<M>>::dispatch(manager, request);
                }
                $(if $crate::__private::has_method::<$more>(&request) {
                    return <$more as $crate::Serve<M>>::dispatch(manager, request);
                })*
                $crate::__private::no_such_method(&request)
            }
        }
    };
}

/// Whether the part `A` has the method that is asked for.
pub fn has_method<A: Api>(request: &Incoming) -> bool {
    A::SPEC.method(request.method()).is_some()
}

/// How many methods the parts have together.
pub const fn count_methods(parts: &[&ApiSpec]) -> usize {
    let (mut count, mut part) = (0, 0);
    while part < parts.len() {
        count += parts[part].methods.len();
        part += 1;
    }
    count
}

/// The methods of all parts, `N` of them. Fails the build when the parts are not those of one API.
#[track_caller]
pub const fn join_methods<const N: usize>(parts: &[&'static ApiSpec]) -> [&'static MethodSpec; N] {
    let mut joined = [parts[0].methods[0]; N];
    let (mut count, mut part) = (0, 0);
    while part < parts.len() {
        if !is_of_one_api(parts[0], parts[part]) {
            refuse(&[
                "'",
                parts[part].name,
                "' is of another API than '",
                parts[0].name,
                "': the parts of one have one topic, namespace and version",
            ]);
        }
        let mut method = 0;
        while method < parts[part].methods.len() {
            joined[count] = parts[part].methods[method];
            new_to(parts, part, joined[count].name);
            let mut alias = 0;
            while alias < joined[count].aliases.len() {
                new_to(parts, part, joined[count].aliases[alias]);
                alias += 1;
            }
            count += 1;
            method += 1;
        }
        part += 1;
    }
    joined
}

/// Fails the build when a part before this one answers to the name.
#[track_caller]
const fn new_to(parts: &[&ApiSpec], part: usize, name: &str) {
    let mut earlier = 0;
    while earlier < part {
        if answers_to(parts[earlier], name) {
            refuse(&[
                "'",
                name,
                "' is a wire name of a method of '",
                parts[earlier].name,
                "' and of one of '",
                parts[part].name,
                "'",
            ]);
        }
        earlier += 1;
    }
}

#[track_caller]
const fn refuse(words: &[&str]) -> ! {
    let mut text = Message::new();
    let mut at = 0;
    while at < words.len() {
        text.push(words[at]);
        at += 1;
    }
    panic!("{}", text.as_str())
}

const fn answers_to(part: &ApiSpec, name: &str) -> bool {
    let mut method = 0;
    while method < part.methods.len() {
        let MethodSpec {
            name: own, aliases, ..
        } = part.methods[method];
        let mut found = same_text(own.as_bytes(), name.as_bytes());
        let mut alias = 0;
        while alias < aliases.len() && !found {
            found = same_text(aliases[alias].as_bytes(), name.as_bytes());
            alias += 1;
        }
        if found {
            return true;
        }
        method += 1;
    }
    false
}

const fn is_of_one_api(a: &ApiSpec, b: &ApiSpec) -> bool {
    let same_topic = match (a.topic, b.topic) {
        (None, None) => true,
        (Some(a), Some(b)) => same_text(a.as_bytes(), b.as_bytes()),
        _ => false,
    };
    let same_accepted = match (a.accepts, b.accepts) {
        (None, None) => true,
        (Some(a), Some(b)) => same_version(a, b),
        _ => false,
    };
    same_topic && a.same_namespace(b) && same_version(a.version, b.version) && same_accepted
}

const fn same_version(a: Version, b: Version) -> bool {
    a.major == b.major && a.minor == b.minor
}
