//! `provisionctl send --csv`: a file of users from the admin website, sent to the trigger's queue by the built binary.

use std::process::Output;

use connect_standin::Running;
use serde_json::{Value, json};
use test_support::scene::Setting;
use test_support::shipped::{permitting_all, unpaced};

use crate::send::{check, send, standin};

/// The template of the admin website, for users that Connect manages.
const HEADER: &str = "first name,last name,email address,password,user login,routing profile name,\
                      security_profile_name_1|security_profile_name_2,phone type (soft/desk),phone number,\
                      soft phone auto accept (yes/no),ACW timeout (seconds)";
const JANE: &str =
    "Jane,Doe,jane@example.com,,jane.doe,Customer Care Voice,Agent|CallCenterManager,soft,,yes,30";
const PASSWORD: &str = "Never-Shown-7";

/// A file of these lines is sent.
pub(crate) async fn sent(running: &Running, text: impl AsRef<[u8]>, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(path("users.csv"), text).expect("written");
    let config = permitting_all(&unpaced(), &["main"]);
    std::fs::write(path("provisioner.toml"), config).expect("written");
    let config = path("provisioner.toml");
    let arguments = [
        "--csv",
        &path("users.csv"),
        "--queue-name",
        "hr-joins",
        "--config",
        &config,
    ];
    let output = send(running, &[&arguments, more].concat()).await;
    let shown = [&output.stdout[..], &output.stderr].concat();
    assert!(!String::from_utf8_lossy(&shown).contains(PASSWORD));
    output
}

/// The bodies on the queue.
pub(crate) fn bodies(standin: &connect_standin::Standin) -> Vec<Value> {
    let messages = standin.messages("hr-joins");
    let body = |body: &String| {
        assert!(!body.contains(PASSWORD), "{body}");
        serde_json::from_str(body).expect("JSON")
    };
    messages.iter().map(|message| body(&message.body)).collect()
}

