//! Middleware around everything a bus sends, as tower layers.

use std::sync::Arc;
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

use super::Outgoing;
use crate::error::SendError;
use crate::transport::BoxFuture;
use crate::wire::Reply;

/// Sending as a tower service: a message out, and the reply if it is a call. The reply may carry a failure.
///
/// Streams are sent past the layers: their answer is more than one reply.
#[derive(Clone)]
pub struct Sender {
    /// The layers that are there already.
    inner: Option<Layered>,
}

impl Service<Outgoing> for Sender {
    type Response = Option<Reply>;
    type Error = SendError;
    type Future = BoxFuture<'static, Result<Option<Reply>, SendError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, message: Outgoing) -> Self::Future {
        match &self.inner {
            Some(layered) => layered(message),
            None => Box::pin(message.send_now()),
        }
    }
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

/// The sender behind its layers.
pub(crate) type Layered =
    Arc<dyn Fn(Outgoing) -> BoxFuture<'static, Result<Option<Reply>, SendError>> + Send + Sync>;

/// Puts a layer around those that are there.
pub(crate) fn wrap<L>(inner: Option<Layered>, layer: &L) -> Layered
where
    L: Layer<Sender>,
    L::Service:
        Service<Outgoing, Response = Option<Reply>, Error = SendError> + Clone + Send + Sync + 'static,
    <L::Service as Service<Outgoing>>::Future: Send,
{
    let service = layer.layer(Sender { inner });
    Arc::new(move |message| {
        let mut service = service.clone();
        Box::pin(async move {
            std::future::poll_fn(|cx| service.poll_ready(cx)).await?;
            service.call(message).await
        })
    })
}
