//! Sources of one's own: variables, replaced presets, names of parts, and the forms of text that are read.

use serde_json::json;

use crate::ends::{BASE, doubts, ends, file, keyed, message, policy, with_all_presets};

#[test]
fn a_source_behind_a_preset_is_asked_before_what_catches_the_rest() {
    let own = r#"
[[source]]
name = "okta-app"
when = 'eventType == "application.user_membership.add" and (target | selectattr("displayName", "eq", "Amazon Connect EU") | list)'
items = 'target | selectattr("type", "eq", "User")'
[source.fields]
event_id = "uuid"
employee_id = "item.id"
given_name = '(item.displayName | split(" "))[0]'
family_name = '(item.displayName | split(" "))[1:] | join(" ")'
email = "item.alternateId"
"#;
    let event = file("okta_app_membership.json");
    assert_eq!(ends(&with_all_presets(own), &event), ["ana.silva"]);
    assert_eq!(
        ends(&with_all_presets(""), &event),
        ["skip: an Okta event of another type (application.user_membership.add)"]
    );
}

#[test]
fn an_id_that_is_put_together_is_missing_where_its_part_is() {
    let own = "[[source]]\nname = \"x\"\nwhen = \"Report_Entry\"\nitems = \"Report_Entry\"\n[source.fields]\n\
               employee_id = '\"E\" ~ item.ID'\ngiven_name = \"item.First\"\nfamily_name = \"item.Last\"\n";
    let config = format!("{BASE}{own}");
    let policy = policy(&config);
    let event = json!({"Report_Entry": [
        {"First": "Ann", "Last": "One", "ID": "7"}, {"First": "Bob", "Last": "Two"}, {"First": "Cid", "Last": "Three"},
    ]});
    let people = policy.sources.open(&event.to_string());
    let keys: Vec<String> = people
        .iter()
        .map(|one| policy.sources.key_of(one).to_string())
        .collect();
    assert_eq!(keys[0], "employee:E7");
    assert!(
        keys[1].starts_with("payload:#") && keys[2].starts_with("payload:#"),
        "{keys:?}"
    );
    assert_ne!(keys[1], keys[2]);
}

// However the id is put together, nobody becomes somebody else: neither "E" nor "0" is an id.
#[test]
fn people_without_a_number_are_not_one_person() {
    for id in [
        "\"E\" ~ item.nope",
        "[\"E\", item.nope] | join",
        "\"E%s\" | format(item.nope)",
        "\"E-X\" | replace(\"X\", item.nope)",
        "\"E\" ~ (item.nope | upper)",
        "item.nope | int",
    ] {
        let source = format!(
            "[[source]]\nname = \"x\"\nwhen = \"Report_Entry\"\nitems = \"Report_Entry\"\n[source.fields]\nemployee_id = '{id}'\n\
             given_name = \"item.Legal_First_Name\"\nfamily_name = \"item.Legal_Last_Name\"\n"
        );
        let config = format!("{BASE}{source}");
        let found = keyed(&config, &message(&file("two_no_id.json"), &[]));
        assert_eq!(found.len(), 3);
        for (key, _) in &found {
            assert!(key.starts_with("payload:#"), "{id}: {key}");
        }
        assert_ne!(found[0].0, found[2].0, "{id}");
    }
}

#[test]
fn fields_of_ones_own_are_used_like_any_other() {
    let own = "[[source]]\nname = \"x\"\nwhen = \"hired\"\n[source.fields]\nemployee_id = \"hired.id\"\n\
               given_name = \"hired.first\"\nfamily_name = \"hired.last\"\nextra.country = \"hired.country\"\n\
               extra.remote = \"hired.remote\"\nextra.login = \"hired.login\"\n";
    let config = BASE
        .replace("username = [", "username = [\"{{ extra.login }}\", ")
        .replace(
            "name = \"all\"\n",
            "name = \"all\"\nwhen = 'extra.country == \"NO\" and extra.remote == \"true\"'\n",
        )
        .replace("tags = { ", "tags = { country = \"{{ extra.country }}\", ");
    let config = format!("{config}{own}");
    let person = |country: &str| json!({"id": 7, "first": "Ann", "last": "One", "country": country, "remote": true, "login": "aone7"});
    let event = |country| json!({"hired": person(country)}).to_string();
    assert_eq!(ends(&config, &event("NO")), ["aone7 country=NO"]);
    assert_eq!(ends(&config, &event("SE")), ["no_assignment"]);
    let hr_join = json!({
        "specversion": "hr.join/1", "type": "worker.joined",
        "worker": {"employeeId": "E1", "givenName": "Bo", "familyName": "Ek", "extra": {"country": "NO", "remote": true}},
    });
    assert_eq!(ends(&config, &hr_join.to_string()), ["bo.ek country=NO"]);
    let mut wrong = hr_join.clone();
    wrong["worker"]["extra"]["country"] = json!({"code": "NO"});
    assert_eq!(
        ends(&config, &wrong.to_string()),
        ["invalid_field:worker.extra.country"]
    );
}

