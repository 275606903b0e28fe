//! Claims on usernames in a DynamoDB table: one user for each person, whatever fails on the way.

use connect_standin::{Calls, Does};
use serde_json::{Value, json};
use test_support::faults::{ALL, FIRST, error, fault};
use test_support::scene::{Scene, Setting};
use test_support::shipped::{INSTANCE, join_of};

use crate::matrix::identity::claiming;

const TABLE: &str = "connect-provisioner-claims";

async fn scene() -> Scene {
    let setting = Setting::shipped().seeded(|seed| seed.hide_new_users_seconds = 90);
    claiming(setting).scene().await
}

fn corrected() -> Value {
    let mut join = join_of(1);
    join["worker"]["familyName"] = json!("Brown");
    join
}

/// Gives an attribute of the only claim.
fn claimed(scene: &Scene, attribute: &str) -> Option<String> {
    let items = scene.standin.items(TABLE);
    assert_eq!(items.len(), 1, "{items:?}");
    let value = items[0].get(attribute)?;
    value["S"]
        .as_str()
        .or(value["N"].as_str())
        .map(str::to_owned)
}

#[tokio::test]
async fn a_claim_knows_the_username_and_then_the_user() {
    let mut scene = scene().await;
    assert_eq!(scene.deliver(&[join_of(1)]).await, "1C");
    assert_eq!(
        claimed(&scene, "username").as_deref(),
        Some("tricia1.mcmillan")
    );
    let user = scene.standin.users(INSTANCE)[0].id.clone();
    assert_eq!(claimed(&scene, "user_id"), Some(user));
    // Nothing of the person but the username is kept.
    let attributes: Vec<String> = scene.standin.items(TABLE)[0].keys().cloned().collect();
    let kept = [
        "attempt",
        "claim",
        "claimed_at",
        "made_at",
        "user_id",
        "username",
    ];
    assert_eq!(attributes, kept);
    scene.go_on_in_another_copy().await;
    assert_eq!(scene.deliver(&[join_of(1)]).await, "1A");
    scene.end().await;
}

