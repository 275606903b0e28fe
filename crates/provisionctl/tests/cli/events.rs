//! Every sample in `events/` ends as its name says, when the command line runs the whole folder.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use test_support::root;

use crate::operator::provisionctl;

/// A sample without a row here fails the test, and so does a row without its sample.
const EXPECTED: &[(&str, &[&str])] = &[
    (
        "bad-cloudevents-0.3.json",
        &["dead_lettered unsupported_version"],
    ),
    ("bad-cloudevents-not-utf8.json", &["dead_lettered not_utf8"]),
    (
        "bad-conflicting-replay.json",
        &["created", "dead_lettered conflicting_replay"],
    ),
    (
        "bad-control-character-in-name.json",
        &["dead_lettered invalid_field:worker.givenName"],
    ),
    (
        "bad-create-user-admin.json",
        &["dead_lettered not_permitted"],
    ),
    (
        "bad-create-user-desk-phone-without-number.json",
        &["dead_lettered missing_field:PhoneConfig.DeskPhoneNumber"],
    ),
    (
        "bad-create-user-misspelt-member.json",
        &["dead_lettered invalid_field:HierachyGroupId"],
    ),
    (
        "bad-create-user-unknown-routing-profile.json",
        &["dead_lettered unknown_profile"],
    ),
    (
        "bad-duplicate-key.json",
        &["dead_lettered invalid_field:duplicate_key"],
    ),
    (
        "bad-invalid-email.json",
        &["dead_lettered invalid_field:worker.email"],
    ),
    (
        "bad-missing-family-name.json",
        &["dead_lettered missing_field:worker.familyName"],
    ),
    ("bad-no-assignment.json", &["dead_lettered no_assignment"]),
    ("bad-not-an-object.json", &["dead_lettered unknown_shape"]),
    ("bad-not-json.json", &["dead_lettered not_json"]),
    (
        "bad-password-in-event.json",
        &["dead_lettered invalid_field:Password"],
    ),
    (
        "bad-same-person-other-name.json",
        &["created", "dead_lettered conflicting_replay"],
    ),
    ("bad-unknown-shape.json", &["dead_lettered unknown_shape"]),
    (
        "bad-unsupported-version.json",
        &["dead_lettered unsupported_version"],
    ),
    (
        "bad-username-not-derivable.json",
        &["dead_lettered username_not_derivable"],
    ),
    (
        "bad-username-taken.json",
        &["created", "dead_lettered username_taken"],
    ),
    ("direct-eventbridge.json", &["created"]),
    ("direct-hr-join.json", &["created"]),
    (
        "bad-undecodable-body.json",
        &["dead_lettered unreplayable_record", "created"],
    ),
    ("skip-department-without-connect.json", &["skipped"]),
    ("skip-s3-test-event.json", &["skipped"]),
    ("skip-sns-subscription-confirmation.json", &["skipped"]),
    ("skip-worker-terminated.json", &["skipped"]),
    (
        "sqs-batch-one-bad-record.json",
        &["created", "dead_lettered not_json", "created", "created"],
    ),
    ("sqs-byte-order-mark.json", &["created"]),
    ("sqs-cloudevents-base64.json", &["created"]),
    ("sqs-cloudevents.json", &["created"]),
    ("sqs-create-user-cli-input.json", &["created"]),
    ("sqs-create-user-per-channel.json", &["created"]),
    ("sqs-eventbridge.json", &["created"]),
    ("sqs-fifo.json", &["created"]),
    ("sqs-invalid-start-date-not-used.json", &["created"]),
    (
        "sqs-list-of-three-one-bad.json",
        &[
            "created",
            "dead_lettered missing_field:worker.familyName",
            "created",
        ],
    ),
    ("sqs-plain.json", &["created"]),
    ("sqs-same-person-again.json", &["already_exists"]),
    ("sqs-sns-eventbridge.json", &["created"]),
    ("sqs-sns-raw.json", &["created"]),
    ("sqs-sns.json", &["created"]),
];

#[test]
fn every_sample_ends_as_expected() {
    let folder = root().join("events");
    let output = provisionctl()
        .args(["simulate", "--json", "--config"])
        .arg(root().join("provisioner.toml"))
        .arg(&folder)
        .output()
        .expect("the command line starts");
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let mut got: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).expect("UTF-8").lines() {
        let line: Value = serde_json::from_str(line).expect("a JSON object a line");
        let file = Path::new(line["file"].as_str().expect("a file"))
            .file_name()
            .expect("a name");
        let outcome = line["outcome"].as_str().expect("an outcome");
        let ending = line["reason"].as_str().map_or_else(
            || outcome.to_owned(),
            |reason| format!("{outcome} {reason}"),
        );
        got.entry(file.to_string_lossy().into_owned())
            .or_default()
            .push(ending);
    }
    let expected: BTreeMap<String, Vec<String>> = EXPECTED
        .iter()
        .map(|(file, ends)| {
            (
                (*file).to_owned(),
                ends.iter().map(|end| (*end).to_owned()).collect(),
            )
        })
        .collect();
    assert_eq!(got, expected);
}
