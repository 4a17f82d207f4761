//! The pieces of work whose instructions and allocations are counted: one call inside a process, and each
//! envelope on its own.

use std::hint::black_box;
use std::io::Write;

use rpc_runtime::wire::{EncodedResult, Id, Reply, ReplyTo, Request, RequestWriter};
use rpc_runtime::{Bus, Server, SpecClient, Version, wire};

use crate::api::{self, Bench, Manager};
use crate::payload::{self, Args, Kwargs, Object};
use crate::table::{Table, number};
use crate::{Failed, callgrind, count};

/// A piece of work, and how much of it may cost.
pub(crate) struct Work {
    pub(crate) name: &'static str,
    pub(crate) does: &'static str,
    /// The most instructions, from `facts` of comparable peers; none where it is for information.
    pub(crate) instructions: Option<u64>,
    pub(crate) allocations: Option<u64>,
    /// Allocations for the strings and lists of the payload's own values: they belong to the application.
    pub(crate) owned: u64,
    run: fn(u64) -> Result<(), Failed>,
}

/// Strings and a list of one decoded payload.
const OWNED: u64 = 8;

pub(crate) const WORK: &[Work] = &[
    Work {
        name: "call",
        does: "call in process (memory transport)",
        instructions: Some(45_000),
        allocations: Some(12),
        owned: 2 * OWNED,
        run: call,
    },
    Work {
        name: "encode-request",
        does: "request encoded",
        instructions: Some(5_000),
        allocations: None,
        owned: 0,
        run: encode_request,
    },
    Work {
        name: "decode-request",
        does: "request decoded, arguments typed",
        instructions: Some(14_000),
        allocations: None,
        owned: OWNED,
        run: decode_request,
    },
    Work {
        name: "encode-reply",
        does: "reply encoded",
        instructions: Some(5_000),
        allocations: None,
        owned: 0,
        run: encode_reply,
    },
    Work {
        name: "decode-reply",
        does: "reply decoded, result typed",
        instructions: Some(14_000),
        allocations: None,
        owned: OWNED,
        run: decode_reply,
    },
];

impl Work {
    pub(crate) fn named(name: &str) -> Result<&'static Self, Failed> {
        WORK.iter()
            .find(|work| work.name == name)
            .ok_or_else(|| format!("there is no work '{name}'").into())
    }

    /// Does it `times` times.
    pub(crate) fn run(&self, times: u64) -> Result<(), Failed> {
        (self.run)(times)
    }

    /// Allocations each time, once everything is warm.
    pub(crate) fn allocations(&self) -> Result<f64, Failed> {
        const FEW: u64 = 500;
        const MANY: u64 = 2_500;
        let start = count::start();
        self.run(FEW)?;
        let few = count::so_far() - start;
        self.run(MANY)?;
        let many = count::so_far() - start - few;
        Ok((many as f64 - few as f64) / (MANY - FEW) as f64)
    }
}

fn call(times: u64) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let bus = Bus::memory();
        let server = Server::builder(&bus)
            .server("here")
            .serve::<Bench, _>(Manager::default())
            .start()
            .await?;
        let client = SpecClient::new(&bus, <Bench as rpc_runtime::Api>::SPEC);
        let args = Args::sample()?;
        for _ in 0..times {
            let echo = api::object_action(&client, &args).await?;
            if !black_box(echo).is_sample() {
                return Err("the echo differs".into());
            }
        }
        let _ = server.stop().await;
        Ok(())
    })
}

fn request(args: &Args) -> Result<Vec<u8>, Failed> {
    let mut writer = RequestWriter::new("object_action", None, Some(Version::new(1, 0)));
    writer.arg("objinst", &args.objinst)?;
    writer.arg("objmethod", &args.objmethod)?;
    writer.arg("args", &args.args)?;
    writer.arg("kwargs", &args.kwargs)?;
    let reply_to = ReplyTo {
        msg_id: Id::new(),
        reply_q: "reply_0123456789abcdef0123456789abcdef",
        monitor: None,
    };
    Ok(writer.finish(&api::NoContext {}, Id::new(), Some(reply_to))?)
}

fn encode_request(times: u64) -> Result<(), Failed> {
    let args = Args::sample()?;
    for _ in 0..times {
        black_box(request(black_box(&args))?);
    }
    Ok(())
}

fn decode_request(times: u64) -> Result<(), Failed> {
    let body = request(&Args::sample()?)?;
    for _ in 0..times {
        let request = Request::decode(black_box(&body))?.ok_or("no request")?;
        let _: api::NoContext = request.context()?;
        let args = wire::decode4::<Object, String, (String, i64), Kwargs>(request.args(), api::ARGS)?;
        black_box(args);
    }
    Ok(())
}

const MSG_ID: &str = "0123456789abcdef0123456789abcdef";

fn encode_reply(times: u64) -> Result<(), Failed> {
    let args = Args::sample()?;
    for _ in 0..times {
        black_box(EncodedResult::new(black_box(&args))?.finish(MSG_ID, true));
    }
    Ok(())
}

fn decode_reply(times: u64) -> Result<(), Failed> {
    let body = EncodedResult::new(&Args::sample()?)?.finish(MSG_ID, true);
    for _ in 0..times {
        let reply = Reply::decode(black_box(&body))?;
        if reply.msg_id() != Some(MSG_ID) || reply.failed() || !reply.ending() {
            return Err("the reply is not what was sent".into());
        }
        let echo: Args = reply.result()?;
        black_box(echo);
    }
    Ok(())
}

/// Measures every piece of work. False when something costs more than it may.
pub(crate) fn report(out: &mut dyn Write) -> Result<bool, Failed> {
    check_payload()?;
    let mut table = Table::new(&[
        "247 bytes of arguments",
        "instructions",
        "at most",
        "allocations",
        "at most",
    ]);
    let mut kept = true;
    for work in WORK {
        let instructions = callgrind::instructions(work)?;
        let allocations = (work.allocations()? - work.owned as f64).max(0.0);
        let limit = |limit: Option<u64>| limit.map_or_else(String::new, |limit| number(limit as f64));
        kept &= work.instructions.is_none_or(|limit| instructions <= limit);
        kept &= work.allocations.is_none_or(|limit| allocations <= limit as f64);
        table.row(vec![
            work.does.to_owned(),
            number(instructions as f64),
            limit(work.instructions),
            format!("{allocations:.1}"),
            limit(work.allocations),
        ]);
    }
    writeln!(out, "{table}")?;
    writeln!(
        out,
        "Allocations are those beyond the strings and lists of the decoded values themselves ({OWNED} a decoding)."
    )?;
    Ok(kept)
}

/// The payload is what the targets were set for.
fn check_payload() -> Result<(), Failed> {
    let args = Args::sample()?;
    let same = serde_json::to_string(&args)? == payload::JSON && payload::JSON.len() == 247;
    if same {
        Ok(())
    } else {
        Err("the payload is not the one the targets are for".into())
    }
}
