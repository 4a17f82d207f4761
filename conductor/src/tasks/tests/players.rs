//! Schedulers and compute services that note what they are told, and answer as a test says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use conductor_api::{NovaObject, Row};
use rpc_runtime::{Context, Failure, RpcServer};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use crate::peers::{
    Compute, ComputeApi, HavanaCompute, HavanaComputeApi, HavanaHost, HavanaScheduler, HavanaSchedulerApi,
    Scheduler, SchedulerApi,
};

/// What a peer was told: who, which method, and the arguments a test looks at.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) whom: String,
    pub(super) method: &'static str,
    pub(super) args: Value,
}

/// Those that a test has laid down, and not been given yet.
pub(super) type Answers<T> = Arc<Mutex<VecDeque<Result<T, Failure>>>>;

/// One peer of every kind.
#[derive(Clone)]
pub(super) struct Player {
    name: String,
    told: UnboundedSender<Told>,
    pub(super) havana_hosts: Answers<Vec<HavanaHost>>,
    pub(super) hosts: Answers<Vec<Vec<NovaObject>>>,
    pub(super) checks: Answers<Value>,
}

impl Player {
    pub(super) fn new(name: &str, told: UnboundedSender<Told>) -> Self {
        Self {
            name: name.to_owned(),
            told,
            havana_hosts: Answers::default(),
            hosts: Answers::default(),
            checks: Answers::default(),
        }
    }

    /// Another, with the same answers.
    pub(super) fn named(&self, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..self.clone()
        }
    }

    /// The schedulers of today and of Havana.
    pub(super) fn as_schedulers(&self) -> Schedulers {
        Schedulers {
            today: self.clone(),
            havana: self.clone(),
        }
    }

    /// The compute services of today and of Havana.
    pub(super) fn as_computes(&self) -> Computes {
        Computes {
            today: self.clone(),
            havana: self.clone(),
        }
    }

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
pub(super) struct Schedulers {
    #[rpc(SchedulerApi)]
    today: Player,
    #[rpc(HavanaSchedulerApi)]
    havana: Player,
}

#[derive(RpcServer)]
pub(super) struct Computes {
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
