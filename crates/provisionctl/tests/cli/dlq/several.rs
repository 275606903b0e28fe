//! Dead letters about several people of one message.

use serde_json::{Value, json};
use test_support::shipped::INSTANCE;

use super::desk::{Desk, check, half_bad_list};

#[tokio::test]
async fn a_dead_letter_about_several_people_is_listed_filtered_corrected_and_replayed() {
    let desk = Desk::new().await;
    desk.bury(&[half_bad_list()]).await;
    assert_eq!(
        (desk.dead_letters(), desk.standin.users(INSTANCE).len()),
        (1, 2)
    );
    let list = desk.dlq(&desk.faulty, &["list"]).await;
    let list = check(&list, 0, "1 dead letters about 3 people", "");
    for line in [
        "      2  missing_field:worker.familyName",
        "      1  no_assignment",
        "employee:E200002 +2",
    ] {
        assert!(list.contains(line), "{list}");
    }
    for (filter, expected) in [
        (["--reason", "no_assignment"], 1),
        (["--reason", "not_json"], 0),
        (["--key", "employee:E200004"], 1),
        (["--key", "employee:E200005"], 1),
        (["--key", "employee:E200001"], 0),
    ] {
        let output = desk
            .dlq(&desk.faulty, &[&["list", "--json"], &filter[..]].concat())
            .await;
        let lines = check(&output, 0, "", "");
        assert_eq!(lines.lines().count(), expected, "{filter:?}");
    }
    let id = desk.standin.messages("hr-joins-dlq")[0].id.clone();
    let show = desk.dlq(&desk.faulty, &["show", &id]).await;
    let show = check(
        &show,
        0,
        "items 1,3 of its message: missing_field:worker.familyName: worker",
        "",
    );
    for line in [
        "items 4 of its message: no_assignment: no assignment fits",
        "now        2 x still refused",
    ] {
        assert!(show.contains(line), "{show}");
    }
    let set = ["replay", &id, "--set", "worker.familyName=Baker"];
    let output = desk.dlq(&desk.fixed, &set).await;
    check(
        &output,
        2,
        "",
        "the dead letter is about 3 people, and --set corrects one; give --item",
    );
    let output = desk
        .dlq(&desk.fixed, &[&set[..], &["--item", "0"]].concat())
        .await;
    check(
        &output,
        2,
        "",
        "the dead letter is not about a person at place 0",
    );
    let output = desk
        .dlq(&desk.fixed, &[&set[..], &["--item", "3"]].concat())
        .await;
    check(&output, 0, "replayed 1", "");
    let source = desk.source();
    let mut function = desk.function(&desk.fixed).await;
    assert!(source.deliver(&mut function).await);
    // The corrected person and the one with an assignment now; people with a user were not tried.
    assert_eq!(desk.standin.users(INSTANCE).len(), 4);
    let dead_letters = desk.standin.messages("hr-joins-dlq");
    let details: Value =
        serde_json::from_str(&dead_letters[0].attributes["provisioner.details"]).expect("JSON");
    assert_eq!(
        (dead_letters.len(), &details["failures"]),
        (
            1,
            &json!([{"reason": "missing_field:worker.familyName", "items": "1"}])
        )
    );
    assert_eq!(details["replays"], 1);
    assert!(!function.logged().contains("already_exists"));
}

#[tokio::test]
async fn a_dead_letter_of_several_people_is_not_dropped_by_mistake() {
    let desk = Desk::new().await;
    desk.bury(&[half_bad_list()]).await;
    let drop = ["drop", "--key", "employee:E200004", "--why", "hired twice"];
    let output = desk.dlq(&desk.faulty, &drop).await;
    check(
        &output,
        2,
        "missing_field",
        "these are 1 dead letters about 3 people; give --yes",
    );
    assert_eq!(desk.dead_letters(), 1);
}
