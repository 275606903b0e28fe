//! Rows about who joins: names, usernames, dates, numbers, and whether a user is wanted at all.

use connect_standin::UserView;
use serde_json::{Value, json};
use test_support::scene::{Scene, Setting};
use test_support::shipped::{INSTANCE, join_of};

use super::input::{check, join_with};
use super::{Row, row, simulated};

/// The only username template, so that nothing else can step in.
fn only_username(template: &str) -> Setting {
    Setting::shipped().with(
        "username = [\"{{ given_name }}.{{ family_name }}\", \"{{ given_name | first }}{{ family_name }}\"]",
        &format!("username = [\"{template}\"]"),
    )
}

fn named(n: usize, given: &str, family: &str) -> Value {
    let mut join = join_of(n);
    join["worker"]["givenName"] = json!(given);
    join["worker"]["familyName"] = json!(family);
    join
}

/// The one user that a join of these names gives.
async fn user_of(given: &str, family: &str) -> UserView {
    let mut scene = Scene::plain().await;
    assert_eq!(
        scene.deliver(&[named(1, given, family)]).await,
        "1C",
        "{given} {family}"
    );
    let user = scene.standin.users(INSTANCE).remove(0);
    scene.end().await;
    user
}

async fn check_name(given: &str, family: &str, expected: [&str; 3]) {
    let user = user_of(given, family).await;
    let (first, last) = (
        user.first_name.unwrap_or_default(),
        user.last_name.unwrap_or_default(),
    );
    assert_eq!([&user.username, &first, &last], expected);
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = names();
    rows.extend(usernames());
    rows.extend(other_fields());
    rows.extend(unwanted());
    rows
}

fn names() -> Vec<Row> {
    vec![
        row(20, "decomposed Mu\u{308}ller", async {
            check_name("Jo", "Mu\u{308}ller", ["jo.muller", "Jo", "M\u{fc}ller"]).await;
        }),
        row(21, "emoji in a name", async {
            check_name("J\u{1f600}hn", "Smith", ["jhn.smith", "Jhn", "Smith"]).await;
            // Nothing is left of the name, which is then as good as missing.
            check(
                &[named(1, "\u{1f600}", "\u{1f600}")],
                "1D(missing_field:worker.familyName)",
            )
            .await;
        }),
        row(22, "bidi override, zero-width", async {
            check_name(
                "\u{202e}An\u{200b}na",
                "Be\u{200d}rg\u{202c}",
                ["anna.berg", "Anna", "Berg"],
            )
            .await;
        }),
        row(23, "山田 太郎 without an ASCII fallback", async {
            check(&[named(1, "太郎", "山田")], "1D(username_not_derivable)").await;
        }),
        row(24, "O’Brien-Smith, d'Souza", async {
            check_name(
                "Máire",
                "O’Brien-Smith",
                ["maire.obrien-smith", "Máire", "O’Brien-Smith"],
            )
            .await;
            check_name("Ana", "d'Souza", ["ana.dsouza", "Ana", "d'Souza"]).await;
        }),
    ]
}

fn usernames() -> Vec<Row> {
    vec![
        row(25, "username of 21 characters", async {
            let join = named(1, "Alexandra", "Birchwoodly");
            let mut scene = only_username("{{ given_name }}.{{ family_name }}")
                .scene()
                .await;
            assert_eq!(scene.deliver(&[&join]).await, "1C");
            assert_eq!(
                scene.standin.users(INSTANCE)[0].username,
                "alexandra.birchwoodl"
            );
            scene.end().await;
            let refusing = only_username("{{ given_name }}.{{ family_name }}")
                .with("too_long = \"cut\"", "too_long = \"refuse\"");
            let mut scene = refusing.scene().await;
            assert_eq!(scene.deliver(&[&join]).await, "1D(username_invalid)");
            scene.end().await;
        }),
        simulated(26, "two people equal after the cut", async {
            let mut scene = only_username("{{ given_name }}.{{ family_name }}")
                .scene()
                .await;
            let two = [
                named(1, "Alexandra", "Birchwoodly"),
                named(2, "Alexandra", "Birchwoodle"),
            ];
            assert_eq!(scene.deliver(&two).await, "1C 1D(username_taken)");
            scene.end().await;
        }),
        row(27, "jane@example, @jane, a@b@c as username", async {
            for username in ["jane@example", "@jane", "a@b@c"] {
                let mut scene = only_username("{{ location }}").scene().await;
                let bodies = [join_with(1, "/worker/location", json!(username))];
                assert_eq!(
                    scene.deliver(&bodies).await,
                    "1D(username_invalid)",
                    "{username}"
                );
                scene.end().await;
            }
        }),
        row(28, "e-mail username of 24 characters without SAML", async {
            let join = join_with(1, "/worker/email", json!("jane.doe1234@example.com"));
            let mut scene = only_username("{{ email }}").scene().await;
            assert_eq!(scene.deliver(&[&join]).await, "1D(username_invalid)");
            scene.end().await;
            let mut scene = only_username("{{ email }}\", \"{{ employee_id }}")
                .scene()
                .await;
            assert_eq!(scene.deliver(&[&join]).await, "1C");
            scene.end().await;
        }),
    ]
}

