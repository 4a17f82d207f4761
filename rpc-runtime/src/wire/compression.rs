//! Compressed bodies: what a peer with the option `kombu_compression` sends.

use std::io::Read;

use bytes::Bytes;
use bzip2::read::BzDecoder;
use flate2::read::{GzDecoder, ZlibDecoder};

use super::DecodeError;

/// A body as it was before its sender compressed it, if it did: at most [`MAX_BODY`](super::MAX_BODY) bytes.
pub(crate) fn plain(body: Bytes, compression: Option<&str>) -> Result<Bytes, DecodeError> {
    match compression {
        None => Ok(body),
        Some(header) => decompress(&body, header, super::MAX_BODY).map(Bytes::from),
    }
}

/// What a body is that came with the AMQP header `compression`.
///
/// `header` is the value of that header: `application/x-gzip`, which in fact names a zlib stream (a gzip stream is
/// taken, too), or `application/x-bz2`. More than `limit` bytes are an error, found without making more.
pub fn decompress(body: &[u8], header: &str, limit: usize) -> Result<Vec<u8>, DecodeError> {
    match header {
        "application/x-gzip" if body.starts_with(&[0x1f, 0x8b]) => read(GzDecoder::new(body), limit),
        "application/x-gzip" => read(ZlibDecoder::new(body), limit),
        "application/x-bz2" => read(BzDecoder::new(body), limit),
        _ => Err(DecodeError::Compression(format!("{header:?} is not known"))),
    }
}

fn read(decoder: impl Read, limit: usize) -> Result<Vec<u8>, DecodeError> {
    let mut body = Vec::new();
    let one_more = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    decoder
        .take(one_more)
        .read_to_end(&mut body)
        .map_err(|error| DecodeError::Compression(error.to_string()))?;
    if body.len() > limit {
        return Err(DecodeError::Limit(format!(
            "a compressed body of more than {limit} bytes"
        )));
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    const GZIP: &str = "application/x-gzip";
    const BZ2: &str = "application/x-bz2";

    fn zlib(body: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    fn bz2(body: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn every_form_is_read() {
        let body = b"{} and more";
        for (compressed, header) in [(zlib(body), GZIP), (gzip(body), GZIP), (bz2(body), BZ2)] {
            assert_eq!(
                decompress(&compressed, header, body.len()).as_deref(),
                Ok(&body[..])
            );
            let cut = &compressed[..compressed.len() - 6];
            assert!(matches!(
                decompress(cut, header, 100),
                Err(DecodeError::Compression(_))
            ));
        }
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let body = vec![b' '; 10 << 20];
        for (compressed, header) in [(zlib(&body), GZIP), (gzip(&body), GZIP), (bz2(&body), BZ2)] {
            assert!(compressed.len() < 1 << 20);
            assert!(matches!(
                decompress(&compressed, header, 1000),
                Err(DecodeError::Limit(_))
            ));
        }
    }

    #[test]
    fn what_is_not_compressed_is_refused() {
        for header in [GZIP, BZ2, "application/x-brotli", ""] {
            for body in [&b""[..], b"{}", b"\x1f\x8b", b"\x78\x9c", b"BZh9"] {
                let result = decompress(body, header, 1000);
                assert!(
                    matches!(result, Err(DecodeError::Compression(_))),
                    "{header} {body:?}"
                );
            }
        }
    }
}
