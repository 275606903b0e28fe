//! `provisionctl check --live`: each line green, and each red once, through the built binary.

use std::io::Write;
use std::process::Output;

use aws_sdk_sqs::types::QueueAttributeName as Name;
use connect_provisioner::aws::Clients;
use connect_standin::{Calls, Does, Fault, FaultScript, GroupSeed, Running, Seed, Standin};
use serde_json::Value;
use test_support::by_hand::make;
use test_support::shipped::{INSTANCE, unpaced};

use crate::operator::provisionctl_at;

pub(crate) const QUEUES: [&str; 6] = [
    "--source-queue-name",
    "hr-joins",
    "--dlq-name",
    "hr-joins-dlq",
    "--function-timeout",
    "30",
];

pub(crate) async fn standin(seed: Seed) -> (Standin, Running) {
    let standin = Standin::new(seed);
    let running = standin.start(0).await.expect("the stand-in starts");
    (standin, running)
}

pub(crate) async fn check(running: &Running, config: &str, arguments: &[&str]) -> Output {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(config.as_bytes()).expect("written");
    let mut command = provisionctl_at(&running.endpoint_url());
    command
        .args(["check", "--live"])
        .args(arguments)
        .env("PROVISIONER_CONFIG", file.path());
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .expect("no panic");
    drop(file);
    output.expect("the command line starts")
}

#[track_caller]
pub(crate) fn shows(output: &Output, exit_code: i32, lines: &[&str]) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit_code), "{stdout}{stderr}");
    for line in lines {
        assert!(stdout.contains(line), "{line}:\n{stdout}");
    }
    // No colours where nobody sees them.
    assert!(!stdout.contains('\u{1b}'), "{stdout}");
}

#[tokio::test]
async fn what_is_as_it_should_be_is_green() {
    let (_standin, running) = standin(Seed::default()).await;
    let output = check(&running, &unpaced(), &QUEUES).await;
    let expected = [
        "ok    instance a1b2c3d4-5678-90ab-cdef-EXAMPLE11111: active, CONNECT_MANAGED as configured",
        "ok    routing profile \"Customer Care Voice\" of team-leads, agents-voice: the instance has it",
        "ok    security profile \"CallCenterManager\" of team-leads: the instance has it",
        "ok    hierarchy group \"EMEA / United Kingdom / Leeds\" of team-leads, agents-voice: the instance has it",
        "ok    secret \"connect/initial-password\": it can be read, and Connect takes its password",
        "ok    start: the first look-ups of a copy are 3 calls, which take 0.0 s at its pace",
        "ok    source queue hr-joins: its maxReceiveCount is 500, and the function gives a message up after 293 deliveries",
        "ok    source queue hr-joins: it keeps messages 345600 s, and joins may wait 272800 s",
        "ok    source queue hr-joins: its visibility time-out is 180 s",
        "ok    dead-letter queue hr-joins-dlq: it keeps messages 14 days",
        "sqs:SendMessage (dead letters, and parts of long messages on the source queue) were not tried",
        " 0 failures",
    ];
    shows(&output, 0, &expected);
    let output = check(&running, &unpaced(), &[&QUEUES[..], &["--json"]].concat()).await;
    let text = String::from_utf8_lossy(&output.stdout);
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("an object a line");
        assert_ne!(line["state"], "fail", "{line}");
    }
}

#[tokio::test]
async fn an_instance_that_is_another_is_red() {
    let mut seed = Seed::default();
    seed.secrets[0].generate = None;
    seed.secrets[0].string = Some("{\"password\":\"alllowercase\"}".to_owned());
    let (_standin, running) = standin(seed).await;
    let config = unpaced()
        .replace("EXAMPLE11111", "EXAMPLE22222")
        .replace(
            "routing_profile = \"Customer Care Voice\"",
            "routing_profile = \"Customer care voice\"",
        )
        .replace("\"CallCenterManager\"", "\"Nothing Alike\"")
        .replace("\"Leeds\"]", "\"York\"]");
    let expected = [
        "FAIL  instance a1b2c3d4-5678-90ab-cdef-EXAMPLE22222: its identity management is SAML, and [connect] \
         identity_management says CONNECT_MANAGED",
        "FAIL  routing profile \"Customer care voice\" of team-leads, agents-voice: the instance has no routing profile named",
        "did you mean \"Customer Care Voice\"?",
        "FAIL  security profile \"Nothing Alike\" of team-leads: the instance has no security profile",
        "FAIL  hierarchy group \"EMEA / United Kingdom / York\"",
        "FAIL  secret \"connect/initial-password\": the secret \"connect/initial-password\" breaks Connect's policy",
        "note  source queue: not looked at: give --function, --source-queue-url or --source-queue-name",
        " 5 failures",
    ];
    let output = check(&running, &config, &[]).await;
    shows(&output, 1, &expected);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("alllowercase"));
}

