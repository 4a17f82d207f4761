//! What the kernel tells of processes.

use std::fs;

use crate::Failed;

/// Processor seconds that a process has used so far; the kernel counts in hundredths.
pub(crate) fn cpu(pid: u32) -> Result<f64, Failed> {
    let path = format!("/proc/{pid}/stat");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let fields = text.rsplit_once(") ").ok_or("no process name")?.1;
    Ok(ticks(fields, 11, 2)?)
}

/// Processor seconds that everything on this machine has used so far, idling left out.
pub(crate) fn cpu_of_all() -> Result<f64, Failed> {
    let text = fs::read_to_string("/proc/stat")?;
    let fields = text.lines().next().and_then(|line| line.strip_prefix("cpu  "));
    let fields = fields.ok_or("/proc/stat has no first line")?;
    // user, nice, system; then idle and waiting for disks; then interrupts.
    Ok(ticks(fields, 0, 3)? + ticks(fields, 5, 2)?)
}

fn ticks(fields: &str, first: usize, count: usize) -> Result<f64, std::num::ParseIntError> {
    let fields = fields.split(' ').skip(first).take(count);
    let ticks = fields.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(ticks as f64 / 100.0)
}
