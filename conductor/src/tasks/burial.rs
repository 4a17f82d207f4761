//! What becomes of instances that nobody will build.

use conductor_api::{Conductor as _, NovaObject};
use rpc_runtime::Context;
use serde_json::Map;

use super::errors::TaskError;
use super::{API_DATABASE, Tasks};
use crate::store::Query;

impl Tasks {
    /// Keeps an instance that nobody will build, with the reason for it: a user finds it in error, and can delete it.
    pub(super) async fn bury(
        &self,
        ctx: &Context,
        request: &NovaObject,
        method: &str,
    ) -> Result<(), TaskError> {
        let mut instance = request.object("instance")?;
        let uuid: String = instance.require("uuid")?;
        let known = Query::of("instances").eq("uuid", uuid.as_str());
        if self.records.store().count(&known).await? == 0 {
            // All of it is new.
            instance.data.remove("id");
            instance.changes = Some(instance.data.keys().cloned().collect());
            let create = "create".to_owned();
            self.objects
                .object_action(ctx, instance, create, Vec::new(), Map::new())
                .await?;
        }
        let error = TaskError::not_implemented(format!("{method}: {API_DATABASE}"));
        self.records
            .failed(ctx, &uuid, "build_instances", Some("error"), &error)
            .await;
        Ok(())
    }
}