#[tokio::test]
async fn a_refused_call_names_its_permission_and_the_others_go_on() {
    let (standin, running) = standin(Seed::default()).await;
    let refused = |operation: &str| Fault {
        operation: operation.to_owned(),
        calls: Calls::default(),
        does: Does::Error {
            code: "AccessDeniedException".to_owned(),
            status: 403,
            echo: false,
        },
    };
    let operations = [
        "DescribeInstance",
        "SearchUsers",
        "ListRoutingProfiles",
        "SearchUserHierarchyGroups",
        "ListUserHierarchyGroups",
        "GetSecretValue",
        "GetQueueAttributes",
    ];
    standin.set_faults(FaultScript {
        faults: operations.map(refused).into(),
    });
    let expected = [
        "FAIL  instance a1b2c3d4-5678-90ab-cdef-EXAMPLE11111: access denied: these credentials need connect:DescribeInstance",
        "FAIL  connect:SearchUsers: access denied",
        "ok    connect:ListUsers: allowed",
        "FAIL  routing profiles: access denied: these credentials need connect:ListRoutingProfiles",
        "ok    security profile \"Agent\"",
        "warn  connect:SearchUserHierarchyGroups: access denied",
        "FAIL  hierarchy groups: access denied: these credentials need connect:ListUserHierarchyGroups",
        "may not be read; allow secretsmanager:GetSecretValue on it",
        "FAIL  source queue hr-joins: access denied: these credentials need sqs:GetQueueAttributes on the queue",
    ];
    shows(&check(&running, &unpaced(), &QUEUES).await, 1, &expected);
}

#[tokio::test]
async fn queues_that_break_a_promise_are_red() {
    let (_standin, running) = standin(Seed::default()).await;
    let sqs = Clients::at(&running.endpoint_url(), "eu-west-2").sqs;
    let attributes = |pairs: &[(Name, &str)]| {
        let pair = |(name, value): &(Name, &str)| (name.clone(), (*value).to_owned());
        Some(pairs.iter().map(pair).collect())
    };
    let redrive = r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-2:111122223333:hr-joins-dlq","maxReceiveCount":"1"}"#;
    for (name, pairs) in [
        ("bare", &[(Name::VisibilityTimeout, "10")][..]),
        (
            "hasty",
            &[
                (Name::RedrivePolicy, redrive),
                (Name::VisibilityTimeout, "60"),
                (Name::MessageRetentionPeriod, "86400"),
            ],
        ),
        (
            "short",
            &[
                (Name::MessageRetentionPeriod, "86400"),
                (Name::RedrivePolicy, redrive),
            ],
        ),
    ] {
        let made = sqs
            .create_queue()
            .queue_name(name)
            .set_attributes(attributes(pairs));
        made.send().await.expect("a queue");
    }
    let queues = |source, dlq| {
        [
            "--source-queue-name",
            source,
            "--dlq-name",
            dlq,
            "--function-timeout",
            "30",
        ]
    };
    let expected = [
        "FAIL  source queue bare: it has no redrive policy",
        "FAIL  source queue bare: its visibility time-out is 10 s, the function's time-out 30 s",
        "FAIL  dead-letter queue short: it has a redrive policy of its own",
        "FAIL  dead-letter queue short: it keeps messages 1 days, no longer than the source queue does",
        "not encrypted",
    ];
    let output = check(&running, &unpaced(), &queues("bare", "short")).await;
    shows(&output, 1, &expected);
    let expected = [
        "FAIL  source queue hasty: its maxReceiveCount is 1, and the function gives a message up after 293 deliveries at the \
         most, so that joins become dead letters too soon; set maxReceiveCount and PROVISIONER_MAX_RECEIVE_COUNT to 294 or \
         more, 1000 at the most",
        "FAIL  source queue hasty: it keeps messages 86400 s, and joins may wait 268680 s: what is older is gone; set \
         MessageRetentionPeriod to 268680 or more",
        "warn  source queue hasty: its visibility time-out is 60 s, the function's time-out 30 s; AWS advises",
    ];
    let output = check(&running, &unpaced(), &queues("hasty", "hr-joins-dlq")).await;
    shows(&output, 1, &expected);
    let expected = [
        "ok    instance",
        "FAIL  source queue nowhere: there is no such queue",
    ];
    let output = check(&running, &unpaced(), &queues("nowhere", "hr-joins-dlq")).await;
    shows(&output, 1, &expected);
}

