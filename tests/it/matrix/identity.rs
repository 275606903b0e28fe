//! Rows about who is who: one user for each person, and nobody takes another person's.

use connect_standin::Does;
use serde_json::{Value, json};
use test_support::by_hand::{make_by_hand, make_by_hand_named};
use test_support::faults::{ALL, FIRST, error, fault};
use test_support::scene::{Scene, Setting};
use test_support::schedules::{in_days, waiting};
use test_support::shipped::{INSTANCE, join_of};

use super::input::join_with;
use super::{Row, simulated};
use crate::username_case::{saml, two_in_case_only, usernames};
use crate::wishes::{EARLY, LATE, at, of_type};

pub(super) fn rows() -> Vec<Row> {
    vec![
        simulated(
            66,
            "DescribeUser does not find one's own fresh user",
            async {
                for calls in [FIRST, ALL] {
                    let mut scene = Scene::plain().await;
                    let missing = || {
                        fault(
                            "DescribeUser",
                            calls,
                            error("ResourceNotFoundException", 404),
                        )
                    };
                    scene.faults(vec![missing()]);
                    let corrected = join_with(1, "/worker/familyName", json!("Brown"));
                    // In one batch, and at another copy, which knows the user by the search alone.
                    let both = [join_of(1), corrected.clone()];
                    assert_eq!(scene.deliver(&both).await, "1C 1R");
                    scene.go_on_in_another_copy().await;
                    scene.faults(vec![missing()]);
                    assert_eq!(scene.deliver(&[&corrected]).await, "1R");
                    assert!(scene.logged().contains("not_visible_yet"));
                    scene.faults(Vec::new());
                    assert_eq!(scene.deliver(&[&corrected]).await, "1D(conflicting_replay)");
                    assert_eq!(scene.standin.users(INSTANCE).len(), 1);
                    scene.end().await;
                }
            },
        ),
        simulated(
            67,
            "a corrected name at another copy while the search lags",
            async {
                let mut scene = claiming(lagging()).scene().await;
                let corrected = join_with(1, "/worker/familyName", json!("Brown"));
                assert_eq!(scene.deliver(&[join_of(1)]).await, "1C");
                scene.go_on_in_another_copy().await;
                assert_eq!(scene.deliver(&[corrected]).await, "1D(conflicting_replay)");
                scene.end().await;
            },
        ),
        who_differ_in_case(),
        simulated(
            69,
            "three people of one name, one user made by hand",
            async {
                let mut scene = adopting().scene().await;
                make_by_hand(&scene, "Tricia1").await;
                let named: Vec<Value> = (1..4).map(namesake).collect();
                assert_eq!(scene.deliver(&named).await, "1O 2D(username_taken)");
                // Whoever has adopted it has it from now on, at another copy too.
                scene.go_on_in_another_copy().await;
                assert_eq!(scene.deliver(&named).await, "1A 2D(username_taken)");
                let users = scene.standin.users(INSTANCE);
                assert_eq!(users.len(), 1);
                assert!(users[0].tags.contains_key("connect-provisioner:person"));
                scene.end().await;
                // A username that differs in case only is a clash, which nobody adopts.
                let mut scene = adopting().scene().await;
                make_by_hand_named(&scene, "Tricia1", "Tricia1.McMillan").await;
                let clash = "1D(username_exists_unmanaged)";
                assert_eq!(scene.deliver(&[namesake(1)]).await, clash);
                assert!(scene.logged().contains("upper and lower case"));
                scene.end().await;
                // Tags that cannot be written make nobody's user.
                let mut scene = adopting().scene().await;
                make_by_hand(&scene, "Tricia1").await;
                scene.faults(vec![fault("TagResource", FIRST, Does::Throttle)]);
                assert_eq!(scene.deliver(&[namesake(1)]).await, "1O");
                scene.end().await;
                let mut scene = adopting().scene().await;
                make_by_hand(&scene, "Tricia1").await;
                scene.faults(vec![fault(
                    "TagResource",
                    ALL,
                    error("AccessDeniedException", 403),
                )]);
                assert_eq!(scene.deliver(&[namesake(1)]).await, "1R");
                assert!(scene.standin.users(INSTANCE)[0].tags.is_empty());
                scene.end().await;
            },
        ),
        simulated(70, "two HR systems with one employee number", async {
            let hired = |system: &str, first: &str| json!({"system": system, "number": "E104233", "first": first, "last": "Oz"});
            let (ann, bob) = (hired("acme", "Ann"), hired("bolt", "Bob"));
            let mut scene = two_systems("").scene().await;
            assert_eq!(
                scene.deliver(&[&ann, &bob]).await,
                "1C 1D(conflicting_replay)"
            );
            scene.end().await;
            let mut scene = two_systems("key_namespace = \"bolt-hr\"\n").scene().await;
            assert_eq!(scene.deliver(&[&ann, &bob]).await, "2C");
            scene.go_on_in_another_copy().await;
            assert_eq!(scene.deliver(&[&ann, &bob]).await, "2A");
            scene.end().await;
        }),
        who_never_starts(),
    ]
}

