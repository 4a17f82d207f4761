//! What passes the screen, what is made bearable, and what ends the connection.

use amq_protocol::frame::{AMQPContentHeader, AMQPFrame, gen_frame, parse_frame};
use amq_protocol::protocol::{AMQPClass, BasicProperties, basic, channel, connection};
use proptest::prelude::*;

use super::*;

fn bytes(frame: &AMQPFrame) -> Vec<u8> {
    gen_frame(frame)(Vec::new().into()).unwrap().write
}

fn frame(kind: u8, channel: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![kind];
    frame.extend(channel.to_be_bytes());
    frame.extend((payload.len() as u32).to_be_bytes());
    frame.extend(payload);
    frame.push(FRAME_END);
    frame
}

fn deliver() -> Vec<u8> {
    let deliver = basic::Deliver {
        consumer_tag: "1".into(),
        delivery_tag: 7,
        exchange: "openstack".into(),
        routing_key: "topic".into(),
        ..basic::Deliver::default()
    };
    bytes(&AMQPFrame::Method(
        1,
        AMQPClass::Basic(basic::AMQPMethod::Deliver(deliver)),
    ))
}

fn header(channel: u16, body_size: u64, properties: BasicProperties) -> Vec<u8> {
    let header = AMQPContentHeader {
        class_id: 60,
        body_size,
        properties,
    };
    bytes(&AMQPFrame::Header(channel, header))
}

/// A content header with these properties, flags included.
fn raw_header(body_size: u64, properties: &[u8]) -> Vec<u8> {
    let mut payload = vec![0, 60, 0, 0];
    payload.extend(body_size.to_be_bytes());
    payload.extend(properties);
    frame(HEADER, 1, &payload)
}

fn returned(channel: u16, id: &str, body: &[&[u8]]) -> Vec<u8> {
    let method = basic::Return {
        reply_code: 312,
        reply_text: "NO_ROUTE".into(),
        ..basic::Return::default()
    };
    let mut all = bytes(&AMQPFrame::Method(
        channel,
        AMQPClass::Basic(basic::AMQPMethod::Return(method)),
    ));
    let size = body.iter().map(|part| part.len() as u64).sum();
    all.extend(header(
        channel,
        size,
        BasicProperties::default().with_message_id(id.into()),
    ));
    for part in body {
        all.extend(frame(BODY, channel, part));
    }
    all
}

/// What comes through when the bytes arrive in pieces of this size.
fn screened(input: &[u8], piece: usize) -> io::Result<(Vec<u8>, Arc<Heard>)> {
    let heard = Arc::<Heard>::default();
    let mut screen = Screen::new(Arc::clone(&heard));
    let mut output = Vec::new();
    let mut room = [0; 13];
    for piece in input.chunks(piece.max(1)) {
        screen.buffer().extend_from_slice(piece);
        screen.examine()?;
        while !screen.is_empty() {
            let count = screen.read(&mut room);
            output.extend(&room[..count]);
        }
    }
    Ok((output, heard))
}

fn frames(mut input: &[u8]) -> Vec<AMQPFrame> {
    let mut frames = Vec::new();
    while !input.is_empty() {
        let (rest, frame) = parse_frame(input).unwrap();
        frames.push(frame);
        input = rest;
    }
    frames
}

#[test]
fn ordinary_traffic_passes_unchanged() {
    let mut input = deliver();
    input.extend(header(
        1,
        5,
        BasicProperties::default()
            .with_content_type("application/json".into())
            .with_delivery_mode(77)
            .with_timestamp(1),
    ));
    input.extend(frame(BODY, 1, b"hello"));
    input.extend(bytes(&AMQPFrame::Heartbeat));
    for piece in [1, 2, 7, 1000] {
        assert_eq!(screened(&input, piece).unwrap().0, input);
    }
    assert_eq!(screened(b"AMQP\0\0\x09\x01", 3).unwrap().0, b"AMQP\0\0\x09\x01");
}

#[test]
fn returned_messages_are_taken_out_and_remembered() {
    let mut input = deliver();
    let mut parts = returned(3, "42", &[b"some", b"body"]).into_iter();
    input.extend(returned(4, "43", &[]));
    // Frames of other channels come between.
    let body_at = parts.len() - frame(BODY, 3, b"body").len();
    input.extend(parts.by_ref().take(body_at));
    input.extend(header(1, 2, BasicProperties::default()));
    input.extend(parts);
    input.extend(frame(BODY, 1, b"{}"));
    let mut expected = deliver();
    expected.extend(header(1, 2, BasicProperties::default()));
    expected.extend(frame(BODY, 1, b"{}"));
    for piece in [1, 5, 1000] {
        let (output, returns) = screened(&input, piece).unwrap();
        assert_eq!(output, expected);
        assert!(!returns.take_returned(41));
        assert!(returns.take_returned(42));
        assert!(!returns.take_returned(42));
        assert!(returns.take_returned(43));
    }
}

