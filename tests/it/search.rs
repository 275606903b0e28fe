//! Searches for users that people have already: one call for many people, and none of them twice.

use std::time::Duration;

use connect_standin::{Calls, Does, Fault};
use serde_json::{Value, json};
use test_support::scene::{Scene, Setting};
use test_support::shipped::{INSTANCE, a_batch_of, body, join_of};

fn joins(people: usize) -> Vec<Value> {
    (0..people).map(join_of).collect()
}

fn on_first(operation: &str, does: Does) -> Fault {
    Fault {
        operation: operation.to_owned(),
        calls: Calls { from: 1, to: 1 },
        does,
    }
}

#[tokio::test]
async fn one_search_is_for_everybody_who_is_to_come() {
    let mut scene = Scene::plain().await;
    for (people, searches) in [(10, 1), (30, 2)] {
        scene.go_on_in_another_copy().await;
        let before = scene.called("SearchUsers");
        scene.deliver(&joins(people)).await;
        assert_eq!(scene.called("SearchUsers") - before, searches, "{people}");
    }
    // Ten were made by the first batch.
    assert_eq!(scene.called("CreateUser"), 30);
    // The people of one message count like messages.
    let before = scene.called("SearchUsers");
    let list: Vec<Value> = (30..35).map(join_of).collect();
    assert_eq!(scene.deliver(&[json!(list)]).await, "5C");
    assert_eq!(scene.called("SearchUsers") - before, 1);
    scene.end().await;
}

#[tokio::test]
async fn a_search_is_read_to_its_last_page() {
    let setting = Setting::shipped().seeded(|seed| seed.page_size = Some(3));
    let mut scene = setting.scene().await;
    assert_eq!(scene.deliver(&joins(10)).await, "10C");
    scene.go_on_in_another_copy().await;
    let before = scene.called("SearchUsers");
    assert_eq!(scene.deliver(&joins(10)).await, "10A");
    assert_eq!(scene.called("SearchUsers") - before, 4);
    assert_eq!(scene.called("CreateUser"), 10);
    scene.end().await;
}

#[tokio::test]
async fn where_connect_refuses_to_search_for_many_each_is_searched_for_alone() {
    let mut scene = Scene::plain().await;
    let refused = Does::Error {
        code: "InvalidParameterException".to_owned(),
        status: 400,
        echo: true,
    };
    scene.faults(vec![on_first("SearchUsers", refused)]);
    assert_eq!(scene.deliver(&joins(10)).await, "10C");
    assert_eq!(scene.called("SearchUsers"), 1 + 10);
    let more: Vec<Value> = (10..13).map(join_of).collect();
    assert_eq!(scene.deliver(&more).await, "3C");
    assert_eq!(scene.called("SearchUsers"), 1 + 10 + 3);
    scene.end().await;
}

#[tokio::test]
async fn a_message_of_many_is_delivered_again_without_describing_anybody() {
    let mut scene = Scene::plain().await;
    let list = json!(joins(60));
    assert_eq!(scene.deliver(&[&list]).await, "60C");
    // Here what was made is remembered, and in another copy the search tells whose the users are.
    for searches in [0, 3] {
        let before = scene.called("SearchUsers");
        assert_eq!(scene.deliver(&[&list]).await, "60A");
        assert_eq!(scene.called("SearchUsers") - before, searches);
        assert_eq!(scene.called("DescribeUser"), 0);
        scene.go_on_in_another_copy().await;
    }
    scene.end().await;
}

#[tokio::test]
async fn a_user_made_from_another_request_is_described_before_it_is_judged() {
    let keeping = Setting::shipped().with(
        "# changed_request = \"refuse\"",
        "changed_request = \"keep\" #",
    );
    let mut changed = join_of(1);
    changed["worker"]["location"] = json!("Bristol");
    for (setting, expected) in [
        (Setting::shipped(), "1D(conflicting_replay)"),
        (keeping, "1A"),
    ] {
        let mut scene = setting.scene().await;
        assert_eq!(scene.deliver(&[join_of(1)]).await, "1C");
        for described in [1, 2] {
            assert_eq!(scene.deliver(&[&changed]).await, expected);
            assert_eq!(scene.called("DescribeUser"), described);
            scene.go_on_in_another_copy().await;
        }
        scene.end().await;
    }
}

// The search is refused with a code of Connect's own, of the door before it, and one that nobody knows.
#[tokio::test]
async fn any_refusal_but_throttling_leads_to_single_searches() {
    for code in ["AccessDeniedException", "SomethingNewException"] {
        let mut scene = Scene::plain().await;
        let refused = Does::Error {
            code: code.to_owned(),
            status: 400,
            echo: true,
        };
        scene.faults(vec![on_first("SearchUsers", refused)]);
        assert_eq!(scene.deliver(&joins(3)).await, "3C", "{code}");
        assert_eq!(scene.called("SearchUsers"), 1 + 3, "{code}");
        scene.end().await;
    }
    let mut scene = Scene::plain().await;
    scene.faults(vec![on_first("SearchUsers", Does::Throttle)]);
    assert_eq!(scene.deliver(&joins(3)).await, "3C");
    assert_eq!(scene.called("SearchUsers"), 1 + 1);
    scene.end().await;
}

// HR corrects a name while the first event is still on its way, and Connect's index does not show the user yet.
#[tokio::test]
async fn a_person_who_comes_twice_in_a_batch_has_one_user_under_whatever_name() {
    let setting = Setting::shipped().seeded(|seed| seed.hide_new_users_seconds = 600);
    let mut scene = setting.scene().await;
    let mut corrected = join_of(1);
    corrected["worker"]["familyName"] = json!("Macmillan");
    let batch = [join_of(0), join_of(1), corrected, join_of(2)];
    assert_eq!(scene.deliver(&batch).await, "3C 1D(conflicting_replay)");
    scene.end().await;
    // Nor where they have one that the index shows.
    let mut scene = Scene::plain().await;
    assert_eq!(scene.deliver(&[join_of(1)]).await, "1C");
    scene.go_on_in_another_copy().await;
    let thrice = [join_of(1), join_of(1), join_of(0), join_of(1)];
    assert_eq!(scene.deliver(&thrice).await, "1C 3A");
    assert_eq!(
        (scene.called("CreateUser"), scene.called("SearchUsers")),
        (2, 2)
    );
    scene.end().await;
}

#[tokio::test]
async fn whom_another_copy_makes_after_the_search_is_recognised() {
    let mut scene = Scene::plain().await;
    let (mut one, mut other) = (
        scene.another_function().await,
        scene.another_function().await,
    );
    scene.faults(vec![on_first(
        "CreateUser",
        Does::Delay { milliseconds: 1000 },
    )]);
    let batch = a_batch_of(2);
    let second = json!({"Records": [batch["Records"][1]]});
    let (batch, second) = (batch.to_string(), second.to_string());
    let (first_answer, second_answer) = tokio::join!(one.invoke(&batch), async {
        // The first copy has searched for both by then, and waits a second for its first creation.
        while scene.called("SearchUsers") == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        other.invoke(&second).await
    });
    let all = [first_answer, second_answer].map(|answer| body(&answer));
    assert!(
        all.iter()
            .all(|body| body["batchItemFailures"] == json!([])),
        "{all:?}"
    );
    assert_eq!(scene.standin.users(INSTANCE).len(), 2);
    assert_eq!(scene.called("CreateUser"), 3);
    assert_eq!(scene.called("SearchUsers"), 2 + 1, "one by username");
    for copy in [one, other] {
        scene.captured.logs(&copy.logs().await);
    }
    scene.end().await;
}
