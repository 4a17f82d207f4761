//! A cloud in memory: schedulers and compute services that note what they are told, and answer as a test says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conductor_api::{ComputeTaskApi, ComputeTaskClient, NovaObject, Row};
use rpc_runtime::{Bus, Context, Failure, RpcServer, Server};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use super::super::Tasks;
use crate::notifier::{Driver, Notifier, Topics};
use crate::peers::{
    Compute, ComputeApi, ComputeLevel, HavanaCompute, HavanaComputeApi, HavanaHost, HavanaScheduler,
    HavanaSchedulerApi, Peers, Scheduler, SchedulerApi, SchedulerLevel,
};
use crate::store::testing::Lab;
use crate::store::{Query, Row as Stored, Store, now};

/// What a peer was told: who, which method, and the arguments a test looks at.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) whom: String,
    pub(super) method: &'static str,
    pub(super) args: Value,
}

type Answers<T> = Arc<Mutex<VecDeque<Result<T, Failure>>>>;

#[derive(Clone)]
struct Player {
    name: String,
    told: UnboundedSender<Told>,
    havana_hosts: Answers<Vec<HavanaHost>>,
    hosts: Answers<Vec<Vec<NovaObject>>>,
    checks: Answers<Value>,
}

impl Player {
    fn note(&self, method: &'static str, args: Value) {
        let whom = self.name.clone();
        self.told.send(Told { whom, method, args }).unwrap();
    }
}

/// The next answer that the test has laid down.
fn next<T>(answers: &Answers<T>) -> Result<T, Failure> {
    let next = answers.lock().unwrap().pop_front();
    next.unwrap_or_else(|| {
        Err(Failure::new(
            "nova.exception",
            "NotScripted",
            "no answer is laid down",
        ))
    })
}

#[derive(RpcServer)]
struct Schedulers {
    #[rpc(SchedulerApi)]
    today: Player,
    #[rpc(HavanaSchedulerApi)]
    havana: Player,
}

#[derive(RpcServer)]
struct Computes {
    #[rpc(ComputeApi)]
    today: Player,
    #[rpc(HavanaComputeApi)]
    havana: Player,
}

impl Scheduler for Player {
    async fn select_destinations(
        &self,
        _: &Context,
        instance_uuids: Vec<String>,
        spec_obj: NovaObject,
        return_objects: bool,
        return_alternates: bool,
    ) -> Result<Vec<Vec<NovaObject>>, Failure> {
        let args = json!({"uuids": instance_uuids, "spec": spec_obj, "objects": return_objects, "alternates": return_alternates});
        self.note("select_destinations", args);
        next(&self.hosts)
    }
}

impl HavanaScheduler for Player {
    async fn select_destinations(
        &self,
        _: &Context,
        request_spec: Row,
        filter_properties: Row,
    ) -> Result<Vec<HavanaHost>, Failure> {
        self.note(
            "select_destinations",
            json!({"spec": request_spec, "properties": filter_properties}),
        );
        next(&self.havana_hosts)
    }

    async fn run_instance(
        &self,
        _: &Context,
        request_spec: Row,
        admin_password: Option<String>,
        injected_files: Option<Vec<Value>>,
        requested_networks: Value,
        is_first_time: bool,
        filter_properties: Row,
        legacy_bdm_in_spec: bool,
    ) {
        let args = json!({
            "spec": request_spec,
            "password": admin_password,
            "files": injected_files,
            "networks": requested_networks,
            "first": is_first_time,
            "properties": filter_properties,
            "legacy_bdm": legacy_bdm_in_spec,
        });
        self.note("run_instance", args);
    }
}

impl Compute for Player {
    async fn build_and_run_instance(
        &self,
        _: &Context,
        instance: NovaObject,
        image: Row,
        request_spec: NovaObject,
        filter_properties: Row,
        admin_password: Option<String>,
        _injected_files: Option<Vec<Value>>,
        _requested_networks: Option<NovaObject>,
        security_groups: Value,
        block_device_mapping: NovaObject,
        node: Option<String>,
        limits: Row,
        host_list: Vec<NovaObject>,
        accel_uuids: Vec<String>,
    ) {
        let args = json!({
            "instance": instance,
            "image": image,
            "spec": request_spec,
            "properties": filter_properties,
            "password": admin_password,
            "security_groups": security_groups,
            "disks": block_device_mapping,
            "node": node,
            "limits": limits,
            "host_list": host_list,
            "accel_uuids": accel_uuids,
        });
        self.note("build_and_run_instance", args);
    }

    async fn start_instance(&self, _: &Context, instance: NovaObject) {
        self.note("start_instance", json!({"instance": instance}));
    }

