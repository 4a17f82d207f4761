//! A cloud in memory: a conductor among the players of a test.

use std::time::Duration;

use conductor_api::{ComputeTaskApi, ComputeTaskClient, NovaObject};
use rpc_runtime::{Bus, Failure, Server};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use super::super::Tasks;
use super::players::{Player, Told};
use crate::notifier::{Driver, Notifier, Topics};
use crate::peers::{ComputeLevel, HavanaHost, Peers, SchedulerLevel};
use crate::store::testing::{Lab, compute_node, compute_service};
use crate::store::{Query, Row as Stored, Store, now};

/// The cloud, with a conductor in it.
pub(super) struct Stage {
    pub(super) client: ComputeTaskClient,
    /// The manager itself: what is asked of it is done when it returns, though it be a cast.
    pub(super) tasks: Tasks,
    pub(super) store: Store,
    pub(super) bus: Bus,
    player: Player,
    told: UnboundedReceiver<Told>,
    servers: Vec<Server>,
    _lab: Lab,
}

pub(super) const UUID: &str = "9ae5e4a0-0000-4000-8000-000000000001";

impl Stage {
    /// With a compute service on each of these hosts, which is up and has a node with room.
    pub(super) async fn new(hosts: &[&str]) -> Self {
        let lab = Lab::sqlite();
        let store = lab.open().await;
        let bus = Bus::memory();
        let (told_to, told) = unbounded_channel();
        let player = Player::new("scheduler", told_to);
        let scheduler = Server::builder(&bus).server("s").service(player.as_schedulers());
        let mut servers = vec![scheduler.start().await.unwrap()];
        for host in hosts {
            let compute = Server::builder(&bus)
                .server(*host)
                .service(player.named(host).as_computes());
            servers.push(compute.start().await.unwrap());
            let service = compute_service(host).with("last_seen_up", now());
            store.insert("services", &service).await.unwrap();
            let node = compute_node(host)
                .with("hypervisor_version", 2)
                .with("hypervisor_hostname", format!("node-{host}"))
                .with("free_ram_mb", 1024);
            store.insert("compute_nodes", &node).await.unwrap();
        }
        let peers = Peers::new(&bus, SchedulerLevel::default(), ComputeLevel::default());
        let notifier = Notifier::new(Driver::Messaging, &bus, &Topics::default(), "conductor-1");
        let tasks = Tasks::new(
            store.clone(),
            notifier,
            peers,
            "conductor-1",
            Duration::from_secs(60),
        );
        let conductor = Server::builder(&bus)
            .server("c")
            .serve::<ComputeTaskApi, _>(tasks.clone());
        servers.push(conductor.start().await.unwrap());
        Self {
            client: ComputeTaskClient::new(&bus),
            tasks,
            store,
            bus,
            player,
            told,
            servers,
            _lab: lab,
        }
    }

    /// Havana's scheduler will choose this host.
    pub(super) fn chooses(&self, host: &str) {
        self.player
            .havana_hosts
            .lock()
            .unwrap()
            .push_back(Ok(vec![HavanaHost {
                host: host.to_owned(),
                nodename: Some(format!("node-{host}")),
                limits: json!({"memory_mb": 512}),
            }]));
    }

    /// No scheduler will find a host.
    pub(super) fn finds_none(&self) {
        let kwargs = [
            ("reason".to_owned(), json!("full")),
            ("code".to_owned(), json!(500)),
        ];
        let none = Failure {
            kwargs: kwargs.into_iter().collect(),
            ..Failure::new("nova.exception", "NoValidHost", "No valid host was found. full")
        };
        self.player
            .havana_hosts
            .lock()
            .unwrap()
            .push_back(Err(none.clone()));
        self.player.hosts.lock().unwrap().push_back(Err(none));
    }

    /// Today's scheduler will choose the first of these, with the others to fall back upon.
    pub(super) fn selects(&self, hosts: &[&str]) {
        let hosts = hosts.iter().map(|host| selection(host)).collect();
        self.player.hosts.lock().unwrap().push_back(Ok(vec![hosts]));
    }

    /// A compute service will answer this when it is asked whether an instance may come.
    pub(super) fn agrees(&self, answer: Result<Value, Failure>) {
        self.player.checks.lock().unwrap().push_back(answer);
    }

    /// What a peer is told next.
    pub(super) async fn next(&mut self, whom: &str, method: &str) -> Value {
        let told = timeout(Duration::from_secs(10), self.told.recv()).await;
        let told = told
            .expect("somebody is told something in time")
            .expect("a stage");
        assert_eq!((told.whom.as_str(), told.method), (whom, method), "{told:?}");
        told.args
    }

    /// Puts the row of an instance into the database.
    pub(super) async fn instance(&self, columns: &[(&str, &str)]) {
        let row = columns
            .iter()
            .fold(Stored::new().with("uuid", UUID), |row, (name, value)| {
                row.with(name, *value)
            });
        self.store.insert("instances", &row).await.unwrap();
    }

    /// The state of the instance, and the messages of its faults.
    pub(super) async fn state(&self) -> (Option<String>, Option<String>, Vec<String>) {
        let row = self
            .store
            .first(&Query::of("instances").eq("uuid", UUID))
            .await
            .unwrap()
            .unwrap();
        let faults = self
            .store
            .select(&Query::of("instance_faults").eq("instance_uuid", UUID))
            .await
            .unwrap();
        let messages = faults
            .iter()
            .map(|fault| fault.text("message").unwrap_or_default().to_owned());
        let text = |name| row.text(name).map(str::to_owned);
        (text("vm_state"), text("task_state"), messages.collect())
    }

    /// Ends the stage when all requests are through; nobody was told more than the test has seen.
    pub(super) async fn ends(&mut self) {
        for server in self.servers.drain(..).rev() {
            let _ = server.stop().await;
        }
        let more = self.told.try_recv();
        assert!(more.is_err(), "{more:?}");
    }
}

/// A host as today's scheduler names it.
pub(super) fn selection(host: &str) -> NovaObject {
    let limits = NovaObject::new("SchedulerLimits", "1.0")
        .with("vcpu", 4)
        .with("memory_mb", Value::Null);
    NovaObject::new("Selection", "1.1")
        .with("service_host", host)
        .with("nodename", format!("node-{host}"))
        .with("limits", limits)
        .with("availability_zone", "east")
        .with("allocation_request", Value::Null)
}
