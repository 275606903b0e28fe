//! Messages of more people than one invocation serves: parts of them, and what cannot be split.

use std::collections::BTreeSet;

use connect_standin::{Calls, Does, Fault, QueueSeed};
use serde_json::{Value, json};
use test_support::event_source::{EventSource, seed_with_queue};
use test_support::faults::{ALL, fault};
use test_support::scene::{Scene, Setting, record};
use test_support::shipped::{INSTANCE, join_of};

/// More than one invocation of 60 s serves, however high the quota is.
const MANY: usize = 200;

fn list(people: usize) -> Value {
    Value::Array((0..people).map(join_of).collect())
}

fn with_queue(name: &'static str) -> Setting {
    Setting::shipped()
        .seeded(move |seed| {
            let queues = seed_with_queue(name, 500).queues;
            seed.queues = queues;
            seed.queues.iter_mut().for_each(patient);
        })
        .with("first_seconds = 20", "first_seconds = 1")
        .with("systemic_seconds = 60", "systemic_seconds = 1")
}

fn patient(queue: &mut QueueSeed) {
    queue.visibility_timeout_seconds = Some(20);
}

fn places(scene: &Scene, queue: &str) -> Vec<String> {
    let parts = scene.standin.messages(queue).into_iter();
    let items = |text: &String| {
        let part: Value = serde_json::from_str(text).expect("JSON");
        part["items"].as_str().expect("places").to_owned()
    };
    parts
        .filter_map(|part| part.attributes.get("provisioner.part").map(items))
        .collect()
}

#[tokio::test]
async fn parts_hold_the_whole_body_and_the_producers_attributes() {
    let mut scene = with_queue("hr-joins").scene().await;
    let mut people = list(MANY);
    people[3]["worker"]["familyName"] = json!("");
    people[4]["worker"]["department"]["code"] = json!("FIN");
    let mut whole = record(&people.to_string());
    whole["messageAttributes"] = json!({"trace": {"stringValue": "t1", "dataType": "String"}});
    let ends = scene.invoke(&json!({"Records": [whole]})).await;
    assert_eq!(ends, "1S");
    let parts = scene.standin.messages("hr-joins");
    assert_eq!(places(&scene, "hr-joins"), ["0-2,5-154", "155-199", "3"]);
    for part in &parts {
        assert_eq!(part.body, people.to_string());
        assert_eq!(part.attributes["trace"], "t1");
        assert_eq!(part.attributes.len(), 2);
    }
    let source = EventSource::new(&scene.running, "hr-joins");
    source.drain(scene.function()).await;
    assert_eq!(scene.standin.users(INSTANCE).len(), MANY - 2);
    let letter = scene.standin.messages("hr-joins-dlq").remove(0);
    let reason = &letter.attributes["provisioner.reason"];
    assert_eq!(reason, "missing_field:worker.familyName");
    assert_eq!(scene.called("SendMessageBatch"), 1, "parts are not split");
    scene.end().await;
}

#[tokio::test]
async fn a_person_refused_for_a_password_is_not_taken_in_a_part_without_it() {
    let mut scene = with_queue("hr-joins").scene().await;
    let mut people = list(MANY);
    people[3]["password"] = json!("Passw0rd");
    let ends = scene.deliver(&[people]).await;
    assert_eq!(ends, "1D(invalid_field:Password)");
    let source = EventSource::new(&scene.running, "hr-joins");
    source.drain(scene.function()).await;
    assert_eq!(scene.standin.users(INSTANCE).len(), MANY - 1);
    scene.end().await;
}

#[tokio::test]
async fn while_no_part_can_be_sent_no_dead_letter_is_sent_again_and_again() {
    let mut scene = with_queue("hr-joins").scene().await;
    let mut people = list(MANY);
    people[3]["worker"]["familyName"] = json!("");
    let denied = Does::Error {
        code: "AccessDenied".to_owned(),
        status: 403,
        echo: false,
    };
    scene.faults(vec![fault("SendMessageBatch", ALL, denied)]);
    for _ in 0..3 {
        assert_eq!(scene.deliver(&[&people]).await, "1R");
    }
    scene.end().await;
}

#[tokio::test]
async fn a_fifo_queue_takes_every_part_of_one_body() {
    let mut scene = with_queue("hr-joins.fifo").scene().await;
    let source = EventSource::new(&scene.running, "hr-joins.fifo");
    source.send(&list(MANY).to_string(), Some("leeds")).await;
    assert!(source.deliver(scene.function()).await);
    let parts = scene.standin.messages("hr-joins.fifo");
    assert_eq!(parts.len(), 2);
    assert!(
        parts
            .iter()
            .all(|part| part.group.as_deref() == Some("leeds"))
    );
    source.drain(scene.function()).await;
    assert_eq!(scene.standin.users(INSTANCE).len(), MANY);
    scene.end().await;
}

