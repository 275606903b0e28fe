//! `provisionctl schema`: the schemas accept the configurations and events that the readers accept, and no others.

use std::path::PathBuf;
use std::sync::LazyLock;

use connect_provisioner::intake::{self, Content, Invocation};
use connect_provisioner::policy::config;
use connect_provisioner::source::field::Field;
use connect_provisioner::source::{Reading, Sources};
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use test_support::root;
use test_support::schema::{accepts, refusals};

static OF_EVENTS: LazyLock<Validator> = LazyLock::new(|| validator(&printed("event")));

fn provisionctl(arguments: &[&str]) -> std::process::Output {
    crate::operator::provisionctl()
        .args(arguments)
        .output()
        .expect("the command line starts")
}

fn printed(what: &str) -> Value {
    let printed = provisionctl(&["schema", what]).stdout;
    let schema: Value = serde_json::from_slice(&printed).expect("JSON");
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    schema
}

fn validator(schema: &Value) -> Validator {
    jsonschema::meta::validate(schema).expect("a schema by its own draft");
    jsonschema::validator_for(schema).expect("a schema")
}

/// The tests hold every configuration that a function starts with against this schema.
#[test]
fn the_command_prints_the_schema_of_configurations() {
    assert_eq!(printed("config"), config::schema());
}

/// The shipped configuration with a table, an addition, a lookup and a second instance.
fn whole() -> String {
    let shipped = std::fs::read_to_string(root().join("provisioner.toml")).expect("the example");
    // Comments hold examples, which the rows below are not to change instead.
    let shipped = shipped.lines().filter(|line| !line.starts_with('#'));
    shipped.collect::<Vec<_>>().join("\n")
        + r#"
[schedule]
hours_before = 24
time_zone = "Europe/London"

[queues]
source = "joins"

[logs]
person_ids = "hashed"

[lookup]
sites = { Leeds = "EMEA" }

[instance.us.connect]
instance_id = "22222222-aaaa-4bbb-8ccc-222222222222"
identity_management = "SAML"

[[source]]
preset = "adp"

[[source]]
name = "own"
when = "hires"
catch_all = true
items = "hires"
let = { worker = "item.worker" }
reject_when = "not worker.name"
reject = "put the names in front"
event_type = "kind"
fields = { event_id = "id", employee_id = "worker.id", given_name = "worker.first", extra = { country = "worker.country" } }

[[extra_security_profiles]]
name = "coaches"
when = 'job.title == "Coach"'
security_profiles = ["QualityAnalyst"]

[[assignment]]
name = "by-table"
routing_profile = { id = "r-1" }
security_profiles = ["Agent"]
hierarchy_group = { id = "g-1" }
rows = [{ match = { "department.code" = "X*" }, tags = { site = "Leeds" } }]
"#
}

