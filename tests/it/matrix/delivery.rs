//! Rows about the message's own way: the dead-letter queue in trouble, the deadline, kills, order.

use std::time::{Duration, Instant};

use connect_standin::Does;
use serde_json::{Value, json};
use test_support::faults::{ALL, error, fault};
use test_support::scene::{Setting, record};
use test_support::shipped::{INSTANCE, join_of};

use super::services::joins;
use super::{Row, simulated};
use crate::redelivery;

/// A good and a bad message while the dead-letter queue is in trouble, and again when it is not.
async fn check_dead_letter_trouble(does: Does) {
    let mut scene = Setting::shipped().scene().await;
    let told = format!("{does:?}");
    let accepts = does == Does::CommitThenHang;
    scene.faults(vec![fault("SendMessage", ALL, does)]);
    let bodies = [join_of(1).to_string(), "no JSON".to_owned()];
    let delivered = scene.deliver(&bodies).await;
    if accepts {
        assert!(
            delivered.starts_with("1C ") && delivered.ends_with(" 1R"),
            "{told}: {delivered}"
        );
    } else {
        assert_eq!(delivered, "1C 1R", "{told}");
    }
    scene.faults(Vec::new());
    assert_eq!(scene.deliver(&bodies).await, "1A 1D(not_json)", "{told}");
    // At most the same letter again, under the same key.
    let keys: Vec<Value> = scene
        .standin
        .messages("hr-joins-dlq")
        .iter()
        .map(|letter| {
            serde_json::from_str(&letter.attributes["provisioner.details"]).expect("JSON")
        })
        .map(|details: Value| details["event_key"].clone())
        .collect();
    assert!(keys.iter().all(|key| *key == keys[0]), "{told}: {keys:?}");
    scene.end().await;
}

#[cfg(feature = "sabotage")]
#[tokio::test]
async fn a_panic_in_one_record_fails_that_record_only_and_tells_nothing() {
    let setting = Setting::shipped().variable("PROVISIONER_SABOTAGE", "Panic");
    let mut scene = setting.scene().await;
    assert_eq!(scene.deliver(&joins(0..3)).await, "2C 1R");
    let logged = scene.logged();
    assert!(
        logged.contains("a record panicked") && logged.contains("sabotage.rs"),
        "{logged}"
    );
    // That nothing of the event is in the log or the answer is the judge's to say.
    scene.end().await;
    let mut scene = Setting::shipped()
        .variable("PROVISIONER_SABOTAGE", "Panic")
        .scene()
        .await;
    let list = [Value::Array(joins(0..3))];
    assert_eq!(scene.deliver(&list).await, "2C 1R");
    scene.end().await;
}

pub(super) fn rows() -> Vec<Row> {
    vec![
        simulated(
            51,
            "the dead-letter queue throttles, denies, hangs, or accepts without a word",
            async {
                for does in [
                    Does::Throttle,
                    error("AccessDenied", 403),
                    Does::Hang,
                    Does::CommitThenHang,
                ] {
                    check_dead_letter_trouble(does).await;
                }
            },
        ),
        simulated(52, "the deadline comes with some of 10 left", async {
            // Ten people at 1.6 s each have no room in 30 s, of which every person may need 16 and a dead letter 4.
            let mut scene = Setting::shipped()
                .time_out(Duration::from_secs(30))
                .scene()
                .await;
            scene.faults(vec![fault(
                "CreateUser",
                ALL,
                Does::Delay { milliseconds: 1600 },
            )]);
            let started = Instant::now();
            let delivered = scene.deliver(&joins(0..10)).await;
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "{:?}",
                started.elapsed()
            );
            let done = scene.standin.users(INSTANCE).len();
            assert!((3..10).contains(&done), "{done} done");
            assert_eq!(delivered, format!("{done}C {}R", 10 - done));
            scene.faults(Vec::new());
            assert_eq!(
                scene.deliver(&joins(0..10)).await,
                format!("{}C {done}A", 10 - done)
            );
            scene.end().await;
            // On a part's last delivery those whom it leaves no time for share a dead letter, to be replayed together.
            let short = Setting::shipped().time_out(Duration::from_secs(6));
            let mut scene = short
                .variable("PROVISIONER_MAX_RECEIVE_COUNT", "1")
                .scene()
                .await;
            let late = Does::Delay { milliseconds: 500 };
            scene.faults(vec![fault("CreateUser", ALL, late)]);
            let mut part = record(&Value::Array(joins(0..5)).to_string());
            let told = json!({"message_id": "m", "event_key": "employee:E200000", "items": "0-4"})
                .to_string();
            part["messageAttributes"] =
                json!({"provisioner.part": {"stringValue": told, "dataType": "String"}});
            let ends = "1C 1D(attempts_exhausted:out_of_time)";
            assert_eq!(scene.invoke(&json!({"Records": [part]})).await, ends);
            let letter = scene.standin.messages("hr-joins-dlq").remove(0);
            let details: Value =
                serde_json::from_str(&letter.attributes["provisioner.details"]).expect("JSON");
            assert_eq!(details["failures"][0]["items"], "1-4");
            scene.end().await;
        }),
        simulated(
            53,
            "kill -9 at each step",
            redelivery::killed_at_each_step(),
        ),
        simulated(
            54,
            "FIFO: a1 fails for now, a2, b1",
            redelivery::fifo_order(),
        ),
    ]
}