    async fn unshelve_instance(
        &self,
        _: &Context,
        instance: NovaObject,
        image: Option<Row>,
        filter_properties: Row,
        node: Option<String>,
        request_spec: NovaObject,
        _accel_uuids: Vec<String>,
    ) {
        let args = json!({"instance": instance, "image": image, "properties": filter_properties, "node": node, "spec": request_spec});
        self.note("unshelve_instance", args);
    }
}

impl HavanaCompute for Player {
    async fn unrescue_instance(&self, _: &Context, instance: Row) {
        self.note("unrescue_instance", json!({"instance": instance}));
    }

    async fn refresh_instance_security_rules(&self, _: &Context, instance: Row) {
        self.note("refresh_instance_security_rules", json!({"instance": instance}));
    }

    async fn start_instance(&self, _: &Context, instance: NovaObject) {
        self.note("start_instance", json!({"instance": instance}));
    }

    async fn unshelve_instance(&self, _: &Context, instance: NovaObject, image: Option<Row>) {
        self.note("unshelve_instance", json!({"instance": instance, "image": image}));
    }

    async fn check_can_live_migrate_destination(
        &self,
        _: &Context,
        _instance: NovaObject,
        block_migration: Option<bool>,
        disk_over_commit: Option<bool>,
    ) -> Result<Value, Failure> {
        self.note(
            "check_can_live_migrate_destination",
            json!([block_migration, disk_over_commit]),
        );
        next(&self.checks)
    }

    async fn live_migration(
        &self,
        _: &Context,
        _instance: NovaObject,
        dest: String,
        block_migration: Option<bool>,
        migrate_data: Value,
    ) {
        self.note(
            "live_migration",
            json!({"dest": dest, "block": block_migration, "data": migrate_data}),
        );
    }

    async fn prep_resize(
        &self,
        _: &Context,
        _instance: NovaObject,
        instance_type: Row,
        image: Row,
        reservations: Vec<String>,
        request_spec: Row,
        filter_properties: Row,
        node: Option<String>,
    ) {
        let args = json!({
            "flavor": instance_type,
            "image": image,
            "reservations": reservations,
            "spec": request_spec,
            "properties": filter_properties,
            "node": node,
        });
        self.note("prep_resize", args);
    }
}

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
    /// With compute services on these hosts, of which each is up, and has a node with as much memory as it is long.
    pub(super) async fn new(hosts: &[&str]) -> Self {
        let lab = Lab::sqlite();
        let store = lab.open().await;
        let bus = Bus::memory();
        let (sender, told) = unbounded_channel();
        let player = Player {
            name: "scheduler".to_owned(),
            told: sender,
            havana_hosts: Answers::default(),
            hosts: Answers::default(),
            checks: Answers::default(),
        };
        let schedulers = Schedulers {
            today: player.clone(),
            havana: player.clone(),
        };
        let mut servers = vec![
            Server::builder(&bus)
                .server("s")
                .service(schedulers)
                .start()
                .await
                .unwrap(),
        ];
        for host in hosts {
            let one = Player {
                name: (*host).to_owned(),
                ..player.clone()
            };
            let computes = Computes {
                today: one.clone(),
                havana: one,
            };
            servers.push(
                Server::builder(&bus)
                    .server(*host)
                    .service(computes)
                    .start()
                    .await
                    .unwrap(),
            );
            let service = Stored::new()
                .with("host", *host)
                .with("binary", "nova-compute")
                .with("topic", "compute")
                .with("last_seen_up", now());
            store.insert("services", &service).await.unwrap();
            store.insert("compute_nodes", &node(host)).await.unwrap();
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
        let none = || {
            Err(Failure {
                kwargs: [
                    ("reason".to_owned(), json!("full")),
                    ("code".to_owned(), json!(500)),
                ]
                .into_iter()
                .collect(),
                ..Failure::new("nova.exception", "NoValidHost", "No valid host was found. full")
            })
        };
        self.player.havana_hosts.lock().unwrap().push_back(none());
        self.player.hosts.lock().unwrap().push_back(
            none()
                .map(|hosts: Vec<HavanaHost>| drop(hosts))
                .map(|()| Vec::new()),
        );
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

fn node(host: &str) -> Stored {
    let numbers = [
        "vcpus",
        "memory_mb",
        "local_gb",
        "vcpus_used",
        "memory_mb_used",
        "local_gb_used",
    ];
    let node: Stored = numbers.into_iter().map(|name| (name, 1)).collect();
    node.with("host", host)
        .with("hypervisor_type", "QEMU")
        .with("hypervisor_version", 2)
        .with("hypervisor_hostname", format!("node-{host}"))
        .with("free_ram_mb", 1024)
        .with("cpu_info", "")
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