#[tokio::test]
async fn a_lost_answer_leaves_the_username_pinned_for_the_corrected_event() {
    for does in [Does::Drop, Does::Internal] {
        let mut scene = scene().await;
        let told = format!("{does:?}");
        scene.faults(vec![fault("CreateUser", ALL, does)]);
        assert_eq!(scene.deliver(&[join_of(1)]).await, "1R", "{told}");
        assert_eq!(
            claimed(&scene, "username").as_deref(),
            Some("tricia1.mcmillan")
        );
        scene.faults(Vec::new());
        scene.go_on_in_another_copy().await;
        // The username that was asked for may exist, so no other is asked for; the outcome says so.
        assert_eq!(scene.deliver(&[corrected()]).await, "1C", "{told}");
        assert!(
            scene.logged().contains(r#""dropped_fields":"username""#),
            "{told}"
        );
        assert_eq!(
            scene.standin.users(INSTANCE)[0].username,
            "tricia1.mcmillan"
        );
        assert_eq!(scene.deliver(&[join_of(1)]).await, "1D(conflicting_replay)");
        assert_eq!(scene.standin.users(INSTANCE).len(), 1);
        scene.end().await;
    }
}

#[tokio::test]
async fn a_definite_refusal_releases_the_claim() {
    let mut scene = scene().await;
    scene.faults(vec![fault(
        "CreateUser",
        ALL,
        error("InvalidRequestException", 400),
    )]);
    let refused = scene.deliver(&[join_of(1)]).await;
    assert_eq!(refused, "1D(connect_rejected)");
    assert_eq!(scene.standin.items(TABLE).len(), 0);
    scene.faults(Vec::new());
    assert_eq!(scene.deliver(&[corrected()]).await, "1C");
    assert_eq!(scene.standin.users(INSTANCE)[0].username, "tricia1.brown");
    scene.end().await;
}

#[tokio::test]
async fn a_table_in_trouble_is_waited_for_and_never_skipped() {
    for does in [
        Does::Internal,
        Does::Throttle,
        Does::Drop,
        error("AccessDeniedException", 400),
        error("ResourceNotFoundException", 400),
        error("ValidationException", 400),
    ] {
        let mut scene = scene().await;
        let told = format!("{does:?}");
        scene.faults(vec![fault("UpdateItem", ALL, does)]);
        assert_eq!(scene.deliver(&[join_of(1)]).await, "1R", "{told}");
        assert_eq!(scene.called("CreateUser"), 0, "{told}");
        scene.faults(Vec::new());
        assert_eq!(scene.deliver(&[join_of(1)]).await, "1C", "{told}");
        scene.end().await;
    }
}

#[tokio::test]
async fn a_lost_answer_of_the_table_does_not_stand_in_its_own_way() {
    // The username is pinned with the first call, and the user noted with the second.
    for call in [1, 2] {
        let mut scene = scene().await;
        let calls = Calls {
            from: call,
            to: call,
        };
        scene.faults(vec![fault("UpdateItem", calls, Does::CommitThenDrop)]);
        assert_eq!(scene.deliver(&[join_of(1)]).await, "1C", "call {call}");
        assert!(claimed(&scene, "user_id").is_some(), "call {call}");
        scene.end().await;
    }
}

#[tokio::test]
async fn a_lost_answer_of_the_table_does_not_unpin_the_username() {
    let mut scene = scene().await;
    // The first attempt's result is unknown.
    scene.faults(vec![fault("CreateUser", ALL, Does::Drop)]);
    assert_eq!(scene.deliver(&[join_of(1)]).await, "1R");
    scene.go_on_in_another_copy().await;
    // The second takes the claim over, and does not hear that it has it.
    scene.faults(vec![fault("UpdateItem", FIRST, Does::CommitThenDrop)]);
    assert_eq!(scene.deliver(&[corrected()]).await, "1C");
    let user = &scene.standin.users(INSTANCE)[0];
    assert_eq!(user.username, "tricia1.mcmillan");
    scene.end().await;
}

#[tokio::test]
async fn a_user_that_the_table_knows_and_connect_does_not_show_is_waited_for() {
    let mut scene = scene().await;
    assert_eq!(scene.deliver(&[join_of(1)]).await, "1C");
    scene.go_on_in_another_copy().await;
    scene.faults(vec![fault(
        "DescribeUser",
        ALL,
        error("ResourceNotFoundException", 404),
    )]);
    assert_eq!(scene.deliver(&[corrected()]).await, "1R");
    assert!(scene.logged().contains("not_visible_yet"));
    scene.faults(Vec::new());
    assert_eq!(
        scene.deliver(&[corrected()]).await,
        "1D(conflicting_replay)"
    );
    assert_eq!(scene.standin.users(INSTANCE).len(), 1);
    scene.end().await;
}

#[tokio::test]
async fn a_username_of_another_person_moves_the_claim_to_the_next() {
    let setting = Setting::shipped().with(
        "# username_when_taken = [\"{{ given_name }}.{{ family_name }}.{{ employee_id }}\"]",
        "username_when_taken = [\"{{ given_name }}.{{ employee_id }}\"]",
    );
    let mut scene = claiming(setting).scene().await;
    let mut other = join_of(1);
    other["worker"]["employeeId"] = json!("E770001");
    assert_eq!(scene.deliver(&[join_of(1), other.clone()]).await, "2C");
    let names: Vec<String> = scene
        .standin
        .items(TABLE)
        .iter()
        .map(|item| item["username"]["S"].as_str().expect("a text").to_owned())
        .collect();
    let users = scene.standin.users(INSTANCE);
    assert!(
        users.iter().all(|user| names.contains(&user.username)),
        "{names:?}"
    );
    assert_eq!(scene.deliver(&[other]).await, "1A");
    scene.end().await;
}

#[tokio::test]
async fn a_user_made_by_hand_is_adopted_by_one_person_even_where_tags_are_not_shown() {
    let adopting = Setting::shipped().with(
        "# unmanaged_user = \"refuse\"",
        "unmanaged_user = \"adopt\" #",
    );
    let mut scene = claiming(adopting).scene().await;
    test_support::by_hand::make_by_hand(&scene, "Tricia1").await;
    assert_eq!(scene.deliver(&[join_of(1)]).await, "1O");
    let mut other = join_of(1);
    other["worker"]["employeeId"] = json!("E770001");
    assert_eq!(scene.deliver(&[other]).await, "1D(username_taken)");
    scene.end().await;
}
