//! Rows at the size of a real contact centre: long messages, floods of one fault, and outages of hours in scaled time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use connect_standin::{Does, IdentityManagement, Seed, ThrottleSeed};
use serde_json::{Value, json};
use test_support::event_source::{EventSource, event_of, seed_with_queue};
use test_support::faults::{ALL, error, fault};
use test_support::scene::{Scene, Setting, record};
use test_support::shipped::{INSTANCE, join_of};

use super::services::{called, joins};
use super::{Row, simulated};

/// A queue that waits a second between deliveries, gives up after `give_up` seconds and moves nothing by itself.
fn scaled(give_up: u64, systemic_give_up: u64) -> Setting {
    let seeded = |seed: &mut Seed| {
        seed.queues = seed_with_queue("hr-joins", 500).queues;
        for queue in seed.queues.iter_mut().filter(|one| one.name == "hr-joins") {
            queue.visibility_timeout_seconds = Some(10);
        }
    };
    let systemic = format!("systemic_give_up_after_seconds = {systemic_give_up}");
    Setting::shipped()
        .seeded(seeded)
        .with("first_seconds = 20", "first_seconds = 1")
        .with("longest_seconds = 3600", "longest_seconds = 1")
        .with("systemic_seconds = 60", "systemic_seconds = 1")
        .with(
            "give_up_after_deliveries = 10",
            "give_up_after_deliveries = 2",
        )
        .with(
            "give_up_after_seconds = 7200",
            &format!("give_up_after_seconds = {give_up}"),
        )
        .with("systemic_give_up_after_seconds = 259200", &systemic)
        .variable("PROVISIONER_MAX_RECEIVE_COUNT", "500")
}

/// Counts the dead letters by reason; one without a reason is `bare`.
fn reasons(scene: &Scene) -> BTreeMap<String, usize> {
    let mut reasons = BTreeMap::new();
    for letter in scene.standin.messages("hr-joins-dlq") {
        let reason = letter.attributes.get("provisioner.reason").cloned();
        *reasons
            .entry(reason.unwrap_or_else(|| "bare".to_owned()))
            .or_default() += 1;
    }
    reasons
}

/// Counts the people whom all dead letters list, by reason.
fn people_listed(scene: &Scene) -> BTreeMap<String, usize> {
    let mut people = BTreeMap::new();
    for letter in scene.standin.messages("hr-joins-dlq") {
        let details: Value =
            serde_json::from_str(&letter.attributes["provisioner.details"]).expect("JSON");
        for listed in details["failures"].as_array().expect("a list") {
            let reason = listed["reason"].as_str().expect("a code").to_owned();
            let ranges = listed["items"].as_str().expect("places");
            *people.entry(reason).or_default() += ranges.split(',').map(length).sum::<usize>();
        }
    }
    people
}

fn length(range: &str) -> usize {
    let number = |text: &str| text.parse::<usize>().expect("a place");
    range
        .split_once('-')
        .map_or(1, |(first, last)| number(last) - number(first) + 1)
}

/// A join without what nobody needs, so that 5,000 have room in a message.
fn short_join(n: usize) -> Value {
    let mut join = join_of(n);
    let worker = join["worker"].as_object_mut().expect("a worker");
    let needed = ["employeeId", "givenName", "familyName", "department"];
    worker.retain(|member, _| needed.contains(&member.as_str()));
    worker["department"] = json!({"code": "CC-UK"});
    let members = ["specversion", "type", "worker"];
    let event = join.as_object_mut().expect("an object");
    event.retain(|member, _| members.contains(&member.as_str()));
    join
}

/// Delivers one message to two copies until all its people have a user, and kills one copy half-way.
async fn check_long_message(setting: Setting, people: usize) {
    let mut scene = setting.scene().await;
    let source = EventSource::new(&scene.running, "hr-joins");
    let list = Value::Array((0..people).map(short_join).collect());
    source.send(&list.to_string(), None).await;
    // Whatever the first delivery does, it is killed before its answer.
    let messages = source.poll().await;
    scene.function().begin(&event_of(&messages)).await;
    while scene.standin.users(INSTANCE).len() < people.min(20)
        && scene.called("SendMessageBatch") == 0
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    scene.function().kill().await;
    let (mut one, mut other) = (
        scene.another_function().await,
        scene.another_function().await,
    );
    tokio::join!(source.drain(&mut one), source.drain(&mut other));
    assert_eq!(
        scene.standin.users(INSTANCE).len(),
        people,
        "{people} people"
    );
    assert_eq!(reasons(&scene), BTreeMap::new(), "{people} people");
    for copy in [one, other] {
        scene.captured.logs(&copy.logs().await);
    }
    scene.end().await;
}

