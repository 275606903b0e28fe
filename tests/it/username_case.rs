//! Usernames whose case counts: under SAML they equal what the identity provider sends, whatever Connect thinks of case.

use connect_provisioner::aws::Clients;
use connect_provisioner::request::PERSON_TAG;
use connect_provisioner::source::person_key::PersonKey;
use connect_standin::IdentityManagement;
use proptest::prelude::*;
use serde_json::{Value, json};
use test_support::by_hand::make;
use test_support::scene::{Scene, Setting};
use test_support::shipped::{INSTANCE, join_of};

use crate::redelivery::cases;

const LINE: &str = "too_long = \"cut\"";

/// The shipped configuration and the first instance under SAML, usernames from addresses.
pub(crate) fn saml(ignore_case: bool) -> Setting {
    let password = [
        "[password]\n",
        "secret_id = \"connect/initial-password\" #",
        "json_key = \"password\"                  #",
        "cache_seconds = 300                    #",
    ];
    let setting = password
        .into_iter()
        .fold(Setting::shipped(), |setting, line| setting.with(line, "#"));
    setting
        .with(
            "identity_management = \"CONNECT_MANAGED\"",
            "identity_management = \"SAML\"",
        )
        .with(
            "username = [\"{{ given_name }}.{{ family_name }}\", \"{{ given_name | first }}{{ family_name }}\"]",
            "username = [\"{{ email }}\"]",
        )
        .seeded(|seed| {
            seed.instances[0].identity_management = IdentityManagement::Saml;
            seed.instances[0].usernames_ignore_case = ignore_case;
        })
}

fn with_address(n: usize, address: &str) -> Value {
    let mut join = join_of(n);
    join["worker"]["email"] = json!(address);
    join
}

pub(crate) fn two_in_case_only() -> [Value; 2] {
    [
        with_address(1, "ALee@Example.com"),
        with_address(2, "alee@example.com"),
    ]
}

pub(crate) fn usernames(scene: &Scene) -> Vec<String> {
    let users = scene.standin.users(INSTANCE).into_iter();
    let mut names: Vec<_> = users.map(|user| user.username).collect();
    names.sort();
    names
}

#[tokio::test]
async fn under_saml_an_address_keeps_its_case_and_a_redelivery_finds_the_user() {
    for ignore_case in [true, false] {
        let mut scene = saml(ignore_case).scene().await;
        let join = with_address(1, "Mary.Major@Example.com");
        assert_eq!(scene.deliver(&[&join]).await, "1C");
        assert_eq!(usernames(&scene), ["Mary.Major@Example.com"]);
        scene.go_on_in_another_copy().await;
        assert_eq!(scene.deliver(&[&join]).await, "1A");
        scene.end().await;
    }
}

#[tokio::test]
async fn two_people_whose_addresses_differ_in_case_are_two_users_where_case_counts() {
    let mut scene = saml(false).scene().await;
    assert_eq!(scene.deliver(&two_in_case_only()).await, "2C");
    assert_eq!(usernames(&scene), ["ALee@Example.com", "alee@example.com"]);
    scene.go_on_in_another_copy().await;
    assert_eq!(scene.deliver(&two_in_case_only()).await, "2A");
    scene.end().await;
}

#[tokio::test]
async fn where_case_does_not_count_the_second_of_them_is_a_dead_letter() {
    let mut scene = saml(true).scene().await;
    let both = two_in_case_only();
    assert_eq!(scene.deliver(&both[..1]).await, "1C");
    assert_eq!(scene.deliver(&both[1..]).await, "1D(username_taken)");
    assert_eq!(usernames(&scene), ["ALee@Example.com"]);
    assert!(scene.logged().contains("upper and lower case"));
    scene.end().await;
}

#[tokio::test]
async fn lower_makes_one_username_of_both_whatever_connect_thinks_of_case() {
    for ignore_case in [true, false] {
        let setting = saml(ignore_case).with(LINE, &format!("{LINE}\nusername_case = \"lower\""));
        let mut scene = setting.scene().await;
        let both = two_in_case_only();
        assert_eq!(scene.deliver(&both[..1]).await, "1C");
        assert_eq!(scene.deliver(&both[1..]).await, "1D(username_taken)");
        assert_eq!(usernames(&scene), ["alee@example.com"]);
        scene.end().await;
    }
}

fn ready(username: &str) -> Value {
    json!({
        "specversion": "connect.create-user/1", "Username": username,
        "IdentityInfo": {"FirstName": "Ann", "LastName": "Lee"},
        "RoutingProfileId": "87654321-9999-3434-abcd-x1y2z3a1b2c3",
        "SecurityProfileIds": ["12345678-1111-2222-aaaa-a1b2c3d4f5g7"],
    })
}

