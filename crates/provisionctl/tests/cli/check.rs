//! `provisionctl check`: how long the first look-ups take.

use std::process::Output;

use serde_json::{Value, json};
use test_support::root;

use crate::operator::provisionctl;
fn checked(text: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("provisioner.toml");
    std::fs::write(&file, text).expect("a file");
    let command = provisionctl()
        .arg("check")
        .args(arguments)
        .arg("--config")
        .arg(&file)
        .output();
    command.expect("provisionctl runs")
}

#[test]
fn check_says_how_long_the_first_look_ups_take() {
    let path = root().join("provisioner.toml");
    let example = std::fs::read_to_string(path).expect("the example");
    let said = |text: &str, arguments: &[&str]| {
        let output = checked(text, arguments);
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), stdout)
    };
    // Five pages of groups, of which two may go at once: three more at 0.99 a second.
    let (code, stdout) = said(&example, &[]);
    assert_eq!(code, Some(0));
    assert!(
        stdout.contains("7 calls, which take 3.0 s at its pace"),
        "{stdout}"
    );
    let (_, stdout) = said(&example, &["--json"]);
    let needs: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(needs["start_calls"], json!(7));
    let seconds = needs["start_seconds"].as_f64().expect("a number");
    assert!((seconds - 3.0 / 0.99).abs() < 0.001, "{seconds}");

    let groupless = example.replace("hierarchy_group = ", "# ");
    let (code, stdout) = said(&groupless, &[]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("2 calls, which take 0.0 s"), "{stdout}");

    let shared = example.replace("concurrency = 2 ", "concurrency = 50 ");
    for arguments in [&[][..], &["--json"]] {
        let (code, stdout) = said(&shared, arguments);
        assert_eq!(code, Some(1), "{stdout}");
        assert!(
            stdout.contains("too long for a function with a time-out of 60 s"),
            "{stdout}"
        );
    }
}
