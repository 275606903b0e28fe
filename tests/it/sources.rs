//! Sources of the configuration: several people in an event, what expressions see, faults, and the command line.

use connect_provisioner::intake::{Content, Parcel};
use connect_provisioner::policy::plan::{Plan, plan};
use connect_provisioner::policy::{Policy, config};
use connect_provisioner::source::Reading;
use serde_json::{Value, json};
use test_support::scene::{Setting, record};
use test_support::shipped::{INSTANCE, PRESETS};

fn policy(sources: &str) -> Policy {
    let text = format!(
        "[connect]\ninstance_id = \"11111111-aaaa-4bbb-8ccc-111111111111\"\nidentity_management = \"CONNECT_MANAGED\"\n\
         [user]\nusername = [\"{{{{ given_name }}}}.{{{{ family_name }}}}\"]\n\
         [password]\nsecret_id = \"connect/initial\"\n{sources}\n\
         [[assignment]]\nname = \"all\"\nrouting_profile = \"Voice\"\nsecurity_profiles = [\"Agent\"]\n"
    );
    test_support::schema::accepts(&text);
    config::parse(&text).unwrap_or_else(|faults| panic!("{faults}"))
}

pub(crate) fn presets() -> Policy {
    let named = |name: &&str| format!("[[source]]\npreset = \"{name}\"\n");
    policy(&PRESETS.iter().map(named).collect::<String>())
}

/// What became of one parcel: its key, and the joiner, the skip or the refusal.
fn shown(policy: &Policy, parcel: &Parcel) -> (String, Value) {
    let key = policy.sources.key_of(parcel).to_string();
    let delivery = match &parcel.content {
        Ok(Content::Delivery(delivery)) => delivery,
        Ok(Content::NoJoin(why)) => return (key, json!({ "skip": why })),
        Err(failure) => return (key, json!({ "refused": failure.reason().code() })),
    };
    let reading = match policy.sources.read(delivery) {
        Ok(reading) => reading,
        Err(failure) => return (key, json!({ "refused": failure.reason().code() })),
    };
    let mut joiner = match &reading {
        Reading::Joiner(joiner) => serde_json::to_value(joiner).expect("JSON"),
        Reading::NoJoin(why) => return (key, json!({ "skip": why })),
        Reading::Request(_) => return (key, json!("request")),
    };
    joiner["username"] = match plan(reading, policy) {
        Ok(Plan::User(user)) => json!(user.input.username),
        Ok(Plan::Skip(why)) => json!({ "skip": why }),
        Err(failure) => json!({ "refused": failure.reason().code() }),
    };
    (key, joiner)
}

pub(crate) fn read(policy: &Policy, body: &str) -> Vec<(String, Value)> {
    let parcels = policy.sources.open(body);
    parcels.iter().map(|parcel| shown(policy, parcel)).collect()
}

#[test]
fn several_people_in_one_event_stand_each_alone() {
    let hook = |name: &str, id: &str, kind: &str| {
        json!({ "uuid": format!("u-{id}"), "eventType": kind, "target": [
            { "type": "AppInstance", "id": "0oa", "displayName": "Amazon Connect" },
            { "type": "User", "id": id, "displayName": name, "alternateId": format!("{id}@example.com") },
        ]})
    };
    let create = "user.lifecycle.create";
    let event = json!({ "eventType": "com.okta.event_hook", "data": { "events": [
        hook("Zoë Brückner", "00u1", create), hook("Li", "00u2", create), hook("Ann Oz", "00u3", "user.session.start"),
    ]}});
    let found = read(&presets(), &event.to_string());
    let outcomes: Vec<_> = found
        .iter()
        .map(|(key, joiner)| (key.as_str(), &joiner["username"]))
        .collect();
    assert_eq!(
        outcomes,
        [
            ("employee:00u1", &json!("zoe.bruckner")),
            (
                "employee:00u2",
                &json!({ "refused": "missing_field:family_name" })
            ),
            // Skipped for himself: no username is made.
            ("employee:00u3", &Value::Null),
        ]
    );
    let nulls = json!({ "people": [{ "first": null, "last": [null] }, { "first": " Ann ", "last": ["Oz", null] }] });
    let trimmed = r#"
[[source]]
name = "trimmed"
when = "people"
items = "people"
[source.fields]
given_name = "item.first | trim"
family_name = "item.last | first | upper"
location = "item.place | split(',') | last"
"#;
    let found = read(&policy(trimmed), &nulls.to_string());
    assert_eq!(
        found[0].1,
        json!({ "username": { "refused": "missing_field:family_name" } }),
        "null is missing, and no word"
    );
    assert_eq!(
        found[1].1,
        json!({ "given_name": "Ann", "family_name": "OZ", "username": "ann.oz" })
    );
    let report = json!({ "Report_Entry": [
        { "Employee_ID": 12_345_678_901_234_567_890_u64, "First_Name": "Ann", "Last_Name": "Oz", "Hire_Date": "2026-12-01T00:00:00+0000" },
        { "Employee_ID": 1.5, "First_Name": "Bo", "Last_Name": "Ek" },
        { "First_Name": ["x"], "Last_Name": "Ek" },
    ]});
    let found = read(&presets(), &report.to_string());
    assert_eq!(found[0].1["employee_id"], "12345678901234567890");
    assert_eq!(found[0].1["start_date"], "2026-12-01");
    assert_eq!(
        found[1].1,
        json!({ "refused": "invalid_field:employee_id" })
    );
    assert_eq!(
        found[2].1["username"],
        json!({ "refused": "invalid_field:given_name" })
    );
    let keys: std::collections::BTreeSet<_> = found.iter().map(|(key, _)| key).collect();
    assert_eq!(keys.len(), 3, "{keys:?}");
}

