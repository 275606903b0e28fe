//! Names in scripts with vowel signs and tone marks, which no composed form has: sent as they are, unless the deployment knows
//! better.

use serde_json::{Value, json};
use test_support::faults::{ALL, error, fault};
use test_support::scene::{Scene, Setting};
use test_support::shipped::{INSTANCE, join_of};
use unicode_normalization::UnicodeNormalization;

/// Hindi, Tamil, Thai and Yoruba; marks that have no composed form stand in all of them.
const NAMES: [(&str, &str); 4] = [
    ("अनन्या", "शर्मा"),
    ("கவிதா", "சுப்பிரமணியம்"),
    ("สมชาย", "ใจดี"),
    ("Ọlásùnkànmí", "Adébọ̀wálé"),
];
const IDENTITY: &str = "identity_management = \"CONNECT_MANAGED\"";
const REFUSE: &str = "combining_marks = \"refuse\"";

fn setting() -> Setting {
    Setting::shipped().with(
        "\"{{ given_name | first }}{{ family_name }}\"]",
        "\"{{ employee_id }}\"]",
    )
}

fn refusing() -> Setting {
    setting().seeded(|seed| seed.instances[0].refuses_combining_marks = true)
}

fn joins(form: fn(&str) -> String) -> Vec<Value> {
    let named = |(n, (given, family)): (usize, &(&str, &str))| {
        let mut join = join_of(n);
        join["worker"]["givenName"] = json!(form(given));
        join["worker"]["familyName"] = json!(form(family));
        if let Some(worker) = join["worker"].as_object_mut() {
            worker.remove("preferredName");
        }
        join
    };
    NAMES.iter().enumerate().map(named).collect()
}

fn composed(name: &str) -> String {
    name.nfc().collect()
}

fn decomposed(name: &str) -> String {
    name.nfd().collect()
}

fn names(scene: &Scene) -> Vec<(String, String)> {
    let users = scene.standin.users(INSTANCE).into_iter();
    let mut names: Vec<_> = users
        .map(|user| {
            (
                user.first_name.unwrap_or_default(),
                user.last_name.unwrap_or_default(),
            )
        })
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn names_with_vowel_signs_are_sent_in_nfc() {
    let mut expected = NAMES.map(|(given, family)| (composed(given), composed(family)));
    expected.sort();
    for form in [composed, decomposed] {
        let mut scene = setting().scene().await;
        assert_eq!(scene.deliver(&joins(form)).await, "4C");
        assert_eq!(names(&scene), expected);
        assert_eq!(scene.deliver(&joins(composed)).await, "4A");
        scene.end().await;
    }
}

#[tokio::test]
async fn where_connect_refuses_them_its_refusal_is_the_dead_letter() {
    let mut scene = refusing().scene().await;
    let delivered = scene.deliver(&joins(composed)).await;
    assert_eq!(delivered, "4D(connect_rejected)");
    assert_eq!(scene.called("CreateUser"), 4);
    // Whatever else Connect refuses is not put down to the name.
    let error = fault("CreateUser", ALL, error("InvalidParameterException", 400));
    scene.faults(vec![error]);
    assert_eq!(scene.deliver(&[join_of(9)]).await, "1D(connect_rejected)");
    let letters = scene.standin.messages("hr-joins-dlq");
    let explanation = |n: usize| letters[n].attributes["provisioner.explanation"].as_str();
    for said in (0..4).map(explanation) {
        assert!(
            said.contains("combining marks") && said.contains("[connect]"),
            "{said}"
        );
    }
    assert!(!explanation(4).contains("combining marks"));
    scene.end().await;
}

#[tokio::test]
async fn whoever_knows_that_connect_refuses_them_is_not_sent_there() {
    let mut scene = refusing()
        .with(IDENTITY, &format!("{REFUSE}\n{IDENTITY}"))
        .scene()
        .await;
    let refused = "invalid_field:IdentityInfo";
    // A name that has a composed form is none of them.
    let mut all = joins(composed);
    let mut plain = join_of(9);
    plain["worker"]["familyName"] = json!(decomposed("Ọlásùnkànmí"));
    all.push(plain);
    let delivered = scene.deliver(&all).await;
    assert!(
        delivered.starts_with("1C ") && delivered.matches(refused).count() == 2,
        "{delivered}"
    );
    assert_eq!(scene.called("CreateUser"), 1);
    assert_eq!(scene.standin.messages("hr-joins-dlq").len(), 4);
    scene.end().await;
}
