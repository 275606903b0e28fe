//! Any bytes at all -> no panic and no hang on the way from an invocation to a plan, and no key lost on the way.

use std::sync::LazyLock;

use connect_provisioner::intake::{self, Content, Invocation};
use connect_provisioner::policy::plan::plan;
use connect_provisioner::policy::{Policy, config};
use connect_provisioner::source;
use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let example = include_str!("../../provisioner.toml");
    let presets = ["okta", "scim", "bamboohr", "workday", "auth0", "gusto"];
    let presets = presets.map(|name| format!("[[source]]\npreset = \"{name}\"\n"));
    config::parse(&format!("{example}\n{}", presets.concat()))
        .unwrap_or_else(|faults| panic!("{faults}"))
});

/// All that is pure: intake, source, plan, and what the dead-letter queue would be given.
fn through(invocation: &RawValue) {
    let messages = match intake::read(invocation) {
        Ok(Invocation::Direct(message)) => vec![message],
        Ok(Invocation::Batch(records)) => records
            .into_iter()
            .map(|record| record.decode().message)
            .collect(),
        Err(_) => Vec::new(),
    };
    for message in messages {
        let parcels = POLICY.sources.open(&message.body);
        assert!(!parcels.is_empty(), "a message without any end");
        for parcel in parcels {
            assert!(!POLICY.sources.key_of(&parcel).to_string().is_empty());
            if let Ok(Content::Delivery(delivery)) = parcel.content {
                let read = POLICY.sources.read(&delivery);
                let _planned = read.and_then(|reading| plan(reading, &POLICY));
            }
        }
        let kept = source::without_passwords(&message.body);
        assert_eq!(
            source::without_passwords(&kept),
            kept,
            "cutting twice changes the text"
        );
    }
}

/// JSON with the keys that the sources and envelopes look for.
fn value() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        prop::sample::select(vec![
            "specversion",
            "type",
            "worker",
            "employeeId",
            "givenName",
            "familyName",
            "email",
            "department",
            "code",
            "startDate",
            "detail",
            "detail-type",
            "source",
            "id",
            "Type",
            "Message",
            "TopicArn",
            "data",
            "data_base64",
            "kinesis",
            "isBase64Encoded",
            "httpMethod",
            "message",
            "subscription",
            "Records",
            "body",
            "messageId",
            "eventSource",
            "Username",
            "Password",
            "RoutingProfileId",
            "PhoneConfig",
            "SecurityProfileIds",
            "Tags",
            "AutoAcceptConfigs",
            "Channel",
            "eventType",
            "target",
            "displayName",
            "schemas",
            "emails",
            "employees",
            "fields",
            "Report_Entry",
            "workerID",
            "descriptor",
            "object",
            "data",
        ])
        .prop_map(str::to_owned),
        ".{0,8}",
    ];
    let text = prop_oneof![
        prop::sample::select(vec![
            "hr.join/1",
            "connect.create-user/1",
            "1.0",
            "worker.joined",
            "Notification",
            "aws:sqs",
            "CC-UK",
            "VOICE",
            "2026-12-01",
            "SOFT_PHONE",
            "user.lifecycle.create",
            "User",
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "com.auth0.user.created",
            "employee.created",
            "aws:kinesis",
            "projects/p/subscriptions/s",
        ])
        .prop_map(str::to_owned),
        ".{0,24}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner.clone()), 0..8)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
            inner.prop_map(|value| Value::String(value.to_string())),
        ]
    })
}

/// XML, a form or base64, or nearly one of them.
fn other_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(vec![
            "<a>",
            "</a>",
            "<b c=\"1\">",
            "<b c='",
            "</b>",
            "<d/>",
            "<password>",
            "</password>",
            "<![CDATA[",
            "]]>",
            "<!--",
            "-->",
            "<?xml version=\"1.0\"?>",
            "<!DOCTYPE a>",
            "&amp;",
            "&#x20;",
            "&a;",
            "a=1",
            "&",
            "a[b]=2",
            "a[b][]=3",
            "password=x",
            "%7B%22password%22%3A%22x%22%7D",
            "%",
        ])
        .prop_map(str::to_owned),
        "[a-z0-9 ]{0,6}",
        ".{0,4}",
    ];
    let text = prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat());
    (text, 0..3_u8).prop_map(|(text, times)| {
        (0..times).fold(text, |text, _| aws_smithy_types::base64::encode(text))
    })
}

/// A join with one place in it replaced, so that most of it is right.
fn nearly_a_join() -> impl Strategy<Value = Value> {
    let place = prop::sample::select(vec![
        "/specversion",
        "/type",
        "/worker",
        "/worker/employeeId",
        "/worker/givenName",
        "/worker/familyName",
        "/worker/email",
        "/worker/mobile",
        "/worker/department",
        "/worker/department/code",
        "/worker/startDate",
    ]);
    (place, value()).prop_map(|(place, value)| {
        let mut join = test_support::shipped::join_of(1);
        if let Some(found) = join.pointer_mut(place) {
            *found = value;
        }
        join
    })
}

proptest! {
    // PROPTEST_CASES sets another number.
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_in_a_body_end_somewhere(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let body = String::from_utf8_lossy(&bytes).into_owned();
        let event = json!({"Records": [{"messageId": "1", "body": body, "eventSource": "aws:sqs"}]});
        through(&serde_json::value::to_raw_value(&event).expect("JSON"));
    }

    #[test]
    fn any_text_that_is_no_json_ends_somewhere(text in other_text(), in_a_member in any::<bool>()) {
        let body = if in_a_member {
            json!({"httpMethod": "POST", "isBase64Encoded": text.len() % 2 == 0, "body": text}).to_string()
        } else {
            text
        };
        let event = json!({"Records": [{"messageId": "1", "body": body, "eventSource": "aws:sqs"}]});
        through(&serde_json::value::to_raw_value(&event).expect("JSON"));
    }

    #[test]
    fn any_json_ends_somewhere(value in value(), in_a_body in any::<bool>()) {
        let event = if in_a_body { json!({"Records": [{"messageId": "1", "body": value.to_string()}]}) } else { value };
        through(&serde_json::value::to_raw_value(&event).expect("JSON"));
    }

    #[test]
    fn any_nearly_right_join_ends_somewhere(join in nearly_a_join()) {
        through(&serde_json::value::to_raw_value(&join).expect("JSON"));
    }
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(200)
}
