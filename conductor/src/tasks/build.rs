//! Building instances: hosts are chosen, unless they were before, and told to build.

use conductor_api::havana::Code;
use conductor_api::{NovaObject, Row};
use rpc_runtime::Context;
use serde_json::{Map, Value, json};
use tracing::{debug, warn};

use super::Tasks;
use super::errors::TaskError;
use super::filter_properties::{self, FilterProperties};
use super::instance::{Era, Instance};
use super::records::Expected;
use super::request_spec;
use crate::store;

/// What is to be built, as the caller says it.
#[derive(Debug)]
pub(super) struct Build {
    pub(super) instances: Vec<Instance>,
    pub(super) image: Row,
    pub(super) filter_properties: FilterProperties,
    pub(super) admin_password: Option<String>,
    pub(super) injected_files: Option<Vec<Value>>,
    pub(super) requested_networks: Option<NovaObject>,
    pub(super) security_groups: Value,
    pub(super) block_device_mapping: Option<Vec<Row>>,
    pub(super) legacy_bdm: bool,
    pub(super) request_spec: Option<NovaObject>,
    /// Hosts for each instance that were chosen before. An empty list means that all of them have failed.
    pub(super) host_lists: Option<Vec<Vec<NovaObject>>>,
}

impl Tasks {
    pub(super) async fn build(&self, ctx: &Context, build: Build) -> Result<(), TaskError> {
        match build.instances.first() {
            None => Ok(()),
            Some(first) if first.era == Era::Havana => self.run_instances(ctx, build).await,
            Some(_) => self.build_and_run(ctx, build).await,
        }
    }

    /// Havana's scheduler chooses the hosts, and tells them.
    async fn run_instances(&self, ctx: &Context, build: Build) -> Result<(), TaskError> {
        let Some(first) = build.instances.first() else {
            return Ok(());
        };
        let flavor = self.havana_flavor(first).await?;
        let mut spec = request_spec::havana(&build.instances, &build.image, flavor);
        spec.insert(
            "block_device_mapping".to_owned(),
            json!(build.block_device_mapping),
        );
        spec.insert("security_group".to_owned(), build.security_groups);
        self.peers
            .havana_scheduler
            .cast()
            .run_instance(
                ctx,
                &spec,
                &build.admin_password,
                &build.injected_files,
                &networks(build.requested_networks.as_ref())?,
                true,
                filter_properties::plain(build.filter_properties),
                build.legacy_bdm,
            )
            .await?;
        Ok(())
    }

    async fn build_and_run(&self, ctx: &Context, mut build: Build) -> Result<(), TaskError> {
        let lists = match self.choose_hosts(ctx, &mut build).await {
            Ok(lists) => lists,
            Err(error) => {
                for instance in &build.instances {
                    self.records
                        .failed(ctx, &instance.uuid, "build_instances", Some("error"), &error)
                        .await;
                }
                return Ok(());
            }
        };
        let mut lists = lists.into_iter();
        for instance in &build.instances {
            // One that was forgotten has no host, like one whose hosts have all failed, and is told so.
            let hosts = lists.next().unwrap_or_default();
            if let Err(error) = self.build_one(ctx, &build, instance, hosts).await {
                // One that cannot be built does not keep the others from it.
                self.records
                    .failed(ctx, &instance.uuid, "build_instances", Some("error"), &error)
                    .await;
            }
        }
        Ok(())
    }

    /// Hosts for each instance: the ones that the caller has, or the scheduler's.
    async fn choose_hosts(
        &self,
        ctx: &Context,
        build: &mut Build,
    ) -> Result<Vec<Vec<NovaObject>>, TaskError> {
        let Some(first) = build.instances.first() else {
            return Ok(Vec::new());
        };
        filter_properties::count_attempt(&mut build.filter_properties, &first.uuid)?;
        let spec = match build.request_spec.take() {
            Some(spec) => spec,
            None => {
                let flavor = build.filter_properties.get("instance_type");
                request_spec::of_instance(first, &build.image, flavor, build.instances.len())
            }
        };
        let spec = request_spec::with_properties(spec, &build.filter_properties);
        let lists = match build.host_lists.take() {
            Some(lists) => lists,
            None => {
                let uuids: Vec<String> = build
                    .instances
                    .iter()
                    .map(|instance| instance.uuid.clone())
                    .collect();
                self.peers
                    .scheduler
                    .call()
                    .select_destinations(ctx, &uuids, &spec, true, true)
                    .await?
            }
        };
        build.request_spec = Some(spec);
        Ok(lists)
    }

