//! Joins that wait, and events that take them back: a schedule lives no longer than the wish for a user.

use serde_json::{Value, json};
use test_support::scene::{Scene, record};
use test_support::schedules::{delivered, in_days, waiting};

/// A source of another HR system whose events take joins back.
const WITHDRAWALS: &str = r#"[[source]]
name = "offers"
when = 'kind == "offer.declined"'
skip = "an offer was declined"
withdraws = true
employee_id = "candidate.number"

[[source]]
name = "other-offers"
when = 'kind == "offer.read"'
skip = "an offer was read"

[[source]]
name = "people"
when = 'kind == "person"'
skip_when = 'state == "updated"'
skip = "an update"
[source.fields]
employee_id = "number"

[retry]"#;

pub(crate) fn at(mut event: Value, time: &str) -> Value {
    event["occurredAt"] = json!(time);
    event
}

fn undated(mut event: Value) -> Value {
    let members = event.as_object_mut().expect("an event");
    members.remove("occurredAt");
    event
}

pub(crate) fn of_type(kind: &str, n: usize, time: &str) -> Value {
    let mut event = at(in_days(n, 30), time);
    event["type"] = json!(kind);
    event
}

pub(crate) const EARLY: &str = "2026-10-01T09:00:00Z";
const MIDDLE: &str = "2026-10-02T09:00:00Z";
pub(crate) const LATE: &str = "2026-10-03T09:00:00Z";

fn waiting_people(scene: &Scene) -> usize {
    scene.standin.schedules().len()
}

fn first_days(scene: &Scene) -> Vec<String> {
    let schedules = scene.standin.schedules().into_iter();
    let body = |input: &str| {
        let input: Value = serde_json::from_str(input).expect("JSON");
        let body = input["MessageBody"].as_str().expect("a body").to_owned();
        let join: Value = serde_json::from_str(&body).expect("JSON");
        join["worker"]["startDate"]
            .as_str()
            .expect("a day")
            .to_owned()
    };
    schedules.map(|schedule| body(&schedule.input)).collect()
}

fn first_day(join: &Value) -> String {
    join["worker"]["startDate"]
        .as_str()
        .expect("a day")
        .to_owned()
}

#[tokio::test]
async fn who_is_terminated_withdrawn_or_absent_gets_no_user_when_the_day_comes() {
    let mut scene = waiting(72).scene().await;
    for kind in ["worker.terminated", "worker.withdrawn", "worker.no_show"] {
        assert_eq!(scene.deliver(&[at(in_days(1, 30), EARLY)]).await, "1L");
        assert_eq!(scene.deliver(&[of_type(kind, 1, LATE)]).await, "1S");
        assert_eq!(waiting_people(&scene), 0, "{kind}");
    }
    let logged = scene.logged();
    let removed = "and the scheduled join was removed";
    assert_eq!(logged.matches(removed).count(), 3, "{logged}");
    // Where nothing waits the reason does not claim that it was removed.
    let ended = scene
        .deliver(&[of_type("worker.terminated", 1, LATE)])
        .await;
    assert_eq!(ended, "1S");
    assert_eq!(scene.logged().matches(removed).count(), 3);
    // Other people wait on, and so does who is hired and then updated.
    assert_eq!(scene.deliver(&[at(in_days(2, 30), EARLY)]).await, "1L");
    assert_eq!(
        scene.deliver(&[of_type("worker.updated", 2, LATE)]).await,
        "1S"
    );
    assert_eq!(
        scene
            .deliver(&[of_type("worker.terminated", 1, LATE)])
            .await,
        "1S"
    );
    assert_eq!(waiting_people(&scene), 1);
    scene.end().await;
}

#[tokio::test]
async fn a_withdrawal_in_a_long_message_removes_the_schedule_too() {
    // More than one invocation of 60 s serves.
    const MANY: usize = 200;
    let mut scene = waiting(72).scene().await;
    assert_eq!(scene.deliver(&[at(in_days(7, 30), EARLY)]).await, "1L");
    let mut list: Vec<Value> = (0..MANY)
        .map(|n| of_type("worker.updated", n, LATE))
        .collect();
    list[7]["type"] = json!("worker.withdrawn");
    assert_eq!(scene.deliver(&[Value::from(list)]).await, "200S");
    assert_eq!(waiting_people(&scene), 0);
    scene.end().await;
}

