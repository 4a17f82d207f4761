//! Databases of a test's own, for the tests of whoever uses the store.

use std::path::PathBuf;

use super::{DatabaseUrl, Store, StoreSettings};

/// A database for one test, gone when it is dropped.
pub(crate) struct Lab {
    directory: PathBuf,
    pub(crate) url: DatabaseUrl,
}

impl Lab {
    /// An empty one, in a file.
    pub(crate) fn sqlite() -> Self {
        let directory = std::env::temp_dir().join(format!("conductor-store-{}", uuid::Uuid::new_v4()));
        let url = DatabaseUrl::Sqlite(directory.join("conductor.sqlite"));
        Self { directory, url }
    }

    /// Opens it; a second time as well.
    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.url, &StoreSettings::default()).await.unwrap()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
