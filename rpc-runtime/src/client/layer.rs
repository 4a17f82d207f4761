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
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Sender;

impl Service<Outgoing> for Sender {
    type Response = Option<Reply>;
    type Error = SendError;
    type Future = BoxFuture<'static, Result<Option<Reply>, SendError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, message: Outgoing) -> Self::Future {
        Box::pin(message.send_now())
    }
}

/// The sender behind its layers.
pub(crate) type Layered =
    Arc<dyn Fn(Outgoing) -> BoxFuture<'static, Result<Option<Reply>, SendError>> + Send + Sync>;

pub(crate) fn wrap<L>(layer: &L) -> Layered
where
    L: Layer<Sender>,
    L::Service:
        Service<Outgoing, Response = Option<Reply>, Error = SendError> + Clone + Send + Sync + 'static,
    <L::Service as Service<Outgoing>>::Future: Send,
{
    let service = layer.layer(Sender);
    Arc::new(move |message| {
        let mut service = service.clone();
        Box::pin(async move {
            std::future::poll_fn(|cx| service.poll_ready(cx)).await?;
            service.call(message).await
        })
    })
}
