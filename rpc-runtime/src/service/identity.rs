//! Who a service is, among those of its kind.

use std::fmt;

/// The names of a service. Host and binary are what a service group knows it by, the topic is where it listens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Identity {
    /// The host it runs on; also the name of its server on the topic.
    pub host: String,
    /// The program, as in `nova-conductor`.
    pub binary: String,
    /// Where it listens.
    pub topic: String,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.binary, self.host)
    }
}

/// The name of this host, as `socket.gethostname()` gives it.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The name of this program, without its path.
pub(super) fn program_name() -> String {
    let program = std::env::args_os().next().unwrap_or_default();
    let name = std::path::Path::new(&program).file_name();
    name.unwrap_or(&program).to_string_lossy().into_owned()
}
