//! `provisionctl dlq list` and `show`: nothing is consumed, and every origin of a dead letter is explained.

use connect_standin::FaultScript;
use serde_json::{Value, json};
use test_support::shipped::{join_of, unpaced};

use super::desk::{Desk, check, error, fault, file, nameless, night};

#[tokio::test]
async fn looking_consumes_nothing_and_filters_pick() {
    let desk = Desk::new().await;
    desk.bury(&[night(1), night(2), nameless(3), "no JSON".to_owned()])
        .await;
    for arguments in [
        &["list"][..],
        &["export"],
        &["replay", "--all", "--dry-run", "--offline"],
    ] {
        desk.dlq(&desk.faulty, arguments).await;
        assert!(desk.all_visible().await, "after {arguments:?}");
    }
    for (filter, expected) in [
        (&["--reason", "no_assignment"][..], 2),
        (&["--reason", "missing_field"], 1),
        (
            &[
                "--reason",
                "missing_field:worker.familyName",
                "--reason",
                "not_json",
            ],
            2,
        ),
        (&["--key", "employee:E200002"], 1),
        (&["--source", "hr-joins"], 4),
        (&["--source", "another"], 0),
        (&["--since", "1h"], 4),
        (&["--until", "1h"], 0),
        (&["--since", "2026-11-20T09:00:00Z"], 4),
    ] {
        let output = desk
            .dlq(&desk.faulty, &[&["list", "--json"], filter].concat())
            .await;
        let lines = check(&output, 0, "", "");
        assert_eq!(lines.lines().count(), expected, "{filter:?}");
        for line in lines.lines() {
            let line: Value = serde_json::from_str(line).expect("an object a line");
            assert!(line["reason"].is_string() && line["message_id"].is_string());
        }
    }
}

#[tokio::test]
async fn what_cannot_run_names_the_way_out() {
    let desk = Desk::new().await;
    desk.bury(&[night(1)]).await;
    for (arguments, expected) in [
        (&["list", "--since", "yesterday"][..], "give a time such as"),
        (
            &["replay"],
            "no dead letters are selected; give ids, a filter such as --reason, or --all",
        ),
        (
            &["replay", "nothing"],
            "no visible dead letter's id begins with nothing",
        ),
        (&["replay", ""], "an id is empty"),
        (&["drop", "", "--why", "x"], "an id is empty"),
        (&["drop", "--why", "x"], "no dead letters are selected"),
        (
            &["list", "--queue-url", &desk.running.queue_url("nowhere")],
            "there is no such queue",
        ),
        (
            &["list", "--queue-url", &desk.running.queue_url("hr-joins")],
            "the queue has a redrive policy",
        ),
    ] {
        let output = desk.dlq(&desk.faulty, arguments).await;
        check(&output, 2, "", expected);
    }
    desk.standin.set_faults(FaultScript {
        faults: vec![fault("ReceiveMessage", error("AccessDenied", 403))],
    });
    let output = desk.dlq(&desk.faulty, &["list"]).await;
    check(
        &output,
        2,
        "",
        "access denied: these credentials need sqs:ReceiveMessage on the queue",
    );
}

#[tokio::test]
async fn the_configuration_may_name_the_queue() {
    let desk = Desk::new().await;
    desk.bury(&[night(1)]).await;
    let named = format!("{}\n[queues]\ndead_letter = \"hr-joins-dlq\"\n", unpaced());
    for (config, exit_code, on_stdout, on_stderr) in [
        (file(&named), 0, "1 dead letters", ""),
        (file(&unpaced()), 2, "", "name one as [queues] dead_letter"),
    ] {
        let mut command = desk.command(&config, &["list"]);
        command.env_remove("PROVISIONER_DLQ_URL");
        let output = tokio::task::spawn_blocking(move || command.output());
        let output = output.await.expect("no panic").expect("it starts");
        check(&output, exit_code, on_stdout, on_stderr);
    }
}

