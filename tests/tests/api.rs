//! APIs as a user writes them, from the trait to a call over the memory transport.

use rpc_runtime::{
    Bus, CallError, Context, Failure, Items, RpcError, RpcServer, SendError, Server, Version, rpc_api,
};

/// Adds things.
#[rpc_api(topic = "calc", namespace = "calc", version = "1.1")]
pub trait Calc {
    /// Adds two numbers.
    #[rpc(call, timeout = "30s", idempotent)]
    async fn add(
        &self,
        ctx: &Context,
        a: i64,
        #[rpc(since = "1.1", default = 1)] b: i64,
    ) -> Result<i64, CalcError>;
    /// Forgets everything.
    #[rpc(cast, fanout)]
    async fn reset(&self, ctx: &Context);
    /// Counts up.
    #[rpc(stream)]
    async fn count(&self, ctx: &Context, to: u32) -> Result<Items<u32, CalcError>, CalcError>;
}

/// What can go wrong when adding.
#[derive(Debug, PartialEq, thiserror::Error, RpcError)]
#[rpc(module = "calc.exception")]
pub enum CalcError {
    /// The sum does not fit.
    #[error("{a} and {b} are too much")]
    TooMuch {
        /// One.
        a: i64,
        /// The other.
        #[rpc(name = "addend")]
        b: i64,
    },
    /// Not there.
    #[error("no {0}")]
    #[rpc(module = "builtins", class = "KeyError")]
    Missing(String),
    /// Enough for today.
    #[error("tired")]
    Tired,
    /// Anything else.
    #[error(transparent)]
    #[rpc(transparent)]
    Other(Failure),
}

struct Manager;

impl Calc for Manager {
    async fn add(&self, _: &Context, a: i64, b: i64) -> Result<i64, CalcError> {
        a.checked_add(b).ok_or(CalcError::TooMuch { a, b })
    }

    async fn reset(&self, _: &Context) {}

    async fn count(&self, _: &Context, to: u32) -> Result<Items<u32, CalcError>, CalcError> {
        if to > 9 {
            return Err(CalcError::Tired);
        }
        Ok(Items::from_values(1..=to))
    }
}

#[rpc_api(topic = "calc", version = "3.0")]
trait Names {
    #[rpc(call, name = "who")]
    async fn name(&self, ctx: &Context, r#type: Option<String>) -> Result<String, CalcError>;
}

impl Names for Manager {
    async fn name(&self, _: &Context, r#type: Option<String>) -> Result<String, CalcError> {
        r#type.ok_or_else(|| CalcError::Missing("type".to_owned()))
    }
}

#[derive(RpcServer)]
struct Service {
    #[rpc(CalcApi)]
    calc: Manager,
    #[rpc(NamesApi)]
    names: Manager,
    #[rpc(skip)]
    _started: std::time::Instant,
}

#[tokio::test]
async fn a_trait_is_a_service() {
    let ctx = Context::new();
    let client = CalcClient::local(Manager);
    assert_eq!(client.call().add(&ctx, 1, 2).await.unwrap(), 3);
    let error = client.call().add(&ctx, i64::MAX, 2).await.unwrap_err();
    let CallError::Api(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error, CalcError::TooMuch { a: i64::MAX, b: 2 });
    client.cast().reset(&ctx).await.unwrap();
    client.fanout().reset(&ctx).await.unwrap();
    assert!(client.can_send(CalcApi::RESET));
    let _ = client.call().count(&ctx, 3).await.unwrap();
}

#[tokio::test]
async fn two_apis_share_a_server() {
    let bus = Bus::memory();
    let service = Service {
        calc: Manager,
        names: Manager,
        _started: std::time::Instant::now(),
    };
    let _server = Server::builder(&bus)
        .server("here")
        .service(service)
        .start()
        .await
        .unwrap();
    let ctx = Context::new();
    assert_eq!(CalcClient::new(&bus).call().add(&ctx, 1, 2).await.unwrap(), 3);
    let names = NamesClient::new(&bus);
    assert_eq!(names.call().name(&ctx, "x").await.unwrap(), "x");
    let error = names.call().name(&ctx, None).await.unwrap_err();
    assert!(matches!(error, CallError::Api(CalcError::Missing(key)) if key == "type"));
}

#[tokio::test]
async fn apis_are_served_one_after_the_other() {
    let bus = Bus::memory();
    let calc = || Server::builder(&bus).server("here").serve::<CalcApi, _>(Manager);
    let _server = calc().serve::<NamesApi, _>(Manager).start().await.unwrap();
    let ctx = Context::new();
    assert_eq!(CalcClient::new(&bus).call().add(&ctx, 1, 2).await.unwrap(), 3);
    assert_eq!(NamesClient::new(&bus).call().name(&ctx, "x").await.unwrap(), "x");

    let twice = calc().serve::<NamesApi, _>(Manager).serve::<CalcApi, _>(Manager);
    let error = twice.start().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "namespace 'calc' (major 1) is served twice: by 'Calc' and by 'Calc'"
    );
}

