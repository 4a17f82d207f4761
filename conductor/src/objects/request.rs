//! One request of an object's method: who asks, and the database it may use.

use conductor_api::NovaObject;
use rpc_runtime::{Context, Failure};
use serde_json::Value as Json;

use super::changes::mark_loaded;
use super::class::Class;
use super::exception::not_implemented;
use super::{primitive, tables};
use crate::store::{Query, ReadDeleted, Row, Store};

/// What a method works with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) ctx: &'a Context,
    pub(crate) store: &'a Store,
    /// Whether a nova-compute that registers itself may be given work at once.
    pub(crate) enable_new_services: bool,
}

impl Request<'_> {
    /// Whether the caller wants to see what was deleted.
    pub(crate) fn read_deleted(&self) -> ReadDeleted {
        match self.ctx.get("read_deleted").and_then(Json::as_str) {
            Some("yes") => ReadDeleted::Yes,
            Some("only") => ReadDeleted::Only,
            _ => ReadDeleted::No,
        }
    }

    /// The rows of a class that the caller may see.
    pub(crate) fn query(&self, class: &Class) -> Result<Query, Failure> {
        Ok(Query::of(table(class)?).deleted(self.read_deleted()))
    }

    /// The first object that a query finds.
    pub(crate) async fn first(&self, class: &Class, query: Query) -> Result<Option<NovaObject>, Failure> {
        let row = self.store.first(&query).await?;
        row.map(|row| primitive::object(class, &row)).transpose()
    }

    /// All objects that a query finds, in a list of the class `list`.
    pub(crate) async fn list(&self, list: &Class, query: Query) -> Result<NovaObject, Failure> {
        let rows = self.store.select(&query).await?;
        list_of(list, &rows)
    }
}

/// A list object of the rows of its items.
pub(crate) fn list_of(list: &Class, rows: &[Row]) -> Result<NovaObject, Failure> {
    let item = list
        .items()
        .ok_or_else(|| not_implemented(&format!("{} is no list", list.name)))?;
    let objects = rows.iter().map(|row| primitive::object(item, row));
    Ok(list_with(list, objects.collect::<Result<Vec<_>, _>>()?))
}

/// A list object of its items.
pub(crate) fn list_with(list: &Class, objects: Vec<NovaObject>) -> NovaObject {
    let mut object = NovaObject::new(list.name, list.version.to_string());
    let objects: Vec<Json> = objects.into_iter().map(Json::from).collect();
    object.data.insert("objects".to_owned(), objects.into());
    mark_loaded(&mut object);
    object
}

/// The table of a class; what is kept in another database, or nowhere, has none.
pub(crate) fn table(class: &Class) -> Result<&'static str, Failure> {
    tables::table(class.name).ok_or_else(|| {
        not_implemented(&format!(
            "objects of {} are not kept in this database",
            class.name
        ))
    })
}
