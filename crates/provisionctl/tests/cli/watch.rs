//! `provisionctl watch` without a terminal: lines and JSON objects, through the built binary.

use std::process::Output;

use connect_provisioner::aws::Clients;
use connect_standin::{Running, Seed, Standin};
use serde_json::{Value, json};

use crate::operator::{output, provisionctl_at};

async fn watch(running: &Running, arguments: &[&str]) -> Output {
    let mut command = provisionctl_at(&running.endpoint_url());
    command.arg("watch").args(arguments);
    output(command).await
}

#[tokio::test]
async fn one_look_tells_how_deep_the_queues_are() {
    let standin = Standin::new(Seed::default());
    let running = standin.start(0).await.expect("the stand-in starts");
    let sqs = Clients::at(&running.endpoint_url(), "eu-west-2").sqs;
    let url = running.queue_url("hr-joins");
    for _ in 0..3 {
        let sent = sqs.send_message().queue_url(&url).message_body("x");
        sent.send().await.expect("sent");
    }
    let received = sqs.receive_message().queue_url(&url).send().await;
    assert_eq!(received.expect("received").messages().len(), 1);
    let queues = ["--queue-name", "hr-joins", "--dlq-name", "hr-joins-dlq"];

    let output = watch(&running, &[&queues[..], &["--once"]].concat()).await;
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        text.contains("hr-joins: 2 visible, 1 in flight, 0 delayed; hr-joins-dlq: 0 visible"),
        "{text}"
    );
    let output = watch(&running, &[&queues[..], &["--once", "--json"]].concat()).await;
    let look: Value = serde_json::from_slice(&output.stdout).expect("one object");
    let source = json!({"queue": "hr-joins", "visible": 2, "in_flight": 1, "delayed": 0});
    assert_eq!(look["queues"][0], source);

    for (arguments, expected) in [
        (
            &["--once"][..],
            "no queues are named; give --queue-url or --queue-name",
        ),
        (
            &["--once", "--queue-name", "nowhere"],
            "there is no such queue",
        ),
        (
            &["--interval", "soon", "--queue-name", "hr-joins"],
            "invalid value 'soon'",
        ),
    ] {
        let output = watch(&running, arguments).await;
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(expected), "{text}");
    }
}
