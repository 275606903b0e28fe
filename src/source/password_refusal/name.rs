//! The name of a member, a parameter or an element -> whether its value is a password.

const PASSWORD: &str = "password";

/// Tells whether a name is `password` in any case: an event that has such a member is refused.
pub(super) fn is_password(name: &str) -> bool {
    without_sign(name).eq_ignore_ascii_case(PASSWORD)
}

// An attribute of XML is a member with this sign in front.
fn without_sign(name: &str) -> &str {
    name.strip_prefix('@').unwrap_or(name)
}

/// Tells whether a name is that of a password, such as `initialPassword`, `user_password`, `pwd` or `Password-Confirmation`.
///
/// Case, `_`, `-`, spaces and digits at the end make no difference. What only speaks of a password is none: `passwordPolicy`,
/// `passwordChanged`, `forgot_password`, `mustChangePassword`; nor is what only begins like the word: `passport`.
pub fn means_password(name: &str) -> bool {
    let name = without_sign(name);
    let has_p = || name.bytes().any(|byte| byte.eq_ignore_ascii_case(&b'p'));
    let of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.');
    if name.len() > LONGEST || !has_p() || !name.chars().all(of_name) {
        return false;
    }
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    let letters: String = letters.flat_map(char::to_lowercase).collect();
    let letters = letters.trim_end_matches(|c: char| c.is_ascii_digit());
    let parts = NOUNS.iter().find_map(|noun| letters.split_once(noun));
    match parts {
        Some((before, after)) => AFTER.contains(&after) && !speaks_of_it(before),
        None => is_short_form(letters),
    }
}

// Names of passwords are shorter by far.
const LONGEST: usize = 64;

const NOUNS: [&str; 6] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "passwort",
    "pwd",
];

const AFTER: [&str; 17] = [
    "",
    "s",
    "hash",
    "value",
    "text",
    "plain",
    "plaintext",
    "cleartext",
    "confirm",
    "confirmation",
    "again",
    "new",
    "old",
    "initial",
    "temp",
    "temporary",
    "default",
];

fn speaks_of_it(before: &str) -> bool {
    let about = [
        "forgot", "reset", "change", "must", "requir", "force", "expir",
    ];
    ["is", "has", "no", "needs"].contains(&before) || about.iter().any(|word| before.contains(word))
}

// `bypass`, `compass` and `buspass` end with the word too.
fn is_short_form(letters: &str) -> bool {
    let before = letters.strip_suffix("pass");
    let whose = [
        "",
        "user",
        "login",
        "account",
        "initial",
        "temp",
        "temporary",
        "new",
    ];
    before.is_some_and(|before| whose.contains(&before))
}

/// Tells whether a text is the answer to a yes-or-no question, which a member such as `PWD` may put.
pub(super) fn is_yes_or_no(text: &str) -> bool {
    let answers = ["true", "false", "yes", "no", "y", "n", "0", "1"];
    let text = text.trim();
    answers
        .iter()
        .any(|answer| text.eq_ignore_ascii_case(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_passwords_are_told_from_names_that_speak_of_them() {
        for name in [
            "Password",
            "passWord",
            "initialPassword",
            "initial_password",
            "Initial Password",
            "INITIAL-PASSWORD",
            "tempPassword",
            "temporaryPassword",
            "user_password",
            "userpassword",
            "passwd",
            "userPasswd",
            "pwd",
            "userPwd",
            "passcode",
            "pass_phrase",
            "password2",
            "passwordHash",
            "password_confirmation",
            "passwords",
            "pass",
            "user_pass",
            "Passwort",
            "worker.password",
            "@password",
        ] {
            assert!(means_password(name), "{name} is a password");
        }
        for name in [
            "passport",
            "passportNumber",
            "passwordPolicy",
            "passwordChanged",
            "passwordChangeRequired",
            "passwordExpiresAt",
            "password_last_set",
            "last_password_reset",
            "forgot_password",
            "reset-password",
            "mustChangePassword",
            "forceChangePasswordNextSignIn",
            "hasPassword",
            "isPWD",
            "compass",
            "bypass",
            "passenger",
            "passed",
            "groupWdays",
            "passkey",
            "boardingPass",
            "",
            "1",
            "password=",
            "the password?",
        ] {
            assert!(!means_password(name), "{name} is no password");
        }
    }
}
