//! Nova's objects: a class, its versions, its fields, and the methods that run where the database is.
//!
//! The model is data: `classes.txt` holds the classes, and the schema of the database says which column is there.
//! [`class`] and [`version`] know the classes, [`primitive`] turns rows into objects and back, [`changes`] tells what a
//! method has done to an object, and [`methods`] finds the method. One file a theme holds what a class does that
//! others do not; what is one row of one table is in [`finders`] and [`records`].

mod actions;
mod arguments;
mod block_devices;
mod changes;
mod class;
mod compute_nodes;
mod consoles;
mod exception;
mod finders;
mod info_caches;
mod instances;
mod interfaces;
mod methods;
mod migrations;
mod paging;
mod primitive;
mod records;
mod request;
mod services;
mod shares;
mod tables;
mod tasks;
#[cfg(test)]
mod tests;
mod version;

use conductor_api::{Conductor, Manifest, NovaObject};
use rpc_runtime::{Context, Failure, Version};
use serde_json::{Map, Value};

use self::arguments::Passed;
use self::class::Class;
use self::request::Request;
use crate::store::Store;

/// Runs the methods of objects for services that have no database of their own.
#[derive(Clone, Debug)]
pub(crate) struct ObjectManager {
    store: Store,
    enable_new_services: bool,
}

/// The version in which a class is served, if it is.
pub(crate) fn version_of(class: &str) -> Option<Version> {
    Class::named(class).map(|class| class.version)
}

impl ObjectManager {
    /// Of what is in a database.
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            enable_new_services: true,
        }
    }

    /// Whether a nova-compute that registers itself may be given work at once.
    pub(crate) fn enable_new_services(mut self, enable: bool) -> Self {
        self.enable_new_services = enable;
        self
    }

    fn request<'a>(&'a self, ctx: &'a Context) -> Request<'a> {
        Request {
            ctx,
            store: &self.store,
            enable_new_services: self.enable_new_services,
        }
    }
}

impl Conductor for ObjectManager {
    async fn object_class_action_versions(
        &self,
        ctx: &Context,
        objname: String,
        objmethod: String,
        object_versions: Manifest,
        args: Vec<Value>,
        kwargs: Map<String, Value>,
    ) -> Result<Value, Failure> {
        let wanted = object_versions
            .get(&objname)
            .ok_or_else(|| Failure::new("builtins", "KeyError", format!("'{objname}'")))?;
        let class = version::served(&objname, wanted)?;
        let passed = Passed {
            class: class.name,
            method: &objmethod,
            args,
            kwargs,
        };
        let result = Box::pin(methods::of_class(&self.request(ctx), class, passed)).await?;
        version::for_caller(result, &object_versions)
    }

    async fn object_action(
        &self,
        ctx: &Context,
        mut objinst: NovaObject,
        objmethod: String,
        args: Vec<Value>,
        kwargs: Map<String, Value>,
    ) -> Result<(Map<String, Value>, Value), Failure> {
        let class = version::check(&objinst)?;
        let before = objinst.clone();
        let passed = Passed {
            class: class.name,
            method: &objmethod,
            args,
            kwargs,
        };
        let request = self.request(ctx);
        let method = methods::of_object(&request, class, &mut objinst, passed);
        let result = Box::pin(method).await?;
        Ok((changes::updates(&before, &objinst), result))
    }

    async fn object_backport_versions(
        &self,
        _: &Context,
        objinst: NovaObject,
        object_versions: Manifest,
    ) -> Result<NovaObject, Failure> {
        version::check(&objinst)?;
        version::backport(objinst, &object_versions)
    }

    async fn provider_fw_rule_get_all(&self, _: &Context) -> Result<Vec<Value>, Failure> {
        Ok(Vec::new())
    }
}
