//! Everything that a soak has let out -> whether a password, a name, an address or a number is in it.

use connect_standin::{Call, MessageView};
use serde_json::json;
use test_support::judge::assert_absent;

use super::fleet::Seen;
use super::join::PRIVATE;

/// Searches logs, answers, calls and dead letters for the password, and logs and answers for people.
pub(super) fn check(password: &str, seen: &Seen, calls: &[Call], letters: Vec<MessageView>) {
    let kept = [seen.logs.to_lowercase(), seen.answers.to_lowercase()];
    for private in PRIVATE {
        let is_told = kept.iter().any(|text| text.contains(private));
        assert!(!is_told, "{private} is in a log or an answer");
    }
    let letters: Vec<String> = letters
        .into_iter()
        .map(|letter| letter.body + &json!(letter.attributes).to_string())
        .collect();
    for (place, text) in [
        ("a log", seen.logs.as_str()),
        ("an answer", &seen.answers),
        ("a call", &without_creations(calls)),
        ("a dead letter", &letters.join("\n")),
    ] {
        assert_absent(password, place, text);
    }
}

// On the wire a password is in the creation of its user and nowhere else.
fn without_creations(calls: &[Call]) -> String {
    let others = calls.iter().filter(|call| call.operation != "CreateUser");
    let others: Vec<_> = others
        .map(|call| String::from_utf8_lossy(&call.body))
        .collect();
    others.join("\n")
}
