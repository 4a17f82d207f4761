//! The comparison: rounds over all peers and cells, and the tables of it.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use rpc_runtime::testing::Broker;

use crate::Failed;
use crate::peers::{Cell, Kind, Measured, Pair, Peer};
use crate::table::{Table, number};

/// How much is measured.
pub(crate) struct Plan {
    pub(crate) rounds: usize,
    pub(crate) warm_up: Duration,
    pub(crate) length: Duration,
    pub(crate) callers: &'static [u32],
    pub(crate) windows: &'static [u32],
    /// Where oslo.messaging is, if it takes part.
    pub(crate) python: Option<PathBuf>,
}

/// A ratio that is aimed at.
struct Target {
    against: Peer,
    callers: u32,
    at_least: f64,
}

const TARGETS: [Target; 2] = [
    Target {
        against: Peer::Lapin,
        callers: 64,
        at_least: 0.9,
    },
    Target {
        against: Peer::Oslo,
        callers: 64,
        at_least: 15.0,
    },
];

/// Measures all of it on a broker of its own, and prints the tables.
pub(crate) async fn report(plan: &Plan, out: &mut (dyn Write + Send)) -> Result<(), Failed> {
    let broker = Broker::start().await?;
    let vhost = broker.vhost("bench").await?;
    let pid = std::fs::read_to_string(broker.directory().join("node.pid"))?;
    let pid = pid.trim().parse()?;
    let mut pairs = Vec::new();
    for peer in [Peer::Ours, Peer::Lapin, Peer::Oslo] {
        if peer != Peer::Oslo || plan.python.is_some() {
            pairs.push(Pair::start(peer, &vhost.url(), pid, plan.python.as_ref()).await?);
        }
    }
    let cells: Vec<Cell> = cells(Kind::Call, plan.callers)
        .chain(cells(Kind::Cast, plan.windows))
        .collect();
    let measured = rounds(plan, &cells, &mut pairs).await?;
    let peers: Vec<Peer> = pairs.iter().map(Pair::peer).collect();

    writeln!(out, "{}", calls(&measured, &cells, &peers))?;
    writeln!(out, "{}", ratios(&measured, &cells))?;
    writeln!(out, "{}", targets(&measured))?;
    let others = Spread::of(measured.iter().map(|m| m.others));
    writeln!(
        out,
        "Medians of {} rounds of {} s, the order reversed in every other one; ratios are those within a round: \
         median (least, most). Meanwhile others used {:.1} ({:.1}, {:.1}) processors of this machine.",
        plan.rounds,
        plan.length.as_secs_f64(),
        others.median,
        others.least,
        others.most,
    )?;
    Ok(())
}

fn cells(kind: Kind, at_once: &[u32]) -> impl Iterator<Item = Cell> {
    at_once.iter().map(move |&at_once| Cell { kind, at_once })
}

async fn rounds(plan: &Plan, cells: &[Cell], pairs: &mut [Pair]) -> Result<Vec<Measured>, Failed> {
    let mut measured = Vec::new();
    for round in 0..plan.rounds {
        let mut order: Vec<(Cell, usize)> = cells
            .iter()
            .flat_map(|&cell| (0..pairs.len()).map(move |pair| (cell, pair)))
            .collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for (cell, pair) in order {
            let pair = &mut pairs[pair];
            measured.push(pair.measure(cell, round, plan.warm_up, plan.length).await?);
        }
        eprintln!("round {} of {} is done", round + 1, plan.rounds);
    }
    Ok(measured)
}

fn label(cell: Cell) -> String {
    match cell.kind {
        Kind::Call => format!("call, {} at once", cell.at_once),
        Kind::Cast => format!("cast, window {}", cell.at_once),
    }
}

fn of(measured: &[Measured], peer: Peer, cell: Cell) -> impl Iterator<Item = &Measured> + Clone {
    measured.iter().filter(move |m| m.peer == peer && m.cell == cell)
}

/// Rates, latencies and processor time.
fn calls(measured: &[Measured], cells: &[Cell], peers: &[Peer]) -> Table {
    let mut table = Table::new(&[
        "what",
        "who",
        "a second",
        "p50 ms",
        "p99 ms",
        "CPU s / 10 000: client",
        "server",
        "broker",
    ]);
    for &cell in cells {
        for &peer in peers {
            let all = of(measured, peer, cell);
            let median = |value: fn(&Measured) -> f64| Spread::of(all.clone().map(value)).median;
            table.row(vec![
                label(cell),
                peer.name().to_owned(),
                number(median(|m| m.rate)),
                format!("{:.2}", median(|m| m.p50) / 1000.0),
                format!("{:.2}", median(|m| m.p99) / 1000.0),
                format!("{:.2}", median(|m| m.cpu[0])),
                format!("{:.2}", median(|m| m.cpu[1])),
                format!("{:.2}", median(|m| m.cpu[2])),
            ]);
        }
    }
    table
}

/// Ours over another's, round by round.
fn ratio(measured: &[Measured], cell: Cell, other: Peer, value: impl Fn(&Measured) -> f64) -> Option<Spread> {
    let pairs = of(measured, Peer::Ours, cell).filter_map(|ours| {
        let other = of(measured, other, cell).find(|other| other.round == ours.round)?;
        Some(value(ours) / value(other).max(f64::MIN_POSITIVE))
    });
    let spread = Spread::of(pairs);
    spread.median.is_finite().then_some(spread)
}

fn ratios(measured: &[Measured], cells: &[Cell]) -> Table {
    let mut table = Table::new(&[
        "ours / theirs",
        "rate / lapin loop",
        "p99",
        "CPU client + server",
        "CPU all",
        "rate / oslo.messaging",
        "p99",
        "CPU all",
    ]);
    for &cell in cells {
        let ratio = |other, value: fn(&Measured) -> f64| {
            ratio(measured, cell, other, value).map_or_else(|| "-".to_owned(), |spread| spread.to_string())
        };
        let all = |m: &Measured| m.cpu.iter().sum();
        table.row(vec![
            label(cell),
            ratio(Peer::Lapin, |m| m.rate),
            ratio(Peer::Lapin, |m| m.p99),
            ratio(Peer::Lapin, |m| m.cpu[0] + m.cpu[1]),
            ratio(Peer::Lapin, all),
            ratio(Peer::Oslo, |m| m.rate),
            ratio(Peer::Oslo, |m| m.p99),
            ratio(Peer::Oslo, all),
        ]);
    }
    table
}

fn targets(measured: &[Measured]) -> Table {
    let mut table = Table::new(&["calls/s with oslo.messaging's guarantees", "target", "measured"]);
    for target in TARGETS {
        let cell = Cell {
            kind: Kind::Call,
            at_once: target.callers,
        };
        let measured = ratio(measured, cell, target.against, |m| m.rate);
        table.row(vec![
            format!("over {}, {}", target.against.name(), label(cell)),
            format!(">= {}", target.at_least),
            measured.map_or_else(|| "-".to_owned(), |spread| spread.to_string()),
        ]);
    }
    table
}

/// Middle and ends of some numbers.
struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

impl Spread {
    /// Not a number, when there are none.
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_unstable_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        let middle = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(at(middle.wrapping_sub(1)), at(middle))
        } else {
            at(middle)
        };
        Self {
            least: at(0),
            median,
            most: at(values.len().wrapping_sub(1)),
        }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} ({:.2}, {:.2})", self.median, self.least, self.most)
    }
}
