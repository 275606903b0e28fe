//! `provisionctl send`: samples sent to the trigger's queue, through the built binary.

use std::process::Output;

use connect_standin::{Running, Seed, Standin};
use serde_json::Value;
use test_support::root;

use crate::operator::{output, provisionctl_at};

pub(crate) async fn standin() -> (Standin, Running) {
    let standin = Standin::new(Seed::default());
    let running = standin.start(0).await.expect("the stand-in starts");
    (standin, running)
}

pub(crate) async fn send(running: &Running, arguments: &[&str]) -> Output {
    let mut command = provisionctl_at(&running.endpoint_url());
    command.arg("send").args(arguments).args(["--rate", "1000"]);
    output(command).await
}

#[track_caller]
pub(crate) fn check(output: &Output, exit_code: i32, on_stdout: &str, on_stderr: &str) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit_code), "{stdout}{stderr}");
    assert!(stdout.contains(on_stdout), "{stdout}");
    assert!(stderr.contains(on_stderr), "{stderr}");
}

fn sample(name: &str) -> String {
    let path = root().join("events").join(name);
    std::fs::read_to_string(path).expect("a sample")
}

#[tokio::test]
async fn what_the_function_would_refuse_is_not_sent_unless_it_shall_be() {
    let (standin, running) = standin().await;
    let file = "events/sqs-batch-one-bad-record.json";
    let to = ["--queue-name", "hr-joins"];
    let dry = send(&running, &[&[file, "--dry-run"], &to[..]].concat()).await;
    check(&dry, 1, "would send 3, not sent 1", "");
    assert_eq!(standin.messages("hr-joins").len(), 0);
    let sent = send(&running, &[&[file], &to[..]].concat()).await;
    check(&sent, 1, "still refused: not_json", "");
    check(&sent, 1, "sent 3, not sent 1", "");
    assert_eq!(standin.messages("hr-joins").len(), 3);
    let anyway = send(&running, &[&[file, "--anyway", "--json"], &to[..]].concat()).await;
    check(&anyway, 0, "\"outcome\":\"sent\"", "");
    let messages = standin.messages("hr-joins");
    assert_eq!(messages.len(), 7);
    let batch: Value =
        serde_json::from_str(&sample("sqs-batch-one-bad-record.json")).expect("JSON");
    let records = batch["Records"].as_array().expect("a batch");
    for (message, record) in messages[3..].iter().zip(records) {
        assert_eq!(message.body, record["body"].as_str().expect("a body"));
    }
}

#[tokio::test]
async fn a_password_is_never_sent() {
    let (standin, running) = standin().await;
    let file = "events/bad-password-in-event.json";
    let output = send(&running, &[file, "--queue-name", "hr-joins", "--anyway"]).await;
    check(&output, 1, "it holds a password", "");
    assert_eq!(standin.messages("hr-joins").len(), 0);
}

#[tokio::test]
async fn a_plain_file_is_one_message_and_a_fifo_queue_gets_its_group() {
    let (standin, running) = standin().await;
    let sqs = connect_provisioner::aws::Clients::at(&running.endpoint_url(), "eu-west-2").sqs;
    let fifo = aws_sdk_sqs::types::QueueAttributeName::FifoQueue;
    let made = sqs
        .create_queue()
        .queue_name("joins.fifo")
        .attributes(fifo, "true");
    made.send().await.expect("a queue");
    let file = "events/direct-hr-join.json";
    for _ in 0..2 {
        let output = send(&running, &[file, "--queue-name", "joins.fifo"]).await;
        check(&output, 0, "employee:E104233  sent", "");
    }
    let messages = standin.messages("joins.fifo");
    // SQS drops an event sent again within five minutes.
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].body, sample("direct-hr-join.json").trim());
}

#[tokio::test]
async fn ids_that_the_configuration_does_not_name_are_known_to_the_live_instance() {
    let mut seed = Seed::default();
    seed.shared.security_profiles[0].id = Some("made-in-the-console".to_owned());
    let standin = Standin::new(seed);
    let running = standin.start(0).await.expect("the stand-in starts");
    let request = sample("sqs-create-user-cli-input.json");
    let request = request.replace(
        "12345678-1111-2222-aaaa-a1b2c3d4f5g7",
        "made-in-the-console",
    );
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), request).expect("written");
    let file = file.path().to_string_lossy();
    let by_configuration = send(&running, &[&file, "--queue-name", "hr-joins"]).await;
    check(&by_configuration, 1, "no security profile with the id", "");
    let live = send(&running, &[&file, "--queue-name", "hr-joins", "--live"]).await;
    check(&live, 0, "sent 1, not sent 0", "");
    assert_eq!(standin.messages("hr-joins").len(), 1);
}

#[tokio::test]
async fn what_cannot_run_names_the_way_out() {
    let (_standin, running) = standin().await;
    let file = "events/direct-hr-join.json";
    for (arguments, expected) in [
        (&[file][..], "--queue-url"),
        (&[file, "--queue-name", "nowhere"], "there is no such queue"),
        (
            &["events/nothing.json", "--queue-name", "hr-joins"],
            "events/nothing.json",
        ),
        (
            &[file, "--queue-name", "hr-joins", "--rate", "0"],
            "above 0",
        ),
    ] {
        check(&send(&running, arguments).await, 2, "", expected);
    }
}
