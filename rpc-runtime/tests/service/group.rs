//! Signs of life, and what is concluded from them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use rpc_runtime::Bus;
use rpc_runtime::service::group::Member;
use rpc_runtime::service::{BoxError, Identity, MemoryGroup, Service, ServiceGroup};
use rpc_runtime::transport::BoxFuture;
use tokio::time::sleep;
use tracing::Level;

use crate::kit::{Diary, House, Log};

fn identity(host: &str) -> Identity {
    Identity {
        host: host.to_owned(),
        binary: "hall".to_owned(),
        topic: "hall".to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_member_is_up_for_the_down_time_after_its_last_sign_of_life() {
    let group = MemoryGroup::new();
    let (one, two) = (identity("one"), identity("two"));
    for service in [&one, &two] {
        group.enroll(service).await.unwrap();
    }
    sleep(Duration::from_secs(40)).await;
    group.report(&two).await.unwrap();
    // Enrolling again changes nothing: the first sign of life is still the creation.
    group.enroll(&one).await.unwrap();
    assert_eq!(group.get_all("hall").await.unwrap(), ["one", "two"]);
    sleep(Duration::from_secs(20)).await;
    assert_eq!(group.get_all("hall").await.unwrap(), ["one", "two"]);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(group.get_all("hall").await.unwrap(), ["two"]);

    assert!(group.set_enabled(&two, false));
    assert!(group.get_all("hall").await.unwrap().is_empty());
    assert_eq!(group.members("hall").await.unwrap().len(), 2);
    assert!(group.members("elsewhere").await.unwrap().is_empty());
    group.remove(&two).await.unwrap();
    assert!(!group.set_enabled(&two, true));
    assert!(
        group
            .report(&two)
            .await
            .unwrap_err()
            .to_string()
            .contains("no row")
    );
}

/// A group whose database goes away, and comes back; it may also hang.
#[derive(Default)]
struct Shaky {
    away: AtomicBool,
    hangs: AtomicBool,
    asked: AtomicU32,
    reported: AtomicU32,
}

type Done<'a> = BoxFuture<'a, Result<(), BoxError>>;

impl ServiceGroup for Shaky {
    fn enroll<'a>(&'a self, _: &'a Identity) -> Done<'a> {
        Box::pin(async { Ok(()) })
    }

    fn report<'a>(&'a self, _: &'a Identity) -> Done<'a> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Box::pin(async {
            if self.hangs.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            if self.away.load(Ordering::Relaxed) {
                return Err("the database is gone".into());
            }
            self.reported.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
    }

    fn remove<'a>(&'a self, _: &'a Identity) -> Done<'a> {
        Box::pin(async { Ok(()) })
    }

    fn members<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<Member>, BoxError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// Errors and time-outs of the group do not end the signs of life, and those do not pile up. That it went away is
/// logged once, and that it came back.
#[tokio::test(start_paused = true)]
async fn signs_of_life_outlive_the_group() {
    let log = Log::from(Level::INFO);
    let _logging = tracing::subscriber::set_default(log.clone());
    let (bus, diary) = (Bus::memory(), Diary::default());
    let group = Arc::new(Shaky::default());
    let service = Service::builder(&bus, House::new(&bus, &diary))
        .host("node-1")
        .group(group.clone())
        .report_interval(Duration::from_secs(10))
        .start();
    let service = service.await.unwrap();
    let counts = || {
        (
            group.asked.swap(0, Ordering::Relaxed),
            group.reported.swap(0, Ordering::Relaxed),
        )
    };
    sleep(Duration::from_secs(30)).await;
    assert_eq!(counts(), (3, 3));
    group.away.store(true, Ordering::Relaxed);
    sleep(Duration::from_secs(30)).await;
    assert_eq!(counts(), (3, 0));
    group.hangs.store(true, Ordering::Relaxed);
    sleep(Duration::from_secs(60)).await;
    let (asked, reported) = counts();
    assert!((1..=6).contains(&asked) && reported == 0, "{asked}, {reported}");
    group.hangs.store(false, Ordering::Relaxed);
    group.away.store(false, Ordering::Relaxed);
    sleep(Duration::from_secs(60)).await;
    let (asked, reported) = counts();
    assert!(reported >= 4 && asked <= reported + 1, "{asked}, {reported}");
    assert_eq!(log.count("model server went away"), 1);
    assert_eq!(log.count("Recovered model server connection!"), 1);
    let _ = service.stop().await;
}

/// An interval of none is Nova's way to say that there are to be no signs of life.
#[tokio::test(start_paused = true)]
async fn without_an_interval_there_are_no_signs_of_life() {
    let (bus, diary) = (Bus::memory(), Diary::default());
    let group = Arc::new(Shaky::default());
    let service = Service::builder(&bus, House::new(&bus, &diary))
        .host("node-1")
        .group(group.clone())
        .report_interval(Duration::ZERO)
        .start();
    let service = service.await.unwrap();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(group.asked.load(Ordering::Relaxed), 0);
    let _ = service.stop().await;
}