#[test]
fn what_is_wrong_in_shape_is_refused_by_the_schema_and_by_check() {
    let whole = whole();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("provisioner.toml");
    for (from, to) in [
        ("", ""),
        ("[retry]", "[retries]"),
        ("person_ids = \"hashed\"", "person_ids = \"masked\""),
        ("person_ids = ", "persons = "),
        ("json_key = ", "jsonkey = "),
        ("burst = 5", "burst = \"5\""),
        ("burst = 5", "burst = 0"),
        ("requests_per_second = 2 ", "requests_per_second = 0 "),
        ("requests_per_second = 2 ", "requests_per_second = 1001 "),
        ("concurrency = 2", "concurrency = -2"),
        ("\"CONNECT_MANAGED\"", "\"MANAGED\""),
        (
            "instance_id = \"22222222-aaaa-4bbb-8ccc-222222222222\"",
            "instance_id = \"\"",
        ),
        ("instance_id = \"22222222-aaaa-4bbb-8ccc-222222222222\"", ""),
        ("too_long = \"cut\"", "too_long = \"trim\""),
        ("too_long = \"cut\"", "username_max_length = 65"),
        ("too_long = \"cut\"", "username_max_length = 7"),
        (
            "too_long = \"cut\"",
            "username_when_taken = \"{{ employee_id }}\"",
        ),
        ("first_seconds = 20", "first_seconds = 43201"),
        ("first_seconds = 20", "first_seconds = -1"),
        ("circuit_breaker_after = 5", "circuit_breaker_after = 1"),
        ("hours_before = 24", "hours_before = 2161"),
        ("hours_before = 24", ""),
        ("cache_seconds = 300", "cache_seconds = \"long\""),
        ("source = \"joins\"", "sources = \"joins\""),
        ("sites = { Leeds = \"EMEA\" }", "sites = 7"),
        ("sites = { Leeds = \"EMEA\" }", "sites = { Leeds = 7 }"),
        ("preset = \"adp\"", "preset = \"adpp\""),
        ("let = { worker", "let = { \"the worker\""),
        ("catch_all = true", "catch_all = \"yes\""),
        ("event_type = \"kind\"", "event_type = 7"),
        ("event_type = \"kind\"", "event_kind = \"kind\""),
        (
            "preset = \"adp\"",
            "name = \"x\"\nwhen = \"true\"\nfields = { badge = \"b\" }",
        ),
        ("[[extra_security_profiles]]", "[extra_security_profiles]"),
        ("[\"QualityAnalyst\"]", "[]"),
        (
            "routing_profile = { id = \"r-1\" }",
            "routing_profile = { name = \"r-1\" }",
        ),
        (
            "routing_profile = { id = \"r-1\" }",
            "routing_profile = { id = \"r-1\", name = \"r\" }",
        ),
        ("hierarchy_group = { id = \"g-1\" }", "hierarchy_group = []"),
        (
            "hierarchy_group = { id = \"g-1\" }",
            "hierarchy_group = [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\"]",
        ),
        (
            "hierarchy_group = { id = \"g-1\" }",
            "hierarchy_group = \"EMEA\"",
        ),
        (
            "{ \"department.code\" = \"X*\" }",
            "{ \"department\" = \"X*\" }",
        ),
        (
            "{ \"department.code\" = \"X*\" }",
            "{ \"department.code\" = 7 }",
        ),
        ("tags = { site = \"Leeds\" }", "tag = { site = \"Leeds\" }"),
        (
            "PhoneType = \"SOFT_PHONE\", AutoAccept",
            "PhoneType = \"SOFT\", AutoAccept",
        ),
        ("AutoAccept = false", "AutoAccpt = false"),
        ("AutoAccept = false", "AutoAccept = \"no\""),
        (
            "Channel = \"CHAT\", AutoAccept",
            "Channel = \"SMS\", AutoAccept",
        ),
    ] {
        assert!(whole.contains(from), "{from} is not in the configuration");
        let text = whole.replacen(from, to, 1);
        std::fs::write(&path, &text).expect("written");
        let checked = provisionctl(&["check", "--config", &path.to_string_lossy()]);
        let said = String::from_utf8_lossy(&checked.stdout);
        assert_eq!(
            checked.status.code(),
            Some(i32::from(from != to)),
            "{from} -> {to}: {said}"
        );
        assert_eq!(
            refusals(&text).is_empty(),
            from == to,
            "{from} -> {to}: {said}"
        );
    }
}

#[test]
fn the_examples_of_the_documentation_are_accepted() {
    let read = |path: PathBuf| std::fs::read_to_string(path).expect("a page");
    let pages = std::fs::read_dir(root().join("docs")).expect("the pages");
    let pages = pages.map(|page| page.expect("a page").path());
    let text: String = pages.chain([root().join("README.md")]).map(read).collect();
    let blocks = |language: &str| {
        let head = format!("```{language}\n");
        let blocks: Vec<&str> = text
            .split(&head)
            .skip(1)
            .filter_map(|rest| rest.split("```").next())
            .collect();
        assert!(!blocks.is_empty());
        blocks.into_iter()
    };
    for block in blocks("json") {
        let event: Value = serde_json::from_str(block).expect("JSON");
        assert!(agreed(&event), "{block}");
        assert!(OF_EVENTS.is_valid(&json!([event, event])));
    }
    let shipped = std::fs::read_to_string(root().join("provisioner.toml")).expect("the example");
    for block in blocks("toml").filter(|block| !block.contains("[[fault]]")) {
        accepts(&format!("{shipped}\n{block}"));
    }
}

