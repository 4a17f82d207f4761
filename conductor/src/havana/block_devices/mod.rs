//! The block devices of instances.

mod legacy;

use conductor_api::havana::{BlockDevices, NovaError, Row as Sent};
use rpc_runtime::Context;
use serde_json::Value as Json;

use super::caller::Caller;
use super::errors::unexpected;
use super::{Havana, rows};
use crate::store::{Condition, Order, Query, StoreError, Transaction};

const TABLE: &str = "block_device_mapping";

impl BlockDevices for Havana {
    async fn block_device_mapping_update_or_create(
        &self,
        ctx: &Context,
        mut values: Sent,
        create: Option<bool>,
    ) -> Result<(), NovaError> {
        let caller = Caller::known(ctx)?;
        // No size at all, from some callers.
        if values.get("volume_size") == Some(&Json::from("")) {
            values.remove("volume_size");
        }
        let mut tx = self.store.begin().await?;
        match create {
            Some(true) => self.create(&mut tx, values).await?,
            Some(false) => {
                let query = caller.rows(TABLE).eq("id", rows::id(&values, "id")?);
                self.change(&mut tx, &query, values).await?;
            }
            None => self.change_or_create(&mut tx, &caller, values).await?,
        }
        Ok(tx.commit().await?)
    }

    async fn block_device_mapping_get_all_by_instance(
        &self,
        ctx: &Context,
        instance: Sent,
        legacy: bool,
    ) -> Result<Vec<Sent>, NovaError> {
        let caller = Caller::known(ctx)?;
        let query = caller
            .rows(TABLE)
            .eq("instance_uuid", rows::text(&instance, "uuid")?)
            // Ephemeral disks are numbered in this order.
            .order_by("id", Order::Ascending);
        let mappings = rows::all_sent(&self.store.select(&query).await?);
        Ok(if legacy {
            legacy::to_legacy(mappings)
        } else {
            mappings
        })
    }

    async fn block_device_mapping_destroy(
        &self,
        ctx: &Context,
        bdms: Option<Vec<Sent>>,
        instance: Option<Sent>,
        volume_id: Option<String>,
        device_name: Option<String>,
    ) -> Result<(), NovaError> {
        let caller = Caller::known(ctx)?;
        let of_instance = |instance: &Sent| {
            let uuid = rows::text(instance, "uuid")?;
            Ok::<_, NovaError>(caller.rows(TABLE).eq("instance_uuid", uuid))
        };
        let condemned = match (bdms, instance, volume_id, device_name) {
            (Some(bdms), ..) => {
                let ids: Result<Vec<i64>, _> = bdms.iter().map(|bdm| rows::id(bdm, "id")).collect();
                caller.rows(TABLE).is_in("id", ids?)
            }
            (None, Some(instance), Some(volume), _) => of_instance(&instance)?.eq("volume_id", volume),
            (None, Some(instance), None, Some(device)) => of_instance(&instance)?.eq("device_name", device),
            _ => {
                let text = "Invalid block_device_mapping_destroy invocation";
                return Err(unexpected(NovaError::Invalid(text.to_owned())));
            }
        };
        self.store.soft_delete(&condemned).await?;
        Ok(())
    }
}

impl Havana {
    async fn create(&self, tx: &mut Transaction, values: Sent) -> Result<(), NovaError> {
        let values = legacy::from_legacy(values, self.options.default_ephemeral_format.as_deref())?;
        let row = rows::new_row(&self.store, TABLE, &values)?;
        tx.insert(TABLE, &row).await?;
        Ok(())
    }

    async fn change(&self, tx: &mut Transaction, query: &Query, values: Sent) -> Result<Sent, NovaError> {
        let values = match legacy::is_for_update(&values) {
            true => values,
            false => legacy::from_legacy(values, self.options.default_ephemeral_format.as_deref())?,
        };
        let changes = rows::columns(&self.store, TABLE, &values)?;
        tx.update(query, &changes).await?;
        Ok(values)
    }

    /// Writes the mapping of a device of an instance, whether there is one or not.
    async fn change_or_create(
        &self,
        tx: &mut Transaction,
        caller: &Caller,
        values: Sent,
    ) -> Result<(), NovaError> {
        let instance = rows::text(&values, "instance_uuid")?.to_owned();
        let device = rows::optional_text(&values, "device_name").map(str::to_owned);
        let of_instance = caller.rows(TABLE).eq("instance_uuid", instance);
        let there = of_instance.clone().eq("device_name", device.as_ref());
        let written = match tx.first(&there.locked()).await? {
            Some(row) => {
                let query = Query::of(TABLE).eq("id", row.get("id").clone());
                self.change(tx, &query, values).await?
            }
            None => {
                let values = legacy::from_legacy(values, self.options.default_ephemeral_format.as_deref())?;
                let row = rows::new_row(&self.store, TABLE, &values)?;
                tx.insert(TABLE, &row).await?;
                values
            }
        };
        Ok(forget_others(tx, of_instance, &written, device).await?)
    }
}

/// An instance has one swap, and a virtual device has one name: what was there under another name is forgotten.
async fn forget_others(
    tx: &mut Transaction,
    of_instance: Query,
    written: &Sent,
    device: Option<String>,
) -> Result<(), StoreError> {
    if rows::optional_text(written, "source_type") != Some("blank") {
        return Ok(());
    }
    let others = of_instance.eq("source_type", "blank").ne("device_name", device);
    let others = match rows::optional_text(written, "guest_format") {
        Some("swap") => others.eq("guest_format", "swap"),
        _ => others.any_of([
            Condition::is_null("guest_format"),
            Condition::ne("guest_format", "swap"),
        ]),
    };
    tx.soft_delete(&others).await?;
    Ok(())
}
