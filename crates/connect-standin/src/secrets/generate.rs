//! A seed's wish for a password becomes a random one that Amazon Connect accepts.

use super::super::ids::random_below;

const LENGTH: usize = 24;
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#%*+-=?@_";

pub(super) fn password() -> String {
    loop {
        let password: String = (0..LENGTH).map(|_| character()).collect();
        if has_every_class(&password) {
            return password;
        }
    }
}

fn character() -> char {
    char::from(ALPHABET[random_below(ALPHABET.len())])
}

fn has_every_class(password: &str) -> bool {
    let has = |class: fn(&char) -> bool| password.chars().any(|c| class(&c));
    has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase) && has(char::is_ascii_digit)
}