/// Checks that both the schema and the reader accept an event, or both refuse it.
#[track_caller]
fn agreed(event: &Value) -> bool {
    let parcels = Sources::default().open(&event.to_string());
    // The schema holds a producer to every field, the function to those that its configuration uses.
    let held_to_all = |reading: Reading| match reading {
        Reading::Joiner(joiner) => {
            let lacks_a_name =
                joiner.get(Field::GivenName).is_none() || joiner.get(Field::FamilyName).is_none();
            let mut faults = joiner
                .faults
                .iter()
                .map(|(_, failure)| failure.reason().code());
            faults
                .next()
                .or(lacks_a_name.then(|| "a name is missing".to_owned()))
        }
        Reading::Request(_) | Reading::NoJoin(_) => None,
    };
    let refusal = parcels.iter().find_map(|parcel| match &parcel.content {
        // A list of nobody is skipped, and no event of this shape.
        Ok(Content::NoJoin(why)) => Some(why.to_string()),
        Ok(Content::Delivery(delivery)) => match Sources::default().read(delivery) {
            Ok(reading) => held_to_all(reading),
            Err(failure) => Some(failure.reason().code()),
        },
        Err(failure) => Some(failure.reason().code()),
    });
    let refusals: Vec<String> = OF_EVENTS
        .iter_errors(event)
        .map(|err| err.to_string())
        .collect();
    assert_eq!(
        refusals.is_empty(),
        refusal.is_none(),
        "{refusal:?} {refusals:?} {event}"
    );
    refusal.is_none()
}

#[test]
fn every_sample_of_our_own_event_is_judged_as_the_reader_judges_it() {
    let (mut accepted, mut refused) = (0, 0);
    let folder = root().join("events").read_dir().expect("the samples");
    for entry in folder {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a sample");
        let invocation: Box<RawValue> = serde_json::from_str(&text).expect("JSON");
        let messages = match intake::read(&invocation).expect("an invocation") {
            Invocation::Direct(message) => vec![message],
            Invocation::Batch(records) => records
                .into_iter()
                .map(|record| record.decode().message)
                .collect(),
        };
        for message in messages {
            for parcel in Sources::default().open(&message.body) {
                let Ok(Content::Delivery(delivery)) = parcel.content else {
                    continue;
                };
                if delivery.payload.get("specversion") != Some(&json!("hr.join/1")) {
                    continue;
                }
                let counted = if agreed(&Value::Object((*delivery.payload).clone())) {
                    &mut accepted
                } else {
                    &mut refused
                };
                *counted += 1;
            }
        }
    }
    assert!(accepted > 20 && refused > 4, "{accepted} {refused}");
}

fn event() -> Value {
    json!({
        "specversion": "hr.join/1", "type": "worker.joined",
        "worker": { "employeeId": "E1", "givenName": "Zoë", "familyName": "Brückner" },
    })
}

