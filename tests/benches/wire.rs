//! What a message costs to write and to read, without a bus: allocations a message, and, under callgrind,
//! instructions.
//!
//!     cargo bench -p rpc-tests --bench wire               every case: bytes and allocations
//!     cargo bench -p rpc-tests --bench wire -- CASE N     one case, N times: to run under callgrind
//!
//! Instructions a message are the difference of two runs, divided by the difference of their `N`; see `wire.sh`.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rpc_runtime::spec::ArgSpec;
use rpc_runtime::wire::{EncodedResult, Id, Reply, ReplyTo, Request, RequestWriter, decode4};
use rpc_runtime::{Context, Version};
use serde::{Deserialize, Serialize};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: the system's allocator does the work; counting allocates nothing.
#[allow(unsafe_code, reason = "allocations cannot be counted otherwise")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Four arguments of a method that an OpenStack conductor serves: 247 bytes as JSON.
const ARGS: &str = r#"{"objinst":{"name":"Instance","version":"2.8","fields":[{"id":0,"uuid":"b6589fc6-ab0d-c82c-f120-99d1c2d40ab9","host":"compute-000","state":"active","mem_mb":2048}]},"objmethod":"save","args":["spawning",17],"kwargs":{"expected":null,"admin":true}}"#;

const SPECS: &[ArgSpec] = &[
    ArgSpec::new("objinst"),
    ArgSpec::new("objmethod"),
    ArgSpec::new("args"),
    ArgSpec::new("kwargs"),
];

#[derive(Serialize, Deserialize)]
struct Object<S> {
    name: S,
    version: S,
    fields: Vec<Fields<S>>,
}

#[derive(Serialize, Deserialize)]
struct Fields<S> {
    id: u32,
    uuid: S,
    host: S,
    state: S,
    mem_mb: u32,
}

#[derive(Serialize, Deserialize)]
struct Keywords {
    expected: Option<i64>,
    admin: bool,
}

#[derive(Serialize, Deserialize)]
struct Args<S> {
    objinst: Object<S>,
    objmethod: S,
    args: (S, i64),
    kwargs: Keywords,
}

const REPLY_Q: &str = "reply_0123456789abcdef0123456789abcdef";

fn request(args: &Args<&str>, context: &dyn rpc_runtime::wire::Argument, ids: [Id; 2]) -> Vec<u8> {
    let mut writer = RequestWriter::new("object_action", None, Some(Version::new(3, 0)));
    writer.arg("objinst", &args.objinst).expect("args");
    writer.arg("objmethod", &args.objmethod).expect("args");
    writer.arg("args", &args.args).expect("args");
    writer.arg("kwargs", &args.kwargs).expect("args");
    let [msg_id, unique_id] = ids;
    let reply = ReplyTo {
        msg_id,
        reply_q: REPLY_Q,
        monitor: None,
    };
    writer
        .finish(context, unique_id, Some(reply))
        .expect("the context")
}

/// What a server looks at before it runs the method.
fn route(body: &[u8]) -> Request {
    let request = Request::decode(body).expect("a request").expect("a body");
    black_box((
        request.method(),
        request.namespace(),
        request.version(),
        request.unique_id(),
    ));
    black_box((request.msg_id(), request.reply_q(), request.reads_single_reply()));
    request
}

/// A name, the size of the message in bytes, and what to do once.
type Case = (&'static str, usize, Box<dyn FnMut()>);

fn cases() -> Vec<Case> {
    let args: Args<&str> = serde_json::from_str(ARGS).expect("args");
    let args2: Args<&str> = serde_json::from_str(ARGS).expect("args");
    let args3: Args<&str> = serde_json::from_str(ARGS).expect("args");
    let ids = [Id::new(), Id::new()];
    let context = Context::admin()
        .project("demo")
        .user("me")
        .with("roles", vec!["admin", "member"]);
    let bare = request(&args, &(), ids);
    let full = request(&args, &context, ids);
    let reply = EncodedResult::new(&args)
        .expect("a result")
        .finish(&ids[0].to_string(), true);
    let python = String::from_utf8(bare.clone())
        .expect("text")
        .replace(r#"\":"#, r#"\": "#)
        .replace(r#",\""#, r#", \""#);
    let (b1, b2, b3, b4, f1, r1) = (
        bare.clone(),
        bare.clone(),
        bare.clone(),
        python.clone(),
        full.clone(),
        reply.clone(),
    );
    let id_text = ids[0].to_string();
    vec![
        (
            "encode",
            bare.len(),
            Box::new(move || drop(black_box(request(&args, &(), ids)))),
        ),
        (
            "encode-context",
            full.len(),
            Box::new(move || drop(black_box(request(&args2, &context, ids)))),
        ),
        (
            "encode-reply",
            reply.len(),
            Box::new(move || {
                let result = EncodedResult::new(&args3).expect("a result");
                drop(black_box(result.finish(&id_text, true)));
            }),
        ),
        (
            "decode-route",
            bare.len(),
            Box::new(move || drop(black_box(route(&b1)))),
        ),
        (
            "decode-borrowed",
            bare.len(),
            Box::new(move || {
                let request = route(&b2);
                let args: Args<&str> = serde_json::from_str(request.args()).expect("args");
                black_box(&args);
            }),
        ),
        (
            "decode",
            bare.len(),
            Box::new(move || {
                let request = route(&b3);
                let args = decode4::<Object<String>, String, (String, i64), Keywords>(request.args(), SPECS)
                    .expect("args");
                black_box(&args);
            }),
        ),
        (
            "decode-python",
            python.len(),
            Box::new(move || {
                let request = route(b4.as_bytes());
                let args: Args<&str> = serde_json::from_str(request.args()).expect("args");
                black_box(&args);
            }),
        ),
        (
            "decode-context",
            full.len(),
            Box::new(move || {
                let request = route(&f1);
                black_box(request.context::<Context>().expect("the context"));
            }),
        ),
        (
            "decode-reply",
            reply.len(),
            Box::new(move || {
                let reply = Reply::decode(&r1).expect("a reply");
                black_box((reply.msg_id(), reply.ending(), reply.failed()));
                black_box(reply.result::<Args<String>>().expect("a result"));
            }),
        ),
        (
            "floor-args-borrowed",
            ARGS.len(),
            Box::new(|| {
                let args: Args<&str> = serde_json::from_str(black_box(ARGS)).expect("args");
                black_box(&args);
            }),
        ),
    ]
}

fn main() {
    let given: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let mut cases = cases();
    if let [name, times] = &given[..] {
        let times: u64 = times.parse().expect("a number");
        let case = cases.iter_mut().find(|(case, ..)| case == name).expect("a case");
        for _ in 0..times {
            case.2();
        }
        return;
    }
    for (name, bytes, run) in &mut cases {
        run();
        const TIMES: u64 = 100;
        let before = ALLOCATIONS.load(Relaxed);
        for _ in 0..TIMES {
            run();
        }
        let allocations = (ALLOCATIONS.load(Relaxed) - before) as f64 / TIMES as f64;
        #[allow(clippy::print_stdout, reason = "the figures are what it is for")]
        {
            println!("{name:<24} {bytes:>7} bytes {allocations:>6.1} allocations");
        }
    }
}
