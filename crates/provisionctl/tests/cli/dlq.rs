//! `provisionctl dlq`: list, show, dry run, replay, export, import and drop, through the built binary.

use std::io::Write;
use std::process::{Command, Output};
use std::time::Duration;

use aws_sdk_sqs::types::{MessageAttributeValue, QueueAttributeName};
use connect_provisioner::aws::Clients;
use connect_standin::{Calls, Does, Fault, FaultScript, Running, Seed, Standin};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use test_support::event_source::EventSource;
use test_support::function::Function;
use test_support::shipped::{INSTANCE, join_of, unpaced};

use crate::operator::{output, provisionctl_at};

/// A stand-in with its queues, and the configurations before and after they are fixed.
struct Desk {
    standin: Standin,
    running: Running,
    faulty: NamedTempFile,
    fixed: NamedTempFile,
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

impl Desk {
    async fn new() -> Self {
        let standin = Standin::new(Seed::default());
        let running = standin.start(0).await.expect("the stand-in starts");
        let night = "\n[[assignment]]\nname = \"night\"\nwhen = 'department.code == \"NIGHT\"'\n\
                     routing_profile = \"Customer Care Voice\"\nsecurity_profiles = [\"Agent\"]\n";
        Self {
            standin,
            running,
            faulty: file(&unpaced()),
            fixed: file(&format!("{}{night}", unpaced())),
        }
    }

    /// Runs `provisionctl dlq` on the dead-letter queue, in a thread so that the stand-in can answer.
    async fn dlq(&self, config: &NamedTempFile, arguments: &[&str]) -> Output {
        let command = self.command(config, arguments);
        output(command).await
    }

    fn command(&self, config: &NamedTempFile, arguments: &[&str]) -> Command {
        let mut command = provisionctl_at(&self.running.endpoint_url());
        command
            .arg("dlq")
            .args(arguments)
            .env("PROVISIONER_CONFIG", config.path())
            .env(
                "PROVISIONER_DLQ_URL",
                self.running.queue_url("hr-joins-dlq"),
            );
        command
    }

    async fn function(&self, config: &NamedTempFile) -> Function {
        Function::start(&[
            ("AWS_ENDPOINT_URL", self.running.endpoint_url().as_str()),
            ("PROVISIONER_CONFIG", &config.path().to_string_lossy()),
            (
                "PROVISIONER_DLQ_URL",
                &self.running.queue_url("hr-joins-dlq"),
            ),
        ])
        .await
    }

    fn source(&self) -> EventSource {
        EventSource::new(&self.running, "hr-joins")
    }

    /// Lets the function bury events, through the source queue.
    async fn bury(&self, bodies: &[String]) {
        let source = self.source();
        for body in bodies {
            source.send(body, None).await;
        }
        let mut function = self.function(&self.faulty).await;
        while source.deliver(&mut function).await {}
    }

    fn dead_letters(&self) -> usize {
        self.standin.messages("hr-joins-dlq").len()
    }

    fn waiting(&self) -> usize {
        self.standin.messages("hr-joins").len()
    }

    /// Returns whether every dead letter is visible; `dlq list` must hide none.
    async fn all_visible(&self) -> bool {
        let output = self.dlq(&self.faulty, &["list", "--json"]).await;
        String::from_utf8_lossy(&output.stdout).lines().count() == self.dead_letters()
    }
}

fn night(n: usize) -> String {
    let mut join = join_of(n);
    join["worker"]["department"]["code"] = json!("NIGHT");
    join.to_string()
}

fn nameless(n: usize) -> String {
    let mut join = join_of(n);
    join["worker"]["familyName"] = json!("");
    join.to_string()
}

#[track_caller]
fn check(output: &Output, exit_code: i32, on_stdout: &str, on_stderr: &str) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit_code), "{stdout}{stderr}");
    assert!(stdout.contains(on_stdout), "{stdout}");
    assert!(stderr.contains(on_stderr), "{stderr}");
    stdout
}

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

fn fault(operation: &str, does: Does) -> Fault {
    Fault {
        operation: operation.to_owned(),
        calls: Calls::default(),
        does,
    }
}

