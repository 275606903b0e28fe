//! Profiles that events may ask for, and profiles that nobody is given.

use serde_json::{Value, json};
use test_support::scene::Setting;
use test_support::shipped::{INSTANCE, join_of};

use crate::instances::{SAML, in_austin, two_instances};
use crate::matrix::identity::claiming;

const ROUTING: &str = "87654321-9999-3434-abcd-x1y2z3a1b2c3";
const AGENT: &str = "12345678-1111-2222-aaaa-a1b2c3d4f5g7";
const ADMIN: &str = "99999999-aaaa-bbbb-cccc-000000000001";
const SECTION: &str = "[direct_requests]\nrouting_profiles = [\"Basic Routing Profile\"]\nsecurity_profiles = [\"Agent\"]\n";
const LIMIT: &str = "forbidden_security_profiles = [\"Admin\"]";

fn shipped() -> Setting {
    Setting::shipped().seeded(|seed| {
        let profiles = &mut seed.shared.security_profiles;
        let admin = profiles.iter_mut().find(|profile| profile.name == "Admin");
        admin.expect("the seed has it").id = Some(ADMIN.to_owned());
    })
}

fn request(routing: &str, security: &[&str]) -> Value {
    json!({
        "specversion": "connect.create-user/1", "Username": "mary",
        "IdentityInfo": {"FirstName": "Mary", "LastName": "Major"},
        "RoutingProfileId": routing, "SecurityProfileIds": security,
    })
}

fn arn(id: &str) -> String {
    format!("arn:aws:connect:eu-west-2:111122223333:instance/{INSTANCE}/security-profile/{id}")
}

#[tokio::test]
async fn a_ready_request_names_only_what_the_configuration_permits() {
    let other = "Customer Care Voice";
    let refused = "1D(not_permitted)";
    for (setting, event, expected) in [
        (shipped(), request(ROUTING, &[AGENT]), "1C"),
        (shipped(), request(ROUTING, &[&arn(AGENT)]), "1C"),
        (shipped(), request(ROUTING, &[ADMIN]), refused),
        (shipped(), request(ROUTING, &[&arn(ADMIN)]), refused),
        (shipped(), request(ROUTING, &[AGENT, ADMIN]), refused),
        (
            shipped().with(SECTION, ""),
            request(ROUTING, &[AGENT]),
            refused,
        ),
        (
            shipped().with("[\"Basic Routing Profile\"]", &format!("[\"{other}\"]")),
            request(ROUTING, &[AGENT]),
            refused,
        ),
        // Without the limit the section alone keeps Admin away.
        (
            shipped().with(LIMIT, ""),
            request(ROUTING, &[ADMIN]),
            refused,
        ),
    ] {
        let mut scene = setting.scene().await;
        assert_eq!(scene.deliver(&[&event]).await, expected, "{event}");
        scene.end().await;
    }
}

#[tokio::test]
async fn a_refusal_says_what_would_be_accepted() {
    for (setting, says) in [
        (
            shipped().with(SECTION, ""),
            "provisioner.toml has no [direct_requests]",
        ),
        (
            shipped(),
            "send no security profile \"Admin\", which [limits] forbids",
        ),
        (
            shipped().with(LIMIT, ""),
            "send security profiles that [direct_requests] security_profiles lists",
        ),
    ] {
        let mut scene = setting.scene().await;
        scene.deliver(&[request(ROUTING, &[&arn(ADMIN)])]).await;
        let letters = scene.standin.messages("hr-joins-dlq");
        let explanation = &letters[0].attributes["provisioner.explanation"];
        assert!(explanation.contains(says), "{explanation}");
        assert_eq!(scene.called("CreateUser"), 0);
        scene.end().await;
    }
}

