//! `provisionctl dlq replay`, `export`, `import` and `drop`.

use std::process::Command;
use std::time::Duration;

use aws_sdk_sqs::types::{MessageAttributeValue, QueueAttributeName};
use connect_provisioner::aws::Clients;
use connect_standin::FaultScript;
use serde_json::{Value, json};
use test_support::shipped::{INSTANCE, unpaced};

use super::desk::{Desk, check, error, fault, file, half_bad_list, nameless, night};

#[tokio::test]
async fn a_dead_letter_is_found_understood_mended_and_replayed() {
    let desk = Desk::new().await;
    desk.bury(&[night(1)]).await;
    let id = desk.standin.messages("hr-joins-dlq")[0].id.clone();

    let list = desk.dlq(&desk.faulty, &["list"]).await;
    let list = check(&list, 0, "1 dead letters", "");
    assert!(
        list.contains("      1  no_assignment") && list.contains("employee:E200001"),
        "{list}"
    );
    assert!(
        list.contains(&id[..8]) && !list.contains("Tricia"),
        "{list}"
    );

    let show = desk.dlq(&desk.faulty, &["show", &id[..8]]).await;
    let show = check(&show, 0, "no assignment fits department code NIGHT", "");
    assert!(
        show.contains(
            "next       fix provisioner.toml and deploy it; then provisionctl dlq replay"
        ),
        "{show}"
    );
    assert!(
        !show.contains("Tricia") && !show.contains("@example.com") && show.contains("\"***\""),
        "{show}"
    );
    let revealed = desk.dlq(&desk.faulty, &["show", &id, "--reveal"]).await;
    check(&revealed, 0, "Tricia1", "");

    let dry = desk
        .dlq(&desk.faulty, &["replay", "--all", "--dry-run"])
        .await;
    check(
        &dry,
        1,
        "still refused: no_assignment: no assignment fits",
        "",
    );
    let dry = desk
        .dlq(&desk.fixed, &["replay", "--all", "--dry-run"])
        .await;
    check(&dry, 0, "would create", "");
    assert_eq!(
        (
            desk.dead_letters(),
            desk.waiting(),
            desk.standin.users(INSTANCE).len()
        ),
        (1, 0, 0)
    );

    let replay = desk
        .dlq(&desk.fixed, &["replay", &id[..8], "--rate", "100"])
        .await;
    check(&replay, 0, "replayed 1, refused 0, left 0", "");
    assert_eq!((desk.dead_letters(), desk.waiting()), (0, 1));
    let source = desk.source();
    let mut function = desk.function(&desk.fixed).await;
    assert!(source.deliver(&mut function).await);
    assert_eq!((desk.waiting(), desk.standin.users(INSTANCE).len()), (0, 1));
}

#[tokio::test]
async fn a_dead_letter_that_cannot_be_sent_is_kept() {
    let desk = Desk::new().await;
    desk.bury(&[night(1), night(2), night(3), night(4)]).await;
    desk.standin.set_faults(FaultScript {
        faults: vec![fault("SendMessage", error("AccessDenied", 403))],
    });
    let output = desk
        .dlq(&desk.faulty, &["replay", "--all", "--rate", "1000"])
        .await;
    // After three equal refusals, the others are not tried.
    check(
        &output,
        1,
        "replayed 0, refused 3, left 1",
        "not replayed: access denied: these credentials need sqs:SendMessage",
    );
    desk.standin.set_faults(FaultScript::default());
    assert_eq!((desk.dead_letters(), desk.waiting()), (4, 0));
    assert!(desk.all_visible().await);
    // Sent and not deleted: on both queues, and never on none.
    desk.standin.set_faults(FaultScript {
        faults: vec![fault("DeleteMessage", error("AccessDenied", 403))],
    });
    let output = desk
        .dlq(&desk.faulty, &["replay", "--key", "employee:E200001"])
        .await;
    check(
        &output,
        1,
        "replayed 0, refused 1, left 0",
        "sqs:DeleteMessage",
    );
    assert_eq!((desk.dead_letters(), desk.waiting()), (4, 1));
}

#[tokio::test]
async fn replays_stop_at_the_limit_unless_told_otherwise() {
    let desk = Desk::new().await;
    let strict = file(&unpaced().replace("most_replays = 10", "most_replays = 0"));
    desk.bury(&[night(1)]).await;
    let output = desk.dlq(&strict, &["replay", "--all"]).await;
    check(
        &output,
        1,
        "replayed 0, refused 1",
        "[retry] most_replays is 0",
    );
    let output = desk.dlq(&strict, &["replay", "--all", "--anyway"]).await;
    check(&output, 0, "replayed 1", "");
}

