//! Joins dated ahead: they wait in a schedule, one a person, and come back as they were.

use connect_standin::{Calls, Does, Fault};
use serde_json::{Value, json};
use test_support::scene::Scene;
use test_support::schedules::{day, delivered, in_days, waiting};
use test_support::shipped::{INSTANCE, join_of};

/// The expression of a schedule three days before a first day.
fn three_days_before(days: i64) -> String {
    format!("at({}T00:00:00)", day(days - 3).date())
}

fn expressions(scene: &Scene) -> Vec<String> {
    let schedules = scene.standin.schedules().into_iter();
    schedules.map(|schedule| schedule.expression).collect()
}

#[tokio::test]
async fn a_join_waits_until_it_is_due_and_a_later_event_takes_its_place() {
    let mut scene = waiting(72).scene().await;
    assert_eq!(scene.deliver(&[in_days(1, 30)]).await, "1L");
    assert_eq!(expressions(&scene), [three_days_before(30)]);
    // Delivered twice it is one schedule; the first day moves, and so does the schedule.
    assert_eq!(scene.deliver(&[in_days(1, 30)]).await, "1L");
    assert_eq!(scene.deliver(&[in_days(1, 40)]).await, "1L");
    assert_eq!(expressions(&scene), [three_days_before(40)]);
    // Now it is near: made at once, and nothing is left to follow.
    assert_eq!(scene.deliver(&[in_days(1, 2)]).await, "1C");
    assert!(expressions(&scene).is_empty());
    // Whoever has a user does not wait for one; a day that is past, or none, is no reason to wait.
    let mut without = join_of(3);
    without["worker"]
        .as_object_mut()
        .expect("a worker")
        .remove("startDate");
    assert_eq!(scene.deliver(&[in_days(2, -400), without]).await, "2C");
    assert!(expressions(&scene).is_empty());
    let logged = scene.logged();
    assert!(logged.contains(r#""Scheduled":1"#), "{logged}");
    let until = format!(r#""until":"{}T00:00:00Z""#, day(27).date());
    assert!(logged.contains(&until), "{logged}");
    scene.end().await;
}

#[tokio::test]
async fn what_is_due_comes_back_for_the_one_person_whom_it_is_about() {
    let mut scene = waiting(72).scene().await;
    let list = json!([in_days(1, 30), in_days(2, 1), in_days(3, 30)]);
    assert_eq!(scene.deliver(&[list]).await, "1C 2L");
    scene.standin.let_schedules_come_due().await;
    let sent = scene.standin.messages("hr-joins");
    assert_eq!(sent.len(), 2);
    // Not due by this function's clock: it waits on.
    assert_eq!(scene.invoke(&delivered(&sent[0])).await, "1L");
    scene.end().await;

    let mut due = waiting(2160).scene().await;
    for message in &sent {
        assert_eq!(due.invoke(&delivered(message)).await, "1C");
    }
    assert_eq!(due.standin.users(INSTANCE).len(), 2);
    due.end().await;
}

#[tokio::test]
async fn what_a_schedule_sent_leaves_the_schedule_of_a_later_event() {
    let mut scene = waiting(72).scene().await;
    assert_eq!(scene.deliver(&[in_days(1, 30)]).await, "1L");
    scene.standin.let_schedules_come_due().await;
    let mut sent = scene.standin.messages("hr-joins").remove(0);
    assert_eq!(scene.deliver(&[in_days(1, 40)]).await, "1L");
    // The message of the first event, by now as near as it was then.
    sent.body = in_days(1, 1).to_string();
    assert_eq!(scene.invoke(&delivered(&sent)).await, "1C");
    assert_eq!(expressions(&scene), [three_days_before(40)]);
    scene.end().await;
}

#[tokio::test]
async fn bad_input_is_refused_now_and_not_when_it_is_due() {
    let mut scene = waiting(72).scene().await;
    let mut nameless = in_days(1, 30);
    nameless["worker"]["familyName"] = json!("");
    let mut night = in_days(2, 30);
    night["worker"]["department"]["code"] = json!("NIGHT");
    assert_eq!(
        scene.deliver(&[nameless, night]).await,
        "1D(missing_field:worker.familyName) 1D(no_assignment)"
    );
    let mut large = in_days(3, 30);
    large["worker"]["comment"] = json!("x".repeat(300_000));
    assert_eq!(scene.deliver(&[large]).await, "1D(unschedulable)");
    assert!(expressions(&scene).is_empty());
    scene.end().await;
}

#[tokio::test]
async fn a_schedule_that_cannot_be_set_leaves_the_message_on_the_queue() {
    let mut scene = waiting(72).scene().await;
    for (operation, does) in [
        (
            "CreateSchedule",
            Does::Error {
                code: "AccessDeniedException".into(),
                status: 403,
                echo: false,
            },
        ),
        ("CreateSchedule", Does::Hang),
        ("CreateSchedule", Does::CommitThenDrop),
    ] {
        let calls = Calls {
            from: 1,
            to: u64::MAX,
        };
        scene.faults(vec![Fault {
            operation: operation.to_owned(),
            calls,
            does,
        }]);
        let ended = scene.deliver(&[in_days(1, 30)]).await;
        assert!(ended == "1R" || ended == "1L", "{ended}");
    }
    // What was set although the answer was lost is the same schedule.
    scene.faults(Vec::new());
    assert_eq!(scene.deliver(&[in_days(1, 30)]).await, "1L");
    assert_eq!(expressions(&scene), [three_days_before(30)]);
    // The one that is to be taken away first cannot be: nobody is made, so nothing is made twice.
    let does = Does::Throttle;
    scene.faults(vec![Fault {
        operation: "DeleteSchedule".to_owned(),
        calls: Calls::default(),
        does,
    }]);
    assert_eq!(scene.deliver(&[in_days(1, 1)]).await, "1R");
    assert_eq!(scene.standin.users(INSTANCE).len(), 0);
    scene.end().await;
}

/// The bodies that the schedules of a scene would send.
fn bodies(scene: &Scene) -> Vec<String> {
    let schedules = scene.standin.schedules().into_iter();
    let inputs = schedules.map(|schedule| serde_json::from_str::<Value>(&schedule.input));
    let body = |input: Value| input["MessageBody"].as_str().map(str::to_owned);
    inputs
        .filter_map(|input| body(input.expect("JSON")))
        .collect()
}

#[tokio::test]
async fn a_schedule_holds_the_whole_event_of_its_person_or_the_event_is_refused() {
    let mut scene = waiting(72).scene().await;
    let with = |n, key: &str, text: &str| {
        let mut join = in_days(n, 30);
        join[key] = json!(text);
        join
    };
    let harmless = with(1, "a-link", "https://hr.example/x?forgot_password=1");
    assert_eq!(scene.deliver(&[&harmless]).await, "1L");
    assert_eq!(bodies(&scene), [harmless.to_string()]);
    // The text of this person's own event would not come back as it was.
    let own = with(2, "a-link", "https://hr.example/x?password=abc");
    assert_eq!(scene.deliver(&[&own]).await, "1D(unschedulable)");
    let encoded = with(2, "x", &json!({"password": "abc"}).to_string());
    assert_eq!(scene.deliver(&[&encoded]).await, "1D(unschedulable)");
    assert_eq!(bodies(&scene).len(), 1);
    // The text of somebody else's would.
    assert_eq!(
        scene
            .deliver(&[json!([own, in_days(3, 30), {"password": "abc"}])])
            .await,
        "1L 1D(unschedulable)"
    );
    let letter = scene.standin.messages("hr-joins-dlq").remove(2);
    let details: Value =
        serde_json::from_str(&letter.attributes["provisioner.details"]).expect("JSON");
    let listed = |n: usize| {
        (
            &details["failures"][n]["reason"],
            &details["failures"][n]["items"],
        )
    };
    assert_eq!(listed(0), (&json!("unschedulable"), &json!("0")));
    assert_eq!(listed(1), (&json!("invalid_field:Password"), &json!("2")));
    let cut = with(2, "a-link", "https://hr.example/x?password=[removed]");
    let list = json!([cut, in_days(3, 30), {"password": "[removed]"}]);
    assert!(bodies(&scene).contains(&list.to_string()));
    scene.end().await;
}
