//! Bringing back an instance that was shelved: started where it is, or built again elsewhere.

use conductor_api::{NovaObject, Row};
use rpc_runtime::Context;
use serde_json::{Map, Value};
use tracing::{error, warn};

use super::Tasks;
use super::build::Selection;
use super::errors::TaskError;
use super::instance::{Era, Instance};
use super::records::Expected;
use super::{filter_properties, request_spec};
use crate::store;

/// What is kept of a shelved instance, and of no other.
const SHELVED: [&str; 3] = ["shelved_at", "shelved_image_id", "shelved_host"];

impl Tasks {
    pub(super) async fn unshelve(
        &self,
        ctx: &Context,
        mut instance: Instance,
        spec: Option<NovaObject>,
    ) -> Result<(), TaskError> {
        match instance.text("vm_state") {
            Some("shelved") => self.start_again(ctx, &mut instance).await?,
            Some("shelved_offloaded") => match self.build_again(ctx, &instance, spec).await {
                Ok(()) => {}
                Err(failed) => {
                    let changes = store::Row::new().with("task_state", None::<&str>);
                    self.records
                        .update(&instance.uuid, &changes, Expected::Anything)
                        .await?;
                    if failed.is_no_host() {
                        warn!(instance = instance.uuid, "no valid host to unshelve it on");
                        return Ok(());
                    }
                    return Err(failed);
                }
            },
            state => {
                error!(
                    instance = instance.uuid,
                    vm_state = state,
                    "unshelve attempted, but it is not shelved"
                );
                let changes = store::Row::new().with("vm_state", "error");
                return self
                    .records
                    .update(&instance.uuid, &changes, Expected::Anything)
                    .await;
            }
        }
        if instance.era == Era::Havana {
            // Today's compute services do this when it runs.
            self.records.forget(&instance.uuid, &SHELVED).await?;
        }
        Ok(())
    }

    /// It is still where it was.
    async fn start_again(&self, ctx: &Context, instance: &mut Instance) -> Result<(), TaskError> {
        let changes = store::Row::new().with("task_state", "powering-on");
        self.records
            .update(&instance.uuid, &changes, Expected::TaskState("unshelving"))
            .await?;
        instance
            .object
            .data
            .insert("task_state".to_owned(), "powering-on".into());
        let (era, host) = (instance.era, instance.host()?);
        let instance = &instance.object;
        let started = match era {
            Era::Havana => {
                let compute = self.peers.havana_compute.on(host);
                compute.cast().start_instance(ctx, instance).await
            }
            Era::Today => {
                let compute = self.peers.compute.on(host);
                compute.cast().start_instance(ctx, instance).await
            }
        };
        Ok(started?)
    }

    /// Its host has forgotten it: another one, or the same, builds it of the image that was made of it.
    async fn build_again(
        &self,
        ctx: &Context,
        instance: &Instance,
        spec: Option<NovaObject>,
    ) -> Result<(), TaskError> {
        let image = shelved_image(instance);
        match (instance.era, spec) {
            (Era::Havana, _) => {
                let flavor = self.havana_flavor(instance).await?;
                let spec = request_spec::havana(
                    std::slice::from_ref(instance),
                    image.as_ref().unwrap_or(&Row::new()),
                    flavor,
                );
                let host = self.havana_host(ctx, spec, Map::new()).await?;
                let compute = self.peers.havana_compute.on(host.host);
                compute
                    .cast()
                    .unshelve_instance(ctx, &instance.object, &image)
                    .await?;
            }
            (Era::Today, spec) => {
                let spec = spec.unwrap_or_else(|| {
                    request_spec::of_instance(instance, image.as_ref().unwrap_or(&Row::new()), None, 1)
                });
                self.build_elsewhere(ctx, instance, image, spec).await?;
            }
        }
        Ok(())
    }

    async fn build_elsewhere(
        &self,
        ctx: &Context,
        instance: &Instance,
        image: Option<Row>,
        mut spec: NovaObject,
    ) -> Result<(), TaskError> {
        // The host that it was first forced to need not be the next.
        for field in ["force_hosts", "force_nodes"] {
            spec.data.insert(field.to_owned(), Value::Null);
        }
        let mut properties = request_spec::properties_of(&spec)?;
        let scheduling = async {
            let uuids = vec![instance.uuid.clone()];
            let call = self.peers.scheduler.call();
            Ok::<_, TaskError>(call.select_destinations(ctx, &uuids, &spec, true, false).await?)
        };
        let lists = self
            .records
            .event(ctx, &instance.uuid, "schedule_instances", scheduling)
            .await?;
        let chosen = lists.first().and_then(|hosts| hosts.first());
        let chosen = chosen.ok_or_else(|| TaskError::no_valid_host("The scheduler names none."))?;
        let selection = Selection::read(chosen)?;
        filter_properties::choose(
            &mut properties,
            &selection.host,
            selection.node.as_deref(),
            selection.limits.into(),
        );
        let compute = self.peers.compute.on(&selection.host);
        compute
            .cast()
            .unshelve_instance(
                ctx,
                &instance.object,
                &image,
                &properties,
                &selection.node,
                &spec,
                Vec::<String>::new(),
            )
            .await?;
        Ok(())
    }
}

/// The image that was made of an instance: its identifier, and what the instance remembers of its first one. `None` for
/// an instance on a volume, which needs none.
fn shelved_image(instance: &Instance) -> Option<Row> {
    let id = instance.system_metadata().remove("shelved_image_id")?;
    let mut image = request_spec::image_of(instance);
    image.insert("id".to_owned(), id);
    Some(image)
}