fn other_fields() -> Vec<Row> {
    vec![
        row(29, "start date 2028-02-29, 2027-02-29, 0000-00-00", async {
            let dates = ["2028-02-29", "2027-02-29", "0000-00-00"];
            let bodies: Vec<Value> = (1..)
                .zip(dates)
                .map(|(n, date)| join_with(n, "/worker/startDate", json!(date)))
                .collect();
            // The date counts where the configuration uses it.
            let used = Setting::shipped()
                .with("site = \"{{ location }}\"", "starts = \"{{ start_date }}\"");
            let mut scene = used.scene().await;
            let expected = "1C 2D(invalid_field:worker.startDate)";
            assert_eq!(scene.deliver(&bodies).await, expected);
            scene.end().await;
            check(&bodies, "3C").await;
        }),
        row(
            30,
            "date as epoch seconds, milliseconds, +0000, no zone",
            async {
                let setting = Setting::shipped()
                    .with("site = \"{{ location }}\"", "starts = \"{{ start_date }}\"");
                let mut scene = setting.scene().await;
                let forms = [
                    json!(1_796_115_600),
                    json!("1796115600000"),
                    json!("2026-12-01T09:00:00.000+0000"),
                    json!("2026-12-01T09:00:00"),
                ];
                let bodies: Vec<Value> = (1..)
                    .zip(forms)
                    .map(|(n, form)| join_with(n, "/worker/startDate", form))
                    .collect();
                assert_eq!(scene.deliver(&bodies).await, "4C");
                for user in scene.standin.users(INSTANCE) {
                    assert_eq!(user.tags["starts"], "2026-12-01");
                }
                scene.end().await;
            },
        ),
        row(31, "mobile that is no number, and +44 (0)7700...", async {
            let mut scene = Scene::plain().await;
            let join = join_with(1, "/worker/mobile", json!("ext. 4711"));
            assert_eq!(scene.deliver(&[join]).await, "1C");
            let user = &scene.standin.users(INSTANCE)[0];
            assert!(user.described["IdentityInfo"].get("Mobile").is_none());
            let logged = scene.logged();
            assert!(
                logged.contains(r#""DroppedFields":1"#)
                    && logged.contains(r#""dropped_fields":"mobile""#),
                "{logged}"
            );
            // The 0 in brackets is not dialled from abroad.
            let join = join_with(2, "/worker/mobile", json!("+44 (0)7700 900123"));
            assert_eq!(scene.deliver(&[join]).await, "1C");
            let users = scene.standin.users(INSTANCE);
            let mobile = |user: &&connect_standin::UserView| {
                user.described["IdentityInfo"].get("Mobile").is_some()
            };
            assert_eq!(users.iter().filter(mobile).count(), 1);
            scene.end().await;
        }),
    ]
}

fn unwanted() -> Vec<Row> {
    vec![
        row(32, "department that is no contact centre's", async {
            check(
                &[join_with(1, "/worker/department/code", json!("FIN"))],
                "1S",
            )
            .await;
        }),
        row(33, "no assignment fits", async {
            let join = join_with(1, "/worker/department/code", json!("NIGHT"));
            check(&[&join], "1D(no_assignment)").await;
            let otherwise = "\n[[assignment]]\nname = \"default\"\nrouting_profile = \"Back Office\"\nsecurity_profiles = [\"Agent\"]\n";
            let last = "skip = \"the department has no Connect users\"";
            let mut scene = Setting::shipped()
                .with(last, &format!("{last}\n{otherwise}"))
                .scene()
                .await;
            assert_eq!(scene.deliver(&[&join]).await, "1C");
            scene.end().await;
        }),
        row(
            34,
            "worker.terminated, SubscriptionConfirmation, s3:TestEvent",
            async {
                let bodies = [
                    join_with(1, "/type", json!("worker.terminated")),
                    json!({"Type": "SubscriptionConfirmation", "TopicArn": "arn:t", "Message": "visit"}),
                    json!({"Service": "Amazon S3", "Event": "s3:TestEvent"}),
                ];
                check(&bodies, "3S").await;
                let misspelt = join_with(1, "/type", json!("Worker.Joined"));
                check(&[misspelt], "1D(invalid_field:type)").await;
            },
        ),
    ]
}
