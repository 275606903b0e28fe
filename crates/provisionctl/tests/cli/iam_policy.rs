//! The role's policy allows the calls that the function makes, and no others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use test_support::root;

use crate::operator::provisionctl;

const DEAD_LETTERS: &str = "arn:aws:sqs:eu-west-2:111122223333:hr-joins-dlq";
const SOURCE: &str = "arn:aws:sqs:eu-west-2:111122223333:hr-joins";

fn statements(config: &str, further: &[&str]) -> Vec<Value> {
    let output = printed(config, further);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    document["Statement"].as_array().expect("a list").clone()
}

fn printed(config: &str, further: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("provisioner.toml");
    std::fs::write(&file, config).expect("a file");
    provisionctl()
        .args(["iam-policy", "--region", "eu-west-2"])
        .args(["--account-id", "111122223333"])
        .args(["--dead-letter-queue-arn", DEAD_LETTERS])
        .args(further)
        .arg("--config")
        .arg(&file)
        .output()
        .expect("provisionctl runs")
}

fn example() -> String {
    std::fs::read_to_string(root().join("provisioner.toml")).expect("the example")
}

fn scheduling() -> String {
    example().replace("[retry]", "[schedule]\nhours_before = 72\n[retry]")
}

fn with_all_sections() -> String {
    scheduling() + "\n[claims]\ntable = \"joins-claims\"\n"
}

const OF_SCHEDULES: [&str; 4] = [
    "--schedule-group",
    "joins",
    "--schedule-role-arn",
    "arn:aws:iam::111122223333:role/schedules",
];

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let is_operators = ["cli", "standin"]
            .iter()
            .any(|name| path.ends_with(name) || path.ends_with(format!("{name}.rs")));
        if path.is_dir() && !is_operators {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|kind| kind == "rs") && !is_operators {
            files.push(path);
        }
    }
}

/// Returns the IAM actions of all calls in the function's sources, in lower case and without the service.
fn calls_in_the_sources() -> BTreeSet<String> {
    calls_as_spelled()
        .iter()
        .map(|call| action_of(call))
        .collect()
}

/// Returns the IAM action of a call that the SDK spells so.
fn action_of(call: &str) -> String {
    // SQS has no permissions of its own for batches (SQS API permissions reference).
    let action = call.strip_suffix("_batch").unwrap_or(call);
    action.replace('_', "")
}

/// Finds the calls on an SDK's client in the function's sources, as the SDK spells them.
fn calls_as_spelled() -> BTreeSet<String> {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    let mut calls = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).expect("a file");
        let packed: String = text.split_whitespace().collect();
        for called in packed.split("client.").skip(1) {
            if let Some((operation, _)) = called.split_once("()")
                && operation != "clone"
                && operation
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '_')
            {
                calls.insert(operation.to_owned());
            }
        }
    }
    calls
}

#[test]
fn the_policy_allows_what_the_function_calls_and_no_more() {
    let further = [&["--source-queue-arn", SOURCE], &OF_SCHEDULES[..]].concat();
    let statements = statements(&with_all_sections(), &further);
    let mut allowed: BTreeSet<String> = statements
        .iter()
        .flat_map(|statement| texts(&statement["Action"]))
        .map(|action| action.split_once(':').expect("a service").1.to_lowercase())
        .collect();
    // The schedules' role, and Lambda's poller, which uses the function's role.
    for nobodys in [
        "passrole",
        "receivemessage",
        "deletemessage",
        "getqueueattributes",
    ] {
        assert!(allowed.remove(nobodys), "{nobodys} is not allowed");
    }
    assert_eq!(allowed, calls_in_the_sources());
    assert!(allowed.contains("createuser"));
}

/// The calls to SQS in the function's sources, each with the queue that it is made to.
const CALLS_TO_QUEUES: [(&str, &str); 3] = [
    ("send_message", DEAD_LETTERS),
    ("send_message_batch", SOURCE),
    ("change_message_visibility_batch", SOURCE),
];

