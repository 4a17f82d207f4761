//! Middleware around a server's dispatch, as tower layers.

use std::sync::Arc;
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

use super::endpoint::{Answer, Incoming, RpcServer};
use crate::transport::BoxFuture;
use crate::wire::Failure;

/// A server's dispatch as a tower service: a request in, an answer out. The error is a failure that the method does
/// not declare; a layer may return one of its own, which the caller then gets.
#[derive(Clone)]
pub struct Dispatcher {
    inner: Layered,
}

impl Service<Incoming> for Dispatcher {
    type Response = Answer;
    type Error = Failure;
    type Future = BoxFuture<'static, Result<Answer, Failure>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Incoming) -> Self::Future {
        (self.inner)(request)
    }
}

impl std::fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatcher").finish_non_exhaustive()
    }
}

/// A server behind its layers.
pub(super) type Layered = Arc<dyn Fn(Incoming) -> BoxFuture<'static, Result<Answer, Failure>> + Send + Sync>;

/// Puts what is there behind a further layer, once the server is known.
pub(super) type Wrap = Box<dyn FnOnce(Layered) -> Layered + Send>;

/// A server behind these layers, the last outermost; nothing if there are none.
pub(super) fn layered(server: &Arc<dyn RpcServer>, layers: Vec<Wrap>) -> Option<Layered> {
    if layers.is_empty() {
        return None;
    }
    let server = Arc::clone(server);
    let plain: Layered = Arc::new(move |request| {
        let server = Arc::clone(&server);
        Box::pin(async move { server.dispatch(request).await })
    });
    Some(layers.into_iter().fold(plain, |inner, wrap| wrap(inner)))
}

pub(super) fn wrap<L>(layer: L) -> Wrap
where
    L: Layer<Dispatcher> + Send + 'static,
    L::Service: Service<Incoming, Response = Answer, Error = Failure> + Clone + Send + Sync + 'static,
    <L::Service as Service<Incoming>>::Future: Send,
{
    Box::new(move |inner| {
        let service = layer.layer(Dispatcher { inner });
        Arc::new(move |request| {
            let mut service = service.clone();
            Box::pin(async move {
                std::future::poll_fn(|cx| service.poll_ready(cx)).await?;
                service.call(request).await
            })
        })
    })
}
