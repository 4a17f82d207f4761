//! The names by which EC2 knows an instance and its images: numbers in hexadecimal, given out by the database.

use std::collections::BTreeMap;

use conductor_api::havana::{NovaError, Row as Sent};

use super::{Havana, rows};
use crate::store::{Query, ReadDeleted, Row};

impl Havana {
    pub(super) async fn ec2_ids(
        &self,
        instance: &Sent,
    ) -> Result<BTreeMap<String, Option<String>>, NovaError> {
        let mut ids = BTreeMap::new();
        let number = self
            .ec2_number("instance_id_mappings", rows::text(instance, "uuid")?)
            .await?;
        ids.insert("instance-id".to_owned(), Some(name("i", number)));
        for (key, prefix, column) in [
            ("ami-id", "ami", "image_ref"),
            ("kernel-id", "aki", "kernel_id"),
            ("ramdisk-id", "ari", "ramdisk_id"),
        ] {
            let image = rows::optional_text(instance, column).filter(|image| !image.is_empty());
            let id = match image {
                Some(image) => Some(name(prefix, self.ec2_number("s3_images", image).await?)),
                None => None,
            };
            ids.insert(key.to_owned(), id);
        }
        Ok(ids)
    }

    /// The number of a UUID; one is given out if it has none.
    async fn ec2_number(&self, table: &str, uuid: &str) -> Result<i64, NovaError> {
        let query = Query::of(table).deleted(ReadDeleted::Yes).eq("uuid", uuid);
        let mut tx = self.store.begin().await?;
        let row = match tx.first(&query).await? {
            Some(row) => row,
            None => tx.insert(table, &Row::new().with("uuid", uuid)).await?,
        };
        tx.commit().await?;
        Ok(row.int("id").unwrap_or_default())
    }
}

fn name(prefix: &str, number: i64) -> String {
    format!("{prefix}-{number:08x}")
}
