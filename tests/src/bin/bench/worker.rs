//! The processes that are measured. A server says `ready` and serves until its standard input ends; a client takes
//! orders on its standard input, such as `call 64 2000` (64 callers, 2000 ms), and answers each with a line.

use std::future::Future;
use std::io::{BufRead as _, Write as _};
use std::time::{Duration, Instant};

use crate::Failed;

/// One who calls and casts.
pub(crate) trait Caller: Clone + Send + 'static {
    /// Calls `object_action` with the payload, and checks the echo.
    fn call(&self) -> impl Future<Output = Result<(), Failed>> + Send;
    /// Casts `cast_action` with the payload; done when the broker has confirmed it.
    fn cast(&self) -> impl Future<Output = Result<(), Failed>> + Send;
    /// How many casts the server has handled.
    fn count(&self) -> impl Future<Output = Result<u64, Failed>> + Send;
}

/// Prints a line for the process that started this one.
pub(crate) fn say(line: &str) -> Result<(), Failed> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// Serves until nobody holds the other end of standard input.
pub(crate) fn until_orphaned(serving: impl Future<Output = Result<(), Failed>>) -> Result<(), Failed> {
    runtime()?.block_on(async {
        let (gone, orphaned) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
            let _ = gone.send(());
        });
        tokio::select! {
            done = serving => done,
            _ = orphaned => Ok(()),
        }
    })
}

/// Takes orders until there are no more.
pub(crate) fn obey<C: Caller>(connecting: impl Future<Output = Result<C, Failed>>) -> Result<(), Failed> {
    let runtime = runtime()?;
    let (orders, mut next) = tokio::sync::mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if orders.blocking_send(line).is_err() {
                return;
            }
        }
    });
    runtime.block_on(async {
        let caller = connecting.await?;
        caller.call().await?;
        say("ready")?;
        while let Some(order) = next.recv().await {
            say(&follow(&caller, &order).await?)?;
        }
        Ok(())
    })
}

/// One thread, as each peer has; lapin brings another one for its socket.
fn runtime() -> Result<tokio::runtime::Runtime, Failed> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?)
}

#[derive(Clone, Copy)]
enum Kind {
    Call,
    Cast,
}

async fn follow<C: Caller>(caller: &C, order: &str) -> Result<String, Failed> {
    let bad = || format!("not an order: {order}");
    let mut words = order.split(' ');
    let kind = match words.next() {
        Some("call") => Kind::Call,
        Some("cast") => Kind::Cast,
        _ => return Err(bad().into()),
    };
    let mut number = || {
        words
            .next()
            .and_then(|word| word.parse::<u64>().ok())
            .ok_or_else(bad)
    };
    let (tasks, limit) = (number()?, Duration::from_millis(number()?));
    let before = match kind {
        Kind::Call => 0,
        Kind::Cast => caller.count().await?,
    };
    let begin = Instant::now();
    let mut latencies = repeat_at_once(caller, kind, tasks, begin + limit).await?;
    if let Kind::Cast = kind {
        // The time ends when the server has handled the last one.
        while caller.count().await? - before < latencies.len() as u64 {}
    }
    let wall = begin.elapsed();
    latencies.sort_unstable();
    let at = |share: f64| {
        let index = (latencies.len() as f64 * share) as usize;
        latencies
            .get(index)
            .or(latencies.last())
            .copied()
            .unwrap_or_default()
            / 1000
    };
    let (wall, n, p50, p99) = (wall.as_micros(), latencies.len(), at(0.5), at(0.99));
    Ok(format!("{n} {wall} {p50} {p99}"))
}

/// Does it again and again until the time is over. Returns how long each took, in nanoseconds.
async fn repeat<C: Caller>(caller: C, kind: Kind, end: Instant) -> Result<Vec<u64>, Failed> {
    let mut took = Vec::new();
    let mut now = Instant::now();
    while now < end {
        match kind {
            Kind::Call => caller.call().await?,
            Kind::Cast => caller.cast().await?,
        }
        let after = Instant::now();
        took.push(u64::try_from((after - now).as_nanos())?);
        now = after;
    }
    Ok(took)
}

/// Several tasks at once.
async fn repeat_at_once<C: Caller>(
    caller: &C,
    kind: Kind,
    tasks: u64,
    end: Instant,
) -> Result<Vec<u64>, Failed> {
    let tasks: Vec<_> = (0..tasks)
        .map(|_| tokio::spawn(repeat(caller.clone(), kind, end)))
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.append(&mut task.await??);
    }
    Ok(all)
}
