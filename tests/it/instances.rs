//! Several instances in one configuration: each person in the one that the assignment names, made as it wants its users.

use serde_json::{Value, json};
use test_support::scene::{Scene, Setting};
use test_support::shipped::{INSTANCE, join_of};

pub(crate) const SAML: &str = "a1b2c3d4-5678-90ab-cdef-EXAMPLE22222";

pub(crate) fn two_instances() -> Setting {
    let first = "[[assignment]]\nname = \"team-leads\"";
    let us = format!(
        r#"[instance.us.connect]
instance_id = "{SAML}"
region = "us-east-1"
identity_management = "SAML"
requests_per_second = 1000
burst = 1000

[instance.us.user]
username = ["{{{{ email }}}}"]

[[extra_security_profiles]]
name = "night-shift"
when = 'job.code == "NIGHT"'
instance = "us"
security_profiles = ["QualityAnalyst"]

[[assignment]]
name = "us"
when = 'location == "Austin"'
instance = "us"
routing_profile = "Back Office"
security_profiles = ["Agent"]

{first}"#
    );
    Setting::shipped().with(first, &us)
}

pub(crate) fn in_austin(n: usize) -> Value {
    let mut join = join_of(n);
    join["worker"]["location"] = json!("Austin");
    join["worker"]["email"] = json!(format!("somebody.of.a.long.name{n}@example.com"));
    join["worker"]["job"]["code"] = json!("NIGHT");
    join
}

fn users(scene: &Scene, instance: &str) -> Vec<String> {
    let users = scene.standin.users(instance).into_iter();
    users.map(|user| user.username).collect()
}

#[tokio::test]
async fn an_assignment_sends_people_to_its_instance() {
    let mut scene = two_instances().scene().await;
    let bodies = [join_of(1), in_austin(2), join_of(3)];
    scene.deliver(&bodies).await;
    assert_eq!(
        users(&scene, INSTANCE),
        ["tricia1.mcmillan", "tricia3.mcmillan"]
    );
    // SAML: 64 characters, no password, no address.
    assert_eq!(
        users(&scene, SAML),
        ["somebody.of.a.long.name2@example.com"]
    );
    let saml = &scene.standin.users(SAML)[0].described;
    assert_eq!(saml["IdentityInfo"].get("Email"), None);
    assert_eq!(saml["SecurityProfileIds"].as_array().map(Vec::len), Some(2));
    // Delivered again, nothing is made in either.
    scene.deliver(&bodies).await;
    assert_eq!(users(&scene, INSTANCE).len() + users(&scene, SAML).len(), 3);
    assert_eq!(scene.standin.messages("hr-joins-dlq").len(), 0);
    scene.end().await;
}

#[tokio::test]
async fn a_ready_request_goes_to_the_instance_that_it_names() {
    let both = two_instances().with("# instances = [\"main\"]", "instances = [\"main\", \"us\"]");
    let mut scene = both.scene().await;
    let request = |instance: &str, username: &str| {
        json!({
            "specversion": "connect.create-user/1", "InstanceId": instance, "Username": username,
            "IdentityInfo": { "FirstName": "Jane", "LastName": "Doe" },
            "PhoneConfig": { "PhoneType": "SOFT_PHONE" },
            "RoutingProfileId": "87654321-9999-3434-abcd-x1y2z3a1b2c3",
            "SecurityProfileIds": ["12345678-1111-2222-aaaa-a1b2c3d4f5g7"],
        })
    };
    let bodies = [
        request(INSTANCE, "jane.doe"),
        request(SAML, "jane.doe.of.the.northern.office"),
        request("a1b2c3d4-5678-90ab-cdef-EXAMPLE33333", "john"),
    ];
    scene.deliver(&bodies).await;
    let letters = scene.standin.messages("hr-joins-dlq");
    assert_eq!(letters.len(), 1);
    let reason = &letters[0].attributes["provisioner.reason"];
    assert_eq!(reason, "invalid_field:InstanceId");
    assert_eq!(users(&scene, INSTANCE), ["jane.doe"]);
    assert_eq!(users(&scene, SAML), ["jane.doe.of.the.northern.office"]);
    scene.end().await;
}