#[tokio::test]
async fn each_row_becomes_a_request_in_the_instances_ids() {
    let (standin, running) = standin().await;
    let desk = "Ann,\"Lee, Jr.\",,,ann.lee,Basic Routing Profile,Agent,desk,+15555550123,no,0";
    let text = format!("\u{feff}{HEADER}\r\n{JANE}\r\n{desk}\r\n,,,,,,,,,,\r\n");
    let dry = sent(&running, &text, &["--dry-run"]).await;
    check(&dry, 0, "users.csv:2  username:#", "");
    check(&dry, 0, "would send 2, not sent 0", "");
    assert_eq!(bodies(&standin).len(), 0);
    check(
        &sent(&running, &text, &[]).await,
        0,
        "sent 2, not sent 0",
        "",
    );
    let bodies = bodies(&standin);
    assert_eq!(
        bodies[1],
        json!({
            "specversion": "connect.create-user/1",
            "InstanceId": "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
            "Username": "ann.lee",
            "IdentityInfo": { "FirstName": "Ann", "LastName": "Lee, Jr." },
            "RoutingProfileId": "87654321-9999-3434-abcd-x1y2z3a1b2c3",
            "SecurityProfileIds": ["12345678-1111-2222-aaaa-a1b2c3d4f5g7"],
            "PhoneConfig": {
                "PhoneType": "DESK_PHONE", "AutoAccept": false, "AfterContactWorkTimeLimit": 0,
                "DeskPhoneNumber": "+15555550123",
            },
        })
    );
    assert_eq!(
        bodies[0]["SecurityProfileIds"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(bodies[0]["IdentityInfo"]["Email"], "jane@example.com");
    assert_eq!(bodies[0]["PhoneConfig"]["AutoAccept"], true);
}

/// The template of 2026, and a row with all that it adds.
const HEADER_2026: &str = "first name,last name,user login,agent hierarchy,routing profile name,\
                           security_profile_name_1|security_profile_name_2,user_hierarchy_1|user_hierarchy_2,\
                           phone type (soft/desk),phone number,tags,persistent connection,\
                           audio enhancement(none/isolate voice/suppress noise)";

fn row_of_2026(agents: &str, users: &str, tags: &str, connection: &str, audio: &str) -> String {
    format!(
        "{HEADER_2026}\nAda,Byron,adab,{agents},Customer Care Voice,Agent,{users},soft,,{tags},{connection},{audio}\n"
    )
}

#[tokio::test]
async fn what_the_template_of_2026_adds_is_in_the_request() {
    let leeds = "EMEA/United Kingdom/Leeds";
    let piped = "EMEA|United Kingdom|Leeds";
    for (agents, users) in [
        (leeds, ""),
        ("", piped),
        (leeds, piped),
        ("/EMEA/United Kingdom/Leeds/", ""),
    ] {
        let (standin, running) = standin().await;
        let text = row_of_2026(
            agents,
            users,
            "site=A:1 | team:Red",
            "Yes",
            "Suppress noise",
        );
        check(
            &sent(&running, &text, &[]).await,
            0,
            "sent 1, not sent 0",
            "",
        );
        let body = &bodies(&standin)[0];
        assert!(body["HierarchyGroupId"].is_string(), "{agents} {users}");
        assert_eq!(body["PhoneConfig"]["PersistentConnection"], true);
        assert_eq!(body["Tags"], json!({ "site": "A:1", "team": "Red" }));
        let voice = json!([{ "Channel": "VOICE", "VoiceEnhancementMode": "NOISE_SUPPRESSION" }]);
        assert_eq!(body["VoiceEnhancementConfigs"], voice);
    }
}

#[tokio::test]
async fn what_a_cell_of_the_template_of_2026_must_not_say_is_refused() {
    let (_standin, running) = standin().await;
    for (row, said) in [
        (
            row_of_2026("EMEA", "APAC", "", "", ""),
            "name different groups",
        ),
        (row_of_2026("EMEA//Leeds", "", "", "", ""), "hierarchy"),
        (
            row_of_2026("", "", "site", "", ""),
            "a tag is neither key=value",
        ),
        (
            row_of_2026("", "", "a=b=c", "", ""),
            "a tag is neither key=value",
        ),
        (
            row_of_2026("", "", "a=1|a:2", "", ""),
            "two tags have the same key",
        ),
        (
            row_of_2026("", "", "", "maybe", ""),
            "persistent connection is neither",
        ),
        (
            row_of_2026("", "", "", "", "loud"),
            "audio enhancement is neither",
        ),
    ] {
        check(&sent(&running, &row, &[]).await, 1, said, "");
    }
}

#[tokio::test]
async fn the_function_makes_the_users_of_a_file() {
    let permitting = Setting::shipped().with(
        "[\"Basic Routing Profile\"]\nsecurity_profiles = [\"Agent\"]",
        "[\"Customer Care Voice\"]\nsecurity_profiles = [\"Agent\", \"CallCenterManager\"]",
    );
    let mut scene = permitting.scene().await;
    let text = format!("{HEADER}\n{JANE}\n");
    check(&sent(&scene.running, &text, &[]).await, 0, "sent 1", "");
    let bodies = bodies(&scene.standin);
    assert_eq!(scene.deliver(&bodies).await, "1C");
    // Sent again, the person has a user already.
    check(&sent(&scene.running, &text, &[]).await, 0, "sent 1", "");
    assert_eq!(scene.deliver(&bodies).await, "1A");
    scene.end().await;
}

#[tokio::test]
async fn a_bad_row_is_refused_with_its_line_and_the_others_go_on() {
    let logins = std::cell::Cell::new(0);
    let with = |from: &str, to: &str| {
        assert!(JANE.contains(from), "{from}");
        logins.set(logins.get() + 1);
        let own = format!("jane{},", logins.get());
        JANE.replacen(from, to, 1)
            .replace("jane.doe,", &own)
            .into_bytes()
    };
    let latin1 = [b"J\xe9r\xf4me,".as_slice(), &with("Jane,", "")].concat();
    let rows = [
        (
            with("example.com,,", &format!("example.com,{PASSWORD},")),
            "[password] in provisioner.toml",
        ),
        (
            with("Customer Care Voice", "Care"),
            "the instance has no routing profile named \"Care\"",
        ),
        (
            with("Customer Care Voice", ""),
            "the routing profile name is missing",
        ),
        (
            with("|CallCenter", "|Boss"),
            "no security profile named \"BossManager\"",
        ),
        (
            with("Agent|CallCenterManager", " | "),
            "SecurityProfileIds is missing",
        ),
        (with("jane.doe", ""), "Username is missing"),
        (with("jane.doe", "jane doe"), "Username is not acceptable"),
        (with("Jane", ""), "IdentityInfo.FirstName is missing"),
        (with("soft", "mobile"), "neither soft nor desk"),
        (
            with("soft", "desk"),
            "PhoneConfig.DeskPhoneNumber is missing",
        ),
        (with("yes", "maybe"), "neither yes nor no"),
        (with("30", "30 s"), "not a whole number of seconds"),
        (
            with("30", "2000001"),
            "AfterContactWorkTimeLimit is not acceptable",
        ),
        (with("Doe", "Doe, Jr."), "it has 12 cells and the header 11"),
        (latin1, "it is not UTF-8"),
        (
            with("jane.doe", "JOHN"),
            "the user login is used on line 2 too",
        ),
    ];
    let (standin, running) = standin().await;
    let good = |login: &str| JANE.replacen("jane.doe", login, 1).into_bytes();
    let mut lines = vec![HEADER.as_bytes().to_vec(), good("john")];
    lines.extend(rows.iter().map(|(row, _)| row.clone()));
    lines.push(good("joan"));
    let output = sent(&running, lines.join(&b'\n'), &["--json"]).await;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let said: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(said.len(), rows.len() + 2);
    for (index, (_, expected)) in rows.iter().enumerate() {
        let line = &said[index + 1];
        let place = format!("users.csv:{}", index + 3);
        assert!(
            line["file"]
                .as_str()
                .is_some_and(|file| file.ends_with(&place)),
            "{line}"
        );
        assert!(
            line["explanation"]
                .as_str()
                .is_some_and(|text| text.contains(expected)),
            "{expected}: {line}"
        );
        assert!(
            line["reason"].is_string() && line["outcome"] == "refused",
            "{line}"
        );
    }
    let logins: Vec<Value> = bodies(&standin)
        .iter()
        .map(|body| body["Username"].clone())
        .collect();
    assert_eq!(logins, ["john", "joan"]);
}

#[tokio::test]
async fn a_password_is_not_sent_whatever_is_asked_for() {
    let (standin, running) = standin().await;
    let text = format!(
        "{HEADER}\n{}\n",
        JANE.replacen(",,", &format!(",{PASSWORD},"), 1)
    );
    let output = sent(&running, &text, &["--anyway", "--json"]).await;
    check(&output, 1, "\"reason\":\"invalid_field:Password\"", "");
    assert_eq!(bodies(&standin).len(), 0);
}

#[tokio::test]
async fn a_header_is_read_as_people_write_it_or_refused_as_a_whole() {
    for (header, row, exit_code, expected) in [
        (
            "User_Login,ROUTING PROFILE NAME,security profile name,UserHierarchy,First Name,lastname",
            "jane,Back Office,Agent,EMEA / Germany / Berlin,Jane,Doe",
            0,
            "sent 1",
        ),
        (
            "user login,routing profile name,security_profile_name_1,user hierarchy,first name,last name",
            "jane,Back Office,Agent,EMEA/Berlin,Jane,Doe",
            1,
            "no hierarchy group at the path \"EMEA / Berlin\"",
        ),
        (
            "user login,routing profile name,security_profile_name_1,favourite colour",
            "jane,Back Office,Agent,green",
            2,
            "there is no column `favourite colour`; there are first name, last name, email address",
        ),
        (
            "user login,User_Login",
            "a,b",
            2,
            "two columns `User_Login`",
        ),
        (
            "user login,first name",
            "a,b",
            2,
            "there is no column `routing profile name`",
        ),
        ("user login;first name", "a;b", 2, "separated by commas"),
        (PASSWORD, "Jane", 2, "line 1 has no known column"),
    ] {
        let (standin, running) = standin().await;
        let output = sent(&running, format!("{header}\n{row}\n"), &[]).await;
        let said = [&output.stdout[..], &output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert_eq!(output.status.code(), Some(exit_code), "{said}");
        assert!(said.contains(expected), "{said}");
        assert_eq!(bodies(&standin).len(), usize::from(exit_code == 0));
    }
}

#[tokio::test]
async fn a_file_goes_to_the_instance_that_is_named() {
    let (_standin, running) = standin().await;
    let text = format!("{HEADER}\n{JANE}\n");
    let output = sent(&running, &text, &["--instance", "us"]).await;
    check(
        &output,
        2,
        "",
        "there is no [instance.us] in the configuration",
    );
    let output = sent(&running, &text, &["--live", "--json", "--dry-run"]).await;
    check(&output, 0, "\"outcome\":\"would_send\"", "");
}
