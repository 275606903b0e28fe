//! Dead letters of EventBridge Scheduler, replayed.

use serde_json::json;
use test_support::schedules::{delivered, in_days, waiting_for};

use crate::operator::provisionctl_at;
#[tokio::test]
async fn what_could_not_be_sent_is_a_dead_letter_that_goes_back_whole() {
    let mut scene = waiting_for(72, "http://127.0.0.1/111122223333/no-such-queue")
        .scene()
        .await;
    assert_eq!(
        scene
            .deliver(&[json!([in_days(1, 30), in_days(2, 1)])])
            .await,
        "1C 1L"
    );
    scene.standin.let_schedules_come_due().await;
    assert_eq!(scene.standin.messages("hr-joins-dlq").len(), 1);
    let dlq = |arguments: &[&str]| {
        let mut command = provisionctl_at(&scene.running.endpoint_url());
        command
            .arg("dlq")
            .args(arguments)
            .args(["--queue-name", "hr-joins-dlq"]);
        async move {
            let output = tokio::task::spawn_blocking(move || command.output()).await;
            let output = output.expect("no panic").expect("it starts");
            String::from_utf8_lossy(&output.stdout).into_owned()
        }
    };
    let list = dlq(&["list"]).await;
    assert!(
        list.contains("scheduler:") && list.contains("no-such-queue"),
        "{list}"
    );
    let queue = scene.running.queue_url("hr-joins");
    let replayed = dlq(&["replay", "--all", "--to", &queue]).await;
    assert!(replayed.contains("replayed 1"), "{replayed}");
    let sent = scene.standin.messages("hr-joins");
    assert!(sent[0].attributes["provisioner.scheduled"].contains("\"item\":0"));
    // Only the one who waited, not the other of the list.
    assert_eq!(scene.invoke(&delivered(&sent[0])).await, "1L");
    scene.end().await;
}
