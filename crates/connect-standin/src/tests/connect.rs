//! Claims about Amazon Connect.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Call, Standin};
use super::{Answered, rest, standin};

const MANAGED: &str = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111";
const SAML: &str = "a1b2c3d4-5678-90ab-cdef-EXAMPLE22222";
const DIRECTORY: &str = "a1b2c3d4-5678-90ab-cdef-EXAMPLE33333";

fn request(instance: &str, username: &str) -> Value {
    let mut request = json!({
        "Username": username,
        "IdentityInfo": { "FirstName": "Mary", "LastName": "Major" },
        "PhoneConfig": { "PhoneType": "SOFT_PHONE", "AfterContactWorkTimeLimit": 60 },
        "SecurityProfileIds": ["12345678-1111-2222-aaaa-a1b2c3d4f5g7"],
        "RoutingProfileId": "87654321-9999-3434-abcd-x1y2z3a1b2c3",
        "Tags": { "person": username },
    });
    match instance {
        MANAGED => request["Password"] = json!("Pass@Word1"),
        DIRECTORY => request["DirectoryUserId"] = json!("d-1"),
        _ => {}
    }
    request
}

async fn create(standin: &Standin, instance: &str, request: &Value) -> Answered {
    rest(standin, "PUT", &format!("/users/{instance}"), request).await
}

async fn search(standin: &Standin, username: &str) -> Answered {
    let condition =
        json!({ "FieldName": "Username", "Value": username, "ComparisonType": "EXACT" });
    let body = json!({ "InstanceId": MANAGED, "SearchCriteria": { "StringCondition": condition } });
    rest(standin, "POST", "/search-users", body).await
}

/// Creates a user with one member changed and expects an exception, or success if it is empty.
async fn check(standin: &Standin, instance: &str, pointer: &str, value: Value, expected: &str) {
    let username = format!("row{}", standin.users(instance).len());
    let mut changed = request(instance, &username);
    let (parent, member) = pointer.rsplit_once('/').expect("a JSON pointer");
    changed.pointer_mut(parent).expect("a member")[member] = value;
    let answer = create(standin, instance, &changed).await;
    assert_eq!(answer.code, expected, "{pointer}: {}", answer.body);
}

const PARAMETER: &str = "InvalidParameterException";
const CONFLICT: &str = "InvalidRequestException";
const NOT_FOUND: &str = "ResourceNotFoundException";

#[tokio::test]
async fn create_user_refuses_who_the_user_can_not_be() {
    let standin = standin("");
    let rows = [
        (MANAGED, "/Username", json!("u".repeat(20)), ""),
        (MANAGED, "/Username", json!("u".repeat(21)), PARAMETER),
        (SAML, "/Username", json!("testuser@example.com"), ""),
        (SAML, "/Username", json!("testuser@example"), PARAMETER),
        (SAML, "/Username", json!("test user"), PARAMETER),
        (MANAGED, "/Password", json!(null), PARAMETER),
        (MANAGED, "/Password", json!("pass@word1"), PARAMETER),
        (SAML, "/Password", json!("Pass@Word1"), CONFLICT),
        (MANAGED, "/IdentityInfo/FirstName", json!(""), PARAMETER),
        (SAML, "/IdentityInfo/FirstName", json!(""), ""),
        (
            MANAGED,
            "/IdentityInfo/LastName",
            json!("n".repeat(256)),
            "",
        ),
        (
            MANAGED,
            "/IdentityInfo/LastName",
            json!("n".repeat(257)),
            PARAMETER,
        ),
        (
            MANAGED,
            "/IdentityInfo/LastName",
            json!("Mu\u{308}ller"),
            PARAMETER,
        ),
        (SAML, "/IdentityInfo/Email", json!("a@b.example"), CONFLICT),
        (
            MANAGED,
            "/IdentityInfo/SecondaryEmail",
            json!("a@b.c"),
            PARAMETER,
        ),
        (
            MANAGED,
            "/IdentityInfo/Mobile",
            json!("07700900123"),
            PARAMETER,
        ),
        (SAML, "/DirectoryUserId", json!("d"), CONFLICT),
        (DIRECTORY, "/DirectoryUserId", json!(null), PARAMETER),
    ];
    for (instance, pointer, value, expected) in rows {
        check(&standin, instance, pointer, value, expected).await;
    }
}

