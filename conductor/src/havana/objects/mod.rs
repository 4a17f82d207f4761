//! Nova's objects, as Havana asks for them: the methods are those of today's classes, the forms are of then.

mod forms;

use conductor_api::havana::{NovaError, Objects};
use conductor_api::{Conductor as _, Manifest, NovaObject};
use rpc_runtime::{Context, Failure};
use serde_json::{Map, Value as Json, json};

use super::Havana;
use super::errors::unexpected;
use crate::objects::version_of;
use crate::quotas::{Fate, settle};

impl Objects for Havana {
    async fn object_class_action(
        &self,
        ctx: &Context,
        objname: String,
        objmethod: String,
        objver: String,
        args: Vec<Json>,
        kwargs: Map<String, Json>,
    ) -> Result<Json, NovaError> {
        check(&objname, &objver)?;
        let version = version_of(&objname).ok_or_else(|| unsupported(&objname))?;
        // The answer is to be of today's version: it is made older here.
        let versions = Manifest::from_iter([(objname.clone(), version.to_string())]);
        let (args, kwargs) = passed(args, kwargs);
        let answer = self
            .objects
            .object_class_action_versions(ctx, objname, objmethod, versions, args, kwargs)
            .await
            .map_err(raised)?;
        Ok(forms::value_from_today(answer))
    }

    async fn object_action(
        &self,
        ctx: &Context,
        objinst: NovaObject,
        objmethod: String,
        args: Vec<Json>,
        kwargs: Map<String, Json>,
    ) -> Result<Json, NovaError> {
        check(&objinst.name, &objinst.version)?;
        if objinst.name == "Quotas" {
            return self.quotas_action(&objinst, &objmethod).await;
        }
        let class = objinst.name.clone();
        let (args, kwargs) = passed(args, kwargs);
        let (mut updates, answer) = self
            .objects
            .object_action(ctx, forms::to_today(objinst), objmethod, args, kwargs)
            .await
            .map_err(raised)?;
        let unsaved = updates.remove(UNSAVED).unwrap_or_else(|| json!([]));
        let mut updates = forms::fields_from_today(&class, updates);
        updates.insert(UNSAVED.to_owned(), known(&class, unsaved));
        Ok(json!([updates, forms::value_from_today(answer)]))
    }
}

/// The key, among the updates of an object, of the fields that are not saved yet.
const UNSAVED: &str = "obj_what_changed";

/// Of the names of fields, those that the class had.
fn known(class: &str, names: Json) -> Json {
    let fields = forms::fields(class).unwrap_or_default();
    match names {
        Json::Array(names) => names
            .into_iter()
            .filter(|name| name.as_str().is_some_and(|name| fields.contains(&name)))
            .collect(),
        other => other,
    }
}

/// The arguments of a method of today.
fn passed(args: Vec<Json>, kwargs: Map<String, Json>) -> (Vec<Json>, Map<String, Json>) {
    let args = args.into_iter().map(forms::value_to_today).collect();
    let kwargs = kwargs
        .into_iter()
        .map(|(name, value)| (name, forms::value_to_today(value)))
        .collect();
    (args, kwargs)
}

/// Whether a class was there, and in this version. Callers do not expect these errors, unlike those of methods.
fn check(class: &str, version: &str) -> Result<(), NovaError> {
    if forms::fields(class).is_none() {
        return Err(unsupported(class));
    }
    if forms::is_served(version) {
        return Ok(());
    }
    let text = format!("Version {version} of {class} is not supported");
    let mut failure = Failure::new("nova.exception", "IncompatibleObjectVersion", text);
    failure.kwargs = kwargs([("objname", class), ("objver", version)]);
    Err(unexpected(failure.into()))
}

fn unsupported(class: &str) -> NovaError {
    let text = format!("Unsupported object type {class}");
    let mut failure = Failure::new("nova.exception", "UnsupportedObjectError", text);
    failure.kwargs = kwargs([("objtype", class)]);
    unexpected(failure.into())
}

fn kwargs<const N: usize>(texts: [(&str, &str); N]) -> Map<String, Json> {
    let text = |(name, text): (&str, &str)| (name.to_owned(), text.into());
    texts.into_iter().map(text).collect()
}

/// What a method raises. What objects have in common was a part of Nova then.
fn raised(mut failure: Failure) -> NovaError {
    if failure.module == "oslo_versionedobjects.exception" {
        "nova.exception".clone_into(&mut failure.module);
    }
    failure.into()
}

impl Havana {
    /// The methods of `Quotas`, which today's Nova has no use for.
    async fn quotas_action(&self, quotas: &NovaObject, method: &str) -> Result<Json, NovaError> {
        let fate = match method {
            "commit" => Fate::Committed,
            "rollback" => Fate::RolledBack,
            other => return Err(super::errors::not_implemented(&format!("Quotas.{other}"))),
        };
        let odd = |error: conductor_api::FieldError| unexpected(NovaError::ValueError(error.to_string()));
        let reservations: Vec<String> = quotas.get("reservations").map_err(odd)?.unwrap_or_default();
        settle(&self.store, fate, &reservations).await;
        let mut updates = Map::new();
        // There is nothing left to settle.
        updates.insert("reservations".to_owned(), Json::Null);
        updates.insert(UNSAVED.to_owned(), json!([]));
        Ok(json!([updates, null]))
    }
}
