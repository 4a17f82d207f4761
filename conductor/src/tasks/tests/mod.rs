//! Tasks between a caller, a scheduler and compute services, over a bus in memory.

mod havana;
mod players;
mod stage;
mod today;