/// The shipped burst at twice the shipped rate, which the stand-in enforces.
fn paced(setting: Setting) -> Setting {
    setting
        .with("requests_per_second = 1000", "requests_per_second = 4")
        .with("burst = 1000", "burst = 5")
        .seeded(|seed| {
            seed.throttle = Some(ThrottleSeed {
                requests_per_second: 4.0,
                burst: 5,
            });
        })
}

async fn long_messages() {
    let a_day = || scaled(86_400, 86_400);
    check_long_message(paced(a_day()).time_out(Duration::from_secs(30)), 60).await;
    check_long_message(a_day(), 500).await;
    check_long_message(a_day(), 5000).await;
}

/// Delivers something bad beside a good join, in time, in memory, and with one dead letter for all of it.
async fn check_bad_neighbour(body: String, reason: &str, people: usize) {
    let mut scene = Setting::shipped().scene().await;
    let bodies = [body, join_of(1).to_string()];
    let started = Instant::now();
    let ends = scene.deliver(&bodies).await;
    assert!(
        started.elapsed() < Duration::from_secs(30),
        "{:?}",
        started.elapsed()
    );
    // One whose answer comes late is sent again.
    let times = scene.standin.messages("hr-joins-dlq").len();
    assert!((1..=2).contains(&times), "{ends}");
    assert_eq!(ends, format!("1C {times}D({reason})"));
    let listed = BTreeMap::from([(reason.to_owned(), times * people)]);
    assert_eq!(people_listed(&scene), listed);
    let memory = scene.function().peak_memory();
    // A debug build; the function has 256 MiB.
    assert!(memory < 200 * 1024, "{memory} kB");
    scene.end().await;
}

async fn bad_list() {
    let nameless = |n: usize| {
        let mut join = join_of(n);
        join["worker"]
            .as_object_mut()
            .expect("a worker")
            .remove("familyName");
        join
    };
    let list = Value::Array((0..2000).map(nameless).collect()).to_string();
    check_bad_neighbour(list, "missing_field:worker.familyName", 2000).await;
}

async fn no_objects() {
    let bytes = json!(join_of(2).to_string().into_bytes());
    let count = bytes.as_array().map_or(0, Vec::len);
    check_bad_neighbour(bytes.to_string(), "unknown_shape", count).await;
    let zeros = format!("[{}0]", "0,".repeat(500_000));
    check_bad_neighbour(zeros, "unknown_shape", 500_001).await;
    let objects = format!("[{}{{}}]", "{},".repeat(349_000));
    check_bad_neighbour(objects, "too_large", 1).await;
    // Objects between them are tried.
    let mut scene = Scene::plain().await;
    let mixed = json!([0, join_of(1), [], "x", join_of(2)]);
    assert_eq!(scene.deliver(&[mixed]).await, "2C 1D(unknown_shape)");
    scene.end().await;
}