#[test]
fn a_described_source_sees_payload_envelope_and_item() {
    let described = r#"
[[source]]
name = "ours"
when = 'envelope["detail-type"] == "Hired" and people'
items = "people"
[source.fields]
event_id = "envelope.id"
given_name = "item.first"
family_name = "item.last"
location = "site"
department.code = "event.people | length"
"#;
    let event = json!({ "detail-type": "Hired", "source": "hr", "id": "e-1", "detail": {
        "site": "Leeds", "people": [{ "first": "Ann", "last": "Oz" }, { "first": " ", "last": null }],
    }});
    let found = read(&policy(described), &event.to_string());
    assert_eq!(found[0].0, "event:e-1/0");
    assert_eq!(
        found[0].1,
        json!({ "given_name": "Ann", "family_name": "Oz", "location": "Leeds", "department": { "code": "2" },
                "username": "ann.oz" })
    );
    assert_eq!(found[1].0, "event:e-1/1");
    assert_eq!(
        found[1].1["username"],
        json!({ "refused": "missing_field:family_name" })
    );
    let other = json!({ "specversion": "hr.join/1", "type": "worker.joined", "people": [1] });
    assert_eq!(
        read(&policy(described), &other.to_string())[0].1,
        json!({ "refused": "missing_field:worker.employeeId" })
    );
    let password = json!({ "detail-type": "Hired", "source": "hr", "detail": { "people": [{ "password": "x" }] } });
    assert_eq!(
        read(&policy(described), &password.to_string())[0].1,
        json!({ "refused": "invalid_field:Password" })
    );
}

#[test]
fn a_text_that_is_no_json_is_known_by_what_is_in_it() {
    let known = r#"
[[source]]
name = "pings"
when = "text is startingwith('ping')"
skip = "a ping"

[[source]]
name = "forms"
when = "'&' in text"
[source.fields]
given_name = "text | abs"
"#;
    let found = |body: &str| read(&policy(known), body)[0].1.clone();
    assert_eq!(found("ping 7"), json!({ "skip": "a ping" }));
    // Nothing can be read from a text that is neither XML nor a form.
    assert_eq!(found("Ann & Oz"), json!({ "refused": "not_json" }));
    assert_eq!(found("<xml>&"), json!({ "refused": "not_json" }));
    assert_eq!(found("<xml/>"), json!({ "refused": "unknown_shape" }));
    assert_eq!(found("{}"), json!({ "refused": "unknown_shape" }));
}

/// A letter that was written before a source found several people in its event; its replay must lose none of them.
#[tokio::test]
async fn a_letter_from_before_its_source_was_written_brings_everybody() {
    let report = json!({ "Report_Entry": [
        { "Employee_ID": "E1", "First_Name": "Ann", "Last_Name": "Oz" },
        { "Employee_ID": "E2", "First_Name": "Bo", "Last_Name": "Ek" },
        { "Employee_ID": "E3", "First_Name": "Cy", "Last_Name": "Ahl" },
    ]});
    check_replay(&report, "payload:#0123456789abcdef0123456789abcdef", 0, 3).await;
    check_replay(&report, "employee:E2", 1, 1).await;
    check_replay(&report, "employee:E3", 0, 1).await;
    check_replay(&report, "employee:E9", 1, 3).await;
}