/// A source, with its keys and fields.
fn own(name: &str, keys: &str) -> String {
    format!("[[source]]\nname = \"{name}\"\n{keys}\n")
}

#[test]
fn an_event_is_found_in_every_form_of_text() {
    let zoe = "zoe.bruckner-oneill department=CC-UK job=AGT1 manager=E100871 place=Leeds";
    for name in [
        "double.json",
        "eb_detail_string.json",
        "wrapped_body_string.json",
        "apigw_b64.json",
        "kinesis.json",
    ] {
        let found = keyed(BASE, &message(&file(name), &[]));
        assert_eq!(
            found,
            [("employee:E104233".to_owned(), zoe.to_owned())],
            "{name}"
        );
    }
    let event: serde_json::Value = serde_json::from_str(&file("double.json")).expect("JSON");
    let event = event.as_str().expect("a text");
    let base64 = aws_smithy_types::base64::encode(event);
    for body in [
        base64.clone(),
        json!(base64).to_string(),
        json!({"message": {"data": base64}, "subscription": "projects/p/subscriptions/hr"})
            .to_string(),
        json!({"eventSource": "aws:kinesis", "sequenceNumber": "1", "data": base64}).to_string(),
        json!({"Type": "Notification", "TopicArn": "t", "MessageId": "m", "Message": base64})
            .to_string(),
    ] {
        assert_eq!(ends(BASE, &body), [zoe], "{body}");
    }
}

#[test]
fn events_of_systems_without_a_preset_are_read_by_a_source_of_ones_own() {
    let oracle = own(
        "oracle",
        r#"when = "feed.entries"
items = "feed.entries"
skip_when = 'hire.DMLOperation != "INSERT"'
skip = "an Oracle feed entry that is no hire"
[source.let]
hire = "(item.content | fromjson).Context[0]"
[source.fields]
employee_id = "hire.PersonNumber"
given_name = "hire.PersonName | given_name"
family_name = "hire.PersonName | family_name"
email = "hire.WorkEmail"
start_date = "hire.EffectiveStartDate | date"
"#,
    );
    let servicenow = own(
        "servicenow",
        r#"when = 'event.event == "onboarding.started" and record.employee_number'
[source.fields]
employee_id = "record.employee_number.value"
given_name = "record.first_name.value"
family_name = "record.last_name.value"
department.code = "record.department.display_value"
start_date = "record.employment_start_date.value"
"#,
    );
    check_own(&[
        (
            &oracle,
            file("oracle_atom.json"),
            &[("employee:400004", "aiko.tanaka")],
        ),
        (
            &servicenow,
            file("servicenow.json"),
            &[("employee:700007", "pablo.ruiz department=Customer Care")],
        ),
    ]);
}

#[test]
fn forms_and_xml_are_read_by_a_source_of_ones_own() {
    let zoho = own(
        "zoho",
        r#"when = "EmployeeID and Dateofjoining"
[source.fields]
employee_id = "EmployeeID"
given_name = "FirstName"
family_name = "LastName"
email = "EmailID"
department.code = "Department"
start_date = 'Dateofjoining | date("%d-%b-%Y")'
"#,
    );
    let workday = own(
        "workday-xml",
        r#"when = "Worker_Sync.Worker"
items = "Worker_Sync.Worker"
[source.fields]
employee_id = "item.Summary.Employee_ID"
given_name = "item.Summary.Name | given_name"
family_name = "item.Summary.Name | family_name"
"#,
    );
    let bamboo_form = own(
        "bamboohr-form",
        r#"when = "employees is mapping"
items = "employees | items"
[source.fields]
employee_id = "item[0]"
given_name = 'item[1]["First Name"]'
family_name = 'item[1]["Last Name"]'
"#,
    );
    let form = "employees[12345][First+Name]=Zo%C3%AB&employees[12345][Last+Name]=Br%C3%BCckner&employees[7][First+Name]=Bo&employees[7][Last+Name]=Ek";
    let two = "<w:Worker_Sync xmlns:w=\"urn:w\"><w:Worker><w:Summary><w:Employee_ID>1</w:Employee_ID><w:Name>Jo Doe</w:Name></w:Summary></w:Worker>\
               <w:Worker><w:Summary><w:Employee_ID>2</w:Employee_ID><w:Name>Bo Ek</w:Name></w:Summary></w:Worker></w:Worker_Sync>";
    check_own(&[
        (
            &zoho,
            file("zoho_form.txt"),
            &[("employee:800008", "kavya.iyer department=Customer Care")],
        ),
        (
            &workday,
            file("workday.xml"),
            &[("employee:104233", "jo.doe")],
        ),
        (
            &workday,
            two.to_owned(),
            &[("employee:1", "jo.doe"), ("employee:2", "bo.ek")],
        ),
        (
            &bamboo_form,
            form.to_owned(),
            &[("employee:12345", "zoe.bruckner"), ("employee:7", "bo.ek")],
        ),
    ]);
}

