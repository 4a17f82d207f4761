//! The client of the control socket that `control.erl` opens inside the broker.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use super::BrokerError;

/// What the broker runs when it has started.
pub(super) const SCRIPT: &str = include_str!("control.erl");

/// An expression that takes longer has hung, or the broker is frozen.
const LIMIT: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub(super) struct Control {
    pub(super) path: PathBuf,
}

impl Control {
    /// Evaluates Erlang expressions in the broker. The value of the last one comes back as a term, or as JSON if
    /// it is `{json, Term}`.
    pub(super) async fn eval(&self, expressions: String) -> Result<String, BrokerError> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || this.eval_blocking(&expressions, LIMIT))
            .await
            .map_err(|error| BrokerError::Failed(error.to_string()))?
    }

    pub(super) fn eval_blocking(&self, expressions: &str, limit: Duration) -> Result<String, BrokerError> {
        let failed = |error: io::Error| BrokerError::Failed(format!("control socket: {error}"));
        let answer = self.exchange(expressions, limit).map_err(failed)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match answer.split_first() {
            Some((b'j' | b't', value)) => Ok(text(value)),
            Some((_, reason)) => Err(BrokerError::Failed(format!("{} in: {expressions}", text(reason)))),
            None => Err(BrokerError::Failed("control socket: an empty answer".to_owned())),
        }
    }

    fn exchange(&self, expressions: &str, limit: Duration) -> io::Result<Vec<u8>> {
        let mut stream = UnixStream::connect(&self.path)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))?;
        let length = u32::try_from(expressions.len()).map_err(io::Error::other)?;
        stream.write_all(&length.to_be_bytes())?;
        stream.write_all(expressions.as_bytes())?;
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let mut answer = Vec::new();
        stream
            .take(u64::from(u32::from_be_bytes(length)))
            .read_to_end(&mut answer)?;
        Ok(answer)
    }
}

/// A binary in Erlang's syntax, whatever the text holds.
pub(super) fn binary(text: &str) -> String {
    let bytes: Vec<String> = text.bytes().map(|byte| byte.to_string()).collect();
    format!("<<{}>>", bytes.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_binary() {
        assert_eq!(binary("a\">>"), "<<97,34,62,62>>");
        assert_eq!(binary("é"), "<<195,169>>");
        assert_eq!(binary(""), "<<>>");
    }
}
