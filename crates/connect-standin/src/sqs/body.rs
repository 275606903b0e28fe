//! Message bodies: which characters they may have, and their digests (`SendMessage`, Amazon SQS API
//! reference).

use md5::Md5;
use sha2::{Digest, Sha256};

use super::super::refusal::Refusal;

/// `#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF`.
pub(super) fn check_characters(text: &str) -> Result<(), Refusal> {
    let allowed = |c: char| {
        matches!(
            c,
            '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..
        )
    };
    match text.chars().find(|c| !allowed(*c)) {
        None => Ok(()),
        Some(bad) => Err(Refusal::bad_request(
            "InvalidMessageContents",
            format!(
                "Invalid binary character '#x{:X}' was found in the message body, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
                u32::from(bad)
            ),
        )),
    }
}

pub(super) fn md5(body: &str) -> String {
    hex(&Md5::digest(body))
}

/// The deduplication id of a queue that deduplicates by content.
pub(super) fn content_id(body: &str) -> String {
    hex(&Sha256::digest(body))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