/// A source, an event, and the key and the end of each person in it.
type OwnRow<'a> = (&'a str, String, &'a [(&'a str, &'a str)]);

/// Reads each event with its source, alone and beside all presets.
#[track_caller]
fn check_own(rows: &[OwnRow]) {
    for (source, event, expected) in rows {
        for config in [format!("{BASE}{source}"), with_all_presets(source)] {
            let found = keyed(&config, &message(event, &[]));
            let found: Vec<(&str, &str)> = found
                .iter()
                .map(|(key, end)| (key.as_str(), end.as_str()))
                .collect();
            assert_eq!(found, *expected, "{event}");
        }
    }
}

#[test]
fn a_no_show_of_the_integration_center_withdraws_the_hire() {
    let hires = r#"
[[source]]
name = "sf-no-show"
when = 'type is undefined and envelope.type == "sap.successfactors.hire" and (jobInfoNav.results | first).eventReason is endingwith("NOSHOW")'
skip = "a hire who did not come"
withdraws = true
employee_id = "userId"
event_type = "envelope.type"
"#;
    let config = format!("{BASE}{hires}");
    let found = keyed(&config, &message(&file("sf_ic_noshow.json"), &[]));
    let skip = "skip: a hire who did not come (sap.successfactors.hire)";
    assert_eq!(found, [("employee:600006".to_owned(), skip.to_owned())]);
    let policy = policy(&config);
    let parcels = policy.sources.open(&file("sf_ic_noshow.json"));
    let Ok(connect_provisioner::intake::Content::Delivery(delivery)) = &parcels[0].content else {
        panic!("no delivery");
    };
    assert_eq!(policy.sources.ends_the_wait(delivery).ok(), Some(true));
}

#[test]
fn attributes_and_the_queue_are_there_beside_the_event() {
    let source = own(
        "pushed",
        r#"when = 'sqs.attributes["X-Goog-Resource-State"] == "add" and sqs.queue == "hr-joins"'
[source.fields]
employee_id = "id"
given_name = "attributes.first"
family_name = "attributes.last"
extra.tenant = "sqs.attributes.tenant"
"#,
    );
    let config = format!("{BASE}{source}")
        .replace("tags = { ", "tags = { tenant = \"{{ extra.tenant }}\", ");
    let body = json!({"id": 7, "attributes": {"first": "Ann", "last": "One"}}).to_string();
    let attributes = [
        ("X-Goog-Resource-State", "add"),
        ("tenant", "acme"),
        ("provisioner.reason", "unknown_shape"),
    ];
    let found = keyed(&config, &message(&body, &attributes));
    assert_eq!(
        found,
        [("employee:7".to_owned(), "ann.one tenant=acme".to_owned())]
    );
    assert_eq!(ends(&config, &body), ["unknown_shape"]);
}

#[test]
fn a_source_of_ones_own_replaces_a_presets_by_its_name() {
    let mine = own(
        "okta",
        r#"when = 'eventType == "user.lifecycle.create"'
items = 'target | selectattr("type", "eq", "User")'
[source.fields]
employee_id = 'item.alternateId | split("@") | first'
given_name = "item.displayName | given_name"
family_name = "item.displayName | family_name"
"#,
    );
    let event = |kind: &str| {
        let user = json!({"type": "User", "id": "00u1", "displayName": "Zoë Brückner", "alternateId": "E7@example.com"});
        message(&json!({"uuid": "u", "eventType": kind, "outcome": {"result": "SUCCESS"}, "target": [user]}).to_string(), &[])
    };
    let hired = [("employee:E7".to_owned(), "zoe.bruckner".to_owned())];
    for config in [
        with_all_presets(&mine),
        format!("{BASE}{mine}[[source]]\npreset = \"okta\"\n"),
    ] {
        assert_eq!(keyed(&config, &event("user.lifecycle.create")), hired);
        // The preset's other sources stay as they are.
        let other = keyed(&config, &event("user.lifecycle.activate"))
            .remove(0)
            .1;
        assert_eq!(
            other,
            "skip: an Okta event of another type (user.lifecycle.activate)"
        );
    }
}

