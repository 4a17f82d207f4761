//! Managers that are put together at run time: a request goes to the one whose API it is for.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::private;
use crate::server::{Dispatch, Incoming, RpcServer, Serve};
use crate::spec::ApiSpec;

/// Managers, each for one API. Where the set is known when compiling, `#[derive(RpcServer)]` on a struct says the
/// same and finds duplicates at once.
#[derive(Default)]
pub struct Managers {
    specs: Vec<&'static ApiSpec>,
    endpoints: Vec<Box<dyn Endpoint>>,
}

/// Two managers for one namespace and major version: the second could never be reached.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{} (major {}) is served twice: by '{}' and by '{}'", named(first), first.shared_major(second).unwrap_or_default(), first.name, second.name)]
pub struct ServedTwice {
    /// The API that is there.
    pub first: &'static ApiSpec,
    /// The one that was to be added.
    pub second: &'static ApiSpec,
}

fn named(api: &ApiSpec) -> String {
    match api.namespace {
        Some(namespace) => format!("namespace '{namespace}'"),
        None => "the API without a namespace".to_owned(),
    }
}

impl Managers {
    /// No APIs yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A single API.
    pub fn one<A: Serve<M>, M: Send + Sync + 'static>(manager: M) -> Self {
        let endpoint = Box::new(Served::<A, M> {
            manager,
            api: PhantomData,
        });
        Self {
            specs: vec![A::SPEC],
            endpoints: vec![endpoint],
        }
    }

    /// Adds an API.
    pub fn with<A: Serve<M>, M: Send + Sync + 'static>(mut self, manager: M) -> Result<Self, ServedTwice> {
        let api = PhantomData::<fn() -> A>;
        self.add(A::SPEC, Box::new(Served { manager, api }))?;
        Ok(self)
    }

    /// All the APIs of several services.
    pub(crate) fn together(services: &[Arc<dyn RpcServer>]) -> Result<Self, ServedTwice> {
        let mut all = Self::new();
        for service in services {
            for api in service.apis() {
                all.add(api, Box::new(Arc::clone(service)))?;
            }
        }
        Ok(all)
    }

    fn add(&mut self, api: &'static ApiSpec, endpoint: Box<dyn Endpoint>) -> Result<(), ServedTwice> {
        let mut there = self.specs.iter();
        if let Some(first) = there.find(|spec| spec.shared_major(api).is_some()) {
            return Err(ServedTwice { first, second: api });
        }
        self.specs.push(api);
        self.endpoints.push(endpoint);
        Ok(())
    }
}

impl RpcServer for Managers {
    fn apis(&self) -> &[&'static ApiSpec] {
        &self.specs
    }

    fn dispatch(&self, request: Incoming) -> Dispatch<'_> {
        let mut served = self.specs.iter().zip(&self.endpoints);
        match served.find(|(spec, _)| request.is_for(spec)) {
            Some((_, endpoint)) => endpoint.dispatch(request),
            None => private::unsupported_version(&request),
        }
    }
}

impl fmt::Debug for Managers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.specs.iter().map(|spec| spec.name))
            .finish()
    }
}

/// A manager whose type is forgotten.
trait Endpoint: Send + Sync {
    fn dispatch(&self, request: Incoming) -> Dispatch<'_>;
}

struct Served<A, M> {
    manager: M,
    api: PhantomData<fn() -> A>,
}

impl<A: Serve<M>, M: Send + Sync> Endpoint for Served<A, M> {
    fn dispatch(&self, request: Incoming) -> Dispatch<'_> {
        A::dispatch(&self.manager, request)
    }
}

impl Endpoint for Arc<dyn RpcServer> {
    fn dispatch(&self, request: Incoming) -> Dispatch<'_> {
        (**self).dispatch(request)
    }
}
