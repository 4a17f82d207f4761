//! Calls that are answered with several items: Havana's `multicall`.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use serde::de::DeserializeOwned;

use super::Outgoing;
use super::call::read;
use crate::error::{CallError, RpcError, SendError};
use crate::trace;
use crate::transport::BoxFuture;
use crate::wire::Reply;

/// A call that is answered with items: resolves to a [`Stream`] of them once the request is sent. What the method fails
/// with is the last of them, and may be the first.
#[must_use = "a call is sent when awaited"]
pub struct CallStream<T, E> {
    opened: BoxFuture<'static, Result<ItemStream<T, E>, SendError>>,
}

impl<T: 'static, E: 'static> CallStream<T, E> {
    pub(super) fn new(outgoing: Result<Outgoing, SendError>) -> Self {
        Self {
            opened: Box::pin(async move { ItemStream::open(outgoing?).await }),
        }
    }
}

impl<T, E> Future for CallStream<T, E> {
    type Output = Result<ItemStream<T, E>, CallError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.opened.as_mut().poll(cx).map_err(CallError::Send)
    }
}

impl<T, E> std::fmt::Debug for CallStream<T, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallStream").finish_non_exhaustive()
    }
}

/// The items of an answer, in the order sent. It ends when the server says so, and after the first error.
///
/// The call's deadline holds for the whole of it. A reader who is 1024 items behind is cut off, with
/// [`Rejected::Overloaded`](crate::transport::Rejected::Overloaded).
pub struct ItemStream<T, E> {
    messages: Pin<Box<dyn Stream<Item = Result<Reply, SendError>> + Send>>,
    done: bool,
    types: PhantomData<fn() -> (T, E)>,
}

impl<T, E> ItemStream<T, E> {
    async fn open(mut outgoing: Outgoing) -> Result<Self, SendError> {
        let span = trace::send_span(&outgoing);
        let parts = trace::in_span(span, outgoing.open()).await?;
        let messages = futures_util::stream::unfold((outgoing, parts), |mut state| async move {
            let (outgoing, parts) = &mut state;
            let reply = parts.next(outgoing).await;
            Some((reply, state))
        });
        Ok(Self {
            messages: Box::pin(messages),
            done: false,
            types: PhantomData,
        })
    }
}

impl<T: DeserializeOwned, E: RpcError> Stream for ItemStream<T, E> {
    type Item = Result<T, CallError<E>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if self.done {
                return Poll::Ready(None);
            }
            let Some(reply) = std::task::ready!(self.messages.as_mut().poll_next(cx)) else {
                return Poll::Ready(None);
            };
            let reply = match reply {
                Ok(reply) => reply,
                Err(error) => {
                    self.done = true;
                    return Poll::Ready(Some(Err(error.into())));
                }
            };
            self.done = reply.ending();
            // A message without a result is a heartbeat, or the bare end.
            if reply.failed() || reply.has_result() {
                let item = read(&reply);
                self.done |= item.is_err();
                return Poll::Ready(Some(item));
            }
        }
    }
}

impl<T, E> std::fmt::Debug for ItemStream<T, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ItemStream")
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}
