//! Reservations against quotas: committed or rolled back.

use conductor_api::havana::{NovaError, Quotas};
use rpc_runtime::Context;
use tracing::warn;

use super::Havana;
use crate::store::{Condition, Query, Row, StoreError};

/// What becomes of a reservation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    Committed,
    RolledBack,
}

impl Quotas for Havana {
    async fn quota_commit(
        &self,
        ctx: &Context,
        reservations: Vec<String>,
        project_id: Option<String>,
        user_id: Option<String>,
    ) -> Result<(), NovaError> {
        self.settle(Fate::Committed, ctx, &reservations, project_id, user_id)
            .await;
        Ok(())
    }

    async fn quota_rollback(
        &self,
        ctx: &Context,
        reservations: Vec<String>,
        project_id: Option<String>,
        user_id: Option<String>,
    ) -> Result<(), NovaError> {
        self.settle(Fate::RolledBack, ctx, &reservations, project_id, user_id)
            .await;
        Ok(())
    }
}

impl Havana {
    /// Settles reservations. That it fails is told in the log alone: what is reserved expires, and what is in use is
    /// counted anew, so callers need not know.
    pub(super) async fn settle(
        &self,
        fate: Fate,
        ctx: &Context,
        reservations: &[String],
        project: Option<String>,
        user: Option<String>,
    ) {
        let project = project.or_else(|| ctx.project_id().map(str::to_owned));
        let user = user.or_else(|| ctx.user_id().map(str::to_owned));
        let settled = self.try_settle(fate, reservations, project, user).await;
        if let Err(error) = settled {
            warn!(?reservations, ?fate, "reservations are not settled: {error}");
        }
    }

    async fn try_settle(
        &self,
        fate: Fate,
        reservations: &[String],
        project: Option<String>,
        user: Option<String>,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        // Usages are locked before reservations, everywhere: so no two settle in opposite order.
        let of_caller = [Condition::eq("user_id", user), Condition::is_null("user_id")];
        let usages = Query::of("quota_usages")
            .eq("project_id", project)
            .any_of(of_caller);
        let mut usages = tx.select(&usages.locked()).await?;
        let reservations = Query::of("reservations").is_in("uuid", reservations);
        for reservation in tx.select(&reservations.clone().locked()).await? {
            let delta = reservation.int("delta").unwrap_or(0);
            let resource = reservation.text("resource");
            let Some(usage) = usages.iter_mut().find(|usage| usage.text("resource") == resource) else {
                warn!(
                    ?resource,
                    "a reservation is of a resource that the project does not use"
                );
                continue;
            };
            let grown = |column, by| usage.int(column).unwrap_or(0) + by;
            let mut changes = Row::new();
            // Only what grows was set aside: less is always allowed.
            if delta >= 0 {
                changes.set("reserved", grown("reserved", -delta));
            }
            if fate == Fate::Committed {
                changes.set("in_use", grown("in_use", delta));
            }
            if changes.is_empty() {
                continue;
            }
            let query = Query::of("quota_usages").eq("id", usage.get("id").clone());
            tx.update(&query, &changes).await?;
            // Another reservation may be of the same resource.
            for (column, value) in changes {
                usage.set(&column, value);
            }
        }
        tx.soft_delete(&reservations).await?;
        tx.commit().await
    }
}
