//! The function's own binary, behind a Runtime API and before a stand-in for AWS.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use connect_standin::{Seed, Standin, ThrottleSeed};
use serde_json::{Value, json};
use test_support::function::{Answer, Function};
use test_support::shipped::{
    INSTANCE, UNPACED, a_batch_of, a_password, body, example, function, function_with, sample,
    standin_with,
};

#[tokio::test]
async fn a_batch_is_settled_record_by_record_and_once_only() {
    let (standin, running) = standin_with(&a_password()).await;
    let mut function = function(&running).await;
    let batch = sample("sqs-batch-one-bad-record.json");
    for round in 1..=2_usize {
        assert_eq!(
            body(&function.invoke(&batch).await),
            json!({"batchItemFailures": []})
        );
        assert_eq!(standin.users(INSTANCE).len(), 3, "after round {round}");
        assert_eq!(standin.messages("hr-joins-dlq").len(), round);
    }
    let logs = String::from_utf8(function.logs().await).expect("UTF-8");
    assert_eq!(logs.matches(r#""outcome":"created""#).count(), 3, "{logs}");
    assert_eq!(
        logs.matches(r#""outcome":"already_exists""#).count(),
        3,
        "{logs}"
    );
    assert_eq!(
        logs.matches(r#""Namespace":"ConnectProvisioner""#).count(),
        4,
        "{logs}"
    );
    let dimensions = |names: &str| logs.matches(&format!(r#""Dimensions":[{names}]"#)).count();
    assert_eq!(dimensions(r#"["FunctionName"]"#), 2, "{logs}");
    assert_eq!(dimensions(r#"["FunctionName","Reason"]"#), 2, "{logs}");
}

#[tokio::test]
async fn a_dead_letter_says_what_failed_and_keeps_the_body() {
    let (standin, running) = standin_with(&a_password()).await;
    let mut function = function(&running).await;
    let batch = sample("bad-missing-family-name.json");
    function.invoke(&batch).await;
    let letters = standin.messages("hr-joins-dlq");
    let [letter] = letters.as_slice() else {
        panic!("{} dead letters", letters.len())
    };
    let batch: Value = serde_json::from_str(&batch).expect("JSON");
    assert_eq!(
        letter.body,
        batch["Records"][0]["body"].as_str().expect("a body")
    );
    assert_eq!(
        letter.attributes["provisioner.reason"],
        "missing_field:worker.familyName"
    );
    assert!(
        letter.attributes["provisioner.explanation"]
            .starts_with("worker.familyName is missing or blank")
    );
    let details: Value =
        serde_json::from_str(&letter.attributes["provisioner.details"]).expect("JSON");
    assert_eq!(details["event_key"], "employee:E104254");
    assert_eq!(
        details["source_message_id"],
        batch["Records"][0]["messageId"]
    );
    assert_eq!(
        (&details["attempts"], &details["replays"]),
        (&json!(1), &json!(0))
    );
}

#[tokio::test]
async fn the_producers_attributes_travel_with_the_dead_letter() {
    let (standin, running) = standin_with(&a_password()).await;
    let mut function = function(&running).await;
    let mut batch: Value = serde_json::from_str(&sample("bad-not-json.json")).expect("JSON");
    let text = |value: &str| json!({"stringValue": value, "dataType": "String"});
    let earlier = json!({"event_key": "payload:#1", "item": 0, "request_id": "r", "failed_at": "2026-11-20T09:14:03Z",
        "attempts": 1, "replays": 0})
    .to_string();
    batch["Records"][0]["messageAttributes"] = json!({"source": text("workday"), "provisioner.reason": text("old"),
        "provisioner.details": text(&earlier)});
    function.invoke(&batch.to_string()).await;
    let letter = standin.messages("hr-joins-dlq").remove(0);
    assert_eq!(letter.attributes["source"], "workday");
    assert_eq!(letter.attributes["provisioner.reason"], "not_json");
    let details: Value =
        serde_json::from_str(&letter.attributes["provisioner.details"]).expect("JSON");
    assert_eq!(details["replays"], 1);

    // SQS takes ten, and so the reason has room beside ten of the producer's.
    for (number, letters) in [(8, 2), (9, 3), (10, 4)] {
        let many: serde_json::Map<String, Value> =
            (0..number).map(|n| (format!("a{n}"), text("x"))).collect();
        batch["Records"][0]["messageAttributes"] = Value::Object(many);
        let answer = body(&function.invoke(&batch.to_string()).await);
        assert_eq!(answer["batchItemFailures"], json!([]), "{number}");
        let sent = standin.messages("hr-joins-dlq");
        assert_eq!(sent.len(), letters, "{number}");
        let last = &sent[letters - 1].attributes;
        assert_eq!(last["provisioner.reason"], "not_json");
        assert_eq!(last.len(), 10);
    }
}

#[tokio::test]
async fn a_message_comes_back_where_its_dead_letter_is_refused() {
    let (_standin, running) = standin_with(&a_password()).await;
    let mut function = function_with(&running, "no-such-queue").await;
    let answer = body(
        &function
            .invoke(&sample("sqs-batch-one-bad-record.json"))
            .await,
    );
    assert_eq!(
        answer["batchItemFailures"].as_array().map(Vec::len),
        Some(1),
        "{answer}"
    );
}

#[tokio::test]
async fn a_dead_letter_that_is_sent_back_tries_only_its_own_person() {
    let (standin, running) = standin_with(&a_password()).await;
    let mut function = function(&running).await;
    let mut batch: Value =
        serde_json::from_str(&sample("sqs-list-of-three-one-bad.json")).expect("JSON");
    function.invoke(&batch.to_string()).await;
    let letter = standin.messages("hr-joins-dlq").remove(0);
    let attributes = letter.attributes.iter();
    let attributes = attributes.map(|(name, value)| {
        (
            name.clone(),
            json!({"stringValue": value, "dataType": "String"}),
        )
    });
    batch["Records"][0]["messageAttributes"] = Value::Object(attributes.collect());
    let creations = |standin: &Standin| {
        standin
            .calls()
            .iter()
            .filter(|call| call.operation == "SearchUsers")
            .count()
    };
    let before = creations(&standin);
    function.invoke(&batch.to_string()).await;
    assert_eq!(
        creations(&standin),
        before,
        "the two who have users are left alone"
    );
    let letters = standin.messages("hr-joins-dlq");
    assert_eq!(
        letters.len(),
        2,
        "one letter more, and not one for each person"
    );
    let details: Value =
        serde_json::from_str(&letters[1].attributes["provisioner.details"]).expect("JSON");
    assert_eq!(
        (&details["item"], &details["replays"]),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn a_dead_letter_that_was_replayed_too_often_goes_no_further_round() {
    let (standin, running) = standin_with(&a_password()).await;
    let mut function = function(&running).await;
    let mut batch: Value = serde_json::from_str(&sample("sqs-plain.json")).expect("JSON");
    let text = |value: &str| json!({"stringValue": value, "dataType": "String"});
    let details = |replays: u32| {
        json!({"event_key": "employee:E104235", "item": 0, "request_id": "r", "failed_at": "2026-11-20T09:14:03Z",
            "attempts": 1, "replays": replays})
        .to_string()
    };
    for (replays, users, letters) in [(10, 0, 1), (9, 1, 1)] {
        batch["Records"][0]["messageAttributes"] = json!({"provisioner.reason": text("no_assignment"),
            "provisioner.details": text(&details(replays))});
        assert_eq!(
            body(&function.invoke(&batch.to_string()).await),
            json!({"batchItemFailures": []})
        );
        assert_eq!(standin.users(INSTANCE).len(), users, "after {replays}");
        assert_eq!(standin.messages("hr-joins-dlq").len(), letters);
    }
    let letter = standin.messages("hr-joins-dlq").remove(0);
    assert_eq!(letter.attributes["provisioner.reason"], "replay_exhausted");
    let explanation = &letter.attributes["provisioner.explanation"];
    assert!(
        explanation.contains("lastly with no_assignment"),
        "{explanation}"
    );
    // Whoever may send to the queue may set attributes.
    batch["Records"][0]["messageAttributes"] = json!({"provisioner.reason": text("Trillian"),
        "provisioner.details": text(&details(10))});
    function.invoke(&batch.to_string()).await;
    let logs = String::from_utf8(function.logs().await).expect("UTF-8");
    assert!(
        logs.contains("a reason that is not known") && !logs.contains("Trillian"),
        "{logs}"
    );
}

/// A port that takes connections and never answers.
async fn hung_endpoint() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    url
}

#[tokio::test]
async fn a_connect_that_hangs_never_costs_the_answer() {
    let (standin, running) = standin_with(&a_password()).await;
    let mut function = Function::start_with_time_out(
        Duration::from_secs(6),
        &[
            ("AWS_ENDPOINT_URL", running.endpoint_url().as_str()),
            ("AWS_ENDPOINT_URL_CONNECT", hung_endpoint().await.as_str()),
            ("PROVISIONER_CONFIG", &UNPACED.path().to_string_lossy()),
            (
                "PROVISIONER_DLQ_URL",
                running.queue_url("hr-joins-dlq").as_str(),
            ),
        ],
    )
    .await;
    let started = Instant::now();
    let answer = body(
        &function
            .invoke(&sample("sqs-batch-one-bad-record.json"))
            .await,
    );
    assert!(
        started.elapsed() < Duration::from_secs(6),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(
        answer["batchItemFailures"].as_array().map(Vec::len),
        Some(4),
        "{answer}"
    );
    assert!(standin.messages("hr-joins-dlq").is_empty());
    let logs = String::from_utf8(function.logs().await).expect("UTF-8");
    assert!(
        logs.contains(r#""reason":"took_too_long""#) && logs.contains(r#""reason":"out_of_time""#),
        "{logs}"
    );
}

#[tokio::test]
async fn the_queues_last_delivery_ends_in_a_dead_letter_with_its_reason() {
    let (standin, running) = standin_with(&a_password()).await;
    let nobody_listens = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    let mut function = Function::start(&[
        ("AWS_ENDPOINT_URL", running.endpoint_url().as_str()),
        ("AWS_ENDPOINT_URL_CONNECT", &nobody_listens),
        (
            "PROVISIONER_DLQ_URL",
            running.queue_url("hr-joins-dlq").as_str(),
        ),
        ("PROVISIONER_MAX_RECEIVE_COUNT", "3"),
    ])
    .await;
    let mut batch: Value = serde_json::from_str(&sample("sqs-plain.json")).expect("JSON");
    for (delivery, failures, letters) in [("2", 1, 0), ("3", 0, 1)] {
        batch["Records"][0]["attributes"]["ApproximateReceiveCount"] = json!(delivery);
        let answer = body(&function.invoke(&batch.to_string()).await);
        assert_eq!(
            answer["batchItemFailures"].as_array().map(Vec::len),
            Some(failures),
            "{answer}"
        );
        assert_eq!(standin.messages("hr-joins-dlq").len(), letters);
    }
    let letter = standin.messages("hr-joins-dlq").remove(0);
    assert_eq!(
        letter.attributes["provisioner.reason"],
        "attempts_exhausted:DispatchFailure"
    );
    let handed_back = standin.calls();
    let handed_back = handed_back
        .iter()
        .filter(|call| call.operation == "ChangeMessageVisibilityBatch");
    assert_eq!(handed_back.count(), 1, "the first delivery's");
}

#[tokio::test]
async fn a_hundred_joins_keep_to_the_quota_and_take_its_ideal_time() {
    // Ten times AWS's default, so that the test takes a tenth of the time; the bucket is the same.
    let throttle = Some(ThrottleSeed {
        requests_per_second: 20.0,
        burst: 5,
    });
    let seed = Seed {
        throttle,
        ..Seed::default()
    };
    let standin = Standin::new(seed);
    let running = standin.start(0).await.expect("the stand-in starts");
    let text = example().replace("requests_per_second = 2", "requests_per_second = 20");
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    let mut function = Function::start(&[
        ("AWS_ENDPOINT_URL", running.endpoint_url().as_str()),
        ("PROVISIONER_CONFIG", &file.path().to_string_lossy()),
        (
            "PROVISIONER_DLQ_URL",
            running.queue_url("hr-joins-dlq").as_str(),
        ),
    ])
    .await;
    let answer = function.invoke(&a_batch_of(100).to_string()).await;
    assert_eq!(body(&answer), json!({"batchItemFailures": []}));
    assert_eq!(standin.users(INSTANCE).len(), 100);
    let throttled = standin
        .calls()
        .iter()
        .filter(|call| call.error.is_some())
        .count();
    assert_eq!(throttled, 0);
}

#[tokio::test]
async fn a_direct_event_succeeds_is_dead_lettered_or_fails_with_a_fixed_text() {
    let (standin, running) = standin_with(&a_password()).await;
    let mut function = function(&running).await;
    assert_eq!(
        function.invoke(&sample("direct-eventbridge.json")).await,
        Answer::Success("null".into())
    );
    assert_eq!(standin.users(INSTANCE).len(), 1);
    assert_eq!(
        function.invoke(r#"{"hello":"world"}"#).await,
        Answer::Success("null".into())
    );
    assert_eq!(standin.messages("hr-joins-dlq").len(), 1);

    drop(running);
    match function.invoke(&sample("direct-hr-join.json")).await {
        Answer::Error(text) => assert!(text.contains("not every person has a user yet"), "{text}"),
        other @ Answer::Success(_) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_secret_that_breaks_the_policy_stops_the_batch_and_calls_nothing() {
    let (standin, running) = standin_with("password").await;
    let mut function = function(&running).await;
    let answer = body(
        &function
            .invoke(&sample("sqs-batch-one-bad-record.json"))
            .await,
    );
    assert_eq!(
        answer["batchItemFailures"].as_array().map(Vec::len),
        Some(3),
        "{answer}"
    );
    // What is no join at all needs no secret to be refused.
    let letters = standin.messages("hr-joins-dlq");
    let reasons: Vec<&String> = letters
        .iter()
        .map(|letter| &letter.attributes["provisioner.reason"])
        .collect();
    assert_eq!(reasons, ["not_json"]);
    assert!(
        standin
            .calls()
            .iter()
            .all(|call| call.operation != "CreateUser")
    );
}

#[tokio::test]
async fn a_record_without_an_id_fails_the_invocation_whole() {
    let (standin, running) = standin_with(&a_password()).await;
    let mut function = function(&running).await;
    let answer = function
        .invoke(r#"{"Records":[{"body":"{}","eventSource":"aws:sqs"}]}"#)
        .await;
    assert!(matches!(answer, Answer::Error(_)), "{answer:?}");
    assert!(standin.calls().is_empty());
}

#[tokio::test]
async fn a_faulty_configuration_is_refused_at_the_start_with_one_clear_text_each() {
    let example =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("provisioner.toml"))
            .expect("the example");
    let (_standin, running) = standin_with(&a_password()).await;
    for (from, to, expected) in [
        (
            "cache_seconds",
            "cache_secs",
            "unknown key `cache_secs`; [password] takes secret_id, json_key, cache_seconds",
        ),
        ("== \"LEAD\"", "==", "`when`: syntax error"),
        (
            "routing_profile = \"Customer Care Chat\"",
            "",
            "assignment \\\"agents-chat\\\" has no routing_profile",
        ),
    ] {
        assert!(example.contains(from), "{from}");
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(example.replace(from, to).as_bytes())
            .expect("written");
        let mut function = Function::start(&[
            ("PROVISIONER_CONFIG", &file.path().to_string_lossy()),
            (
                "PROVISIONER_DLQ_URL",
                running.queue_url("hr-joins-dlq").as_str(),
            ),
        ])
        .await;
        assert_eq!(function.exit_code().await, Some(1));
        let logs = String::from_utf8(function.logs().await).expect("UTF-8");
        // One line, which is JSON and so escapes quotation marks.
        assert_eq!(logs.lines().count(), 1, "{logs}");
        assert!(
            logs.contains("the function does not start") && logs.contains(expected),
            "{logs}"
        );
    }
}

/// The password as it is, and as it would look escaped or encoded; any 8 characters of it in a row count.
fn assert_absent(password: &str, place: &str, text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let hex: Vec<String> = password.bytes().map(|byte| format!("{byte:02x}")).collect();
    let forms = [
        password.to_owned(),
        aws_smithy_types::base64::encode(password),
        hex.concat(),
    ];
    for form in &forms {
        for window in form.as_bytes().windows(8) {
            let window = std::str::from_utf8(window).expect("ASCII");
            assert!(
                !text.contains(window),
                "{window} of the password is in {place}"
            );
        }
    }
}

#[tokio::test]
async fn neither_the_password_nor_the_person_is_in_anything_that_is_kept() {
    let password = a_password();
    let (standin, running) = standin_with(&password).await;
    let mut function = function(&running).await;
    let mut answers = Vec::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("events"))
        .expect("the samples")
    {
        let event = std::fs::read_to_string(entry.expect("an entry").path()).expect("a sample");
        answers.push(format!("{:?}", function.invoke(&event).await));
    }
    // The same secret, refused by Connect's policy check in the event's place, must not leak either.
    let created = standin.users(INSTANCE).len();
    assert!(
        created > 10,
        "the samples create users, so passwords were sent: {created}"
    );
    assert_absent(&password, "the answers", answers.join("\n").as_bytes());
    let letters = standin.messages("hr-joins-dlq");
    for letter in &letters {
        assert_absent(
            &password,
            "a dead letter",
            format!("{} {:?}", letter.body, letter.attributes).as_bytes(),
        );
        assert_absent(
            "Passw0rd-in-an-event",
            "a dead letter",
            letter.body.as_bytes(),
        );
        let own = letter
            .attributes
            .iter()
            .filter(|(name, _)| name.starts_with("provisioner."));
        own.for_each(|(_, value)| assert_impersonal("a dead letter's attribute", value));
    }
    for user in standin.users(INSTANCE) {
        assert_absent(&password, "a tag", format!("{:?}", user.tags).as_bytes());
    }
    let logs = function.logs().await;
    assert!(!logs.is_empty());
    assert_absent(&password, "the logs", &logs);
    assert_impersonal("the logs", &String::from_utf8_lossy(&logs));
}

/// Names, addresses and numbers of the people in `events/`.
fn assert_impersonal(place: &str, text: &str) {
    for personal in [
        "Zoë",
        "zoe",
        "Brückner",
        "bruckner",
        "McMillan",
        "mcmillan",
        "Haddad",
        "mary",
        "@example.com",
        "+4477",
        "7700900123",
        "太郎",
    ] {
        assert!(!text.contains(personal), "{personal} is in {place}");
    }
}