#[test]
fn each_rule_of_the_reader_is_the_schemas() {
    for (pointer, value, expected) in [
        ("/specversion", json!("hr.join/2"), false),
        ("/type", json!("worker.terminated"), true),
        ("/type", json!("worker.withdrawn"), true),
        ("/type", json!("worker.no_show"), true),
        ("/occurredAt", json!("yesterday"), true),
        ("/type", json!(" worker.updated "), true),
        ("/type", json!("com.example.hired"), true),
        ("/type", json!("Worker.Joined"), false),
        ("/type", json!("worker.hired"), false),
        ("/type", json!("\u{3000}WORKER."), false),
        ("/type", json!(" worker.joined "), true),
        ("/type", json!(" "), false),
        ("/type", json!(7), false),
        ("/eventId", json!(7), true),
        ("/worker", json!([]), false),
        ("/worker", json!("x"), false),
        (
            "/worker/employeeId",
            json!(9_007_199_254_740_993_123_u64),
            true,
        ),
        ("/worker/employeeId", json!(1.5), false),
        ("/worker/employeeId", json!(""), false),
        ("/worker/employeeId", json!("x".repeat(128)), true),
        ("/worker/employeeId", json!("x".repeat(129)), false),
        ("/worker/givenName", json!("Z\u{0}oë"), false),
        ("/worker/givenName", json!("Br\u{fffd}ckner"), false),
        ("/worker/givenName", json!("\tZoë\n"), true),
        ("/worker/familyName", Value::Null, false),
        ("/worker/familyName", json!("\u{a0}"), false),
        ("/worker/preferredName", Value::Null, true),
        ("/worker/preferredName", json!([]), true),
        ("/worker/preferredName", json!(["Zoë"]), false),
        ("/worker/email", json!(" zoe@example.com "), true),
        ("/worker/email", json!("zoe@example"), false),
        (
            "/worker/email",
            json!(format!("{}@example.com", "a".repeat(254))),
            false,
        ),
        ("/worker/department", json!("CC"), false),
        ("/worker/department", json!(" "), true),
        (
            "/worker/department",
            json!({"code": 7, "name": "Care"}),
            true,
        ),
        ("/worker/department", json!({"code": true}), false),
        ("/worker/job", json!({"title": 7}), false),
        (
            "/worker/startDate",
            json!("2026-12-01T09:00:00.000+0000"),
            true,
        ),
        ("/worker/startDate", json!("01/12/2026"), false),
        ("/worker/startDate", json!("2026-13-01"), false),
        ("/worker/startDate", json!("2000-02-29"), true),
        ("/worker/startDate", json!("21000229"), false),
        ("/worker/startDate", json!("0000-00-00"), false),
        ("/worker/startDate", json!(1_796_083_200), true),
        ("/worker/startDate", json!(17_960_832_000_u64), false),
        ("/worker/favouriteColour", json!("green"), true),
        ("/worker/login", json!([{"passWord": "Secret7"}]), false),
    ] {
        let mut event = event();
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        event.pointer_mut(parent).expect("a parent")[key] = value;
        assert_eq!(agreed(&event), expected, "{event}");
        assert_eq!(agreed(&json!([event, event])), expected, "{event}");
    }
    assert!(!agreed(&json!([])));
    assert!(!agreed(&json!("hr.join/1")));
}

/// Valid and invalid values that producers may put into a member.
fn value() -> impl Strategy<Value = Value> {
    let text = "[ -~À-ɏ\u{0}-\u{9}\u{7f}\u{a0}\u{3000}\u{fffd}一-三]{0,6}";
    let date = (1890..2101_i32, 0..14_u32, 0..33_u32)
        .prop_map(|(y, m, d)| json!(format!("{y:04}-{m:02}-{d:02}")));
    let time = (
        "[0-2][0-9]:[0-6][0-9]:[0-5][0-9]",
        select(vec!["", ".5", ".123"]),
        select(vec!["", "Z", "+01:00", "-0830", "+2"]),
    );
    let time = time.prop_map(|(time, part, zone)| json!(format!("2026-12-01T{time}{part}{zone}")));
    prop_oneof![
        4 => text.prop_map(Value::from),
        1 => "[a-z._%+]{1,3}@[a-z.-]{1,4}\\.[a-z]{1,3}".prop_map(Value::from),
        1 => date,
        1 => time,
        1 => "[0-9]{8,14}".prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => (0..100_000_000_000_000_u64).prop_map(Value::from),
        1 => select(vec![json!(null), json!(true), json!([]), json!([1]), json!({}), json!(1.5), json!({"password": "x7"})]),
    ]
}

fn changed_event() -> impl Strategy<Value = Value> {
    let members = vec![
        "/type",
        "/worker",
        "/worker/employeeId",
        "/worker/givenName",
        "/worker/familyName",
        "/worker/preferredName",
        "/worker/email",
        "/worker/mobile",
        "/worker/department",
        "/worker/department/code",
        "/worker/department/name",
        "/worker/job",
        "/worker/job/code",
        "/worker/job/title",
        "/worker/location",
        "/worker/managerEmployeeId",
        "/worker/startDate",
        "/worker/employmentType",
        "/worker/badge",
        "/colour",
    ];
    prop::collection::vec((select(members), value()), 0..4).prop_map(|changes| {
        let mut event = event();
        for (pointer, value) in changes {
            let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
            let group = ["/worker/department", "/worker/job"].contains(&parent);
            if let (true, Some(Value::Object(worker))) = (group, event.get_mut("worker")) {
                let name = parent.trim_start_matches("/worker/").to_owned();
                worker.entry(name).or_insert(Value::Object(Map::new()));
            }
            if let Some(Value::Object(parent)) = event.pointer_mut(parent) {
                parent.insert(key.to_owned(), value);
            }
        }
        event
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_schema_and_the_reader_agree_about_any_event(event in changed_event()) {
        agreed(&event);
    }
}