/// Replays a letter with such details into the function, which then makes so many users.
async fn check_replay(event: &Value, key: &str, item: usize, users: usize) {
    let details = json!({ "event_key": key, "item": item, "source_queue": null, "source_message_id": null,
                          "request_id": "r", "failed_at": "2026-11-20T09:14:03Z", "attempts": 1, "replays": 0 });
    let text = |value: &str| json!({ "dataType": "String", "stringValue": value });
    let mut record = record(&event.to_string());
    record["messageAttributes"] = json!({
        "provisioner.reason": text("unknown_shape"), "provisioner.explanation": text("a sentence"),
        "provisioner.details": text(&details.to_string()),
    });
    let everybody = "[[source]]\npreset = \"workday\"\n\n[[assignment]]\nname = \"all\"\nwhen = \"employee_id\"\n\
                     routing_profile = \"Customer Care Voice\"\nsecurity_profiles = [\"Agent\"]\n\n[retry]";
    let mut scene = Setting::shipped().with("[retry]", everybody).scene().await;
    scene.invoke(&json!({ "Records": [record] })).await;
    assert_eq!(
        scene.standin.users(INSTANCE).len(),
        users,
        "{key} at {item}"
    );
    scene.end().await;
}

#[track_caller]
fn refused(sources: &str, expected: &str) {
    let text = format!(
        "{sources}\n[connect]\ninstance_id = \"11111111-aaaa-4bbb-8ccc-111111111111\"\nidentity_management = \"SAML\"\n\
         [user]\nusername = [\"{{{{ email }}}}\"]\n[[assignment]]\nname = \"no\"\nskip = \"no\"\n"
    );
    let faults = config::parse(&text).err().expect("faults");
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults, [expected], "{sources}");
}

#[test]
fn what_is_wrong_with_a_source_is_said_with_its_line() {
    refused(
        "[[source]]\npreset = \"octa\"",
        "line 2: there is no preset `octa`; there are aboardhr, adp, auth0, bamboohr, greenhouse, gusto, hibob, microsoft-graph, okta, paylocity, personio, sailpoint, scim, successfactors, ukg, workday",
    );
    refused(
        "[[source]]\nname = \"x\"\nskip = \"no\"",
        "line 1: a [[source]] has a name and a condition `when`, or is a preset",
    );
    refused(
        "[[source]]\nname = \"x\"\nwhen = \"a ==\"\nskip = \"no\"",
        "line 3, column 13: `when`: syntax error: unexpected end of input, expected expression",
    );
    refused(
        "[[source]]\nname = \"x\"\nwhen = \"a\"\n[source.fields]\ngiven_name = \"a | nonsense\"",
        "line 5, column 15: `given_name`: unknown filter `nonsense`; there are abs, as_list, ascii, attr, b64decode, batch, bool, capitalize, chain, count, d, date, days_after, default, dictsort, e164, family_name, first, float, format, fromjson, german, given_name, groupby, indent, int, items, join, last, length, lines, list, lookup, lower, map, max, min, nfc, reject, rejectattr, replace, reverse, round, select, selectattr, sort, split, string, sum, title, trim, upper, slice, unique, username, zip",
    );
}

#[test]
fn keys_that_contradict_each_other_are_named() {
    for (keys, expected) in [
        (
            "",
            "has none of [source.fields], `skip` and `reject`; add one",
        ),
        (
            "skip = \"no\"\nreject = \"no\"",
            "has `skip` and `reject`; keep one",
        ),
        (
            "skip = \"no\"\nskip_when = \"b\"",
            "has `skip_when`, which is beside [source.fields] only; put its condition into `when`",
        ),
        (
            "reject = \"no\"\nreject_when = \"b\"",
            "has `reject_when`, which is beside [source.fields] only; put its condition into `when`",
        ),
        (
            "skip = \"no\"\nfields = { given_name = \"a\" }",
            "has [source.fields] and `skip`; remove one of them, or add `skip_when` for the people that are skipped",
        ),
        (
            "reject = \"no\"\nfields = { given_name = \"a\" }",
            "has [source.fields] and `reject`; remove one of them, or add `reject_when` for the people that are rejected",
        ),
        (
            "skip_when = \"b\"\nfields = { given_name = \"a\" }",
            "has `skip_when` without `skip`; add the reason that is recorded",
        ),
        (
            "reject_when = \"b\"\nfields = { given_name = \"a\" }",
            "has `reject_when` without `reject`; add the sentence that says what to do",
        ),
        (
            "event_id = \"b\"\nfields = { given_name = \"a\" }",
            "has `employee_id` or `event_id` beside [source.fields]; it is one of [source.fields]",
        ),
    ] {
        refused(
            &format!("[[source]]\nname = \"x\"\nwhen = \"a\"\n{keys}"),
            &format!("line 1: source \"x\" {expected}"),
        );
    }
}