#[tokio::test]
async fn waits_that_no_queue_can_count_are_red() {
    let (_standin, running) = standin(Seed::default()).await;
    let config = unpaced().replace("longest_seconds = 3600", "longest_seconds = 600");
    let expected = [
        "FAIL  source queue hr-joins: the function gives a message up after as many as 1731 deliveries, and SQS takes 1000 as \
         the largest maxReceiveCount; raise [retry] longest_seconds, or lower systemic_give_up_after_seconds",
        "ok    source queue hr-joins: it keeps messages 345600 s, and joins may wait 279800 s",
    ];
    shows(&check(&running, &config, &QUEUES).await, 1, &expected);
}

#[tokio::test]
async fn a_secret_that_is_no_password_is_red_and_never_shown() {
    let config = unpaced().replace("json_key = \"password\" ", "# json_key = \"password\" ");
    assert_ne!(config, unpaced());
    for (text, says) in [
        (
            r#"{"password":"Welcome2Desk"}"#,
            "is JSON, as the console's key/value form stores it, and no [password] json_key says which member",
        ),
        ("\u{feff}Welcome2Desk", "holds a character that nobody sees"),
        (
            "Welcome2Desk\n",
            "begins or ends with a space or a line break",
        ),
        ("'Welcome2Desk'", "has the password in quotation marks"),
    ] {
        let mut seed = Seed::default();
        seed.secrets[0].generate = None;
        seed.secrets[0].string = Some(text.to_owned());
        let (_standin, running) = standin(seed).await;
        let output = check(&running, &config, &QUEUES).await;
        let expected = format!(
            "FAIL  secret \"connect/initial-password\": the secret \"connect/initial-password\" {says}"
        );
        shows(&output, 1, &[&expected, " 1 failure"]);
        assert!(!String::from_utf8_lossy(&output.stdout).contains("Welcome2"));
    }
}

#[tokio::test]
async fn a_secret_that_may_not_be_read_names_both_rights() {
    let (standin, running) = standin(Seed::default()).await;
    standin.set_faults(FaultScript {
        faults: vec![Fault {
            operation: "GetSecretValue".to_owned(),
            calls: Calls::default(),
            does: Does::Error {
                code: "AccessDeniedException".to_owned(),
                status: 400,
                echo: false,
            },
        }],
    });
    let output = check(&running, &unpaced(), &QUEUES).await;
    let expected = "may not be read; allow secretsmanager:GetSecretValue on it, or kms:Decrypt on its key where it has a \
                    customer managed key";
    shows(&output, 1, &[expected]);
}

#[tokio::test]
async fn a_persons_own_secret_is_looked_at_by_an_event() {
    let mut seed = Seed::default();
    seed.secrets[0].name = "connect/initial/E104233".to_owned();
    let (_standin, running) = standin(seed).await;
    let config = unpaced().replace(
        "secret_id = \"connect/initial-password\"",
        "secret_id = \"connect/initial/{{ employee_id }}\"",
    );
    let output = check(&running, &config, &[]).await;
    shows(
        &output,
        0,
        &["note  secret \"connect/initial/{{ employee_id }}\": each person has one; give --event"],
    );
    let output = check(
        &running,
        &config,
        &["--event", "events/direct-hr-join.json"],
    )
    .await;
    shows(
        &output,
        0,
        &["ok    secret of employee:E104233: it can be read"],
    );
    let output = check(&running, &config, &["--event", "events/sqs-plain.json"]).await;
    shows(&output, 1, &["FAIL  secret of employee:"]);
    let refused = ["--event", "events/bad-missing-family-name.json"];
    let output = check(&running, &config, &refused).await;
    let expected = "warn  secret of employee:E104254: not looked at: the event is refused: worker.familyName is missing";
    shows(&output, 0, &[expected]);
}

