//! A launcher in this process. What needs processes, and signals, is tested with a broker.

use std::io;

use rpc_runtime::Bus;
use rpc_runtime::service::launch::LaunchError;
use rpc_runtime::service::{BoxError, Launcher, Service, StartError, Workers};
use tokio::sync::oneshot;

use crate::kit::{Diary, House, answers, within};

fn service(bus: &Bus) -> impl Future<Output = Result<Service, StartError>> + use<> {
    // The hooks look for the service elsewhere, where nobody is.
    let house = House::new(&Bus::memory(), &Diary::default());
    Service::builder(bus, house).host("node-1").start()
}

#[tokio::test]
async fn a_launcher_serves_once() {
    let bus = Bus::memory();
    let (told, up) = oneshot::channel();
    let mut launcher = Launcher::new().unwrap().on_ready(move || told.send(()).unwrap());
    launcher.serve(Workers::IN_PROCESS, service(&bus)).unwrap();
    let second = launcher.serve(Workers::IN_PROCESS, service(&Bus::memory()));
    assert!(matches!(second, Err(LaunchError::AlreadyServing)), "{second:?}");
    // The first is none the worse for it.
    within(up).await.unwrap();
    assert!(answers(&bus).await);

    bus.close().await;
    let ended = within(launcher.wait()).await;
    assert!(matches!(ended, Err(LaunchError::BusClosed)), "{ended:?}");
}

#[tokio::test]
async fn without_a_service_there_is_nothing_to_wait_for() {
    let ended = within(Launcher::new().unwrap().wait()).await;
    assert!(matches!(ended, Err(LaunchError::NothingServed)), "{ended:?}");
}

#[tokio::test]
async fn why_a_service_did_not_start_is_kept() {
    let mut launcher = Launcher::new().unwrap().on_ready(|| panic!("it is not up"));
    let start = async { Err::<Service, BoxError>(io::Error::other("no database").into()) };
    launcher.serve(Workers::IN_PROCESS, start).unwrap();
    let Err(LaunchError::Start(error)) = within(launcher.wait()).await else {
        panic!("an error")
    };
    assert_eq!(error.downcast::<io::Error>().unwrap().to_string(), "no database");

    let mut launcher = Launcher::new().unwrap();
    let start = async { panic!("as asked") };
    launcher.serve::<BoxError>(Workers::IN_PROCESS, start).unwrap();
    let ended = within(launcher.wait()).await;
    assert!(matches!(ended, Err(LaunchError::Panicked(_))), "{ended:?}");
}
