//! Bodies: envelopes peeled, lists split, and bodies without an event refused.

use super::*;
use serde_json::json;

/// Each parcel as `id|payload`, `skip` or its reason code.
fn shown(parcels: &[Parcel<Payload>]) -> Vec<String> {
    let id = |parcel: &Parcel<Payload>| match parcel.fallback_key.get() {
        PersonKey::Event(id) => id.clone(),
        _ => "-".to_owned(),
    };
    let show = |parcel: &Parcel<Payload>| match &parcel.content {
        Ok(Content::Delivery(payload)) => {
            format!(
                "{}|{}",
                id(parcel),
                Value::Object((*payload.object).clone())
            )
        }
        Ok(Content::NoJoin(_)) => "skip".to_owned(),
        Err(failure) => failure.reason().code(),
    };
    parcels.iter().map(show).collect()
}

#[track_caller]
fn check(body: &Value, expected: &[&str]) {
    assert_eq!(shown(&open(&body.to_string())), expected, "{body}");
}

fn event_bridge(detail: Value) -> Value {
    json!({"id": "eb", "detail-type": "Joined", "source": "hr", "detail": detail})
}

fn sns(message: &Value) -> Value {
    json!({"Type": "Notification", "MessageId": "sns", "TopicArn": "arn:t", "Message": message.to_string()})
}

fn cloud_event(version: &str, data: Value) -> Value {
    json!({"specversion": version, "id": "ce", "type": "t", "source": "/hr", "data": data})
}

#[test]
fn every_envelope_is_peeled_to_the_payload() {
    let payload = json!({"a": 1});
    check(&payload, &["-|{\"a\":1}"]);
    check(&event_bridge(payload.clone()), &["eb|{\"a\":1}"]);
    check(&sns(&payload), &["sns|{\"a\":1}"]);
    check(&sns(&event_bridge(payload.clone())), &["eb|{\"a\":1}"]);
    check(&cloud_event("1.0", payload.clone()), &["ce|{\"a\":1}"]);
    check(&cloud_event("1.0", json!("{\"a\":1}")), &["ce|{\"a\":1}"]);
    let base64 = json!({"specversion": "1.0", "id": "ce", "type": "t", "source": "/hr", "data_base64": "eyJhIjoxfQ=="});
    check(&base64, &["ce|{\"a\":1}"]);
    check(
        &event_bridge(cloud_event("1.0", payload)),
        &["ce|{\"a\":1}"],
    );
}

fn base64(text: &str) -> Value {
    json!(aws_smithy_types::base64::encode(text))
}

