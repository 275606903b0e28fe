//! Any join in any envelope, with passwords in it or without -> cut, it keeps its shape, its person, and no password.

use std::sync::LazyLock;

use aws_smithy_types::base64;
use connect_provisioner::intake::{Content, Parcel};
use connect_provisioner::policy::plan::{Plan, plan};
use connect_provisioner::policy::{Policy, config};
use connect_provisioner::source::without_passwords;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    config::parse(include_str!("../../provisioner.toml"))
        .unwrap_or_else(|faults| panic!("{faults}"))
});

/// Stands in no other text, and changes in none of the encodings but base64.
const MARKER: &str = "Zq7Vw";

/// A text of any characters, sometimes with a key and a value that may be a password.
fn text() -> impl Strategy<Value = String> {
    let harmless = prop::sample::select(vec![
        "https://hr.example/x?forgot_password=1&y=",
        "reset-password=1",
        "passwordPolicy",
        "\"password\":null,",
        "password=&",
        "\\\"",
        "\"}",
    ]);
    prop_oneof![
        4 => ".{0,12}",
        1 => (".{0,6}", harmless, ".{0,6}").prop_map(|(a, b, c)| format!("{a}{b}{c}")),
    ]
}

/// A text that gives a password.
fn secret_text() -> impl Strategy<Value = String> {
    let before = prop::sample::select(vec![
        "password=",
        "?Password=",
        ";PASSWORD=",
        "<password>",
        "password=\"",
        "\"password\":\"",
        "{\"password\":\"",
    ]);
    let tail = prop::sample::select(vec!["", "&x=1", "</password>", "\"}", " more", "\\", "\""]);
    (before, tail).prop_map(|(before, tail)| format!("{before}{MARKER}{tail}"))
}

fn other_value(
    key: BoxedStrategy<String>,
    text: BoxedStrategy<String>,
) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner.clone()), 0..3)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
            inner.prop_map(|value| Value::from(value.to_string())),
        ]
    })
}

/// The value of a member `password` that is one.
fn secret_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(MARKER)),
        Just(json!(format!("a\"\\{MARKER}é\n"))),
        Just(json!({"value": [MARKER, "}\"]"]})),
        Just(json!([MARKER])),
        Just(json!([7, {}])),
        Just(json!(1234)),
    ]
}

fn secret_key() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["password", "Password", "PASSWORD", "passWord"])
        .prop_map(str::to_owned)
}

/// Keys of passwords that are cut out, though their events are not refused.
const FURTHER_SECRET_KEYS: [&str; 6] = [
    "initialPassword",
    "temp_password",
    "pwd",
    "USER-PASSWD",
    "passcode",
    "pass",
];

fn further_secret_key() -> impl Strategy<Value = String> {
    prop::sample::select(FURTHER_SECRET_KEYS.to_vec()).prop_map(str::to_owned)
}

/// A valid join whose fields and further members hold anything.
fn join() -> impl Strategy<Value = Value> {
    let text = text().boxed();
    let further = (text.clone(), other_value(text.clone(), text.clone()));
    (
        text.clone(),
        text,
        prop::collection::vec(further, 0..4),
        any::<u16>(),
    )
        .prop_map(|(name, comment, further, n)| {
            let mut join = test_support::shipped::join_of(n.into());
            join["worker"]["preferredName"] = json!(name);
            join["worker"]["comment"] = json!(comment);
            join["worker"]["department"]["url"] = json!(comment);
            for (key, value) in further {
                let taken = join.get(&key).is_some();
                let worker = join["worker"].as_object_mut().expect("an object");
                if !taken && !worker.contains_key(&key) && !is_secret(&key) {
                    worker.insert(key, value);
                }
            }
            join
        })
}

fn is_secret(key: &str) -> bool {
    key.eq_ignore_ascii_case("password") || FURTHER_SECRET_KEYS.contains(&key)
}

/// The envelopes, each around what is before it.
#[derive(Debug, Clone, Copy)]
enum Envelope {
    List,
    EventBridge,
    Sns,
    CloudEvents,
    CloudEventsText,
    CloudEventsBase64,
    HttpBase64,
    Kinesis,
    PubSub,
}