/// Sends joins, lets an outage pass or last, and tells what became of them.
async fn through_an_outage(setting: Setting, lasts: Option<Duration>) -> Scene {
    let mut scene = setting.scene().await;
    let source = EventSource::new(&scene.running, "hr-joins");
    for join in joins(0..10) {
        source.send(&join.to_string(), None).await;
    }
    let denied = error("AccessDeniedException", 403);
    scene.faults(vec![fault("CreateUser", ALL, denied)]);
    if let Some(lasts) = lasts {
        let ends = Instant::now() + lasts;
        while Instant::now() < ends {
            source.deliver(scene.function()).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        scene.faults(Vec::new());
    }
    source.drain(scene.function()).await;
    scene
}

async fn outages() {
    // Three seconds stand for the two hours, and the 72 hours are as many times longer.
    let lasts = Some(Duration::from_secs(3));
    let scene = through_an_outage(scaled(3, 108), lasts).await;
    assert_eq!(scene.standin.users(INSTANCE).len(), 10);
    assert_eq!(reasons(&scene), BTreeMap::new());
    scene.end().await;
    let scene = through_an_outage(scaled(1, 3), None).await;
    assert_eq!(scene.standin.users(INSTANCE).len(), 0);
    let cause = "attempts_exhausted:AccessDeniedException".to_owned();
    assert_eq!(reasons(&scene), BTreeMap::from([(cause, 10)]));
    scene.end().await;
}

async fn renamed_profile() {
    let renamed = scaled(1, 8)
        .with("longest_seconds = 1\n", "longest_seconds = 3\n")
        .with("systemic_seconds = 1 ", "systemic_seconds = 3 ")
        .with(
            "routing_profile = \"Customer Care Chat\"",
            "routing_profile = \"Customer Care Chats\"",
        );
    let mut scene = renamed.scene().await;
    let source = EventSource::new(&scene.running, "hr-joins");
    for n in 0..110 {
        let mut join = join_of(n);
        if n % 11 != 10 {
            join["worker"]["job"]["code"] = json!("AGT2");
        }
        source.send(&join.to_string(), None).await;
    }
    // The good ones do not wait until the others are given up.
    let sent = Instant::now();
    while scene.standin.users(INSTANCE).len() < 10 {
        assert!(
            sent.elapsed() < Duration::from_secs(6),
            "held up by the others"
        );
        source.deliver(scene.function()).await;
    }
    source.drain(scene.function()).await;
    let found = reasons(&scene);
    let suspected = "attempts_exhausted:same_refusal:unknown_profile";
    let expected = [("unknown_profile", 4), (suspected, 96)];
    assert_eq!(
        found,
        expected
            .map(|(code, count)| (code.to_owned(), count))
            .into()
    );
    scene.end().await;
}

/// A record that its queue has had for hours, delivered so often.
fn old_record(body: &str, deliveries: u32, hours: u64) -> Value {
    let sent = SystemTime::now() - Duration::from_hours(hours);
    let sent = sent.duration_since(UNIX_EPOCH).expect("after 1970");
    let mut record = record(body);
    record["attributes"] = json!({
        "ApproximateReceiveCount": deliveries.to_string(),
        "SentTimestamp": sent.as_millis().to_string(),
    });
    record
}

fn old_batch(deliveries: u32, hours: u64) -> Value {
    let record = |join: Value| old_record(&join.to_string(), deliveries, hours);
    let records: Vec<Value> = joins(0..10).into_iter().map(record).collect();
    json!({ "Records": records })
}

async fn untried_at_the_end() {
    let mut scene = Setting::shipped()
        .time_out(Duration::from_secs(6))
        .scene()
        .await;
    scene.faults(vec![fault(
        "CreateUser",
        ALL,
        Does::Delay { milliseconds: 400 },
    )]);
    let ends = scene.invoke(&old_batch(100, 73)).await;
    let created = scene.standin.users(INSTANCE).len();
    let expected = format!(
        "{created}C {}D(attempts_exhausted:out_of_time)",
        10 - created
    );
    assert!(created < 10 && ends == expected, "{ends}");
    scene.end().await;

    let mut scene = Scene::plain().await;
    let denied = error("AccessDeniedException", 403);
    scene.faults(vec![fault("CreateUser", ALL, denied)]);
    assert_eq!(scene.invoke(&old_batch(400, 71)).await, "10R");
    let ends = "10D(attempts_exhausted:AccessDeniedException)";
    assert_eq!(scene.invoke(&old_batch(120, 73)).await, ends);
    assert_eq!(called(&scene, "CreateUser"), 2, "one a delivery");
    scene.end().await;

    let mut scene = Scene::plain().await;
    scene.faults(vec![fault("CreateUser", ALL, Does::Internal)]);
    let fifo = |mut record: Value| {
        record["attributes"]["MessageGroupId"] = json!("a");
        record["eventSourceARN"] = json!("arn:aws:sqs:eu-west-2:111122223333:hr-joins.fifo");
        record
    };
    let first = fifo(old_record(&join_of(1).to_string(), 9, 3));
    let second = fifo(old_record(&join_of(2).to_string(), 10, 73));
    let ends = scene.invoke(&json!({"Records": [first, second]})).await;
    assert_eq!(ends, "1D(attempts_exhausted:out_of_turn) 1R");
    scene.end().await;
}

async fn replay_into_an_outage() {
    let mut scene = Scene::plain().await;
    let mut nameless = join_of(1);
    nameless["worker"]["familyName"] = json!("");
    let refused = "1D(missing_field:worker.familyName)";
    assert_eq!(scene.deliver(&[nameless]).await, refused);
    let letter = scene.standin.messages("hr-joins-dlq").remove(0);
    // Corrected, and sent back with all that the letter carries, as the console does it.
    let mut replayed = old_record(&join_of(1).to_string(), 10, 3);
    for (name, value) in &letter.attributes {
        replayed["messageAttributes"][name] = json!({"stringValue": value, "dataType": "String"});
    }
    scene.faults(vec![fault("CreateUser", ALL, Does::Internal)]);
    let ends = "1D(attempts_exhausted:InternalServiceException)";
    assert_eq!(scene.invoke(&json!({"Records": [replayed]})).await, ends);
    let letter = scene.standin.messages("hr-joins-dlq").remove(1);
    assert!(letter.attributes["provisioner.explanation"].contains("CreateUser answered"));
    let details: Value =
        serde_json::from_str(&letter.attributes["provisioner.details"]).expect("JSON");
    assert_eq!(details["replays"], 1);
    scene.end().await;
}

const US: &str = "a1b2c3d4-5678-90ab-cdef-EXAMPLE22222";

fn two_managed_instances() -> Setting {
    let first = "[[assignment]]\nname = \"team-leads\"";
    let us = format!(
        r#"[instance.us.connect]
instance_id = "{US}"
identity_management = "CONNECT_MANAGED"

[instance.us.password]
secret_id = "connect/us"

[[assignment]]
name = "us"
when = 'location == "Austin"'
instance = "us"
routing_profile = "Back Office"
security_profiles = ["Agent"]

{first}"#
    );
    let managed = |seed: &mut Seed| {
        seed.instances[1].identity_management = IdentityManagement::ConnectManaged;
    };
    Setting::shipped().with(first, &us).seeded(managed)
}

async fn broken_secret_of_one_instance() {
    let mut scene = two_managed_instances().scene().await;
    let join = |n: usize| {
        let mut join = join_of(n);
        if n.is_multiple_of(2) {
            join["worker"]["location"] = json!("Austin");
        }
        join
    };
    let batch: Vec<Value> = (0..10).map(join).collect();
    // The first is of the instance whose secret is missing.
    assert_eq!(scene.deliver(&batch).await, "5C 5R");
    assert_eq!(scene.standin.users(INSTANCE).len(), 5);
    assert_eq!(called(&scene, "GetSecretValue"), 2, "one for each secret");
    let logged = scene.logged();
    assert!(
        logged.contains(r#""reason":"stopped:secret_missing""#),
        "{logged}"
    );
    scene.end().await;
}

async fn ids_chosen_by_events() {
    let mut scene = Scene::plain().await;
    let chosen = |n: usize| {
        json!({"Username": format!("jo{n}"), "RoutingProfileId": "nowhere", "SecurityProfileIds": ["nothing"],
            "IdentityInfo": {"FirstName": "Jo", "LastName": "Blunt"}, "PhoneConfig": {"PhoneType": "SOFT_PHONE"}})
    };
    let mut batch: Vec<Value> = (0..6).map(chosen).collect();
    batch.push(join_of(1));
    assert_eq!(scene.deliver(&batch).await, "1C 6D(unknown_profile)");
    assert!(!scene.logged().contains(r#""SystemicStop":1"#));
    scene.end().await;
}

pub(super) fn rows() -> Vec<Row> {
    vec![
        simulated(
            56,
            "60, 500 and 5,000 people in one message, with a kill half-way",
            long_messages(),
        ),
        simulated(58, "2,000 bad people in one message", bad_list()),
        simulated(
            59,
            "an event as a list of its bytes, and a megabyte of zeros",
            no_objects(),
        ),
        simulated(60, "access denied for two hours, or for ever", outages()),
        simulated(
            61,
            "100 people of one renamed profile among 10 others",
            renamed_profile(),
        ),
        simulated(
            62,
            "out of time, stopped or out of turn at the end of all tries",
            untried_at_the_end(),
        ),
        simulated(
            63,
            "a corrected replay meets an outage",
            replay_into_an_outage(),
        ),
        simulated(
            64,
            "one instance's secret is missing",
            broken_secret_of_one_instance(),
        ),
        simulated(
            65,
            "six events choose ids that the instance lacks",
            ids_chosen_by_events(),
        ),
    ]
}
