//! The codec, with frames and bytes of every kind.

use bytes::BytesMut;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::transport::direct::frame::{Frame, FrameError, LENGTH, Outcome};

fn name() -> impl Strategy<Value = Arc<str>> {
    "\\PC{0,60}".prop_map(Arc::from)
}

fn header() -> impl Strategy<Value = Option<Box<str>>> {
    proptest::option::of("\\PC{0,60}".prop_map(Box::from))
}

fn headers() -> impl Strategy<Value = Headers> {
    (header(), header()).prop_map(|(traceparent, compression)| Headers {
        traceparent,
        compression,
    })
}

fn body() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..200).prop_map(Bytes::from)
}

fn route() -> impl Strategy<Value = Route> {
    prop_oneof![
        (name(), name(), proptest::option::of(name())).prop_map(|(exchange, topic, server)| {
            Route::Topic {
                exchange,
                topic,
                server,
            }
        }),
        name().prop_map(|topic| Route::Fanout { topic }),
    ]
}

fn a_message() -> impl Strategy<Value = Message> {
    let expiration = proptest::option::of(any::<u32>().prop_map(|n| Duration::from_micros(n.into())));
    (body(), headers(), expiration, any::<bool>()).prop_map(|(body, headers, expiration, mandatory)| {
        Message {
            body,
            headers,
            expiration,
            mandatory,
        }
    })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let detail = || "\\PC{0,60}";
    prop_oneof![
        Just(Outcome::Routed),
        Just(Outcome::Unroutable),
        Just(Outcome::Closed),
        Just(Outcome::Rejected(Rejected::QueueFull)),
        (any::<u32>(), detail()).prop_map(|(size, detail)| {
            let size = size as usize;
            Outcome::Rejected(Rejected::Oversize { size, detail })
        }),
        detail().prop_map(|it| Outcome::Rejected(Rejected::Denied(it))),
        detail().prop_map(|it| Outcome::Rejected(Rejected::Blocked(it))),
        detail().prop_map(|it| Outcome::Rejected(Rejected::Overloaded(it))),
        detail().prop_map(Outcome::InvalidTarget),
    ]
}

fn frame() -> impl Strategy<Value = Frame> {
    prop_oneof![
        any::<u64>().prop_map(|incarnation| Frame::Hello { incarnation }),
        (any::<u64>(), any::<u64>(), "\\PC{0,60}").prop_map(|(sequence, received, address)| {
            Frame::Open {
                sequence,
                received,
                address,
            }
        }),
        (any::<u64>(), route(), a_message()).prop_map(|(sequence, route, message)| Frame::Send {
            sequence,
            route,
            message,
        }),
        (any::<u64>(), outcome()).prop_map(|(sequence, outcome)| Frame::Confirm { sequence, outcome }),
        (any::<u64>(), headers(), body()).prop_map(|(sequence, headers, body)| Frame::Reply {
            sequence,
            headers,
            body,
        }),
        any::<u64>().prop_map(|sequence| Frame::Received { sequence }),
        Just(Frame::Ping),
        Just(Frame::Pong),
        Just(Frame::Goodbye),
    ]
}

/// The bytes as they are on the line.
fn line(frame: Frame) -> Bytes {
    let encoded = frame.encode();
    let mut line = BytesMut::from(&*encoded.head);
    line.extend_from_slice(&encoded.body);
    line.freeze()
}

proptest! {
    #[test]
    fn what_is_written_is_read(frame in frame()) {
        let line = line(frame.clone());
        let length = u32::from_be_bytes(*line.first_chunk::<LENGTH>().unwrap());
        prop_assert_eq!(length as usize, line.len() - LENGTH);
        prop_assert_eq!(Frame::decode(line.slice(LENGTH..)), Ok(frame));
    }

    #[test]
    fn a_frame_that_ends_early_is_not_taken_for_another(frame in frame(), cut in any::<prop::sample::Index>()) {
        let line = line(frame.clone());
        let whole = line.slice(LENGTH..);
        let part = whole.slice(..cut.index(whole.len()));
        // A body has no length of its own, and may end anywhere.
        match Frame::decode(part) {
            Err(_) => {}
            Ok(Frame::Send { sequence, route, message }) => {
                let Frame::Send { sequence: s, route: r, message: m } = frame else { panic!("was {frame:?}") };
                prop_assert_eq!((sequence, route, &message.headers), (s, r, &m.headers));
                prop_assert!(m.body.starts_with(&message.body));
            }
            Ok(Frame::Reply { sequence, headers, body }) => {
                let Frame::Reply { sequence: s, headers: h, body: b } = frame else { panic!("was {frame:?}") };
                prop_assert_eq!((sequence, headers), (s, h));
                prop_assert!(b.starts_with(&body));
            }
            Ok(other) => panic!("{frame:?} became {other:?}"),
        }
    }

    #[test]
    fn any_bytes_are_a_frame_or_an_error(kind in 0_u8..12, rest in vec(any::<u8>(), 0..100)) {
        let mut bytes = vec![kind];
        bytes.extend(rest);
        if let Ok(frame) = Frame::decode(bytes.clone().into()) {
            prop_assert_eq!(Frame::decode(line(frame.clone()).slice(LENGTH..)), Ok(frame));
        }
    }
}

#[test]
fn other_protocols_and_versions_are_named() {
    let mut hello = line(Frame::Hello { incarnation: 7 }).slice(LENGTH..).to_vec();
    assert_eq!(
        Frame::decode(b"\x01HTTP/1.1 400 Bad Request".as_slice().into()),
        Err(FrameError::Magic)
    );
    hello[10] = 9;
    assert_eq!(Frame::decode(hello.into()), Err(FrameError::Version(9)));
    assert_eq!(Frame::decode(Bytes::new()), Err(FrameError::Truncated));
}

#[test]
fn a_long_detail_is_cut_between_characters() {
    let outcome = Outcome::InvalidTarget("é".repeat(600) + "x");
    let line = line(Frame::Confirm { sequence: 1, outcome });
    let Ok(Frame::Confirm {
        outcome: Outcome::InvalidTarget(detail),
        ..
    }) = Frame::decode(line.slice(LENGTH..))
    else {
        panic!("not a confirmation");
    };
    assert_eq!(detail, "é".repeat(512));
}
