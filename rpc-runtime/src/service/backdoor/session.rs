//! One who asks: a line in, a line out.

use std::io;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::time::timeout;

use super::place::Stream;

/// No question is longer.
const LONGEST: u64 = 256;

/// Who asks nothing for so long, or takes no answer, leaves.
const PATIENCE: Duration = Duration::from_secs(300);

/// Answers until the other side ends.
pub(super) async fn run(stream: Stream, answer: impl Fn(&str) -> Value) -> io::Result<()> {
    let (read, mut write) = tokio::io::split(stream);
    let mut read = BufReader::new(read);
    loop {
        let mut line = Vec::new();
        let mut bounded = (&mut read).take(LONGEST);
        if timeout(PATIENCE, bounded.read_until(b'\n', &mut line)).await?? == 0 {
            return Ok(());
        }
        if line.len() as u64 == LONGEST && line.last() != Some(&b'\n') {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a question of no end"));
        }
        let question = String::from_utf8_lossy(&line);
        let mut text = answer(question.trim()).to_string();
        text.push('\n');
        timeout(PATIENCE, write.write_all(text.as_bytes())).await??;
    }
}