#[tokio::test]
async fn a_field_is_corrected_on_the_way_and_its_old_value_kept() {
    let desk = Desk::new().await;
    let in_bridge = |detail: String| {
        format!(r#"{{"id":"1","detail-type":"Joined","source":"hr", "detail":{detail}}}"#)
    };
    desk.bury(&[in_bridge(nameless(1)), nameless(2)]).await;
    let key = ["--key", "employee:E200001"];
    let run = async |arguments: &[&str]| {
        desk.dlq(&desk.faulty, &[&["replay"], arguments].concat())
            .await
    };
    let name = ["--set", "worker.familyName=Baker"];
    for (arguments, expected) in [
        (
            &["--all", name[0], name[1]][..],
            "--set corrects one dead letter, and these are 2",
        ),
        (
            &[key[0], key[1], "--set", "worker"],
            "give a path and a value",
        ),
        (&[key[0], key[1], "--set", "worker.emails.0=x"], ""),
        (
            &[key[0], key[1], "--set", "worker.employeeId=E9"],
            "about employee:E9 instead of employee:E200001; give --new-key",
        ),
        (
            &[key[0], key[1], "--set", "worker.password=Passw0rd"],
            "the event holds a password",
        ),
    ] {
        let output = run(&[arguments, &["--dry-run"]].concat()).await;
        if expected.is_empty() {
            check(&output, 1, "still refused: missing_field", "");
        } else {
            check(&output, 2, "", expected);
        }
    }
    assert!(desk.all_visible().await);
    let dry = run(&[&key[..], &name, &["--dry-run"]].concat()).await;
    check(&dry, 0, "would create", "");
    assert_eq!((desk.dead_letters(), desk.waiting()), (2, 0));

    let replayed = run(&[&key[..], &name].concat()).await;
    check(&replayed, 0, "replayed 1", "");
    let sent = desk.standin.messages("hr-joins");
    let mut join: Value = serde_json::from_str(&nameless(1)).expect("JSON");
    join["worker"]["familyName"] = json!("Baker");
    assert_eq!(sent[0].body, in_bridge(join.to_string()));
    let attributes = format!("{:?}", sent[0].attributes);
    assert!(attributes.contains("provisioner.amended"), "{attributes}");
    assert!(
        attributes.contains(r#"{\"worker.familyName\":\"\"}"#),
        "{attributes}"
    );
    let source = desk.source();
    let mut function = desk.function(&desk.faulty).await;
    assert!(source.deliver(&mut function).await);
    assert_eq!(desk.standin.users(INSTANCE).len(), 1);
}

#[tokio::test]
async fn an_interrupted_replay_stops_between_dead_letters() {
    let desk = Desk::new().await;
    let bodies: Vec<String> = (1..=30).map(night).collect();
    desk.bury(&bodies).await;
    let mut command = desk.command(&desk.faulty, &["replay", "--all", "--rate", "10"]);
    let child = command
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the command line starts");
    while desk.waiting() < 3 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.expect("kill runs").success());
    let output = tokio::task::spawn_blocking(move || child.wait_with_output());
    let output = output.await.expect("no panic").expect("an end");
    let replayed = desk.waiting();
    assert!((3..30).contains(&replayed), "{replayed}");
    assert_eq!(desk.dead_letters(), 30 - replayed);
    let summary = format!("replayed {replayed}, refused 0, left {}", 30 - replayed);
    check(&output, 1, &summary, "");
    assert!(desk.all_visible().await);
}

#[tokio::test]
async fn an_export_comes_back_whole_and_a_drop_says_why() {
    let desk = Desk::new().await;
    desk.bury(&[night(1), "no JSON".to_owned()]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder
        .path()
        .join("letters.jsonl")
        .to_string_lossy()
        .into_owned();
    let output = desk.dlq(&desk.faulty, &["export", "--to", &path]).await;
    check(&output, 0, "", "2 dead letters in ");
    let shown = |desk: &Desk| {
        let mut dead_letters: Vec<String> = desk
            .standin
            .messages("hr-joins-dlq")
            .iter()
            .map(|dead_letter| format!("{} {:?}", dead_letter.body, dead_letter.attributes))
            .collect();
        dead_letters.sort();
        dead_letters
    };
    let before = shown(&desk);
    let two = desk
        .dlq(&desk.faulty, &["drop", "--since", "1h", "--why", "test"])
        .await;
    check(
        &two,
        2,
        "no_assignment",
        "these are 2 dead letters about 2 people; give --yes",
    );
    let dropped = desk
        .dlq(
            &desk.faulty,
            &["drop", "--since", "1h", "--why", "hired twice", "--yes"],
        )
        .await;
    check(
        &dropped,
        0,
        "employee:E200001  no_assignment: hired twice",
        "",
    );
    assert_eq!(desk.dead_letters(), 0);
    let dry = desk
        .dlq(&desk.faulty, &["import", &path, "--dry-run"])
        .await;
    check(&dry, 0, "would send 2 dead letters", "");
    let imported = desk.dlq(&desk.faulty, &["import", &path]).await;
    check(&imported, 0, "sent 2 dead letters", "");
    assert_eq!(shown(&desk), before);
}

#[tokio::test]
async fn a_dead_letter_of_the_first_version_is_read_and_replayed() {
    let desk = Desk::new().await;
    desk.bury(&[half_bad_list()]).await;
    let dead_letter = desk.standin.messages("hr-joins-dlq").remove(0);
    let mut details: Value =
        serde_json::from_str(&dead_letter.attributes["provisioner.details"]).expect("JSON");
    let first = details.as_object_mut().expect("an object");
    first.retain(|name, _| name != "version" && name != "failures");
    first.insert("item".to_owned(), json!(4));
    first.insert("event_key".to_owned(), json!("employee:E200005"));
    let client = Clients::at(&desk.running.endpoint_url(), "eu-west-2").sqs;
    let text = |text: String| {
        let value = MessageAttributeValue::builder().data_type("String");
        value.string_value(text).build().expect("an attribute")
    };
    let url = desk.running.queue_url("hr-joins-dlq");
    client
        .purge_queue()
        .queue_url(&url)
        .send()
        .await
        .expect("purged");
    let send = client
        .send_message()
        .queue_url(&url)
        .message_body(&dead_letter.body);
    let send = send.message_attributes("provisioner.reason", text("no_assignment".to_owned()));
    let send = send.message_attributes("provisioner.explanation", text("nobody fits".to_owned()));
    let send = send.message_attributes("provisioner.details", text(details.to_string()));
    send.send().await.expect("sent");
    let list = desk.dlq(&desk.faulty, &["list"]).await;
    check(&list, 0, "employee:E200005 ", "");
    let output = desk
        .dlq(&desk.fixed, &["replay", "--key", "employee:E200005"])
        .await;
    check(&output, 0, "replayed 1", "");
    let source = desk.source();
    let mut function = desk.function(&desk.fixed).await;
    assert!(source.deliver(&mut function).await);
    assert_eq!(
        (desk.dead_letters(), desk.standin.users(INSTANCE).len()),
        (0, 3)
    );
}

#[tokio::test]
async fn what_sqs_moved_after_a_replay_does_not_show_the_old_reason() {
    let desk = Desk::new().await;
    desk.bury(&[night(1)]).await;
    let client = Clients::at(&desk.running.endpoint_url(), "eu-west-2").sqs;
    // As the console redrives it: with all attributes, back to a queue that gives up at once.
    let dead_letter = desk.standin.messages("hr-joins-dlq").remove(0);
    let dead = "arn:aws:sqs:eu-west-2:111122223333:hr-joins-dlq";
    let policy = json!({"deadLetterTargetArn": dead, "maxReceiveCount": 1}).to_string();
    let (source, dlq) = (
        desk.running.queue_url("hr-joins"),
        desk.running.queue_url("hr-joins-dlq"),
    );
    let set = client.set_queue_attributes().queue_url(&source);
    set.attributes(QueueAttributeName::RedrivePolicy, policy)
        .send()
        .await
        .expect("set");
    client
        .purge_queue()
        .queue_url(&dlq)
        .send()
        .await
        .expect("purged");
    let mut send = client
        .send_message()
        .queue_url(&source)
        .message_body(&dead_letter.body);
    for (name, value) in &dead_letter.attributes {
        let value_of = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(value);
        send = send.message_attributes(name, value_of.build().expect("an attribute"));
    }
    send.send().await.expect("sent");
    let receive = || {
        client
            .receive_message()
            .queue_url(&source)
            .visibility_timeout(0)
            .send()
    };
    receive().await.expect("received");
    receive().await.expect("moved");
    let list = desk.dlq(&desk.faulty, &["list"]).await;
    let list = check(&list, 0, "moved_by_sqs", "");
    assert!(
        list.contains("hr-joins") && !list.contains("no_assignment"),
        "{list}"
    );
    // It says itself where it goes back to.
    let output = desk.dlq(&desk.fixed, &["replay", "--all"]).await;
    check(&output, 0, "replayed 1", "");
    assert_eq!(desk.waiting(), 1);
}