#[test]
fn parts_of_expressions_have_names() {
    let source = own(
        "named",
        r#"when = "worker.id and is_new"
let = { worker = "data.person.worker", is_new = 'worker.state == "new"', full = "worker.name ~ ' ' ~ worker.surname" }
skip_when = "not is_new"
skip = "no new worker"
[source.fields]
employee_id = "worker.id"
given_name = "full | given_name"
family_name = "full | family_name"
extra.worker = "event.worker"
"#,
    );
    let config = format!("{BASE}{source}");
    let event = |state: &str| json!({"worker": "x", "data": {"person": {"worker": {"id": 1, "state": state, "name": "Ann", "surname": "One"}}}});
    assert_eq!(ends(&config, &event("new").to_string()), ["ann.one"]);
    assert_eq!(ends(&config, &event("old").to_string()), ["unknown_shape"]);
}

#[test]
fn the_type_of_an_event_is_shown_only_where_it_is_one() {
    let source = own(
        "x",
        "when = 'kind'\nskip = \"no hire\"\nevent_type = \"kind\"\nemployee_id = \"id\"",
    );
    let config = format!("{BASE}{source}");
    let shown = |kind: &str| ends(&config, &json!({"kind": kind, "id": 7}).to_string()).remove(0);
    assert_eq!(shown("worker.changed"), "skip: no hire (worker.changed)");
    for kind in ["Zoë <zoe@example.com>", "zoe@example.com", &"x".repeat(81)] {
        assert_eq!(shown(kind), "skip: no hire", "{kind}");
    }
}

#[test]
fn a_person_without_an_id_is_known_by_the_event_and_the_place() {
    let source = |event_id: &str| {
        own(
            "list",
            &format!(
                "when = \"hires\"\nitems = \"hires\"\n[source.fields]\n{event_id}given_name = \"item.g\"\nfamily_name = \"item.f\""
            ),
        )
    };
    let keys = |config: &str, name: &str| -> Vec<String> {
        let found = keyed(config, &message(&file(name), &[]));
        found.into_iter().map(|(key, _)| key).collect()
    };
    let with_id = format!("{BASE}{}", source("event_id = \"batch\"\n"));
    let without = format!("{BASE}{}", source(""));
    let by_batch = ["event:B1/0", "event:B1/1", "event:B1/2"];
    assert_eq!(keys(&with_id, "noid_eb.json"), by_batch);
    assert_eq!(keys(&with_id, "noid_plain.json"), by_batch);
    assert_eq!(
        keys(&without, "noid_eb.json"),
        ["event:b1/0", "event:b1/1", "event:b1/2"]
    );
    assert!(
        keys(&without, "noid_plain.json")
            .iter()
            .all(|key| key.starts_with("payload:#"))
    );
    for (config, stands) in [
        (&with_id, "event_id and"),
        (&without, "the envelope's id, or"),
    ] {
        let doubts = doubts(config);
        assert!(
            doubts.iter().any(|doubt| doubt.contains(stands)),
            "{doubts:?}"
        );
    }
}

#[test]
fn a_source_that_is_hardly_meant_is_told() {
    let check = |sources: &str, expected: &str| {
        let doubts = doubts(&with_all_presets(sources));
        let line = BASE.lines().count() + 2 * test_support::shipped::PRESETS.len() + 1;
        assert_eq!(
            doubts,
            [format!("line {line}: source \"x\" {expected}")],
            "{sources}"
        );
    };
    let hires = "when = 'eventType == \"user.lifecycle.create\" and target'\nskip = \"no\"";
    check(
        &own("x", hires),
        "is never asked, it seems: \"okta\" recognises its events before it; put it in front, or give it the name \"okta\" to replace that one",
    );
    let fields = |fields: &str| format!("when = \"mine\"\n[source.fields]\n{fields}");
    check(
        &own("x", &fields("employee_id = \"id\"\ngiven_name = \"first\"")),
        "gives no family_name, which the configuration uses: its people are refused where nothing else does instead",
    );
    check(
        &own(
            "x",
            &fields("given_name = \"first\"\nfamily_name = \"last\""),
        ),
        "gives no employee_id: the envelope's id, or else the content of the event, stands for the person, so a second event of the person makes a second user",
    );
    check(
        &own(
            "x",
            "when = \"'ping' in text\"\n[source.fields]\nemployee_id = \"text\"\ngiven_name = \"text\"\nfamily_name = \"text\"",
        ),
        "reads fields from `text`: that is there for XML and forms alone, and any other text can only be skipped or rejected",
    );
    for meant in [
        own(
            "x",
            "when = \"'<hired' in text\"\n[source.fields]\nemployee_id = \"hired.id\"\ngiven_name = \"hired.first\"\nfamily_name = \"hired.last\"",
        ),
        own(
            "okta",
            "when = 'eventType == \"user.lifecycle.create\"'\nskip = \"no\"",
        ),
        String::new(),
    ] {
        assert_eq!(
            doubts(&with_all_presets(&meant)),
            [] as [String; 0],
            "{meant}"
        );
    }
}