    async fn build_one(
        &self,
        ctx: &Context,
        build: &Build,
        instance: &Instance,
        hosts: Vec<NovaObject>,
    ) -> Result<(), TaskError> {
        let mut hosts = hosts.into_iter();
        let chosen = hosts.next().ok_or_else(|| TaskError::MaxRetriesExceeded {
            reason: format!(
                "Exhausted all hosts available for retrying build failures for instance {}.",
                instance.uuid
            ),
            code: Code,
        })?;
        let alternates: Vec<NovaObject> = hosts.collect();
        let selection = Selection::read(&chosen)?;
        if filter_properties::attempts(&build.filter_properties) > 1 && selection.allocation {
            warn!(
                instance = instance.uuid,
                host = selection.host,
                "what the instance needs is not claimed of placement, which this conductor does not speak to"
            );
        }

        let mut object = instance.object.clone();
        if let Some(zone) = &selection.zone {
            object
                .data
                .insert("availability_zone".to_owned(), zone.as_str().into());
            let changes = store::Row::new().with("availability_zone", zone);
            match self
                .records
                .update(&instance.uuid, &changes, Expected::Anything)
                .await
            {
                Err(TaskError::InstanceNotFound { .. }) => {
                    debug!(instance = instance.uuid, "deleted while its host was chosen");
                    return Ok(());
                }
                updated => updated?,
            }
        }
        let mut properties = build.filter_properties.clone();
        filter_properties::choose(
            &mut properties,
            &selection.host,
            selection.node.as_deref(),
            selection.limits.clone().into(),
        );
        let spec = build.request_spec.clone().unwrap_or_else(|| {
            request_spec::of_instance(instance, &build.image, properties.get("instance_type"), 1)
        });
        let spec = request_spec::with_properties(spec, &properties);
        let disks = self.block_devices(ctx, &instance.uuid).await?;

        self.peers
            .compute
            .on(&selection.host)
            .cast()
            .build_and_run_instance(
                ctx,
                &object,
                &build.image,
                &spec,
                &properties,
                &build.admin_password,
                &build.injected_files,
                &build.requested_networks,
                &build.security_groups,
                &disks,
                &selection.node,
                &selection.limits,
                &alternates,
                Vec::<String>::new(),
            )
            .await?;
        Ok(())
    }
}

/// A host that the scheduler has chosen.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) host: String,
    pub(super) node: Option<String>,
    pub(super) limits: Map<String, Value>,
    pub(super) zone: Option<String>,
    /// It comes with what is to be claimed of placement.
    allocation: bool,
}

impl Selection {
    pub(super) fn read(object: &NovaObject) -> Result<Self, TaskError> {
        let limits = object.get::<NovaObject>("limits")?;
        Ok(Self {
            host: object.require("service_host")?,
            node: object.get("nodename")?,
            limits: limits
                .as_ref()
                .map(request_spec::limits_to_dict)
                .unwrap_or_default(),
            zone: object.get("availability_zone")?,
            allocation: object.text("allocation_request").is_some(),
        })
    }
}

/// Networks as Havana asks for them: an identifier, an address and a port each.
fn networks(requested: Option<&NovaObject>) -> Result<Value, TaskError> {
    let Some(requested) = requested else {
        return Ok(Value::Null);
    };
    let requests = requested.objects()?;
    let parts = |request: &NovaObject| {
        ["network_id", "address", "port_id"]
            .iter()
            .map(|name| request.data.get(*name).cloned().unwrap_or_default())
            .collect::<Value>()
    };
    Ok(requests.iter().map(parts).collect())
}
