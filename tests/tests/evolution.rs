//! An API that grew, towards peers from before: what a pinned client sends, and what a manager gets from old callers.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::convert::Infallible;
use std::error::Error;
use std::num::ParseIntError;

use rpc_runtime::testing::{Recorded, Recorder};
use rpc_runtime::{
    ApiSpec, Bus, CallError, Context, Failure, PinSource, SendError, Server, UntypedClient, UpgradeLevel,
    Version, rpc_api,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A size in gigabytes; it was once a text, as `"20G"`.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Size(u32);

fn size_to_text(size: &Size) -> String {
    format!("{}G", size.0)
}

fn size_of_text(mut text: String) -> Result<Size, ParseIntError> {
    text.retain(|letter| letter != 'G');
    text.parse().map(Size)
}

/// Where a volume is to be. The type knows all its forms: a host, a list of hosts, and before that a number.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Place {
    /// The number of a host.
    Number(u32),
    /// A host.
    Host(String),
    /// Any of these.
    Hosts(Vec<String>),
}

fn place_to_host(place: &Place) -> Place {
    match place {
        Place::Hosts(hosts) => Place::Host(hosts.first().cloned().unwrap_or_default()),
        other => other.clone(),
    }
}

fn place_to_number(_: &Place) -> Place {
    Place::Number(0)
}

/// Keeps volumes.
#[rpc_api(
    topic = "volumes",
    version = "2.5",
    accepts = "1.7",
    releases(stein = "1.4", train = "1.7", zed = "2.1", antelope = "2.5")
)]
pub trait Volumes {
    /// Makes one.
    #[rpc(call, since = "1.2")]
    async fn create(
        &self,
        ctx: &Context,
        #[rpc(below("2.1", size_to_text, size_of_text))] size: Size,
        #[rpc(below("2.3", place_to_host), below("1.4", place_to_number))] place: Place,
        #[rpc(until = "2.0")] reservations: Option<Vec<String>>,
        #[rpc(since = ["1.6", "2.2"])] image: Option<String>,
        #[rpc(since = "2.4", default = 1, unsent = drop)] copies: u32,
    ) -> Result<Value, Infallible>;

    /// Forgets all.
    #[deprecated(note = "volumes are deleted one by one")]
    #[rpc(call, removed = "2.0")]
    async fn clear(&self, ctx: &Context) -> Result<u32, Infallible>;

    /// Copies one.
    #[rpc(call, since = "2.2")]
    async fn copy(&self, ctx: &Context) -> Result<u32, Infallible>;
}

struct Manager;

impl Volumes for Manager {
    async fn create(
        &self,
        _: &Context,
        size: Size,
        place: Place,
        reservations: Option<Vec<String>>,
        image: Option<String>,
        copies: u32,
    ) -> Result<Value, Infallible> {
        Ok(json!([size, place, reservations, image, copies]))
    }

    async fn clear(&self, _: &Context) -> Result<u32, Infallible> {
        Ok(7)
    }

    async fn copy(&self, _: &Context) -> Result<u32, Infallible> {
        Ok(8)
    }
}