#[tokio::test]
async fn a_message_is_kept_until_every_part_was_taken() {
    for does in [
        Does::Internal,
        Does::CommitThenDrop,
        Does::Error {
            code: "AccessDenied".to_owned(),
            status: 403,
            echo: false,
        },
    ] {
        let mut scene = with_queue("hr-joins").scene().await;
        let source = EventSource::new(&scene.running, "hr-joins");
        source.send(&list(MANY).to_string(), None).await;
        let calls = Calls { from: 1, to: 3 };
        let operation = "SendMessageBatch".to_owned();
        let told = format!("{does:?}");
        scene.faults(vec![Fault {
            operation,
            calls,
            does,
        }]);
        assert!(source.deliver(scene.function()).await);
        let whole = scene.standin.messages("hr-joins");
        assert!(
            whole.iter().any(|message| message.attributes.is_empty()),
            "{told}: the whole message is gone"
        );
        scene.faults(Vec::new());
        source.drain(scene.function()).await;
        assert_eq!(scene.standin.users(INSTANCE).len(), MANY, "{told}");
        assert!(scene.standin.messages("hr-joins-dlq").is_empty(), "{told}");
        scene.end().await;
    }
}

#[tokio::test]
async fn what_cannot_be_split_is_refused_for_one_reason() {
    let mut scene = Scene::plain().await;
    // No queue brought it.
    assert_eq!(scene.invoke(&list(MANY)).await, "1D(too_large)");
    let letter = scene.standin.messages("hr-joins-dlq").remove(0);
    let details: Value =
        serde_json::from_str(&letter.attributes["provisioner.details"]).expect("JSON");
    assert_eq!(details["failures"][0]["items"], "0-199");
    // No room is left for the attribute that makes it a part.
    let mut long = list(MANY);
    let length = long.to_string().len();
    long[0]["note"] = json!("x".repeat((1 << 20) - length - 100));
    assert_eq!(scene.deliver(&[long]).await, "1D(too_large)");
    // Nor beside ten attributes; there is none for a reason either, so the message is kept.
    let mut whole = record(&list(MANY).to_string());
    for n in 0..9 {
        whole["messageAttributes"][format!("a{n}")] =
            json!({"stringValue": "x", "dataType": "String"});
    }
    let nine = scene.invoke(&json!({"Records": [whole]})).await;
    assert_eq!(nine, "");
    assert_eq!(places(&scene, "hr-joins"), ["0-152", "153-199"]);
    scene.end().await;
}

#[tokio::test]
async fn a_replay_tries_whom_its_letter_lists_and_counts_on() {
    let mut scene = with_queue("hr-joins").scene().await;
    let mut whole = record(&list(MANY).to_string());
    let details = json!({"version": 2, "event_key": "employee:E200002", "item": 2, "request_id": "r",
        "failures": [{"reason": "no_assignment", "items": "2-3,7-190"}],
        "failed_at": "2026-11-20T09:14:03Z", "attempts": 1, "replays": 4});
    let text = |text: String| json!({"stringValue": text, "dataType": "String"});
    whole["messageAttributes"] = json!({"provisioner.details": text(details.to_string()),
        "provisioner.reason": text("no_assignment".to_owned())});
    assert_eq!(scene.invoke(&json!({"Records": [whole]})).await, "");
    let parts = scene.standin.messages("hr-joins");
    let attributes: BTreeSet<&String> = parts[0].attributes.keys().collect();
    let names = ["provisioner.details", "provisioner.part"].map(str::to_owned);
    assert_eq!(attributes, names.iter().collect());
    scene.faults(vec![Fault {
        operation: "CreateUser".to_owned(),
        calls: Calls { from: 1, to: 1 },
        does: Does::Error {
            code: "InvalidParameterException".to_owned(),
            status: 400,
            echo: true,
        },
    }]);
    let source = EventSource::new(&scene.running, "hr-joins");
    source.drain(scene.function()).await;
    assert_eq!(scene.standin.users(INSTANCE).len(), 2 + 184 - 1);
    let letter = scene.standin.messages("hr-joins-dlq").remove(0);
    let details: Value =
        serde_json::from_str(&letter.attributes["provisioner.details"]).expect("JSON");
    assert_eq!(
        (&details["replays"], &details["failures"][0]["items"]),
        (&json!(5), &json!("2"))
    );
    assert!(!letter.attributes.contains_key("provisioner.part"));
    scene.end().await;
}
