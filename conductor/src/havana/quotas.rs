//! Quotas, as compute services settle them. A reservation knows what it is of: callers need not tell the project.

use conductor_api::havana::{NovaError, Quotas};
use rpc_runtime::Context;

use super::Havana;
use crate::quotas::{Fate, settle};

impl Quotas for Havana {
    async fn quota_commit(
        &self,
        _: &Context,
        reservations: Vec<String>,
        _project_id: Option<String>,
        _user_id: Option<String>,
    ) -> Result<(), NovaError> {
        settle(&self.store, Fate::Committed, &reservations).await;
        Ok(())
    }

    async fn quota_rollback(
        &self,
        _: &Context,
        reservations: Vec<String>,
        _project_id: Option<String>,
        _user_id: Option<String>,
    ) -> Result<(), NovaError> {
        settle(&self.store, Fate::RolledBack, &reservations).await;
        Ok(())
    }
}
