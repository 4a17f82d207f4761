//! Spans of calls and handlers, named as OpenTelemetry's messaging conventions name them, and the W3C trace
//! context that ties them together across processes.
//!
//! There is no OpenTelemetry here: the fields are plain `tracing` fields, and the header is passed along and
//! continued. A subscriber decides what becomes of both.

use std::future::Future;

use tracing::{Instrument as _, Span};

use crate::client::Outgoing;
use crate::server::Incoming;
use crate::transport::{BoxFuture, Message, Route};

tokio::task_local! {
    /// The trace that the request at work belongs to.
    static PARENT: Box<str>;
}

/// The `traceparent` of the request that the current task serves: `00-`, trace id, span id, flags.
pub fn current_traceparent() -> Option<String> {
    PARENT.try_with(|parent| parent.to_string()).ok()
}

/// Runs `work` as part of a trace: messages sent by it carry the trace on.
///
/// A text that is not a `traceparent` is ignored, as the W3C recommendation demands.
pub async fn with_traceparent<T>(traceparent: &str, work: impl Future<Output = T>) -> T {
    scoped(Some(traceparent.into()), work).await
}

/// Runs the work of a request in its span and in the trace that came with it, at no cost when there is neither.
pub(crate) fn serve<'w>(
    traceparent: Option<Box<str>>,
    span: Span,
    work: impl Future<Output = ()> + Send + 'w,
) -> BoxFuture<'w, ()> {
    if traceparent.is_none() && span.is_disabled() {
        Box::pin(work)
    } else {
        Box::pin(scoped(traceparent, work.instrument(span)))
    }
}

async fn scoped<T>(traceparent: Option<Box<str>>, work: impl Future<Output = T>) -> T {
    match traceparent.filter(|text| is_traceparent(text)) {
        Some(parent) => PARENT.scope(parent, work).await,
        None => work.await,
    }
}

/// Lets a message carry the current trace on, unless it carries one already.
pub(crate) fn attach(mut message: Message) -> Message {
    if message.headers.traceparent.is_none() {
        message.headers.traceparent = PARENT.try_with(|parent| continued(parent)).ok().flatten();
    }
    message
}

/// The same trace, with a span id of its own: the message is a child of the request at work.
fn continued(parent: &str) -> Option<Box<str>> {
    let (trace, flags) = (parent.get(..36)?, parent.get(52..55)?);
    let span = uuid::Uuid::new_v4().as_u64_pair().1 | 1;
    Some(format!("{trace}{span:016x}{flags}").into())
}

fn is_traceparent(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut hex = |len: usize| {
        parts.next().is_some_and(|part| {
            part.len() == len
                && part
                    .bytes()
                    .all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
        })
    };
    text.len() == 55 && hex(2) && hex(32) && hex(16) && hex(2)
}

pub(crate) fn send_span(message: &Outgoing) -> Span {
    let destination = match message.route() {
        Route::Topic { topic, .. } | Route::Fanout { topic } => topic,
        Route::Reply { address } => address,
    };
    tracing::debug_span!(
        "send",
        otel.kind = "client",
        messaging.system = "oslo",
        messaging.operation.type = "send",
        messaging.destination.name = &**destination,
        messaging.message.conversation_id = %message.id(),
        rpc.service = message.api(),
        rpc.method = message.method(),
    )
}

pub(crate) fn process_span(request: &Incoming, topic: &str) -> Span {
    let message = request.message();
    tracing::debug_span!(
        "process",
        otel.kind = "server",
        messaging.system = "oslo",
        messaging.operation.type = "process",
        messaging.destination.name = topic,
        messaging.message.id = message.unique_id(),
        messaging.message.conversation_id = message.msg_id(),
        rpc.service = message.namespace(),
        rpc.method = request.method(),
    )
}

/// Runs `work` in a span, at no cost when nobody looks.
pub(crate) async fn in_span<T>(span: Span, work: impl Future<Output = T>) -> T {
    if span.is_disabled() {
        work.await
    } else {
        work.instrument(span).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT_TEXT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[tokio::test]
    async fn a_message_continues_the_trace_under_a_span_of_its_own() {
        assert_eq!(attach(Message::default()).headers.traceparent, None);
        let header = with_traceparent(PARENT_TEXT, async {
            attach(Message::default()).headers.traceparent
        })
        .await;
        let header = header.unwrap();
        assert!(is_traceparent(&header), "{header}");
        assert_eq!(header[..36], PARENT_TEXT[..36]);
        assert_ne!(header[36..52], PARENT_TEXT[36..52]);
        assert_eq!(header[52..], PARENT_TEXT[52..]);
    }

    #[tokio::test]
    async fn what_is_not_a_traceparent_is_ignored() {
        for bad in [
            "",
            "00-xyz",
            "ü0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        ] {
            assert_eq!(
                with_traceparent(bad, async { current_traceparent() }).await,
                None,
                "{bad}"
            );
        }
    }
}
