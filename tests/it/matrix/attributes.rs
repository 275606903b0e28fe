//! Row about a producer that gives its messages as many attributes as SQS takes: the reason has room, and none is lost.

use std::collections::BTreeSet;

use connect_standin::MessageView;
use serde_json::{Map, Value, json};
use test_support::scene::{Scene, record};
use test_support::schedules::{delivered, in_days, waiting};
use test_support::shipped::join_of;

use super::{Row, simulated};

pub(super) fn rows() -> Vec<Row> {
    vec![simulated(
        73,
        "a producer that uses the ten attributes of a message itself",
        async {
            for number in 7..=10 {
                let mut scene = Scene::plain().await;
                let missing = "1D(missing_field:worker.familyName)";
                assert_eq!(
                    scene
                        .invoke(&with_attributes(nameless(join_of(1)), number))
                        .await,
                    missing
                );
                // As the console redrives it, with all that the dead letter has.
                let letter = the_one_letter(&scene);
                has_all(&letter, number);
                assert_eq!(scene.invoke(&delivered(&letter)).await, missing);
                let letters = scene.standin.messages("hr-joins-dlq");
                has_all(&letters[1], number);
                scene.end().await;
            }
            let mut scene = waiting(72).scene().await;
            assert_eq!(
                scene.invoke(&with_attributes(in_days(1, 30), 10)).await,
                "1L"
            );
            scene.standin.let_schedules_come_due().await;
            let mut due = scene.standin.messages("hr-joins").remove(0);
            assert_eq!(due.attributes.len(), 10);
            due.body = nameless(in_days(1, 30)).to_string();
            assert_eq!(
                scene.invoke(&delivered(&due)).await,
                "1D(missing_field:worker.familyName)"
            );
            has_all(&the_one_letter(&scene), 10);
            scene.end().await;
        },
    )]
}

fn nameless(mut join: Value) -> Value {
    join["worker"]["familyName"] = json!("");
    join
}

fn with_attributes(join: Value, number: usize) -> Value {
    let mut record = record(&join.to_string());
    let attribute = |n| {
        let value = json!({"stringValue": format!("value {n}"), "dataType": "String"});
        (format!("producer.{n}"), value)
    };
    record["messageAttributes"] = Value::Object((0..number).map(attribute).collect::<Map<_, _>>());
    json!({ "Records": [record] })
}

fn the_one_letter(scene: &Scene) -> MessageView {
    let mut letters = scene.standin.messages("hr-joins-dlq");
    assert_eq!(letters.len(), 1);
    letters.remove(0)
}

/// Holds a dead letter to a full reason, and to all of the producer's attributes, on it or inside its details.
fn has_all(letter: &MessageView, number: usize) {
    assert!(letter.attributes.len() <= 10);
    assert!(letter.attributes["provisioner.explanation"].contains("worker.familyName"));
    let details: Value =
        serde_json::from_str(&letter.attributes["provisioner.details"]).expect("JSON");
    let carried = details["attributes"].as_array().into_iter().flatten();
    let mut found: BTreeSet<(String, String)> = letter
        .attributes
        .iter()
        .filter(|(name, _)| name.starts_with("producer."))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for attribute in carried {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        assert_eq!(attribute["type"], "String");
        found.insert((text(&attribute["name"]), text(&attribute["text"])));
    }
    let sent = (0..number).map(|n| (format!("producer.{n}"), format!("value {n}")));
    assert_eq!(found, sent.collect());
}
