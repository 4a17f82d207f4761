//! Ports for servers that have to be told theirs.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

/// Below the range from which systems take ports for outgoing connections, so that none of those takes a port
/// between its choice and its use.
const PORTS: std::ops::Range<u16> = 12_000..30_000;

/// So many ports on loopback that nobody listens on.
///
/// # Errors
/// If there are none.
pub fn free_ports<const COUNT: usize>() -> io::Result<[u16; COUNT]> {
    let span = u128::from(PORTS.end - PORTS.start);
    let mut free = Vec::new();
    for _ in 0..200 {
        let offset = uuid::Uuid::new_v4().as_u128() % span;
        let port = PORTS.start + u16::try_from(offset).unwrap_or(0);
        // Bound while the others are chosen, so that they differ.
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            free.push((port, listener));
        }
        let ports: Vec<u16> = free.iter().map(|(port, _)| *port).collect();
        if let Ok(ports) = ports.try_into() {
            return Ok(ports);
        }
    }
    Err(io::Error::other("no free ports on loopback"))
}