#[rpc_api(topic = "tokens", namespace = "tokens", version = "1.0")]
trait Tokens {
    #[rpc(call)]
    async fn issue(&self, ctx: &Context) -> Result<u32, CalcError>;
}

impl Tokens for Manager {
    async fn issue(&self, _: &Context) -> Result<u32, CalcError> {
        Ok(7)
    }
}

#[tokio::test]
async fn a_server_of_two_topics_is_told_which() {
    let bus = Bus::memory();
    let server = || {
        let server = Server::builder(&bus).server("here");
        server.serve::<CalcApi, _>(Manager).serve::<TokensApi, _>(Manager)
    };
    let error = server().start().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "a server needs one topic, and its APIs name several: .topic(..)"
    );

    let _server = server().topic("all").start().await.unwrap();
    let tokens = TokensClient::new(&bus).topic("all");
    assert_eq!(tokens.call().issue(&Context::new()).await.unwrap(), 7);
}

#[tokio::test]
async fn a_pin_holds_back_what_is_newer() {
    let ctx = Context::new();
    let client = CalcClient::local(Manager).pinned(Version::new(1, 0));
    assert_eq!(client.call().add(&ctx, 1, 1).await.unwrap(), 2);
    let error = client.call().add(&ctx, 1, 2).await.unwrap_err();
    assert!(matches!(
        error,
        CallError::Send(SendError::ArgumentNotInPin { argument: "b", .. })
    ));
}

#[test]
fn errors_cross_the_wire_by_class() {
    for (error, text) in [
        (
            CalcError::TooMuch { a: 1, b: 2 },
            r#"{"class":"TooMuch","module":"calc.exception","message":"1 and 2 are too much","tb":[],"args":["1 and 2 are too much"],"kwargs":{"a":1,"addend":2}}"#,
        ),
        (
            CalcError::Missing("x".to_owned()),
            r#"{"class":"KeyError","module":"builtins","message":"no x","tb":[],"args":["x"],"kwargs":{}}"#,
        ),
        (
            CalcError::Tired,
            r#"{"class":"Tired","module":"calc.exception","message":"tired","tb":[],"args":["tired"],"kwargs":{}}"#,
        ),
    ] {
        let failure = error.to_failure();
        let expected: Failure = serde_json::from_str(text).unwrap();
        assert_eq!(failure, expected);
        assert_eq!(CalcError::from_failure(&failure), Some(error));
    }
    let python2 = Failure::new("exceptions", "KeyError", "x");
    assert_eq!(
        CalcError::from_failure(&python2),
        Some(CalcError::Missing("x".to_owned()))
    );
    // The class is known, its arguments do not fit: nothing is lost.
    let odd = Failure::new("calc.exception", "TooMuch", "as ever");
    assert_eq!(CalcError::from_failure(&odd), Some(CalcError::Other(odd.clone())));
}