#[tokio::test]
async fn look_ups_that_take_too_long_are_red() {
    let seeded = |groups: usize| {
        let mut seed = Seed::default();
        let site = |n| GroupSeed {
            path: vec!["EMEA".to_owned(), format!("Region {n}"), "Leeds".to_owned()],
            ..GroupSeed::default()
        };
        seed.shared.hierarchy_groups.extend((0..groups).map(site));
        seed
    };
    let denied = |operation: &str| Fault {
        operation: operation.to_owned(),
        calls: Calls::default(),
        does: Does::Error {
            code: "AccessDeniedException".to_owned(),
            status: 403,
            echo: false,
        },
    };
    let config = unpaced().replace("requests_per_second = 1000", "requests_per_second = 20");
    let config = config.replace("burst = 1000", "burst = 5");
    // Ten calls a second, and a group that none of the sixty that may be it turns out to be.
    let lacking = config.replace("\"Leeds\"]", "\"York\", \"Leeds\"]");
    let (standin, running) = standin(seeded(60)).await;
    standin.set_faults(FaultScript {
        faults: vec![denied("SearchUserHierarchyGroups")],
    });
    let short = ["--function-timeout", "22"];
    let output = check(&running, &lacking, &short).await;
    let expected = [
        "FAIL  start: the first look-ups of a copy are 65 calls, which take 6.0 s",
        "too long for a function with a time-out of 22 s, 20 s of which are for one person; allow \
         connect:SearchUserHierarchyGroups",
    ];
    shows(&output, 1, &expected);
    standin.set_faults(FaultScript::default());
    let output = check(&running, &config, &short).await;
    let expected =
        ["ok    start: the first look-ups of a copy are 4 calls, which take 0.0 s at its pace"];
    shows(&output, 0, &expected);
}

#[tokio::test]
async fn two_users_of_one_person_are_found() {
    let (standin, running) = standin(Seed::default()).await;
    let connect = Clients::at(&running.endpoint_url(), "eu-west-2").connect;
    for username in ["zoe.smith", "zoe.brown"] {
        make(&connect, "Zoe", username, Some("one-person")).await;
    }
    let output = check(&running, &unpaced(), &QUEUES).await;
    let ids: Vec<String> = standin
        .users(INSTANCE)
        .into_iter()
        .map(|user| user.id)
        .collect();
    let line = format!("FAIL  people of instance {INSTANCE}: the users ");
    shows(
        &output,
        1,
        &[&line, &ids[0], &ids[1], "(tag one-person): keep one"],
    );
}

#[tokio::test]
async fn the_table_of_claims_is_looked_at() {
    let claiming = |table: &str| format!("{}\n[claims]\ntable = \"{table}\"\n", unpaced());
    let (_standin, running) = standin(Seed::default()).await;
    let output = check(&running, &claiming("connect-provisioner-claims"), &QUEUES).await;
    let line =
        "ok    claims table connect-provisioner-claims: active, with the partition key claim";
    shows(&output, 0, &[line]);
    let output = check(&running, &claiming("another"), &QUEUES).await;
    shows(&output, 1, &["FAIL  claims table another: "]);
    let mut seed = Seed::default();
    seed.tables[0].key = "id".to_owned();
    let (_standin, running) = self::standin(seed).await;
    let output = check(&running, &claiming("connect-provisioner-claims"), &QUEUES).await;
    let line = "FAIL  claims table connect-provisioner-claims: its key is another one";
    shows(&output, 1, &[line]);
}

#[tokio::test]
async fn a_forbidden_or_permitted_profile_that_the_instance_lacks_is_red() {
    let (_standin, running) = standin(Seed::default()).await;
    let output = check(&running, &unpaced(), &QUEUES).await;
    let found = "ok    security profile \"Admin\" of [limits]: the instance has it";
    shows(&output, 0, &[found]);
    let direct =
        "routing_profiles = [\"Basic Routing Profile\"]\nsecurity_profiles = [\"Agent\"]\n";
    let misspelt =
        "routing_profiles = [\"Basic Routing\"]\nsecurity_profiles = [\"QualityAnalist\"]\n";
    let config = unpaced()
        .replace("[\"Admin\"]", "[\"Admn\"]")
        .replace(direct, misspelt);
    let expected = [
        "FAIL  security profile \"Admn\" of [limits]: the instance has no security profile named",
        "FAIL  routing profile \"Basic Routing\" of [direct_requests]: the instance has no routing profile named",
        "FAIL  security profile \"QualityAnalist\" of [direct_requests]",
        "did you mean \"Admin\"?",
        " 3 failures",
    ];
    let output = check(&running, &config, &QUEUES).await;
    shows(&output, 1, &expected);
}