#[tokio::test]
async fn letters_of_other_hands_are_explained_too() {
    let desk = Desk::new().await;
    let client =
        connect_provisioner::aws::Clients::at(&desk.running.endpoint_url(), "eu-west-2").sqs;
    let url = desk.running.queue_url("hr-joins-dlq");
    let send = |body: String| client.send_message().queue_url(&url).message_body(body);
    send(night(1)).send().await.expect("sent");
    let on_failure = json!({"version": "1.0", "requestPayload": join_of(2), "responseContext": {"functionError": "Unhandled"},
        "requestContext": {"functionArn": "arn:aws:lambda:eu-west-2:111122223333:function:hr-join:$LATEST",
            "condition": "RetriesExhausted"}});
    send(on_failure.to_string()).send().await.expect("sent");
    let text = |value: &str| {
        let value = aws_sdk_sqs::types::MessageAttributeValue::builder()
            .data_type("String")
            .string_value(value);
        value.build().expect("a text")
    };
    let undelivered = send(
        json!({"id": "1", "detail-type": "Joined", "source": "hr", "detail": join_of(3)})
            .to_string(),
    )
    .message_attributes("ERROR_CODE", text("NO_PERMISSIONS"))
    .message_attributes("ERROR_MESSAGE", text("may not send"))
    .message_attributes(
        "RULE_ARN",
        text("arn:aws:events:eu-west-2:111122223333:rule/hr-joins"),
    )
    .message_attributes(
        "TARGET_ARN",
        text("arn:aws:sqs:eu-west-2:111122223333:hr-joins"),
    );
    undelivered.send().await.expect("sent");

    let list = desk.dlq(&desk.faulty, &["list"]).await;
    let list = check(&list, 0, "3 dead letters", "");
    for expected in [
        "moved_by_sqs",
        "on_failure:RetriesExhausted",
        "eventbridge:NO_PERMISSIONS",
        "hr-join ",
        "employee:E200002",
    ] {
        assert!(list.contains(expected), "{expected}: {list}");
    }
    let dry = desk
        .dlq(&desk.faulty, &["replay", "--all", "--dry-run"])
        .await;
    let dry = check(&dry, 1, "still refused: no_assignment", "");
    assert_eq!(dry.matches("would create").count(), 2, "{dry}");
    let nowhere = desk
        .dlq(&desk.faulty, &["replay", "--reason", "eventbridge"])
        .await;
    check(
        &nowhere,
        1,
        "refused 1",
        "the message does not name its origin; give --to",
    );
    let queue = desk.running.queue_url("hr-joins");
    let replayed = desk
        .dlq(
            &desk.faulty,
            &["replay", "--all", "--to", &queue, "--rate", "1000"],
        )
        .await;
    check(&replayed, 0, "replayed 3", "");
    // The envelope of Lambda is not sent.
    assert!(
        desk.standin
            .messages("hr-joins")
            .iter()
            .all(|message| !message.body.contains("requestPayload"))
    );
}

#[tokio::test]
async fn who_is_hashed_in_the_log_is_found_by_the_plain_key_and_by_the_logged_one() {
    let mut desk = Desk::new().await;
    desk.faulty = file(&format!("[logs]\nperson_ids = \"hashed\"\n{}", unpaced()));
    let mut function = desk.function(&desk.faulty).await;
    let nameless = |n| {
        let mut join = join_of(n);
        join["worker"]["familyName"] = json!("");
        json!({"messageId": n.to_string(), "eventSource": "aws:sqs", "body": join.to_string()})
    };
    let records = json!({ "Records": [nameless(1), nameless(2)] });
    function.invoke(&records.to_string()).await;
    let logged = String::from_utf8(function.logs().await).expect("UTF-8");
    assert!(!logged.contains("E200001") && !logged.contains("E200002"));
    let (_, line) = logged.split_once("\"event_key\":\"").expect("a line");
    let (in_log, _) = line.split_once('"').expect("a key");
    assert!(in_log.starts_with("employee:#"), "{in_log}");
    for key in [in_log, "employee:E200001"] {
        let found = desk
            .dlq(&desk.faulty, &["list", "--json", "--key", key])
            .await;
        let found = String::from_utf8(found.stdout).expect("UTF-8");
        assert_eq!(found.lines().count(), 1, "{key}: {found}");
        assert!(found.contains("employee:E200001"), "{key}: {found}");
    }
}
