//! The two outputs: the standard one for answers, and the standard error for people. A reader that has gone away is no
//! error.

use std::io::{self, ErrorKind, StdoutLock, Write};

/// Standard output. Whoever reads it may stop, as `head` does: the rest is then told to nobody, and all else is done.
pub(crate) struct Out(StdoutLock<'static>);

impl Out {
    pub(crate) fn new() -> Self {
        Self(io::stdout().lock())
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}

/// Tells of something on standard error; where nobody listens, that is no reason to fail.
pub(crate) fn tell(kind: &str, text: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "{kind}: {text}");
}