#[test]
fn each_call_to_sqs_is_allowed_on_the_queue_that_it_is_made_to() {
    let known: BTreeSet<&str> = CALLS_TO_QUEUES.iter().map(|(call, _)| *call).collect();
    let calls = calls_as_spelled();
    let to_queues = calls.iter().map(String::as_str);
    let to_queues: BTreeSet<&str> = to_queues.filter(|call| call.contains("message")).collect();
    assert_eq!(to_queues, known);
    let statements = statements(&example(), &["--source-queue-arn", SOURCE]);
    for (call, queue) in CALLS_TO_QUEUES {
        let action = action_of(call);
        let is_allowed = statements.iter().any(|statement| {
            texts(&statement["Resource"]).any(|resource| resource == queue)
                && texts(&statement["Action"])
                    .any(|one| one.to_lowercase() == format!("sqs:{action}"))
        });
        assert!(is_allowed, "{call} is not allowed on {queue}");
    }
}

#[test]
fn every_resource_is_of_this_instance_this_secret_or_these_queues() {
    let instance =
        "arn:aws:connect:eu-west-2:111122223333:instance/a1b2c3d4-5678-90ab-cdef-EXAMPLE11111";
    let secret =
        "arn:aws:secretsmanager:eu-west-2:111122223333:secret:connect/initial-password-??????";
    let statements = statements(&example(), &["--source-queue-arn", SOURCE]);
    for statement in &statements {
        assert_eq!(statement["Effect"], "Allow");
        assert!(texts(&statement["Action"]).all(|action| !action.contains('*')));
        for resource in texts(&statement["Resource"]) {
            let of_instance = resource
                .strip_prefix(instance)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with("/*"));
            let known = of_instance || [secret, DEAD_LETTERS, SOURCE].contains(&resource);
            assert!(known, "{resource}");
        }
    }
}

#[test]
fn schedules_are_of_this_group_and_their_role_is_handed_to_the_scheduler_alone() {
    let further = [&["--source-queue-arn", SOURCE], &OF_SCHEDULES[..]].concat();
    let waiting = statements(&scheduling(), &further);
    let of = |sid: &str| {
        let found = waiting.iter().find(|statement| statement["Sid"] == sid);
        found.unwrap_or_else(|| panic!("no {sid}"))
    };
    let schedules = "arn:aws:scheduler:eu-west-2:111122223333:schedule/joins/*";
    assert_eq!(of("SetSchedules")["Resource"], json!([schedules]));
    let pass = of("PassScheduleRole");
    assert_eq!(pass["Resource"], json!([OF_SCHEDULES[3]]));
    assert_eq!(
        pass["Condition"],
        json!({"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}})
    );
    let sids = |config: &str| -> Vec<Value> {
        let statements = statements(config, &further);
        statements.iter().map(|one| one["Sid"].clone()).collect()
    };
    assert!(!sids(&example()).contains(&json!("SetSchedules")));

    let their_own = [&["--role", "schedules"], &further[..]].concat();
    let statements = statements(&scheduling(), &their_own);
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0]["Action"], json!(["sqs:SendMessage"]));
    assert_eq!(statements[0]["Resource"], json!([SOURCE, DEAD_LETTERS]));
    for lacking in [&[][..], &["--role", "schedules"]] {
        let refused = printed(&scheduling(), lacking);
        assert_eq!(refused.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&refused.stderr).contains("give --"));
    }
}