fn envelopes() -> impl Strategy<Value = Vec<Envelope>> {
    use Envelope::{
        CloudEvents, CloudEventsBase64, CloudEventsText, EventBridge, HttpBase64, Kinesis, List,
        PubSub, Sns,
    };
    prop::sample::select(vec![
        vec![],
        vec![List],
        vec![EventBridge],
        vec![Sns],
        vec![CloudEvents],
        vec![CloudEventsText],
        vec![CloudEventsBase64],
        vec![EventBridge, Sns],
        vec![List, CloudEventsBase64, Sns],
        vec![HttpBase64],
        vec![Kinesis],
        vec![PubSub],
        vec![List, Kinesis, Sns],
        vec![Kinesis, HttpBase64, PubSub],
        vec![Sns, Sns, Sns, EventBridge, Sns, Sns],
    ])
}

fn wrapped(inner: Value, link: &str, envelopes: &[Envelope]) -> Value {
    envelopes.iter().fold(inner, |inner, envelope| match envelope {
        Envelope::List => json!([{"another": link}, inner]),
        Envelope::EventBridge => {
            json!({"a-link": link, "id": "1", "detail-type": "Joined", "source": "hr", "detail": inner})
        }
        Envelope::Sns => {
            json!({"A": link, "Type": "Notification", "MessageId": "1", "TopicArn": "arn:t", "Message": inner.to_string()})
        }
        Envelope::CloudEvents => {
            json!({"a": link, "specversion": "1.0", "id": "1", "type": "t", "source": "/hr", "data": inner})
        }
        Envelope::CloudEventsText => {
            json!({"a": link, "specversion": "1.0", "id": "1", "type": "t", "source": "/hr", "data": inner.to_string()})
        }
        Envelope::CloudEventsBase64 => {
            let data = base64::encode(inner.to_string());
            json!({"a": link, "specversion": "1.0", "id": "1", "type": "t", "source": "/hr", "data_base64": data})
        }
        Envelope::HttpBase64 => {
            let body = base64::encode(inner.to_string());
            json!({"a": link, "routeKey": "POST /hr", "isBase64Encoded": true, "body": body})
        }
        Envelope::Kinesis => {
            let data = base64::encode(inner.to_string());
            json!({"Records": [{"a": link, "eventSource": "aws:kinesis", "eventID": "s:1", "kinesis": {"data": data}}]})
        }
        Envelope::PubSub => {
            let data = base64::encode(inner.to_string());
            json!({"a": link, "subscription": "projects/p/subscriptions/s", "message": {"data": data, "messageId": "1"}})
        }
    })
}

/// The JSON of a value with the escapes and spaces that no writer here makes of itself.
fn written(value: &Value, style: u8) -> String {
    let compact = value.to_string();
    match style {
        0 => compact,
        1 => serde_json::to_string_pretty(value).expect("JSON"),
        2 => format!("\u{feff} {compact}\n"),
        _ => compact
            .replace("\"pass", "\"p\\u0061ss")
            .replace("Pass", "\\u0050ass")
            .replace("Zq7", "\\u005aq7"),
    }
}

/// All that JSON in texts and base64 holds, opened.
fn opened(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| {
                let text = value
                    .as_str()
                    .filter(|_| matches!(key.as_str(), "data_base64" | "data" | "body"));
                let text = text.and_then(|text| base64::decode(text).ok());
                let text = text.and_then(|bytes| String::from_utf8(bytes).ok());
                let value = text.map_or_else(|| opened(value), |text| opened(&json!(text)));
                (key.clone(), value)
            })
            .collect(),
        Value::Array(items) => items.iter().map(opened).collect(),
        Value::String(text) => match parsed(text) {
            Some(inner @ (Value::Object(_) | Value::Array(_) | Value::String(_))) => opened(&inner),
            _ => value.clone(),
        },
        other => other.clone(),
    }
}

fn parsed(text: &str) -> Option<Value> {
    serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)).ok()
}

/// Tells whether two values are alike but for texts and what members of passwords hold.
fn has_shape_of(cut: &Value, whole: &Value) -> bool {
    match (cut, whole) {
        (Value::Object(cut), Value::Object(whole)) => {
            cut.len() == whole.len()
                && cut.iter().zip(whole).all(|((cut_key, cut), (key, whole))| {
                    cut_key == key && (is_secret(key) || has_shape_of(cut, whole))
                })
        }
        (Value::Array(cut), Value::Array(whole)) => {
            cut.len() == whole.len()
                && cut
                    .iter()
                    .zip(whole)
                    .all(|(cut, whole)| has_shape_of(cut, whole))
        }
        (Value::String(cut), Value::String(whole)) => cut == whole || cut.contains("[removed]"),
        (cut, whole) => cut == whole,
    }
}

