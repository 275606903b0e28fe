//! Usernames whose case counts: under SAML they equal what the identity provider sends, whatever Connect thinks of case.

use connect_provisioner::aws::Clients;
use connect_provisioner::person_key::PersonKey;
use connect_provisioner::standin::IdentityManagement;
use serde_json::{Value, json};

use crate::function::{INSTANCE, join_of};
use crate::matrix::duplicates::make;
use crate::matrix::scene::{Scene, Setting};

const LINE: &str = "too_long = \"cut\"";

/// The shipped configuration and the first instance under SAML, usernames from addresses.
fn saml(ignore_case: bool) -> Setting {
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

fn two_in_case_only() -> [Value; 2] {
    [
        with_address(1, "ALee@Example.com"),
        with_address(2, "alee@example.com"),
    ]
}

fn usernames(scene: &Scene) -> Vec<String> {
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
    let connect = Clients::at(&scene.running.endpoint_url(), "eu-west-2")
        .await
        .connect;
    make(&connect, "Ann", "ALee", Some(&earlier)).await;
    // Made from other data, so somebody has to look; but no second user is made, and nobody else's is taken.
    let told = "1D(conflicting_replay)";
    assert_eq!(scene.deliver(&[ready("ALee")]).await, told);
    assert_eq!(scene.standin.users(INSTANCE).len(), 1);
    scene.end().await;
}
