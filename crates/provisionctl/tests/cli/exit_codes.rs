//! The output streams and exit codes of the command line.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use test_support::root;

fn provisionctl(arguments: &[&str]) -> Output {
    crate::operator::provisionctl()
        .args(arguments)
        .output()
        .expect("the command line starts")
}

fn file_with(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("provisioner.toml");
    std::fs::File::create(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .expect("a file");
    (folder, path)
}

#[track_caller]
fn check(arguments: &[&str], exit_code: i32, on_stdout: &str, on_stderr: &str) {
    let output = provisionctl(arguments);
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(exit_code), "{stdout}{stderr}");
    assert!(stdout.contains(on_stdout), "{stdout}");
    assert!(stderr.contains(on_stderr), "{stderr}");
}

#[test]
fn exit_codes_tell_done_from_refused_from_could_not_run() {
    check(
        &["simulate", "events/sqs-plain.json"],
        0,
        "1 people: 1 created",
        "",
    );
    check(
        &["simulate", "events/bad-not-json.json"],
        1,
        "not_json: the event is not JSON",
        "",
    );
    check(
        &["simulate", "events/nothing-here.json"],
        2,
        "",
        "events/nothing-here.json",
    );
    check(
        &["simulate", "--config", "nothing.toml", "events"],
        2,
        "",
        "the configuration is not valid",
    );
    check(
        &["plan", "events/bad-no-assignment.json"],
        1,
        "",
        "no_assignment: no assignment fits department code NIGHT",
    );
    check(
        &["plan", "events/bad-undecodable-body.json"],
        1,
        "",
        "unreplayable_record",
    );
    check(&["check"], 0, "provisioner.toml: valid", "");
    check(
        &["check", "--config", "nothing.toml"],
        2,
        "",
        "nothing.toml",
    );
}

#[test]
fn check_says_what_a_deployment_has_to_fit() {
    let output = provisionctl(&["check", "--json"]);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for (key, expected) in [
        ("people_per_invocation", 38),
        ("first_wait_seconds", 20),
        ("longest_wait_seconds", 3600),
        ("give_up_deliveries", 10),
        ("give_up_seconds", 7200),
        ("systemic_give_up_seconds", 259_200),
        ("deliveries_needed", 293),
    ] {
        assert_eq!(found[key], expected, "{key}");
    }
    check(
        &["check", "--function-timeout", "30"],
        0,
        "an invocation of 30 s serves 8 people of one message; longer messages from a queue are split",
        "",
    );
}

#[test]
fn check_prints_every_fault_with_its_line() {
    let text = std::fs::read_to_string(root().join("provisioner.toml")).expect("the example");
    let text = text
        .replace("json_key =", "jsonkey =")
        .replace("and job.code == \"LEAD\"", "and job.code ==");
    let (_folder, path) = file_with(&text);
    let output = provisionctl(&["check", "--config", &path.to_string_lossy()]);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout.lines().count(), 2, "{stdout}");
    assert!(
        stdout.contains(": unknown key `jsonkey`; [password] takes"),
        "{stdout}"
    );
    assert!(stdout.contains(": `when`: syntax error"), "{stdout}");
}

#[test]
fn shells_complete_and_man_has_a_page_for_each_command() {
    let script = provisionctl(&["completions", "bash"]);
    assert_eq!(script.status.code(), Some(0));
    let (_folder, path) = file_with(&String::from_utf8_lossy(&script.stdout));
    let parsed = Command::new("bash").arg("-n").arg(&path).status();
    assert!(parsed.expect("bash").success());
    assert!(String::from_utf8_lossy(&script.stdout).contains("--dry-run"));

    let page = provisionctl(&["man"]);
    assert!(String::from_utf8_lossy(&page.stdout).contains(".TH provisionctl 1"));
    let folder = tempfile::tempdir().expect("a folder");
    check(
        &["man", "--to", &folder.path().to_string_lossy()],
        0,
        "",
        "",
    );
    for page in [
        "provisionctl.1",
        "provisionctl-dlq-replay.1",
        "provisionctl-check.1",
    ] {
        assert!(folder.path().join(page).is_file(), "{page}");
    }
}

#[test]
fn a_plan_is_what_the_aws_cli_takes() {
    let output = provisionctl(&["plan", "events/direct-hr-join.json"]);
    let request: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!(request["Username"], "zoe.bruckner-oneill");
    assert_eq!(request["IdentityInfo"]["LastName"], "Brückner-O’Neill");
    assert_eq!(request["PhoneConfig"]["AfterContactWorkTimeLimit"], 30);
    assert_eq!(request["Tags"]["cost-centre"], "CC-UK");
    assert!(request["RoutingProfileId"].is_string() && request["HierarchyGroupId"].is_string());
    assert!(request.get("Password").is_none());
}

#[test]
fn a_configuration_of_ones_own_simulates_without_a_seed() {
    let text = std::fs::read_to_string(root().join("provisioner.toml")).expect("the example");
    let text = text
        .replace(
            "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
            "00000000-1111-2222-3333-444444444444",
        )
        .replace("Customer Care Voice", "A profile of our own")
        .replace("connect/initial-password", "our/own/{{ employee_id }}");
    let (_folder, path) = file_with(&text);
    check(
        &[
            "simulate",
            "--config",
            &path.to_string_lossy(),
            "events/sqs-plain.json",
        ],
        0,
        "1 created",
        "",
    );
}

#[test]
fn a_command_without_profile_region_or_credentials_names_the_way_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let none = folder.path().join("none");
    for (arguments, region, expected) in [
        (
            &["--profile", "nobody", "--region", "eu-west-2"][..],
            None,
            "check the credentials (aws sts get-caller-identity), --profile, --region",
        ),
        (&[], Some("eu-west-2"), "check the credentials"),
        (&[], None, "--region"),
    ] {
        let mut command = crate::operator::provisionctl();
        command
            .args(["dlq", "list", "--queue-url", "http://127.0.0.1:9/queue"])
            .args(arguments)
            .env_clear()
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", &none)
            .env("AWS_SHARED_CREDENTIALS_FILE", &none);
        match region {
            Some(region) => command.env("AWS_REGION", region),
            None => command
                .env("AWS_ACCESS_KEY_ID", "somebody")
                .env("AWS_SECRET_ACCESS_KEY", "secret"),
        };
        let output = command.output().expect("the command line starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
}

#[test]
fn the_version_names_the_commit() {
    let output = provisionctl(&["--version"]);
    let shown = String::from_utf8_lossy(&output.stdout);
    let version = concat!("provisionctl ", env!("CARGO_PKG_VERSION"), " (");
    let commit = shown.strip_prefix(version).expect("the version first");
    let commit = commit.trim_end().strip_suffix(')').expect("a commit");
    let is_hash = commit.len() >= 12 && commit.chars().all(|c| c.is_ascii_hexdigit());
    assert!(is_hash || commit == "no commit", "{shown}");
}