#[tokio::test]
async fn ready_requests_whose_usernames_differ_in_case_are_two_people() {
    let both = [ready("ALee"), ready("alee")];
    for (ignore_case, expected) in [(false, "2C"), (true, "1C 1D(username_taken)")] {
        let setting =
            Setting::shipped().seeded(|seed| seed.instances[0].usernames_ignore_case = ignore_case);
        let mut scene = setting.scene().await;
        assert_eq!(scene.deliver(&both).await, expected);
        scene.end().await;
    }
}

#[tokio::test]
async fn a_user_under_the_tag_of_an_earlier_version_is_found() {
    let earlier = PersonKey::Username("alee".to_owned()).tag_value();
    let mut scene = Setting::shipped().scene().await;
    let connect = Clients::at(&scene.running.endpoint_url(), "eu-west-2").connect;
    make(&connect, "Ann", "ALee", Some(&earlier)).await;
    // Made from other data, so somebody has to look; but no second user is made, and nobody else's is taken.
    let told = "1D(conflicting_replay)";
    assert_eq!(scene.deliver(&[ready("ALee")]).await, told);
    assert_eq!(scene.standin.users(INSTANCE).len(), 1);
    scene.end().await;
}

/// Two kinds of identity, and two worlds: where Connect counts case, and where it ignores case.
const WORLDS: [(bool, bool); 4] = [(true, true), (true, false), (false, true), (false, false)];

/// A person by number, with one of few names, so that usernames meet in every way.
#[derive(Debug, Clone)]
struct Joins {
    local_part: &'static str,
    is_upper: bool,
    times: usize,
}

fn joins() -> impl Strategy<Value = Vec<Joins>> {
    let local_part = prop_oneof![Just("alee"), Just("ALee"), Just("Alee"), Just("a.lee")];
    let one = (local_part, any::<bool>(), 1..3_usize);
    let one = one.prop_map(|(local_part, is_upper, times)| Joins {
        local_part,
        is_upper,
        times,
    });
    prop::collection::vec(one, 2..7)
}

impl Joins {
    fn event(&self, n: usize) -> Value {
        let domain = if self.is_upper {
            "Example.com"
        } else {
            "example.com"
        };
        let mut join = with_address(n, &format!("{}@{domain}", self.local_part));
        join["worker"]["givenName"] = json!(self.local_part);
        // One of its own, so that a user tells whose it is.
        join["worker"]["familyName"] =
            json!(format!("{}{n}", if self.is_upper { "Lee" } else { "lee" }));
        join
    }
}

/// Delivers everybody's events to two copies, the second of which remembers nothing, and holds each user to its person.
async fn nobody_gets_anothers_user(people: &[Joins], is_saml: bool, ignore_case: bool) {
    let setting = if is_saml {
        saml(ignore_case)
    } else {
        let templates = "username = [\"{{ given_name }}.{{ family_name }}\", \"{{ given_name | first }}{{ family_name }}\"]";
        Setting::shipped()
            .with(templates, "username = [\"{{ given_name }}\"]")
            .seeded(|seed| seed.instances[0].usernames_ignore_case = ignore_case)
    };
    let mut scene = setting.scene().await;
    for round in 0..2 {
        for (n, person) in people.iter().enumerate() {
            for _ in 0..person.times {
                scene.deliver(&[person.event(n)]).await;
            }
        }
        if round == 0 {
            scene.go_on_in_another_copy().await;
        }
    }
    let users = scene.standin.users(INSTANCE);
    let letters = scene.standin.messages("hr-joins-dlq");
    for (n, person) in people.iter().enumerate() {
        let event = person.event(n);
        let key = PersonKey::Employee(
            event["worker"]["employeeId"]
                .as_str()
                .expect("an id")
                .to_owned(),
        );
        let own: Vec<_> = users
            .iter()
            .filter(|user| user.tags[PERSON_TAG] == key.tag_value())
            .collect();
        assert!(own.len() <= 1, "{people:?}");
        let refused = letters.iter().filter(|letter| {
            letter.attributes["provisioner.details"].contains(&format!("\"{key}\""))
        });
        // A user or dead letters for each delivery, never both and never neither.
        assert_eq!(
            refused.count(),
            if own.is_empty() { 2 * person.times } else { 0 },
            "{people:?}"
        );
        for user in own {
            let last = user.last_name.as_deref().expect("a name");
            assert_eq!(event["worker"]["familyName"], last, "{people:?}");
            if is_saml {
                assert_eq!(json!(user.username), event["worker"]["email"], "{people:?}");
            }
        }
    }
    scene.end().await;
}

proptest! {
    // PROPTEST_CASES sets another number; failures are kept in proptest-regressions/.
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn in_both_worlds_of_case_nobody_gets_anothers_user_and_a_session_name_is_kept(people in joins()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        for (is_saml, ignore_case) in WORLDS {
            runtime.block_on(nobody_gets_anothers_user(&people, is_saml, ignore_case));
        }
    }
}
