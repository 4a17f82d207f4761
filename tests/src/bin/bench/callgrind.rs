//! Instructions of a piece of work, counted by valgrind's callgrind. They repeat where times do not.

use std::process::Command;

use crate::Failed;
use crate::counted::Work;

/// Says what to install where valgrind is missing.
pub(crate) fn check_installed() -> Result<(), Failed> {
    let version = Command::new("valgrind").arg("--version").output();
    if version.is_ok_and(|output| output.status.success()) {
        Ok(())
    } else {
        Err("instructions are counted by valgrind: install the package 'valgrind'".into())
    }
}

/// Instructions each time: a long run less a short one, so that what happens once does not count.
pub(crate) fn instructions(work: &Work) -> Result<u64, Failed> {
    const FEW: u64 = 500;
    const MANY: u64 = 2_500;
    let few = collected(work, FEW)?;
    let many = collected(work, MANY)?;
    Ok(many.saturating_sub(few) / (MANY - FEW))
}

fn collected(work: &Work, times: u64) -> Result<u64, Failed> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["repeat", work.name, &times.to_string()])
        .output()?;
    let words = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("callgrind failed:\n{words}").into());
    }
    words
        .lines()
        .find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
        .ok_or_else(|| format!("callgrind told no number:\n{words}").into())
}