#[tokio::test]
async fn a_ready_request_goes_to_no_instance_that_is_not_listed() {
    let mut elsewhere = request(ROUTING, &[AGENT]);
    elsewhere["InstanceId"] = json!(SAML);
    for (listed, refused, users) in [
        ("[\"main\"]", vec!["not_permitted"], 0),
        ("[\"main\", \"us\"]", vec![], 1),
    ] {
        let listed = format!("instances = {listed}");
        let setting = two_instances().with("# instances = [\"main\"]", &listed);
        let mut scene = setting.scene().await;
        scene.deliver(&[&elsewhere]).await;
        let letters = scene.standin.messages("hr-joins-dlq");
        let reasons = letters
            .iter()
            .map(|letter| letter.attributes["provisioner.reason"].as_str());
        assert_eq!(reasons.collect::<Vec<_>>(), refused);
        assert_eq!(scene.standin.users(SAML).len(), users);
        assert!(scene.standin.users(INSTANCE).is_empty());
        scene.end().await;
    }
}

#[tokio::test]
async fn an_instance_that_lacks_a_forbidden_profile_stops_only_its_own_people() {
    let setting = two_instances().seeded(|seed| {
        let mut profiles = seed.shared.security_profiles.clone();
        profiles.retain(|profile| profile.name != "Admin");
        let us = seed.instances.iter_mut().find(|one| one.id == SAML);
        us.expect("the seed has it").security_profiles = Some(profiles);
    });
    let mut scene = setting.scene().await;
    let joins = [in_austin(1), join_of(2), in_austin(3), join_of(4)];
    assert_eq!(scene.deliver(&joins).await, "2C 2R");
    assert!(scene.logged().contains("forbidden_profile_unknown"));
    assert!(scene.standin.users(SAML).is_empty());
    scene.end().await;
}

#[tokio::test]
async fn a_forbidden_profile_is_given_by_no_assignment_and_no_addition() {
    let by_id = format!("{{ id = \"{ADMIN}\" }}");
    let assigned = || {
        shipped().with(
        "routing_profile = \"Customer Care Voice\"\nsecurity_profiles = [\"Agent\"]\nhierarchy",
        &format!(
            "routing_profile = \"Customer Care Voice\"\nsecurity_profiles = [{by_id}]\nhierarchy"
        ),
    )
    };
    let added = shipped().with(
        "# [[extra_security_profiles]]\n# name = \"coaches\"\n# when = 'job.title == \"Coach\"'\n# security_profiles = [\"QualityAnalyst\"]",
        &format!("[[extra_security_profiles]]\nname = \"all\"\nwhen = 'employee_id'\nsecurity_profiles = [{by_id}]"),
    );
    let whole_arn = assigned().with(
        LIMIT,
        &LIMIT.replace("\"Admin\"", &format!("{{ id = \"{}\" }}", arn(ADMIN))),
    );
    for setting in [assigned(), added, whole_arn] {
        let mut scene = setting.scene().await;
        assert_eq!(scene.deliver(&[join_of(1)]).await, "1D(not_permitted)");
        scene.end().await;
    }
}

#[tokio::test]
async fn a_forbidden_profile_that_the_instance_lacks_lets_nobody_through() {
    let mut scene = shipped()
        .with(LIMIT, &LIMIT.replace("Admin", "Admn"))
        .scene()
        .await;
    let joins = [join_of(1), join_of(2)];
    assert_eq!(scene.deliver(&joins).await, "2R");
    assert!(scene.logged().contains("forbidden_profile_unknown"));
    assert_eq!(scene.called("CreateUser"), 0);
    scene.end().await;
}

#[tokio::test]
async fn a_wrong_export_stops_at_the_users_of_an_hour() {
    let limited = claiming(shipped()).with("# users_per_hour = 500", "users_per_hour = 3");
    let mut scene = limited.scene().await;
    let joins: Vec<Value> = (0..5).map(join_of).collect();
    assert_eq!(scene.deliver(&joins).await, "3C 2R");
    assert!(scene.logged().contains("too_many_users"));
    // Whoever has a user is counted no more, at another copy neither.
    scene.go_on_in_another_copy().await;
    assert_eq!(scene.deliver(&joins).await, "3A 2R");
    assert_eq!(scene.called("CreateUser"), 3);
    // Nobody who waits holds a claim.
    assert_eq!(
        scene.standin.items("connect-provisioner-claims").len(),
        3 + 1
    );
    scene.end().await;
}