#[tokio::test]
async fn create_user_refuses_what_the_user_can_not_have() {
    let standin = standin("");
    let voice = json!([{ "Channel": "VOICE", "AutoAccept": true }]);
    let chat = json!([{ "Channel": "CHAT", "PersistentConnection": true }]);
    let limit = "/PhoneConfig/AfterContactWorkTimeLimit";
    let rows = [
        ("/PhoneConfig/PhoneType", json!("DESK_PHONE"), PARAMETER),
        (limit, json!(2_000_000), ""),
        (limit, json!(2_000_001), PARAMETER),
        (limit, json!("60"), "SerializationException"),
        ("/AutoAcceptConfigs", voice, ""),
        ("/PersistentConnectionConfigs", chat, PARAMETER),
        ("/AfterContactWorkConfigs", json!([{}]), CONFLICT),
        ("/Tags", json!({}), PARAMETER),
        ("/Tags/aws:cost", json!("1"), PARAMETER),
        ("/SecurityProfileIds", json!([]), PARAMETER),
        ("/SecurityProfileIds", json!(["x"]), NOT_FOUND),
        ("/RoutingProfileId", json!("x"), NOT_FOUND),
        ("/HierarchyGroupId", json!("x"), NOT_FOUND),
        ("/NotAMember", json!(1), ""),
    ];
    for (pointer, value, expected) in rows {
        check(&standin, MANAGED, pointer, value, expected).await;
    }
    check(&standin, "nowhere", "/Username", json!("a"), NOT_FOUND).await;
}

#[tokio::test]
async fn a_password_is_in_no_answer_and_no_view() {
    let standin = standin("");
    let mut seen = Vec::new();
    for request in [request(MANAGED, "mary"), request(MANAGED, "MARY")] {
        seen.push(create(&standin, MANAGED, &request).await.body);
    }
    let mut wrong = request(MANAGED, "other");
    wrong["Password"] = json!(["Pass@Word1"]);
    seen.push(create(&standin, MANAGED, &wrong).await.body);
    seen.push(search(&standin, "mary").await.body);
    let users = standin.users(MANAGED);
    assert_eq!(users.len(), 1);
    seen.push(users[0].described.clone());
    assert!(!format!("{seen:?}{users:?}{:?}", standin.calls()).contains("Pass@Word1"));
}

/// A stand-in whose first instance has a switch of its own.
fn switched(switch: &str) -> Standin {
    let line = "alias = \"example-managed\"";
    let seed = include_str!("../default.toml").replace(line, &format!("{line}\n{switch}"));
    Standin::new(super::super::Seed::parse(&seed).unwrap_or_else(|error| panic!("{error}")))
}

#[tokio::test]
async fn usernames_that_differ_in_case_only_are_one_or_two_as_the_seed_says() {
    for (switch, expected, users) in [
        ("", 409, 1),
        ("usernames_ignore_case = true", 409, 1),
        ("usernames_ignore_case = false", 200, 2),
    ] {
        let standin = switched(switch);
        for (username, expected) in [("ALee", 200), ("alee", expected), ("ALee", 409)] {
            let answer = create(&standin, MANAGED, &request(MANAGED, username)).await;
            assert_eq!(answer.status, expected, "{switch} {username}");
        }
        assert_eq!(standin.users(MANAGED).len(), users, "{switch}");
    }
}

#[tokio::test]
async fn combining_marks_in_composed_names_are_taken_or_refused_as_the_seed_says() {
    let names = ["अनन्या शर्मा", "கவிதா", "สมชาย ใจดี", "Adébọ̀wálé"];
    for (switch, expected) in [
        ("", ""),
        ("refuses_combining_marks = false", ""),
        ("refuses_combining_marks = true", PARAMETER),
    ] {
        let standin = switched(switch);
        for member in ["/IdentityInfo/FirstName", "/IdentityInfo/LastName"] {
            for name in names {
                check(&standin, MANAGED, member, json!(name), expected).await;
            }
            check(&standin, MANAGED, member, json!("Ọlásùnkànmí"), "").await;
            check(&standin, MANAGED, member, json!("Mu\u{308}ller"), PARAMETER).await;
        }
    }
}