fn who_differ_in_case() -> Row {
    simulated(
        68,
        "two people of an identity provider who differ in case only",
        async {
            for (ignore_case, second) in [(false, "1C"), (true, "1D(username_taken)")] {
                let mut scene = saml(ignore_case).scene().await;
                let [first, other] = two_in_case_only();
                assert_eq!(scene.deliver(&[&first]).await, "1C");
                assert_eq!(scene.deliver(&[&other]).await, second);
                assert_eq!(usernames(&scene)[0], "ALee@Example.com");
                scene.end().await;
            }
        },
    )
}

fn who_never_starts() -> Row {
    simulated(
        71,
        "a person who waits for the first day and never starts",
        async {
            let mut scene = waiting(72).scene().await;
            let join = at(in_days(1, 30), EARLY);
            assert_eq!(scene.deliver(&[&join]).await, "1L");
            let withdrawn = of_type("worker.withdrawn", 1, LATE);
            assert_eq!(scene.deliver(&[withdrawn]).await, "1S");
            assert!(scene.standin.schedules().is_empty());
            // An older event that is late does not replace a newer one's schedule.
            let newer = at(in_days(2, 40), LATE);
            assert_eq!(scene.deliver(&[newer]).await, "1L");
            let kept = scene.standin.schedules()[0].expression.clone();
            assert_eq!(scene.deliver(&[at(in_days(2, 30), EARLY)]).await, "1S");
            assert_eq!(scene.standin.schedules()[0].expression, kept);
            scene.end().await;
        },
    )
}

fn adopting() -> Setting {
    Setting::shipped().with(
        "# unmanaged_user = \"refuse\"",
        "unmanaged_user = \"adopt\" #",
    )
}

fn lagging() -> Setting {
    Setting::shipped().seeded(|seed| seed.hide_new_users_seconds = 90)
}

/// The setting with a table of claims.
pub(crate) fn claiming(setting: Setting) -> Setting {
    let section = "[claims]\ntable = \"connect-provisioner-claims\"\n\n[retry]";
    setting.with("[retry]", section)
}

/// A person with an employee number of their own and the names of the user made by hand.
fn namesake(number: usize) -> Value {
    let mut join = join_of(1);
    join["eventId"] = json!(format!("namesake-{number}"));
    join["worker"]["employeeId"] = json!(format!("E77000{number}"));
    join
}

/// Two HR systems, the second of which has further keys.
fn two_systems(second: &str) -> Setting {
    let source = |name: &str, keys: &str| {
        format!(
            "[[source]]\nname = \"{name}\"\n{keys}when = 'system == \"{name}\"'\n[source.fields]\n\
             employee_id = \"number\"\ngiven_name = \"first\"\nfamily_name = \"last\"\ndepartment.code = \"'CC-UK'\"\n\n"
        )
    };
    let sources = source("acme", "") + &source("bolt", second);
    Setting::shipped().with("[retry]", &format!("{sources}[retry]"))
}