#[test]
fn base64_is_opened_where_it_stands_for_the_event() {
    let payload = r#"{"a":1}"#;
    let event = ["-|{\"a\":1}"];
    let http = |body: Value| json!({"routeKey": "POST /", "isBase64Encoded": true, "body": body});
    check(&http(base64(payload)), &event);
    check(&http(json!("//4=")), &["not_utf8"]);
    let record = |id: &str, text: &str| json!({"eventSource": "aws:kinesis", "eventID": id, "kinesis": {"sequenceNumber": "1", "data": base64(text)}});
    let records = json!({"Records": [record("shard:1", payload), record("shard:2", "<b>2</b>")]});
    check(&records, &["shard:1|{\"a\":1}", "shard:2|{\"b\":\"2\"}"]);
    check(
        &record("shard:1", "[{\"a\":1},{\"a\":2}]"),
        &["shard:1/0|{\"a\":1}", "shard:1/1|{\"a\":2}"],
    );
    let pipe =
        json!({"eventSource": "aws:kinesis", "sequenceNumber": "1", "data": base64(payload)});
    check(&pipe, &event);
    let message =
        json!({"messageId": "m-1", "attributes": {"kind": "hired"}, "data": base64(payload)});
    let pub_sub = json!({"message": message, "subscription": "projects/p/subscriptions/hr"});
    check(&pub_sub, &["m-1|{\"a\":1}"]);
    let Ok(Content::Delivery(opened)) = &open(&pub_sub.to_string())[0].content else {
        panic!("no payload");
    };
    assert_eq!(opened.envelope["attributes"]["kind"], "hired");
    // The whole body, as a text or as a JSON text, and the message of a topic.
    let whole = aws_smithy_types::base64::encode(r#"{"a":1,"b":2}"#);
    let both = ["-|{\"a\":1,\"b\":2}"];
    assert_eq!(shown(&open(&whole)), both);
    check(&json!(whole), &both);
    let topic =
        json!({"Type": "Notification", "MessageId": "sns", "TopicArn": "arn:t", "Message": whole});
    check(&topic, &["sns|{\"a\":1,\"b\":2}"]);
    assert_eq!(shown(&open("Q3VzdG9tZXIgQ2FyZQ==")), ["not_json"]);
}

#[test]
fn xml_and_forms_are_payloads() {
    assert_eq!(shown(&open("<a><b>1</b></a>")), ["-|{\"a\":{\"b\":\"1\"}}"]);
    assert_eq!(shown(&open("<a><b>1</a>")), ["not_json"]);
    assert_eq!(
        shown(&open("a=1&b=x%20y")),
        ["-|{\"a\":\"1\",\"b\":\"x y\"}"]
    );
    let topic = json!({"Type": "Notification", "MessageId": "sns", "TopicArn": "arn:t", "Message": "<a>1</a>"});
    check(&topic, &["sns|{\"a\":\"1\"}"]);
    check(&event_bridge(json!("<a>1</a>")), &["eb|{\"a\":\"1\"}"]);
    // A form is no JSON text, so a text that looks like one is none.
    check(&json!("a=1"), &["unknown_shape"]);
    let Ok(Content::Delivery(opened)) = &open("<a>1</a>")[0].content else {
        panic!("no payload");
    };
    assert_eq!(opened.beside.text.as_deref(), Some("<a>1</a>"));
}

#[test]
fn a_list_gives_a_parcel_a_person() {
    check(
        &json!([{"a": 1}, 7, {"a": 2}]),
        &["-|{\"a\":1}", "unknown_shape", "-|{\"a\":2}"],
    );
    check(
        &event_bridge(json!([{"a": 1}, {"a": 2}])),
        &["eb/0|{\"a\":1}", "eb/1|{\"a\":2}"],
    );
}

#[test]
fn elements_that_are_no_objects_are_one_refusal_between_their_neighbours() {
    check(
        &json!([0, "x", [], [1, [null]], {"a": 1}, 7, {"a": 2}]),
        &[
            "unknown_shape",
            "-|{\"a\":1}",
            "unknown_shape",
            "-|{\"a\":2}",
        ],
    );
    let counts = |body: Value| -> Vec<usize> {
        let parcels = open(&body.to_string());
        parcels.iter().map(|parcel| parcel.count).collect()
    };
    assert_eq!(
        counts(json!([0, "x", [], [1, [null]], {"a": 1}, 7])),
        [5, 1, 1]
    );
    assert_eq!(counts(json!(vec![0; 100_000])), [100_000]);
}

#[test]
fn a_message_of_more_people_than_memory_is_for_is_refused_as_a_whole() {
    let people = |count| Value::Array(vec![json!({}); count]).to_string();
    assert_eq!(open(&people(MOST_PEOPLE)).len(), MOST_PEOPLE);
    assert_eq!(shown(&open(&people(MOST_PEOPLE + 1))), ["too_large"]);
}

#[test]
fn what_holds_no_event_is_refused_and_service_messages_are_skipped() {
    for empty in [json!(null), json!([[]]), json!("x"), json!(42), json!(true)] {
        check(&empty, &["unknown_shape"]);
    }
    check(&json!([]), &["skip"]);
    check(&json!({"Type": "SubscriptionConfirmation"}), &["skip"]);
    check(
        &json!({"Service": "Amazon S3", "Event": "s3:TestEvent"}),
        &["skip"],
    );
    check(&cloud_event("0.3", json!({})), &["unsupported_version"]);
    let not_text = json!({"specversion": "1.0", "id": "ce", "type": "t", "source": "/hr", "data_base64": "//4="});
    check(&not_text, &["not_utf8"]);
}

/// A text that holds a value as JSON.
fn encoded(value: &Value) -> Value {
    json!(value.to_string())
}

#[test]
fn json_that_stands_in_a_text_is_the_event() {
    let payload = json!({"a": 1});
    let once = encoded(&payload);
    check(&once, &["-|{\"a\":1}"]);
    check(&encoded(&once), &["-|{\"a\":1}"]);
    check(&event_bridge(once.clone()), &["eb|{\"a\":1}"]);
    check(&encoded(&event_bridge(once.clone())), &["eb|{\"a\":1}"]);
    check(&sns(&once), &["sns|{\"a\":1}"]);
    check(
        &encoded(&json!([{"a": 1}, {"a": 2}])),
        &["-|{\"a\":1}", "-|{\"a\":2}"],
    );
    check(
        &json!([once, "x", {"a": 2}]),
        &["-|{\"a\":1}", "unknown_shape", "-|{\"a\":2}"],
    );
    let http = |body: &Value| json!({"httpMethod": "POST", "body": body});
    check(&http(&encoded(&payload)), &["-|{\"a\":1}"]);
    check(&http(&json!("a=1&b=2")), &["-|{\"a\":\"1\",\"b\":\"2\"}"]);
    for none in [
        http(&json!("nothing")),
        http(&json!("")),
        json!({"body": once}),
    ] {
        check(&none, &[&format!("-|{none}")]);
    }
    check(
        &json!("{\"a\":1,\"a\":2}"),
        &["invalid_field:duplicate_key"],
    );
    check(&json!("{\"a\":"), &["not_json"]);
    let plain = open(&payload.to_string());
    let again = open(&once.to_string());
    assert!(plain[0].fallback_key.get() == again[0].fallback_key.get());
}

#[test]
fn texts_within_texts_without_end_are_refused() {
    let times = |count| (0..count).fold(json!({"a": 1}), |inner, _| encoded(&inner));
    check(&times(6), &["-|{\"a\":1}"]);
    check(&times(7), &["unknown_shape"]);
}

#[test]
fn envelopes_without_end_are_refused() {
    let nested = (0..20).fold(json!({"a": 1}), |inner, _| event_bridge(inner));
    check(&nested, &["unknown_shape"]);
}
