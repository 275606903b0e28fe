//! A username that somebody has: another one only where the configuration lists it and the tag proves another person.

use serde_json::{Value, json};
use test_support::by_hand::make_by_hand;
use test_support::scene::{Scene, Setting};
use test_support::shipped::{INSTANCE, join_of};

const FIRST: &str = "too_long = \"cut\"";

fn with_alternatives(templates: &str) -> Setting {
    Setting::shipped().with(
        FIRST,
        &format!("{FIRST}\nusername_when_taken = {templates}"),
    )
}

/// Another Jane Doe.
fn jane(n: usize) -> Value {
    let mut join = join_of(n);
    join["worker"]["givenName"] = json!("Jane");
    join["worker"]["familyName"] = json!("Doe");
    join["worker"]["employeeId"] = json!(format!("E{n}"));
    join
}

fn usernames(scene: &Scene) -> Vec<String> {
    let users = scene.standin.users(INSTANCE);
    let mut names: Vec<_> = users.into_iter().map(|user| user.username).collect();
    names.sort();
    names
}

#[tokio::test]
async fn another_persons_username_gives_way_to_the_next_and_a_replay_to_the_same() {
    let alternatives =
        r#"["{{ given_name }}.{{ family_name }}.{{ employee_id }}", "{{ employee_id }}"]"#;
    let mut scene = with_alternatives(alternatives).scene().await;
    let all = [jane(1), jane(2), jane(3)];
    assert_eq!(scene.deliver(&all).await, "3C");
    let names = ["jane.doe", "jane.doe.e2", "jane.doe.e3"];
    assert_eq!(usernames(&scene), names);
    // Found by the tag, whatever the username.
    assert_eq!(scene.deliver(&all).await, "3A");
    assert_eq!(usernames(&scene), names);
    scene.end().await;
}

#[tokio::test]
async fn a_search_that_shows_nobody_yet_leaves_it_to_the_names_in_the_same_order() {
    let setting =
        with_alternatives(r#"["{{ employee_id }}", "{{ given_name }}{{ employee_id }}"]"#);
    let setting = setting.seeded(|seed| seed.hide_new_users_seconds = 600);
    let mut scene = setting.scene().await;
    let all = [jane(1), jane(2)];
    assert_eq!(scene.deliver(&all).await, "2C");
    scene.go_on_in_another_copy().await;
    assert_eq!(scene.deliver(&all).await, "2A");
    assert_eq!(usernames(&scene), ["e2", "jane.doe"]);
    scene.end().await;
}

#[tokio::test]
async fn without_a_list_or_a_free_name_in_it_the_person_is_refused() {
    let mut scene = Scene::plain().await;
    assert_eq!(
        scene.deliver(&[jane(1), jane(2)]).await,
        "1C 1D(username_taken)"
    );
    scene.end().await;
    // The second comes out too long and is never cut; the third is the first again.
    let alternatives = r#"["{{ given_name }}.{{ family_name }}.of.the.northern.office", "{{ given_name }}.{{ family_name }}"]"#;
    let mut scene = with_alternatives(alternatives).scene().await;
    assert_eq!(
        scene.deliver(&[jane(1), jane(2)]).await,
        "1C 1D(username_taken)"
    );
    scene.end().await;
}

#[tokio::test]
async fn a_user_without_a_tag_may_be_this_person_and_is_left_alone() {
    let mut scene = with_alternatives(r#"["{{ employee_id }}"]"#).scene().await;
    make_by_hand(&scene, "Tricia1").await;
    assert_eq!(
        scene.deliver(&[join_of(1)]).await,
        "1D(username_exists_unmanaged)"
    );
    scene.end().await;
}
