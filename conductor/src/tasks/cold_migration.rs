//! Moving an instance that may stop for it, or giving it another flavor.

use conductor_api::Row;
use rpc_runtime::Context;
use serde_json::Value;

use super::Tasks;
use super::errors::TaskError;
use super::filter_properties::{self, FilterProperties};
use super::instance::Instance;
use super::request_spec;
use crate::quotas::{self, Fate};

impl Tasks {
    /// Has a host of the scheduler's choice prepare for the instance. When that fails the instance is as before, but
    /// for a fault.
    pub(super) async fn migrate_cold(
        &self,
        ctx: &Context,
        instance: &Instance,
        flavor: Row,
        properties: FilterProperties,
        reservations: Vec<String>,
    ) -> Result<(), TaskError> {
        let moved = self
            .prepare(ctx, instance, &flavor, properties, &reservations)
            .await;
        let Err(error) = moved else { return Ok(()) };
        let vm_state = instance.text("vm_state").unwrap_or("active");
        self.records
            .failed(ctx, &instance.uuid, "migrate_server", Some(vm_state), &error)
            .await;
        quotas::settle(self.records.store(), Fate::RolledBack, &reservations).await;
        if !error.is_no_host() {
            return Err(error);
        }
        let same = flavor.get("id").and_then(Value::as_i64) == instance.int("instance_type_id");
        let what = if same { "cold migrate" } else { "resize" };
        Err(TaskError::no_valid_host(format!(
            "No valid host found for {what}"
        )))
    }

    async fn prepare(
        &self,
        ctx: &Context,
        instance: &Instance,
        flavor: &Row,
        mut properties: FilterProperties,
        reservations: &[String],
    ) -> Result<(), TaskError> {
        let image = request_spec::image_of(instance);
        let wanted = self.with_extra_specs(flavor.clone()).await?;
        let mut spec = request_spec::havana(std::slice::from_ref(instance), &image, wanted);
        let host = self.havana_host(ctx, spec.clone(), properties.clone()).await?;
        filter_properties::choose(&mut properties, &host.host, host.nodename.as_deref(), host.limits);
        // Contexts do not travel inside of arguments, and compute services expect the flavor as the caller sent it.
        properties.remove("context");
        spec.insert("instance_type".to_owned(), flavor.clone().into());
        self.peers
            .havana_compute
            .on(host.host)
            .cast()
            .prep_resize(
                ctx,
                &instance.object,
                flavor,
                &image,
                reservations.to_vec(),
                &spec,
                &properties,
                &host.nodename,
            )
            .await?;
        Ok(())
    }
}
