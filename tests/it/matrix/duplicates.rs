//! Rows about one person twice: in a batch, in two functions, replayed, changed, made by hand, or made by a lost call.

use connect_standin::{Does, Fault};
use serde_json::json;
use test_support::by_hand::make_by_hand;
use test_support::faults::{FIRST, fault};
use test_support::function::Answer;
use test_support::scene::{Scene, Setting, record};
use test_support::shipped::{INSTANCE, join_of};

use super::input::{check, join_with};
use super::{Row, row, simulated};

pub(super) fn rows() -> Vec<Row> {
    let mut rows = again();
    rows.extend(whose());
    rows.extend(lost_answers());
    rows
}

fn again() -> Vec<Row> {
    vec![
        row(
            35,
            "a list of three, one bad (Okta's hook has such lists)",
            async {
                let list = json!([
                    join_of(1),
                    join_with(2, "/worker/familyName", json!("")),
                    join_of(3)
                ]);
                check(&[list], "2C 1D(missing_field:worker.familyName)").await;
            },
        ),
        simulated(36, "same event twice in one batch", async {
            // The matrix says skip; what is recorded is that the person has a user already.
            check(&[join_of(1), join_of(1)], "1C 1A").await;
        }),
        simulated(
            37,
            "same event in two functions at the same moment",
            async {
                let mut scene = Scene::plain().await;
                let mut second = scene.another_function().await;
                // Both have searched, and found nobody, before either creates.
                scene.faults(vec![fault(
                    "CreateUser",
                    FIRST,
                    Does::Delay { milliseconds: 3000 },
                )]);
                let event = json!({"Records": [record(&join_of(1).to_string())]}).to_string();
                let (one, two) =
                    tokio::join!(scene.function().invoke(&event), second.invoke(&event));
                let done = Answer::Success(json!({"batchItemFailures": []}).to_string());
                assert_eq!((&one, &two), (&done, &done));
                assert_eq!(scene.standin.users(INSTANCE).len(), 1);
                let creations: Vec<Option<String>> = scene
                    .standin
                    .calls()
                    .into_iter()
                    .filter(|call| call.operation == "CreateUser")
                    .map(|call| call.error)
                    .collect();
                assert_eq!(
                    creations,
                    [None, Some("DuplicateResourceException".to_owned())]
                );
                scene.captured.logs(&second.logs().await);
                scene.end().await;
            },
        ),
        simulated(
            38,
            "replay of an event already created, as a new message",
            async {
                let mut scene = Scene::plain().await;
                assert_eq!(scene.deliver(&[join_of(1)]).await, "1C");
                assert_eq!(scene.deliver(&[join_of(1)]).await, "1A");
                scene.end().await;
            },
        ),
        simulated(39, "replay with a changed name, same key", async {
            let mut scene = Scene::plain().await;
            let changed = join_with(1, "/worker/familyName", json!("Brown"));
            assert_eq!(scene.deliver(&[join_of(1)]).await, "1C");
            assert_eq!(scene.deliver(&[&changed]).await, "1D(conflicting_replay)");
            // What counts is what Connect would be asked, not the payload.
            let same_request = join_with(1, "/worker/managerEmployeeId", json!("E999"));
            assert_eq!(scene.deliver(&[same_request]).await, "1A");
            scene.end().await;
            let keeping = Setting::shipped().with(
                "# changed_request = \"refuse\"",
                "changed_request = \"keep\" #",
            );
            let mut scene = keeping.scene().await;
            assert_eq!(scene.deliver(&[join_of(1)]).await, "1C");
            let moved = join_with(1, "/worker/location", json!("Bristol"));
            assert_eq!(scene.deliver(&[moved]).await, "1A");
            // Another name may be another person's, with whom the first shares a number.
            assert_eq!(scene.deliver(&[&changed]).await, "1D(conflicting_replay)");
            scene.end().await;
        }),
    ]
}

fn whose() -> Vec<Row> {
    vec![simulated(40, "user made by hand, without a tag", async {
        let adopting = || {
            Setting::shipped().with(
                "# unmanaged_user = \"refuse\"",
                "unmanaged_user = \"adopt\" #",
            )
        };
        for (setting, first_name, expected) in [
            (
                Setting::shipped(),
                "Tricia1",
                "1D(username_exists_unmanaged)",
            ),
            (adopting(), "Tricia1", "1O"),
            (adopting(), "Trevor", "1D(username_exists_unmanaged)"),
        ] {
            let mut scene = setting.scene().await;
            make_by_hand(&scene, first_name).await;
            assert_eq!(scene.deliver(&[join_of(1)]).await, expected, "{first_name}");
            assert_eq!(scene.standin.users(INSTANCE).len(), 1);
            scene.end().await;
        }
    })]
}

/// Two people are delivered under a fault, and again: two users, whatever the first answer was.
async fn check_lost(does: Does) {
    let mut scene = Scene::plain().await;
    let told = format!("{does:?}");
    scene.faults(vec![Fault {
        does,
        ..fault("CreateUser", FIRST, Does::Drop)
    }]);
    assert_eq!(
        scene.deliver(&[join_of(1), join_of(2)]).await,
        "2C",
        "{told}"
    );
    scene.faults(Vec::new());
    assert_eq!(
        scene.deliver(&[join_of(1), join_of(2)]).await,
        "2A",
        "{told}"
    );
    scene.end().await;
}

fn lost_answers() -> Vec<Row> {
    vec![
        simulated(41, "CreateUser made the user, the answer was lost", async {
            for does in [
                Does::CommitThenDrop,
                Does::CommitThenHang,
                Does::CommitThenInternal,
                Does::SlowDrip,
            ] {
                check_lost(does).await;
            }
        }),
        simulated(43, "duplicate, but the search is blind for 90 s", async {
            // The matrix says retry first; ListUsers, which does not lag, knows at once.
            let setting = Setting::shipped().seeded(|seed| {
                seed.hide_new_users_seconds = 90;
                seed.page_size = Some(1);
            });
            let mut scene = setting.scene().await;
            assert_eq!(scene.deliver(&[join_of(1), join_of(2)]).await, "2C");
            scene.go_on_in_another_copy().await;
            assert_eq!(scene.deliver(&[join_of(1), join_of(2)]).await, "2A");
            scene.end().await;
            // Nor does the script's way of hiding one user make a second one.
            let mut scene = Scene::plain().await;
            scene.faults(vec![fault(
                "CreateUser",
                FIRST,
                Does::HideUser { seconds: 90 },
            )]);
            assert_eq!(scene.deliver(&[join_of(1)]).await, "1C");
            scene.go_on_in_another_copy().await;
            assert_eq!(scene.deliver(&[join_of(1)]).await, "1A");
            assert_ne!(scene.called("ListUsers"), 0, "the user was not hidden");
            scene.end().await;
        }),
    ]
}