/// The key of each person, and what becomes of them.
fn people(body: &str) -> Vec<(String, String)> {
    let parcels = POLICY.sources.open(body);
    let read = |parcel: &Parcel| match &parcel.content {
        Ok(Content::Delivery(delivery)) => {
            let planned = POLICY.sources.read(delivery);
            match planned.and_then(|reading| plan(reading, &POLICY)) {
                Ok(Plan::User(user)) => serde_json::to_string(&user.input).expect("JSON"),
                Ok(Plan::Skip(why)) => why,
                Err(failure) => failure.reason().code(),
            }
        }
        Ok(Content::NoJoin(why)) => why.to_string(),
        Err(failure) => failure.reason().code(),
    };
    let person = |parcel: &Parcel| (POLICY.sources.key_of(parcel).to_string(), read(parcel));
    parcels.iter().map(person).collect()
}

fn check(body: &str, has_secret: bool) -> Result<(), TestCaseError> {
    let cut = without_passwords(body);
    if !has_secret {
        prop_assert_eq!(&cut, body);
        return Ok(());
    }
    prop_assert!(
        !cut.starts_with("{\"removed\""),
        "nothing is kept of {}",
        body
    );
    let (whole, left) = (parsed(body).expect("JSON"), parsed(&cut));
    let left = left.ok_or_else(|| TestCaseError::fail(format!("no JSON: {cut}")))?;
    prop_assert!(
        has_shape_of(&opened(&left), &opened(&whole)),
        "{}\n{}",
        body,
        cut
    );
    let shown = opened(&left).to_string();
    prop_assert!(!shown.contains(MARKER), "{}", cut);
    prop_assert_eq!(without_passwords(&cut), cut);
    Ok(())
}

/// Any JSON at all, with passwords anywhere in it.
fn any_value() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        text(),
        secret_key(),
        further_secret_key(),
        Just("data_base64".to_owned())
    ];
    other_value(key.boxed(), prop_oneof![text(), secret_text()].boxed())
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn a_join_without_a_password_keeps_every_byte(
        join in join(), link in text(), envelopes in envelopes(), style in 0..3_u8,
    ) {
        let body = written(&wrapped(join, &link, &envelopes), style);
        check(&body, false)?;
    }

    #[test]
    fn a_password_in_a_text_goes_and_its_person_stays(
        mut join in join(), link in secret_text(), envelopes in envelopes(), style in 0..4_u8, deep in any::<bool>(),
    ) {
        join["a-link"] = json!(link);
        join["worker"]["homepage"] = if deep { json!([json!({"x": link}).to_string()]) } else { json!(link) };
        let body = written(&wrapped(join, &link, &envelopes), style);
        check(&body, true)?;
        let cut = without_passwords(&body);
        let (before, after) = (people(&body), people(&cut));
        prop_assert_eq!(before.last(), after.last());
        prop_assert_eq!(before.len(), after.len());
    }

    #[test]
    fn a_refused_password_goes_and_its_person_is_read(
        mut join in join(), key in secret_key(), value in secret_value(), envelopes in envelopes(), style in 0..4_u8,
        depth in 0..3_u8,
    ) {
        let without = people(&wrapped(join.clone(), "", &envelopes).to_string());
        match depth {
            0 => join[&key] = value,
            1 => join["worker"][&key] = value,
            _ => join["worker"]["logins"] = json!([{"a": "b", &key: value, "z": 1}]),
        }
        let body = written(&wrapped(join, "", &envelopes), style);
        let refused = people(&body);
        prop_assert_eq!(refused.last().map(|(_, end)| end.as_str()), Some("invalid_field:Password"));
        check(&body, true)?;
        prop_assert_eq!(people(&without_passwords(&body)).pop(), without.last().cloned());
    }

    #[test]
    fn a_password_of_another_name_goes_and_its_person_stays(
        mut join in join(), key in further_secret_key(), value in secret_value(), envelopes in envelopes(), style in 0..4_u8,
    ) {
        join["worker"]["logins"] = json!([{"a": "b", &key: value, "z": 1}]);
        let body = written(&wrapped(join, "", &envelopes), style);
        check(&body, true)?;
        prop_assert_eq!(people(&without_passwords(&body)).pop(), people(&body).pop());
    }

    #[test]
    fn any_json_keeps_its_shape(value in any_value(), envelopes in envelopes(), style in 0..4_u8) {
        check(&written(&wrapped(value, "", &envelopes), style), true)?;
    }
}