#[tokio::test]
async fn every_call_is_in_the_log_with_its_outcome() {
    let standin = standin("");
    create(&standin, MANAGED, &request(MANAGED, "Mary")).await;
    create(&standin, MANAGED, &request(MANAGED, "mARY")).await;
    search(&standin, "mary").await;
    let shown = |call: Call| format!("{:?} {call:?}", call.service);
    let calls: Vec<String> = standin.calls().into_iter().map(shown).collect();
    let expected = [
        "Connect CreateUser: no error",
        "Connect CreateUser: DuplicateResourceException",
        "Connect SearchUsers: no error",
    ];
    assert_eq!(calls, expected);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_is_refused_with_429_and_changes_nothing() {
    let standin = standin("throttle = { requests_per_second = 2, burst = 1 }");
    create(&standin, MANAGED, &request(MANAGED, "one")).await;
    let answer = create(&standin, MANAGED, &request(MANAGED, "two")).await;
    assert_eq!(
        (answer.status, answer.code.as_str()),
        (429, "ThrottlingException")
    );
    assert_eq!(standin.users(MANAGED).len(), 1);
    tokio::time::advance(Duration::from_millis(500)).await;
    let answer = create(&standin, MANAGED, &request(MANAGED, "two")).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test(start_paused = true)]
async fn an_answer_takes_the_service_time() {
    let standin = standin("service_time_milliseconds = 20");
    let start = tokio::time::Instant::now();
    create(&standin, MANAGED, &request(MANAGED, "mary")).await;
    assert_eq!(start.elapsed(), Duration::from_millis(20));
}

#[tokio::test(start_paused = true)]
async fn search_does_not_see_a_young_user_but_the_list_does() {
    let standin = standin("hide_new_users_seconds = 90");
    create(&standin, MANAGED, &request(MANAGED, "mary")).await;
    assert_eq!(search(&standin, "mary").await.body["Users"], json!([]));
    let listed = rest(&standin, "GET", &format!("/users-summary/{MANAGED}"), "").await;
    assert_eq!(listed.body["UserSummaryList"][0]["Username"], "mary");
    tokio::time::advance(Duration::from_secs(90)).await;
    let found = search(&standin, "mary").await.body;
    assert_eq!(
        found["Users"][0]["PhoneConfig"]["AfterContactWorkTimeLimit"],
        60_000
    );
    assert_eq!(found["Users"][0]["Tags"], json!({ "person": "mary" }));
}

#[tokio::test]
async fn a_small_page_size_makes_several_pages() {
    let standin = standin("page_size = 2");
    let path = format!("/user-hierarchy-groups-summary/{MANAGED}");
    let mut names = Vec::new();
    let mut page = rest(&standin, "GET", &path, "").await.body;
    loop {
        let groups = page["UserHierarchyGroupSummaryList"].as_array();
        names.extend(
            groups
                .into_iter()
                .flatten()
                .map(|group| group["Name"].clone()),
        );
        let Some(token) = page["NextToken"].as_str() else {
            break;
        };
        let next = format!("{path}?maxResults=1000&nextToken={token}");
        page = rest(&standin, "GET", &next, "").await.body;
    }
    assert_eq!(
        names,
        ["EMEA", "United Kingdom", "Germany", "Leeds", "Berlin"]
    );
    let wrong = rest(&standin, "GET", &format!("{path}?nextToken=x"), "").await;
    assert_eq!(wrong.code, "InvalidParameterException");
}

#[tokio::test]
async fn groups_are_searched_with_their_whole_paths() {
    let standin = standin("page_size = 3");
    let search = |members: Value| {
        let mut body = json!({ "InstanceId": MANAGED });
        for (member, value) in members.as_object().into_iter().flatten() {
            body[member] = value.clone();
        }
        rest(&standin, "POST", "/search-user-hierarchy-groups", body)
    };
    let first = search(json!({ "MaxResults": 100 })).await.body;
    assert_eq!(first["ApproximateTotalCount"], 5);
    let token = first["NextToken"].clone();
    let second = search(json!({ "NextToken": token })).await.body;
    assert!(second["NextToken"].is_null(), "{second}");
    let leeds = &second["UserHierarchyGroups"][0];
    assert_eq!(leeds["Name"], "Leeds");
    let path = &leeds["HierarchyPath"];
    let names = ["LevelOne", "LevelTwo", "LevelThree"].map(|level| path[level]["Name"].clone());
    assert_eq!(names, ["EMEA", "United Kingdom", "Leeds"]);
    assert_eq!(path["LevelThree"]["Id"], leeds["Id"]);
    for (members, code) in [
        (json!({ "MaxResults": 101 }), "InvalidParameterException"),
        (json!({ "SearchFilter": {} }), "InvalidRequestException"),
        (json!({ "SearchCriteria": {} }), "InvalidRequestException"),
        (json!({ "InstanceId": "x" }), "ResourceNotFoundException"),
    ] {
        assert_eq!(search(members.clone()).await.code, code, "{members}");
    }
}

#[tokio::test]
async fn a_full_instance_and_a_reachable_directory_behave_as_the_seed_says() {
    let seed = "
        account = '1'
        region = 'eu-west-2'
        [shared]
        routing_profiles = [{ name = 'r', id = '87654321-9999-3434-abcd-x1y2z3a1b2c3' }]
        security_profiles = [{ name = 's', id = '12345678-1111-2222-aaaa-a1b2c3d4f5g7' }]
        [[instance]]
        id = 'i'
        alias = 'a'
        identity_management = 'EXISTING_DIRECTORY'
        max_users = 1";
    let seed = super::super::Seed::parse(seed).unwrap_or_else(|error| panic!("{error}"));
    let standin = Standin::new(seed);
    assert_eq!(
        create(&standin, "i", &request("i", "one")).await.status,
        200
    );
    let answer = create(&standin, "i", &request("i", "two")).await;
    assert_eq!(
        (answer.status, answer.code.as_str()),
        (429, "LimitExceededException")
    );
    assert_eq!(
        create(&standin, "i", &request("i", "ONE")).await.status,
        409
    );
}

#[tokio::test]
async fn an_instance_is_found_by_its_arn() {
    let standin = standin("");
    let arn = format!("arn%3Aaws%3Aconnect%3Aeu-west-2%3A111122223333%3Ainstance%2F{SAML}");
    let answer = rest(&standin, "GET", &format!("/instance/{arn}"), "").await;
    assert_eq!(answer.body["Instance"]["IdentityManagementType"], "SAML");
}