/// What a client pinned to the version sends for one and the same call.
async fn sent_under(major: u32, minor: u32, image: Option<&str>) -> Result<Recorded, SendError> {
    let recorder = Recorder::new();
    recorder.answer("create", Value::Null);
    let client = VolumesClient::new(&recorder.bus()).pinned(Version::new(major, minor));
    let hosts = Place::Hosts(vec!["a".to_owned(), "b".to_owned()]);
    let reservations = Some(vec!["r".to_owned()]);
    let image = image.map(str::to_owned);
    let call = client
        .call()
        .create(&Context::new(), Size(20), hosts, reservations, image, 3);
    match call.await {
        Ok(_) => Ok(recorder.take().remove(0)),
        Err(CallError::Send(error)) => Err(error),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_client_sends_what_the_receiver_knows() {
    let today = json!({"size": 20, "place": ["a", "b"], "image": null, "copies": 3});
    let without = |names: &[&str], more: Value| {
        let mut args = today.as_object().unwrap().clone();
        args.retain(|name, _| !names.contains(&name.as_str()));
        args.extend(more.as_object().unwrap().clone());
        args
    };
    for (pin, version, args) in [
        ((2, 5), "2.4", without(&[], json!({}))),
        ((2, 3), "2.3", without(&["copies"], json!({}))),
        ((2, 2), "2.2", without(&["copies"], json!({"place": "a"}))),
        (
            (2, 1),
            "2.1",
            without(&["copies", "image"], json!({"place": "a"})),
        ),
        (
            (2, 0),
            "2.0",
            without(&["copies", "image"], json!({"place": "a", "size": "20G"})),
        ),
        (
            (1, 7),
            "1.6",
            without(
                &["copies"],
                json!({"place": "a", "size": "20G", "reservations": ["r"]}),
            ),
        ),
        (
            (1, 5),
            "1.4",
            without(
                &["copies", "image"],
                json!({"place": "a", "size": "20G", "reservations": ["r"]}),
            ),
        ),
        (
            (1, 3),
            "1.2",
            without(
                &["copies", "image"],
                json!({"place": 0, "size": "20G", "reservations": ["r"]}),
            ),
        ),
    ] {
        let sent = sent_under(pin.0, pin.1, None).await.unwrap();
        assert_eq!(
            (sent.version.as_deref(), &sent.args),
            (Some(version), &args),
            "{pin:?}"
        );
    }
}

#[tokio::test]
async fn what_a_receiver_lacks_is_refused_before_anything_is_sent() {
    let error = sent_under(2, 1, Some("x")).await.unwrap_err();
    let text = "argument 'image' of 'create' is from version 2.2, this client is pinned to 2.1";
    assert_eq!(error.to_string(), text);
    let error = sent_under(1, 1, None).await.unwrap_err();
    let text = "'create' is from version 1.2, this client is pinned to 1.1";
    assert_eq!(error.to_string(), text);
    let client = VolumesClient::new(&Bus::memory());
    assert!(client.can_send(VolumesApi::COPY) && !client.can_send(VolumesApi::CLEAR));
    let pinned = client.pinned(VolumesRelease::Train);
    assert!(!pinned.can_send(VolumesApi::COPY) && pinned.can_send(VolumesApi::CLEAR));
}

/// Asks a server of today as a caller of the version does.
async fn asked(version: &str, method: &str, args: Value) -> Result<Value, Failure> {
    let bus = Bus::memory();
    let server = Server::builder(&bus)
        .server("here")
        .serve::<VolumesApi, _>(Manager)
        .start()
        .await
        .unwrap();
    let client = UntypedClient::new(&bus, "volumes").version(version.parse().unwrap());
    let args = args.as_object().unwrap();
    let args: Vec<(&str, &dyn rpc_runtime::wire::Argument)> = args
        .iter()
        .map(|(name, value)| (name.as_str(), value as _))
        .collect();
    let answer = client
        .call::<Value, Failure>(method, &Context::new(), &args)
        .await;
    let _ = server.stop().await;
    answer.map_err(|error| match error {
        CallError::Api(failure) | CallError::Remote(failure) => failure,
        other => panic!("{other}"),
    })
}

#[tokio::test]
async fn a_manager_gets_todays_forms_from_callers_of_every_version() {
    for (version, args, got) in [
        (
            "1.2",
            json!({"size": "20G", "place": 4}),
            json!([20, 4, null, null, 1]),
        ),
        (
            "1.6",
            json!({"size": "20G", "place": "a", "reservations": ["r"], "image": "i"}),
            json!([20, "a", ["r"], "i", 1]),
        ),
        (
            "2.0",
            json!({"size": "20G", "place": "a"}),
            json!([20, "a", null, null, 1]),
        ),
        (
            "2.4",
            json!({"size": 20, "place": ["a"], "image": null, "copies": 2}),
            json!([20, ["a"], null, null, 2]),
        ),
    ] {
        assert_eq!(asked(version, "create", args).await, Ok(got), "{version}");
    }
    let failure = asked("1.6", "create", json!({"size": "big", "place": "a"}))
        .await
        .unwrap_err();
    assert_eq!(failure.class, "TypeError");
    assert_eq!(failure.message, "argument 'size': invalid digit found in string");
}

#[tokio::test]
async fn a_method_that_went_is_there_for_the_callers_that_know_it() {
    assert_eq!(asked("1.7", "clear", json!({})).await, Ok(json!(7)));
    let class = |failure: Result<Value, Failure>| failure.unwrap_err().class;
    assert_eq!(class(asked("2.0", "clear", json!({})).await), "NoSuchMethod");
    assert_eq!(
        class(asked("1.8", "clear", json!({})).await),
        "UnsupportedVersion"
    );
    assert_eq!(class(asked("3.0", "copy", json!({})).await), "UnsupportedVersion");
}

/// What a table of services would say.
struct Oldest(Version);

impl PinSource for Oldest {
    async fn version(&self, api: &'static ApiSpec) -> Result<Option<Version>, Box<dyn Error + Send + Sync>> {
        assert_eq!(api.name, "Volumes");
        Ok(Some(self.0))
    }
}

#[tokio::test]
async fn an_operator_names_a_release_a_version_or_auto() {
    type Level = UpgradeLevel<VolumesRelease>;
    for (setting, version) in [
        ("stein", Version::new(1, 4)),
        ("antelope", Version::new(2, 5)),
        ("1.5", Version::new(1, 5)),
        ("auto", Version::new(2, 2)),
    ] {
        let level: Level = setting.parse().unwrap();
        let pin = level.pin(Oldest(Version::new(2, 2))).await.unwrap();
        assert_eq!(pin.version(), Some(version), "{setting}");
    }
    assert_eq!("zed".parse(), Ok(VolumesRelease::Zed));
    let error = "yoga".parse::<VolumesRelease>().unwrap_err().to_string();
    assert_eq!(
        error,
        "\"yoga\" is no release of Volumes: use stein, train, zed, antelope, a version or auto"
    );
}
