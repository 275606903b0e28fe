//! `provisionctl source` and `provisionctl explain`.

use test_support::root;
use test_support::shipped::PRESETS;

use crate::operator::provisionctl;

#[test]
fn the_command_line_shows_presets_and_what_they_make_of_an_event() {
    let run = |arguments: &[&str]| {
        let output = provisionctl()
            .arg("source")
            .args(arguments)
            .output()
            .expect("provisionctl runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), text)
    };
    let (_, listed) = run(&["list"]);
    assert_eq!(listed.lines().count(), PRESETS.len());
    let (code, okta) = run(&["show", "okta"]);
    assert!(
        code == Some(0) && okta.contains("name = \"okta\""),
        "{okta}"
    );
    assert_eq!(run(&["show", "octa"]).0, Some(2));

    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("provisioner.toml");
    let example = std::fs::read_to_string(root().join("provisioner.toml")).expect("the example");
    let with_preset = format!("{example}\n[[source]]\npreset = \"okta\"\n");
    std::fs::write(&config, with_preset).expect("a file");
    let event = "tests/it/vendor_events/10_okta_eventbridge_user_lifecycle_create.json";
    let (code, tested) = run(&["test", event, "--config", &config.to_string_lossy()]);
    assert_eq!(code, Some(1), "{tested}");
    for line in [
        "  source               okta\n",
        "  given_name           Zoë\n",
        "  department.code      (missing)\n",
        "  refused: no_assignment: no assignment fits department code (none)",
    ] {
        assert!(tested.contains(line), "{tested}");
    }
    let (code, tested) = run(&["test", event]);
    assert_eq!(code, Some(1));
    assert!(tested.contains("unknown_shape"), "{tested}");
}

#[test]
fn explain_says_why_an_assignment_fits_and_the_others_do_not() {
    let explain = |event: &str| {
        let output = provisionctl()
            .args(["explain", event])
            .output()
            .expect("provisionctl runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), text)
    };
    let (code, text) = explain("events/direct-hr-join.json");
    assert_eq!(code, Some(0), "{text}");
    for line in [
        "  no    team-leads           department.code is startingwith(\"CC-\") and job.code == \"LEAD\"  where \
         department.code = 'CC-UK', job.code = 'AGT1'\n",
        "  fits  agents-voice         department.code is startingwith(\"CC-\")  where department.code = 'CC-UK'\n",
        "  1 more not evaluated",
        "  username: zoe.bruckner-oneill\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let (code, text) = explain("events/bad-no-assignment.json");
    assert!(
        code == Some(1) && text.contains("refused: no_assignment"),
        "{text}"
    );
    let (_, text) = explain("events/skip-department-without-connect.json");
    assert!(text.contains("  fits  not-contact-centre"), "{text}");
    assert!(
        text.contains("  skipped: the department has no Connect users"),
        "{text}"
    );
    assert_eq!(explain("events/bad-not-json.json").0, Some(1));
}

/// A source that finds none of the columns in a report reads nobody, and both commands end with 1.
#[test]
fn source_test_ends_as_the_function_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let written = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.to_string_lossy().into_owned()
    };
    let example = std::fs::read_to_string(root().join("provisioner.toml")).expect("the example");
    let everybody = "\n[[source]]\npreset = \"workday\"\n[[assignment]]\nname = \"others\"\nrouting_profile = \"Customer Care Voice\"\n\
                     security_profiles = [\"Agent\"]\n";
    let config = written("provisioner.toml", &format!("{example}{everybody}"));
    let row = |columns: &str| format!("{{\"Report_Entry\": [{{{columns}}}]}}");
    let known = row("\"Employee_ID\": \"7\", \"First_Name\": \"Ann\", \"Last_Name\": \"One\"");
    let known = written("known.json", &known);
    let renamed = row("\"Mitarbeiter\": \"7\", \"Vorname\": \"Ann\", \"Nachname\": \"One\"");
    let renamed = written("renamed.json", &renamed);
    let shared = row("\"Employee_ID\": \"7\", \"Vorname\": \"Ann\", \"Nachname\": \"One\"");
    let shared = written("shared.json", &shared);
    let empty = written("empty.json", "{\"Report_Entry\": []}");
    for (file, expected, ending) in [
        (&known, Some(0), "  username: ann.one\n"),
        (&renamed, Some(1), "  refused: missing_field:"),
        (&shared, Some(1), "  refused: missing_field:"),
        (&empty, Some(0), "  skipped: an event that lists nobody\n"),
    ] {
        let run = |command: &[&str]| {
            let output = provisionctl()
                .args(command)
                .args([file, "--config", &config])
                .output();
            let output = output.expect("provisionctl runs");
            (
                output.status.code(),
                String::from_utf8_lossy(&output.stdout).into_owned(),
            )
        };
        let (code, text) = run(&["source", "test"]);
        assert!(code == expected && text.contains(ending), "{text}");
        assert_eq!(run(&["simulate"]).0, expected, "{file}");
    }
}
