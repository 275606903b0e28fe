//! The output of a scene -> the invariants, judged without any code of the function.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use connect_standin::{Call, Standin};
use serde_json::Value;

use crate::function::Answer;
use crate::shipped::INSTANCE;

/// Output of the function, and texts that must not be in it.
#[derive(Default)]
pub struct Captured {
    logs: String,
    answers: String,
    passwords: Vec<String>,
    private: BTreeSet<String>,
}

/// A password of this run only, of every kind of character that changes when it is escaped.
pub fn a_password() -> String {
    format!(
        "Aa1{}\"\\&%",
        &uuid::Uuid::new_v4().simple().to_string()[..17]
    )
}

impl Captured {
    /// Remembers the passwords of a secret.
    pub fn keep_secret(&mut self, secret: &str) {
        let value: Option<Value> = serde_json::from_str(secret).ok();
        let password = value.and_then(|value| Some(value.get("password")?.as_str()?.to_owned()));
        let password = password.unwrap_or_else(|| secret.to_owned());
        if password.len() >= 8 {
            self.passwords.push(password);
        }
    }

    /// Remembers the names, addresses and numbers of an event.
    pub fn keep_private(&mut self, event: &str) {
        let event: Value = serde_json::from_str(event).unwrap_or_default();
        let bodies = event["Records"].as_array().into_iter().flatten();
        for body in bodies.filter_map(|record| record["body"].as_str()) {
            let person: Value = serde_json::from_str(body).unwrap_or_default();
            for key in ["givenName", "familyName", "email", "mobile"] {
                let value = person["worker"][key].as_str().unwrap_or_default();
                if value.chars().count() >= 4 {
                    self.private.insert(value.to_owned());
                }
            }
        }
    }

    pub fn answer(&mut self, answer: &Answer) {
        let (Answer::Success(text) | Answer::Error(text)) = answer;
        self.answers.push_str(text);
    }

    pub fn logs(&mut self, logs: &[u8]) {
        self.logs.push_str(&String::from_utf8_lossy(logs));
    }
}

/// I6: the ids of an answer are among those of the event, each once; gives their number.
pub fn failed_ids(answer: &str, event: &str) -> usize {
    // Only the ids are asked for, whatever else no parser takes.
    let answer: Value = serde_json::from_str(answer).expect("JSON");
    let failures = answer["batchItemFailures"].as_array();
    let failed: Vec<&Value> = failures
        .into_iter()
        .flatten()
        .map(|failure| &failure["itemIdentifier"])
        .collect();
    for (n, id) in failed.iter().enumerate() {
        let named = format!("\"messageId\":{id}");
        assert!(event.contains(&named), "I6: {id} was not in the event");
        assert!(!failed[..n].contains(id), "I6: {id} is named twice");
    }
    failed.len()
}

/// I5: no person is tried more than three times in one delivery.
pub fn attempts_are_bounded(calls: &[Call]) {
    let mut attempts: BTreeMap<String, usize> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.operation == "CreateUser") {
        let body: Value = serde_json::from_slice(&call.body).expect("JSON");
        *attempts.entry(body["Username"].to_string()).or_default() += 1;
    }
    for (username, attempts) in attempts {
        assert!(attempts <= 3, "I5: {attempts} attempts at {username}");
    }
}

/// I2 to I4.
pub fn judge(captured: &Captured, standin: &Standin) {
    let users = standin.users(INSTANCE);
    let people: Vec<&String> = users
        .iter()
        .filter_map(|user| user.tags.get("connect-provisioner:person"))
        .collect();
    let distinct: BTreeSet<&&String> = people.iter().collect();
    assert_eq!(distinct.len(), people.len(), "I2: somebody has two users");

    let mut places = vec![
        ("the log".to_owned(), captured.logs.clone()),
        ("an answer".to_owned(), captured.answers.clone()),
    ];
    places.extend(standin.messages("hr-joins-dlq").into_iter().map(|letter| {
        let text = format!("{} {}", letter.body, serde_json::json!(letter.attributes));
        ("a dead letter".to_owned(), text)
    }));
    places.extend(
        users
            .iter()
            .map(|user| ("a tag".to_owned(), serde_json::json!(user.tags).to_string())),
    );
    let calls = standin.calls();
    let others = calls
        .iter()
        .filter(|call| call.operation != "CreateUser" && call.operation != "PutSecretValue");
    places.extend(others.map(|call| {
        let text = String::from_utf8_lossy(&call.body).into_owned();
        (format!("a call of {}", call.operation), text)
    }));
    let windows = Windows::of(&captured.passwords);
    for (place, text) in &places {
        windows.assert_absent(place, text);
    }
    assert!(!captured.logs.is_empty(), "nothing was captured");
    for private in &captured.private {
        let found = captured.logs.contains(private) || captured.answers.contains(private);
        assert!(
            !found,
            "I4: {private} of an event is in the log or an answer"
        );
    }
}

/// I3: no 8 characters in a row of the password, as it is, escaped for JSON or a URL, in base64 or in hex.
pub fn assert_absent(password: &str, place: &str, text: &str) {
    Windows::of([password]).assert_absent(place, text);
}

/// The parts of passwords that may stand nowhere, found in one pass over a text, however many they are.
struct Windows {
    finder: AhoCorasick,
    all: Vec<String>,
}

impl Windows {
    fn of<T: AsRef<str>>(passwords: impl IntoIterator<Item = T>) -> Self {
        let forms = passwords.into_iter().flat_map(|one| forms(one.as_ref()));
        let windows = forms.flat_map(|(form, length)| {
            let windows = form.as_bytes().windows(length);
            let texts = windows.filter_map(|window| str::from_utf8(window).ok());
            texts.map(str::to_owned).collect::<Vec<_>>()
        });
        let all: Vec<String> = windows.collect();
        let finder = AhoCorasick::new(&all).expect("the parts of passwords are few");
        Self { finder, all }
    }

    fn assert_absent(&self, place: &str, text: &str) {
        if let Some(found) = self.finder.find(text) {
            let window = &self.all[found.pattern()];
            panic!("I3: {window} of the password is in {place}");
        }
    }
}

// Each form with the length of a window; 8 characters are 16 digits in hex, and 8 digits alone occur by chance.
fn forms(password: &str) -> Vec<(String, usize)> {
    let hex = |upper: bool| {
        let byte = |byte: u8| {
            if upper {
                format!("{byte:02X}")
            } else {
                format!("{byte:02x}")
            }
        };
        password.bytes().map(byte).collect::<String>()
    };
    let url: String = password
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    let mut forms = vec![password.to_owned(), url];
    forms.push(serde_json::json!(password).to_string());
    // Three alignments: what stands before it in the encoded text shifts it by a byte or two.
    for shift in 0..3 {
        let encoded = aws_smithy_types::base64::encode(format!("{}{password}", " ".repeat(shift)));
        forms.push(encoded[4..encoded.len() - 4].to_owned());
    }
    let forms = forms.into_iter().map(|form| (form, 8));
    forms.chain([(hex(true), 16), (hex(false), 16)]).collect()
}

/// The outcome of each person's log line.
pub fn outcome_lines(logs: &str) -> Vec<String> {
    let lines = logs
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .filter(|line| line["request_id"].is_string())
        .filter_map(|line| Some(line["outcome"].as_str()?.to_owned()))
        .collect()
}

/// Counts the invocations that have given their metrics.
pub fn invocations_logged(logs: &str) -> usize {
    logs.matches(r#""SystemicStop":"#).count()
}