#[test]
fn an_item_that_is_none_and_names_that_are_taken_are_refused() {
    let item = "`item` is one of `items`, and the source has none; add `items`, name the member alone, or write `event.item` where the event has such a member";
    refused(
        "[[source]]\nname = \"x\"\nwhen = \"a\"\n[source.fields]\ngiven_name = \"item.name\"",
        &format!("line 5: `given_name`: {item}"),
    );
    refused(
        "[[source]]\nname = \"x\"\nwhen = \"a\"\nskip = \"no\"\nemployee_id = \"item.id\"",
        &format!("line 5: `employee_id`: {item}"),
    );
    refused(
        "[[source]]\nname = \"x\"\nwhen = \"item.a\"\nitems = \"b\"\nskip = \"no\"",
        "line 1: `when`: `item` is not known there, since `items` finds it afterwards; look at the event, such as `people[0]`, or write `event.item` where the event has such a member",
    );
    refused(
        "[[source]]\npreset = \"okta\"\n[[source]]\npreset = \"okta\"",
        "line 4: preset \"okta\" stands twice; the first one would read all of its events",
    );
    let x = "[[source]]\nname = \"x\"\nwhen = \"a\"\nskip = \"no\"\n";
    refused(
        &format!("{x}{x}"),
        "line 6: source \"x\" stands twice; the first one would read all of its events",
    );
    refused(
        "[[source]]\nname = \"x\"\nwhen = \"a\"\nlet = { item = \"b\" }\nskip = \"no\"",
        "line 4: `item`: `item` is no name for a part; take letters, digits and _, and none of event, envelope, item, text and sqs",
    );
    refused(
        "[[source]]\nname = \"x\"\nwhen = \"a\"\nlet = { b = \"c ==\" }\nskip = \"no\"",
        "line 4, column 18: `b`: syntax error: unexpected end of input, expected expression",
    );
    refused(
        "[[source]]\nname = \"x\"\nwhen = \"a\"\nskip = \"no\"\nskip_when = \"b ==\"\n[source.fields]\ngiven_name = \"a\"",
        "line 5, column 18: `skip_when`: syntax error: unexpected end of input, expected expression",
    );
    refused(
        "[[source]]\npreset = \"okta\"\nskip_when = \"b\"",
        "line 2: a source is a preset or a description; to change a preset, copy it (provisionctl source show NAME)",
    );
}

const TWO_SYSTEMS: &str = r#"
[[source]]
name = "one-hr"
when = "one"
key_namespace = "one-hr"
[source.fields]
employee_id = "one.id"
given_name = "one.name"

[[source]]
name = "other-hr"
when = "other"
[source.fields]
employee_id = "other.id"
given_name = "other.name"
"#;

#[test]
fn equal_numbers_of_two_hr_systems_are_two_people_where_one_has_a_namespace() {
    let policy = policy(TWO_SYSTEMS);
    let key = |event: Value| {
        let parcels = policy.sources.open(&event.to_string());
        policy.sources.key_of(&parcels[0])
    };
    let one = key(json!({ "one": { "id": "E104233", "name": "Mary" } }));
    let other = key(json!({ "other": { "id": "E104233", "name": "Zoe" } }));
    assert_eq!(one.to_string(), "employee:one-hr/E104233");
    assert_eq!(other.to_string(), "employee:E104233");
    assert_ne!(one.tag_value(), other.tag_value());
    assert_eq!(policy.sources.note(), None);
}

#[test]
fn several_sources_without_a_namespace_are_noted_and_a_preset_counts_once() {
    let okta = "[[source]]\npreset = \"okta\"\n";
    assert_eq!(policy(okta).sources.note(), None);
    let both = format!("{okta}[[source]]\npreset = \"workday\"\n");
    let note = policy(&both).sources.note().expect("a note");
    assert!(
        note.contains("sources okta, workday have no key_namespace"),
        "{note}"
    );
    let named = both.replace("\"okta\"", "\"okta\"\nkey_namespace = \"idp\"");
    assert_eq!(policy(&named).sources.note(), None);
}

#[test]
fn a_namespace_that_is_none_is_a_fault() {
    let text = test_support::root().join("provisioner.toml");
    let text = std::fs::read_to_string(text).expect("the example");
    let source = "\n[[source]]\npreset = \"okta\"\nkey_namespace = \"acme hr\"\n";
    let faults = config::parse(&(text + source)).err().expect("refused");
    assert!(
        faults.to_string().contains("`key_namespace` has 1 to 32"),
        "{faults}"
    );
}
