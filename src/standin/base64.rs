//! Base64 text becomes the bytes that it stands for (RFC 4648, section 4, padding required).

/// The bytes, or nothing if the text is not base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(4) {
        return None;
    }
    let mut decoded = Vec::with_capacity(bytes.len() / 4 * 3);
    let last = (bytes.len() / 4).saturating_sub(1);
    for (position, quad) in bytes.chunks_exact(4).enumerate() {
        decoded.extend(decode_quad(quad, position == last)?);
    }
    Some(decoded)
}

fn decode_quad(quad: &[u8], is_last: bool) -> Option<Vec<u8>> {
    let padding = quad.iter().rev().take_while(|byte| **byte == b'=').count();
    if padding > 2 || (padding > 0 && !is_last) {
        return None;
    }
    let mut bits = 0_u32;
    for byte in &quad[..4 - padding] {
        bits = bits << 6 | u32::from(sextet(*byte)?);
    }
    bits <<= 6 * padding;
    Some(bits.to_be_bytes()[1..4 - padding].to_vec())
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decodes_what_is_base64_and_nothing_else() {
        let check = |text: &str, expected: Option<&[u8]>| {
            assert_eq!(decode(text).as_deref(), expected, "{text}");
        };
        check("", Some(b""));
        check("TWFu", Some(b"Man"));
        check("TWE=", Some(b"Ma"));
        check("TQ==", Some(b"M"));
        check("TWFuTQ==", Some(b"ManM"));
        check("TQ==TWFu", None);
        check("TWF", None);
        check("TW!u", None);
        check("T===", None);
    }
}