#[test]
fn unreadable_properties_become_a_content_type_of_ours() {
    const CORRELATION_ID: [u8; 2] = (1_u16 << 10).to_be_bytes();
    const HEADERS: [u8; 2] = (1_u16 << 13).to_be_bytes();
    let mut deep = Vec::new();
    for _ in 0..10_000 {
        let mut outer = ((deep.len() + 7) as u32).to_be_bytes().to_vec();
        outer.extend(b"\x01kF");
        outer.truncate(7);
        outer.extend(if deep.is_empty() { vec![0; 4] } else { deep });
        deep = outer;
    }
    let cases: [Vec<u8>; 6] = [
        [&CORRELATION_ID[..], b"\x02\xff\xfe"].concat(),
        [&HEADERS[..], b"\0\0\0\x04\x01\xffV\0"].concat(),
        [&HEADERS[..], b"\0\0\0\x03\x01aZ"].concat(),
        [&HEADERS[..], &deep].concat(),
        [&CORRELATION_ID[..], b"\x09short"].concat(),
        vec![0, 1, 0, 0],
    ];
    for properties in cases {
        let mut input = deliver();
        input.extend(raw_header(2, &properties));
        input.extend(frame(BODY, 1, b"{}"));
        let frames = frames(&screened(&input, 1000).unwrap().0);
        let [_, AMQPFrame::Header(1, header), AMQPFrame::Body(1, _)] = &frames[..] else {
            panic!("{frames:?}");
        };
        assert_eq!(header.body_size, 2);
        assert_eq!(
            header.properties.content_type().as_ref().unwrap().as_str(),
            MALFORMED
        );
    }
}

#[test]
fn why_the_connection_was_closed_is_remembered_and_passed_on() {
    let close = connection::Close {
        reply_code: 320,
        reply_text: "CONNECTION_FORCED - maintenance".into(),
        ..connection::Close::default()
    };
    let close = AMQPClass::Connection(connection::AMQPMethod::Close(close));
    let input = bytes(&AMQPFrame::Method(0, close));
    for piece in [1, 1000] {
        let (output, heard) = screened(&input, piece).unwrap();
        assert_eq!(output, input);
        assert_eq!(heard.farewell(), Some("CONNECTION_FORCED - maintenance"));
    }
}

#[test]
fn names_and_texts_become_utf8() {
    let close = channel::Close {
        reply_code: 404,
        reply_text: "no exchange 'XX'".into(),
        ..channel::Close::default()
    };
    let close = bytes(&AMQPFrame::Method(
        1,
        AMQPClass::Channel(channel::AMQPMethod::Close(close)),
    ));
    let mut input = close;
    let cut = input.windows(2).position(|two| two == b"XX").unwrap();
    input[cut..cut + 2].copy_from_slice(b"\xc3'");
    let (output, _) = screened(&input, 1000).unwrap();
    assert_eq!(frames(&output).len(), 1);
    assert_eq!(&output[cut..cut + 2], b"?'");

    let mut input = deliver();
    let key = input.windows(5).position(|five| five == b"topic").unwrap();
    input[key] = 0xff;
    let (output, _) = screened(&input, 1000).unwrap();
    assert_eq!(&output[key..key + 5], b"?opic");
}

#[test]
fn what_is_not_amqp_is_an_error() {
    for garbage in [
        &b"HTTP/1.1 400 Bad Request\r\n"[..],
        b"\x16\x03\x01\x02\x00",
        &frame(METHOD, 1, b"\x00"),
        &frame(HEADER, 1, b"\x00\x3c"),
        b"\x01\0\0\xff\xff\xff\xff",
        b"\x08\0\0\0\0\0\0\x00",
        &frame(METHOD, 1, b"\0\x14\0\x28\x01\x94\xff"),
    ] {
        let error = screened(garbage, 1000).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{garbage:?}");
    }
}

proptest! {
    /// Whatever properties a message has: what comes through can be parsed, and the body is whole.
    #[test]
    fn any_properties_are_made_bearable(properties in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut input = deliver();
        input.extend(raw_header(2, &properties));
        input.extend(frame(BODY, 1, b"{}"));
        let frames = frames(&screened(&input, 11).unwrap().0);
        prop_assert_eq!(frames.len(), 3);
    }

    /// The same, for tables that are nearly right.
    #[test]
    fn any_table_is_made_bearable(
        kinds in proptest::collection::vec((proptest::sample::select(&b"tbBsUuIiLlfdDSATFxVz_"[..]), any::<[u8; 6]>()), 1..6),
    ) {
        let mut table = Vec::new();
        for (kind, value) in kinds {
            table.extend([1, b'k', kind]);
            table.extend(match kind {
                b't' | b'b' | b'B' => &value[..1],
                b's' | b'U' | b'u' => &value[..2],
                b'I' | b'i' | b'f' => &value[..4],
                b'D' => &value[..5],
                b'L' | b'l' | b'd' | b'T' => b"12345678",
                b'S' | b'x' => b"\0\0\0\x02\xff\xff",
                b'A' => b"\0\0\0\x02t\x01",
                b'F' => b"\0\0\0\x04\x01xt\x01",
                _ => &[],
            });
        }
        let mut properties = (1_u16 << 13).to_be_bytes().to_vec();
        properties.extend((table.len() as u32).to_be_bytes());
        properties.extend(table);
        let frames = frames(&screened(&raw_header(0, &properties), 1000).unwrap().0);
        prop_assert_eq!(frames.len(), 1);
    }

    /// Whatever arrives, nothing panics.
    #[test]
    fn any_bytes_are_survived(input in proptest::collection::vec(any::<u8>(), 0..100), piece in 1..50_usize) {
        let _ = screened(&input, piece);
    }
}