#[tokio::test]
async fn a_withdrawal_without_an_employee_id_is_refused_where_joins_wait() {
    let mut event = of_type("worker.terminated", 1, LATE);
    event["worker"]["employeeId"] = Value::Null;
    let mut scene = waiting(72).scene().await;
    assert_eq!(
        scene.deliver(&[&event]).await,
        "1D(missing_field:worker.employeeId)"
    );
    scene.end().await;
    let mut plain = Scene::plain().await;
    assert_eq!(plain.deliver(&[&event]).await, "1S");
    plain.end().await;
}

#[tokio::test]
async fn a_newer_join_that_is_skipped_removes_the_schedule() {
    let mut scene = waiting(72).scene().await;
    assert_eq!(scene.deliver(&[at(in_days(1, 30), MIDDLE)]).await, "1L");
    let mut moved = at(in_days(1, 30), EARLY);
    moved["worker"]["department"]["code"] = json!("FIN");
    // A late one that is older does not.
    assert_eq!(scene.deliver(&[&moved]).await, "1S");
    assert_eq!(waiting_people(&scene), 1);
    assert!(
        scene
            .logged()
            .contains("the scheduled join of a later event stays")
    );
    assert_eq!(scene.deliver(&[at(moved, LATE)]).await, "1S");
    assert_eq!(waiting_people(&scene), 0);
    scene.end().await;
}

#[tokio::test]
async fn a_late_older_event_leaves_the_schedule_of_a_newer_one() {
    let mut scene = waiting(72).scene().await;
    let newer = at(in_days(1, 40), LATE);
    assert_eq!(scene.deliver(&[&newer]).await, "1L");
    // It neither waits nor makes the user before the day that the newer one names.
    assert_eq!(scene.deliver(&[at(in_days(1, 30), EARLY)]).await, "1S");
    assert_eq!(scene.deliver(&[at(in_days(1, 1), EARLY)]).await, "1S");
    assert_eq!(
        scene
            .deliver(&[of_type("worker.withdrawn", 1, MIDDLE)])
            .await,
        "1S"
    );
    assert_eq!(first_days(&scene), [first_day(&newer)]);
    // One of the same time, or without any, counts as new.
    assert_eq!(scene.deliver(&[at(in_days(1, 35), LATE)]).await, "1L");
    assert_eq!(first_days(&scene), [first_day(&in_days(1, 35))]);
    let mut without = in_days(1, 45);
    without
        .as_object_mut()
        .expect("an event")
        .remove("occurredAt");
    assert_eq!(scene.deliver(&[&without]).await, "1L");
    assert_eq!(first_days(&scene), [first_day(&without)]);
    scene.end().await;
}

#[tokio::test]
async fn the_queues_time_serves_where_no_other_is_known() {
    let mut scene = waiting(72).scene().await;
    let sent = |days: i64, millis: &str| {
        let mut join = in_days(1, days);
        join.as_object_mut().expect("an event").remove("occurredAt");
        let mut record = record(&join.to_string());
        record["attributes"]["SentTimestamp"] = json!(millis);
        json!({ "Records": [record] })
    };
    assert_eq!(scene.invoke(&sent(40, "1763629643123")).await, "1L");
    assert_eq!(scene.invoke(&sent(30, "1763629643122")).await, "1S");
    assert_eq!(first_days(&scene), [first_day(&in_days(1, 40))]);
    assert_eq!(scene.invoke(&sent(30, "1763629643124")).await, "1L");
    assert_eq!(first_days(&scene), [first_day(&in_days(1, 30))]);
    scene.end().await;
}