#[test]
fn a_secret_for_each_person_is_a_pattern_and_saml_has_none() {
    let of = |config: &str| {
        let statements = statements(config, &[]);
        let read = statements
            .iter()
            .find(|statement| statement["Sid"] == "ReadPasswords")?;
        texts(&read["Resource"]).next().map(str::to_owned)
    };
    let with = |id: &str| example().replace("\"connect/initial-password\"", id);
    let secret = |name: &str| {
        Some(format!(
            "arn:aws:secretsmanager:eu-west-2:111122223333:secret:{name}-??????"
        ))
    };
    assert_eq!(
        of(&with("'connect/{{ employee_id }}/first'")),
        secret("connect/*/first")
    );
    let conditional = "'{% if location %}a/{{ location }}{% else %}b{% endif %}/first'";
    assert_eq!(of(&with(conditional)), secret("*/first"));
    let whole = "arn:aws:secretsmanager:eu-west-2:444455556666:secret:shared-AbCdEf";
    assert_eq!(of(&with(&format!("'{whole}'"))), Some(whole.to_owned()));
    let partial = "arn:aws:secretsmanager:eu-west-2:444455556666:secret:shared";
    let its_own = format!("{partial}-??????");
    assert_eq!(of(&with(&format!("'{partial}'"))), Some(its_own));
    let elsewhere = whole.replace("eu-west-2", "us-east-1");
    let refused = printed(&with(&format!("'{elsewhere}'")), &[]);
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("the secret lies in us-east-1"), "{told}");
    let saml = example().replace("\"CONNECT_MANAGED\"", "\"SAML\"");
    let (before, rest) = saml.split_once("[password]").expect("a section");
    let (_, after) = rest.split_once("[retry]").expect("a section");
    assert_eq!(of(&format!("{before}[retry]{after}")), None);
}

#[test]
fn keys_logs_and_traces_are_allowed_where_they_are_given() {
    let key = "arn:aws:kms:eu-west-2:111122223333:key/1";
    let group = "arn:aws:logs:eu-west-2:111122223333:log-group:hr:*";
    let further = [
        "--queue-key-arn",
        key,
        "--secret-key-arn",
        key,
        "--log-group-arn",
        group,
        "--tracing",
    ];
    let statements = statements(&example(), &further);
    let of = |sid: &str| {
        let found = statements.iter().find(|statement| statement["Sid"] == sid);
        found.unwrap_or_else(|| panic!("no {sid}"))
    };
    assert_eq!(of("UseQueueKey")["Resource"][0], key);
    assert_eq!(
        of("DecryptPasswords")["Condition"]["StringLike"]["kms:ViaService"],
        "secretsmanager.eu-west-2.amazonaws.com*"
    );
    assert_eq!(of("WriteLogs")["Resource"], json!([group]));
    assert_eq!(of("WriteTraces")["Resource"][0], "*");
    let sids: Vec<_> = statements
        .iter()
        .map(|statement| &statement["Sid"])
        .collect();
    assert!(!sids.contains(&&Value::from("ServeQueue")));
}

/// Each further instance beside that of the example.
fn with_instances(count: usize) -> String {
    let one = |n: usize| {
        format!(
            "\n[instance.i{n}.connect]\ninstance_id = \"{n:08}-aaaa-4bbb-8ccc-111111111111\"\nidentity_management = \"SAML\"\n"
        )
    };
    example() + &(0..count).map(one).collect::<String>()
}

#[test]
fn a_role_has_room_for_ten_instances_and_says_where_it_has_none() {
    let further = ["--source-queue-arn", SOURCE];
    let ten = printed(&with_instances(9), &further);
    assert_eq!(ten.status.code(), Some(0));
    let twenty = printed(&with_instances(19), &further);
    assert_eq!(twenty.status.code(), Some(2));
    let told = String::from_utf8_lossy(&twenty.stderr).into_owned();
    assert!(
        told.contains("characters for 20 instances, and IAM takes 10240 for a role"),
        "{told}"
    );
    for (count, is_told) in [(9, false), (19, true)] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("provisioner.toml");
        std::fs::write(&path, with_instances(count)).expect("a file");
        let check = crate::operator::provisionctl()
            .args(["check", "--config", &path.to_string_lossy()])
            .output();
        let check = check.expect("provisionctl runs");
        let told = String::from_utf8_lossy(&check.stdout).into_owned();
        assert_eq!(
            told.contains("warning: the policy of the role has"),
            is_told,
            "{told}"
        );
    }
}
