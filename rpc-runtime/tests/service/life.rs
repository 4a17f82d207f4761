//! From the start of a service to its end.

use std::sync::Arc;
use std::time::Duration;

use rpc_runtime::service::{BoxError, Identity, MemoryGroup, Service, ServiceGroup, StartError};
use rpc_runtime::transport::BoxFuture;
use rpc_runtime::{Bus, Context};
use tracing::Level;

use crate::kit::{Diary, HallClient, House, Log, answers, within};

/// A group that writes down what it is asked.
struct Noted {
    group: MemoryGroup,
    diary: Diary,
}

type Done<'a> = BoxFuture<'a, Result<(), BoxError>>;

impl ServiceGroup for Noted {
    fn enroll<'a>(&'a self, service: &'a Identity) -> Done<'a> {
        self.diary.write("enroll");
        self.group.enroll(service)
    }

    fn report<'a>(&'a self, service: &'a Identity) -> Done<'a> {
        self.diary.write("report");
        self.group.report(service)
    }

    fn remove<'a>(&'a self, service: &'a Identity) -> Done<'a> {
        self.diary.write("remove");
        self.group.remove(service)
    }

    fn members<'a>(
        &'a self,
        topic: &'a str,
    ) -> BoxFuture<'a, Result<Vec<rpc_runtime::service::group::Member>, BoxError>> {
        self.group.members(topic)
    }
}

fn noted() -> (Bus, Diary, Arc<Noted>) {
    let diary = Diary::default();
    let group = Noted {
        group: MemoryGroup::new(),
        diary: diary.clone(),
    };
    (Bus::memory(), diary, Arc::new(group))
}

fn service(bus: &Bus, house: House, group: &Arc<Noted>) -> rpc_runtime::service::Builder<House> {
    Service::builder(bus, house)
        .host("node-1")
        .binary("hall")
        .group(group.clone())
}

#[tokio::test(start_paused = true)]
async fn a_start_has_one_order() {
    let (bus, diary, group) = noted();
    let service = service(&bus, House::new(&bus, &diary), &group).backdoor("0".parse().unwrap());
    let service = within(service.start()).await.unwrap();
    let up = [
        "init_host: []",
        "enroll",
        "pre_start_hook: []",
        "backdoor",
        "told",
        r#"post_start_hook: ["topic", "name"]"#,
    ];
    assert_eq!(diary.read(), up);

    // The first sign of life is after 5 s, the periodic tasks begin somewhere within 60.
    tokio::time::sleep(Duration::from_secs(61)).await;
    let later = diary.read().split_off(up.len());
    assert_eq!(
        later.iter().filter(|what| *what == "sweep").count(),
        1,
        "{later:?}"
    );
    let reports = later.iter().filter(|what| *what == "report").count();
    assert_eq!(reports, 6, "{later:?}");
    let _ = service.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_switched_off_does_not_run() {
    let (bus, diary, group) = noted();
    let service = service(&bus, House::new(&bus, &diary), &group).periodic_enable(false);
    let service = within(service.start()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert!(!diary.read().contains(&"sweep".to_owned()));
    let _ = service.stop().await;
}

#[tokio::test]
async fn what_is_said_of_its_server_is_kept() {
    let (bus, diary, group) = noted();
    let service = service(&bus, House::new(&bus, &diary), &group).server(|server| server.inspectable(true));
    let service = within(service.start()).await.unwrap();
    let taken = service.server().taken().unwrap();
    assert!(answers(&bus).await);
    assert!(service.server().taken().unwrap() > taken);
    let _ = service.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_everything_and_a_kill_leaves_the_group() {
    for kill in [false, true] {
        let (bus, diary, group) = noted();
        let service = service(&bus, House::new(&bus, &diary), &group);
        let service = within(service.start()).await.unwrap();
        assert!(answers(&bus).await);
        service.reset().await;
        assert_eq!(diary.read().last().unwrap(), "reset");
        let stopped = match kill {
            true => service.kill().await.unwrap(),
            false => service.stop().await,
        };
        assert_eq!(stopped.abandoned, 0);
        assert!(!answers(&bus).await);
        let at_the_end = diary.read();
        tokio::time::sleep(Duration::from_secs(120)).await;
        assert_eq!(diary.read(), at_the_end);
        assert_eq!(group.members("hall").await.unwrap().len(), usize::from(!kill));
    }
}

#[tokio::test]
async fn a_hook_that_fails_ends_the_start() {
    for (hook, last) in [
        ("init_host", "init_host: []"),
        ("pre_start_hook", "pre_start_hook: []"),
        ("post_start_hook", r#"post_start_hook: ["topic", "name"]"#),
    ] {
        let (bus, diary, group) = noted();
        let house = House::new(&bus, &diary).failing_in(hook);
        let error = within(service(&bus, house, &group).start()).await.unwrap_err();
        assert_eq!(error.to_string(), format!("{hook}: as asked"));
        assert!(matches!(error, StartError::Hook { hook: failed, .. } if failed == hook));
        assert_eq!(diary.read().last().unwrap(), last);
        // Nothing of it is left on the bus.
        assert!(!answers(&bus).await);
    }
}

/// A log that shows everything shows what was received, and no credentials.
#[tokio::test]
async fn requests_are_logged_without_their_secrets() {
    let log = Log::from(Level::TRACE);
    let _logging = tracing::subscriber::set_default(log.clone());
    let (bus, diary, group) = noted();
    let service = within(service(&bus, House::new(&bus, &diary), &group).start())
        .await
        .unwrap();
    let ctx = Context::new()
        .with("auth_token", "hunter2")
        .with("user_name", "ada");
    within(HallClient::new(&bus).call().ping(&ctx)).await.unwrap();
    assert_eq!(log.count(r#""user_name":"ada""#), 1);
    assert_eq!(log.count("<SANITIZED>"), 1);
    assert_eq!(log.count("hunter2"), 0);
    let _ = service.stop().await;
}