#[tokio::test]
async fn what_a_schedule_sent_neither_replaces_nor_removes_what_came_after() {
    for (time, of_newer) in [
        (Some(EARLY), Some(LATE)),
        (Some(EARLY), Some(EARLY)),
        (None, None),
    ] {
        let dated = |event: Value, time: Option<&str>| {
            time.map_or_else(|| undated(event.clone()), |time| at(event.clone(), time))
        };
        let mut scene = waiting(72).scene().await;
        assert_eq!(scene.deliver(&[dated(in_days(1, 30), time)]).await, "1L");
        scene.standin.let_schedules_come_due().await;
        let mut sent = scene.standin.messages("hr-joins").remove(0);
        // It waits on by itself, and twice delivered it is one schedule.
        assert_eq!(scene.invoke(&delivered(&sent)).await, "1L");
        assert_eq!(scene.invoke(&delivered(&sent)).await, "1L");
        let newer = dated(in_days(1, 40), of_newer);
        assert_eq!(scene.deliver(&[&newer]).await, "1L");
        assert_eq!(scene.invoke(&delivered(&sent)).await, "1S", "{time:?}");
        assert_eq!(first_days(&scene), [first_day(&newer)]);
        // The configuration has come to skip it; the newer one is another matter.
        let mut moved = in_days(1, 30);
        moved["worker"]["department"]["code"] = json!("FIN");
        sent.body = dated(moved, time).to_string();
        let asked = scene.called("GetSchedule");
        assert_eq!(scene.invoke(&delivered(&sent)).await, "1S");
        assert_eq!(first_days(&scene), [first_day(&newer)]);
        assert_eq!(scene.called("GetSchedule"), asked);
        scene.end().await;
    }
}

#[tokio::test]
async fn a_source_of_the_configuration_withdraws_by_employee_id() {
    let mut scene = waiting(72).with("[retry]", WITHDRAWALS).scene().await;
    let join = in_days(1, 30);
    let number = join["worker"]["employeeId"].clone();
    assert_eq!(scene.deliver(&[&join]).await, "1L");
    let read = json!({ "kind": "offer.read", "candidate": { "number": number } });
    let updated = json!({ "kind": "person", "state": "updated", "number": number });
    let nobody = json!({ "kind": "offer.declined", "candidate": {} });
    assert_eq!(
        scene.deliver(&[read, updated, nobody]).await,
        "2S 1D(missing_field:employee_id)"
    );
    assert_eq!(waiting_people(&scene), 1);
    let declined = json!({ "kind": "offer.declined", "candidate": { "number": number } });
    assert_eq!(scene.deliver(&[declined]).await, "1S");
    assert_eq!(waiting_people(&scene), 0);
    assert!(
        scene
            .logged()
            .contains("an offer was declined, and the scheduled join was removed")
    );
    scene.end().await;
}

#[test]
fn what_a_withdrawal_needs_stands_together() {
    let shipped = test_support::shipped::unpaced();
    let faults = |source: &str| {
        let text = shipped.replace("[retry]", &format!("{source}\n[retry]"));
        let faults = connect_provisioner::policy::config::parse(&text).err();
        faults.map(|faults| faults.iter().next().expect("a fault").to_string())
    };
    let head = "[[source]]\nname = \"x\"\nwhen = \"a\"\n";
    let whole = "skip = \"no\"\nwithdraws = true\nemployee_id = \"b\"";
    assert_eq!(faults(&format!("{head}{whole}")), None);
    for (part, expected) in [
        (
            "skip = \"no\"\nwithdraws = true",
            "has `withdraws` and no `employee_id`",
        ),
        (
            "reject = \"no\"\nwithdraws = true\nemployee_id = \"b\"",
            "has `withdraws` beside `reject`",
        ),
        (
            "skip = \"no\"\nskip_when = \"c\"\nwithdraws = true\nemployee_id = \"b\"\nfields = { given_name = \"d\" }",
            "has [source.fields] and `withdraws`",
        ),
    ] {
        let fault = faults(&format!("{head}{part}")).expect("a fault");
        assert!(fault.contains(expected), "{fault}");
    }
    // Without a withdrawal, it tells who is skipped.
    let skip = "skip = \"no\"\nemployee_id = \"b\"";
    assert_eq!(faults(&format!("{head}{skip}")), None);
}
