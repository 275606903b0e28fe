//! Row about texts that look like a password, or are one: they cost nobody their place.

use connect_standin::MessageView;
use serde_json::{Value, json};
use test_support::scene::Scene;
use test_support::schedules::{delivered, in_days, waiting};
use test_support::shipped::INSTANCE;

use super::{Row, simulated};

const HARMLESS: &str = "https://hr.example/x?forgot_password=1";
const SECRET: &str = "https://hr.example/x?password=abc";
const CUT: &str = "https://hr.example/x?password=[removed]";

/// A join dated ahead in the one line of compact JSON, with a link before the person.
fn linked(n: usize, link: &str) -> Value {
    let mut join = in_days(n, 30);
    join["a-link"] = json!(link);
    join
}

fn nameless(mut join: Value) -> Value {
    join["worker"]["familyName"] = json!("");
    join
}

/// A join in an event of EventBridge whose envelope has the link.
fn enveloped(n: usize, link: &str) -> Value {
    json!({"a-link": link, "id": n.to_string(), "detail-type": "Joined", "source": "hr", "detail": in_days(n, 30)})
}

fn letters(scene: &Scene) -> Vec<Value> {
    let letters = scene.standin.messages("hr-joins-dlq").into_iter();
    let body = |letter: MessageView| serde_json::from_str(&letter.body).expect("JSON");
    letters.map(body).collect()
}

/// Delivers what the schedules of a scene send, once they are due, and tells what each message changed.
async fn come_due(scene: &Scene) -> Vec<String> {
    scene.standin.let_schedules_come_due().await;
    let mut due = waiting(2160).scene().await;
    let mut ends = Vec::new();
    for message in scene.standin.messages("hr-joins") {
        ends.push(due.invoke(&delivered(&message)).await);
    }
    assert_eq!(due.standin.users(INSTANCE).len(), ends.len());
    due.end().await;
    ends
}

pub(super) fn rows() -> Vec<Row> {
    vec![simulated(
        57,
        "forgot_password=1, or a password, in a link before the person",
        async {
            let mut scene = waiting(72).scene().await;
            let refused = [HARMLESS, SECRET].map(|link| nameless(linked(1, link)));
            assert_eq!(
                scene.deliver(&refused).await,
                "2D(missing_field:worker.familyName)"
            );
            let expected = [HARMLESS, CUT].map(|link| nameless(linked(1, link)));
            assert_eq!(letters(&scene), expected);
            // What is scheduled is all of it, or is refused now.
            let waits = [
                linked(2, HARMLESS),
                enveloped(3, HARMLESS),
                enveloped(4, SECRET),
            ];
            assert_eq!(scene.deliver(&waits).await, "3L");
            assert_eq!(
                scene.deliver(&[linked(5, SECRET)]).await,
                "1D(unschedulable)"
            );
            assert_eq!(letters(&scene)[2], linked(5, CUT));
            assert_eq!(come_due(&scene).await, ["1C", "1C", "1C"]);
            scene.end().await;
        },
    )]
}
