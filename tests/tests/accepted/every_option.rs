//! Every option of an API, a method and an argument, and what its spec says then.

use rpc_runtime::spec::{Delivery, Kinds, Timeout, Unsent};
use rpc_runtime::{Api, Context, Failure, Items, Version, rpc_api};

#[rpc_api(topic = "all", namespace = "every", version = "2.9", context = Context, crate = ::rpc_runtime)]
pub trait Every {
    #[rpc(call, cast, name = "first", alias = ["erst", "primo"], since = "2.1", timeout = "500ms", monitored)]
    async fn one(
        &self,
        ctx: &Context,
        plain: u8,
        #[rpc(name = "second", since = "2.4", secret)] two: Option<u8>,
        #[rpc(since = "2.3", default = vec![1, 2], unsent = drop)] three: Vec<u8>,
        #[rpc(since = "2.4", default, unsent = refuse)] four: String,
        #[rpc(default = true)] five: bool,
    ) -> Result<u8, Failure>;

    #[rpc(cast, fanout, idempotent, delivery = at_least_once)]
    async fn two(&self, ctx: &Context) -> Result<(), Failure>;

    #[rpc(stream, timeout = long)]
    async fn three(&self, ctx: &Context) -> Result<Items<u8, Failure>, Failure>;
}

#[test]
fn compiles() {
    let spec = EveryApi::SPEC;
    assert_eq!(
        (spec.name, spec.topic, spec.namespace),
        ("Every", Some("all"), Some("every"))
    );
    assert_eq!(spec.version, Version::new(2, 9));
    let names: Vec<&str> = spec.methods.iter().map(|method| method.name).collect();
    assert_eq!(names, ["first", "two", "three"]);

    let one = EveryApi::ONE;
    assert_eq!(one.aliases, ["erst", "primo"]);
    assert_eq!(one.kinds, Kinds::CALL.and(Kinds::CAST));
    assert_eq!(one.history.since, [Version::new(2, 1)]);
    assert_eq!(
        one.thresholds(),
        [Version::new(2, 1), Version::new(2, 3), Version::new(2, 4)]
    );
    assert_eq!(one.timeout, Timeout::Millis(500));
    assert!(one.monitored && !one.idempotent);

    let args: Vec<(&str, &[Version])> = one.args.iter().map(|arg| (arg.name, arg.history.since)).collect();
    let (v3, v4): (&[Version], &[Version]) = (&[Version::new(2, 3)], &[Version::new(2, 4)]);
    let expected = [
        ("plain", &[][..]),
        ("second", v4),
        ("three", v3),
        ("four", v4),
        ("five", &[]),
    ];
    assert_eq!(args, expected);
    let defaults: Vec<Option<String>> = one
        .args
        .iter()
        .map(|arg| Some(String::from_utf8(arg.default?().unwrap()).unwrap()))
        .collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(defaults, [None, None, text("[1,2]"), text("\"\""), text("true")]);
    assert_eq!(one.args[2].unsent, Unsent::Drop);
    assert_eq!(one.args[3].unsent, Unsent::Refuse);
    assert!(one.args[1].secret && !one.args[0].secret);

    let two = EveryApi::TWO;
    assert!(two.idempotent && two.kinds.fanout && two.kinds.cast && !two.kinds.call);
    assert_eq!(two.delivery, Delivery::AtLeastOnce);
    assert_eq!(EveryApi::THREE.timeout, Timeout::Class("long"));
}