fn error(code: &str, status: u16) -> Does {
    Does::Error {
        code: code.to_owned(),
        status,
        echo: false,
    }
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

/// Builds a list of five people: the second and the fourth have no name, and the last has no assignment.
fn half_bad_list() -> String {
    let mut list: Vec<Value> = (1..6).map(join_of).collect();
    for n in [1, 3] {
        list[n]["worker"]["familyName"] = json!("");
    }
    list[4]["worker"]["department"]["code"] = json!("NIGHT");
    Value::Array(list).to_string()
}

#[tokio::test]
async fn a_dead_letter_about_several_people_is_listed_filtered_corrected_and_replayed() {
    let desk = Desk::new().await;
    desk.bury(&[half_bad_list()]).await;
    assert_eq!(
        (desk.dead_letters(), desk.standin.users(INSTANCE).len()),
        (1, 2)
    );
    let list = desk.dlq(&desk.faulty, &["list"]).await;
    let list = check(&list, 0, "1 dead letters about 3 people", "");
    for line in [
        "      2  missing_field:worker.familyName",
        "      1  no_assignment",
        "employee:E200002 +2",
    ] {
        assert!(list.contains(line), "{list}");
    }
    for (filter, expected) in [
        (["--reason", "no_assignment"], 1),
        (["--reason", "not_json"], 0),
        (["--key", "employee:E200004"], 1),
        (["--key", "employee:E200005"], 1),
        (["--key", "employee:E200001"], 0),
    ] {
        let output = desk
            .dlq(&desk.faulty, &[&["list", "--json"], &filter[..]].concat())
            .await;
        let lines = check(&output, 0, "", "");
        assert_eq!(lines.lines().count(), expected, "{filter:?}");
    }
    let id = desk.standin.messages("hr-joins-dlq")[0].id.clone();
    let show = desk.dlq(&desk.faulty, &["show", &id]).await;
    let show = check(
        &show,
        0,
        "items 1,3 of its message: missing_field:worker.familyName: worker",
        "",
    );
    for line in [
        "items 4 of its message: no_assignment: no assignment fits",
        "now        2 x still refused",
    ] {
        assert!(show.contains(line), "{show}");
    }
    let set = ["replay", &id, "--set", "worker.familyName=Baker"];
    let output = desk.dlq(&desk.fixed, &set).await;
    check(
        &output,
        2,
        "",
        "the dead letter is about 3 people, and --set corrects one; give --item",
    );
    let output = desk
        .dlq(&desk.fixed, &[&set[..], &["--item", "0"]].concat())
        .await;
    check(
        &output,
        2,
        "",
        "the dead letter is not about a person at place 0",
    );
    let output = desk
        .dlq(&desk.fixed, &[&set[..], &["--item", "3"]].concat())
        .await;
    check(&output, 0, "replayed 1", "");
    let source = desk.source();
    let mut function = desk.function(&desk.fixed).await;
    assert!(source.deliver(&mut function).await);
    // The corrected person and the one with an assignment now; people with a user were not tried.
    assert_eq!(desk.standin.users(INSTANCE).len(), 4);
    let dead_letters = desk.standin.messages("hr-joins-dlq");
    let details: Value =
        serde_json::from_str(&dead_letters[0].attributes["provisioner.details"]).expect("JSON");
    assert_eq!(
        (dead_letters.len(), &details["failures"]),
        (
            1,
            &json!([{"reason": "missing_field:worker.familyName", "items": "1"}])
        )
    );
    assert_eq!(details["replays"], 1);
    assert!(!function.logged().contains("already_exists"));
}

#[tokio::test]
async fn a_dead_letter_of_several_people_is_not_dropped_by_mistake() {
    let desk = Desk::new().await;
    desk.bury(&[half_bad_list()]).await;
    let drop = ["drop", "--key", "employee:E200004", "--why", "hired twice"];
    let output = desk.dlq(&desk.faulty, &drop).await;
    check(
        &output,
        2,
        "missing_field",
        "these are 1 dead letters about 3 people; give --yes",
    );
    assert_eq!(desk.dead_letters(), 1);
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
