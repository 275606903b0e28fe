//! A configuration and an event -> the end of each person in it, and the key that names the person.

use connect_provisioner::failure::Failure;
use connect_provisioner::intake::{Attribute, AttributeValue, Content, Message, Parcel};
use connect_provisioner::policy::plan::{Plan, plan};
use connect_provisioner::policy::{Policy, config};
use test_support::shipped::PRESETS;

/// The smallest configuration, with a tag for each of some fields.
pub(crate) const BASE: &str = r#"[connect]
instance_id = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111"
identity_management = "CONNECT_MANAGED"
[user]
username = ["{{ given_name }}.{{ family_name }}"]
[password]
secret_id = "connect/initial-password"
[[assignment]]
name = "all"
routing_profile = "Basic Routing Profile"
security_profiles = ["Agent"]
tags = { department = "{{ department.code }}", job = "{{ job.code }}", place = "{{ location }}", manager = "{{ manager_employee_id }}" }
"#;

/// Returns it with all presets, and more behind them.
pub(crate) fn with_all_presets(more: &str) -> String {
    let presets = PRESETS.map(|name| format!("[[source]]\npreset = \"{name}\"\n"));
    format!("{BASE}{}{more}", presets.concat())
}

/// Returns the policy of a configuration, which must be valid.
pub(crate) fn policy(config: &str) -> Policy {
    config::parse(config).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Returns the doubts about a configuration, which must be valid.
pub(crate) fn doubts(text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("provisioner.toml");
    std::fs::write(&path, text).expect("a file");
    let review = config::review(&path);
    assert!(review.policy.is_ok(), "{:?}", review.policy.err());
    review.doubts.iter().map(ToString::to_string).collect()
}

/// Returns a message with a body, from a queue, with attributes.
pub(crate) fn message(body: &str, attributes: &[(&str, &str)]) -> Message {
    let mut message = Message {
        body: body.to_owned(),
        ..Message::default()
    };
    message.origin.source_arn = Some("arn:aws:sqs:eu-west-2:111122223333:hr-joins".to_owned());
    message.attributes = attributes
        .iter()
        .map(|(name, text)| Attribute {
            name: (*name).to_owned(),
            data_type: "String".to_owned(),
            value: AttributeValue::Text((*text).to_owned()),
        })
        .collect();
    message
}

/// Returns the end of each person in an event: the username with its tags, `skip: why`, or the code of the reason.
pub(crate) fn ends(config: &str, body: &str) -> Vec<String> {
    ends_in(&policy(config), body)
}

/// Returns the end of each person in an event, as [`ends`] does.
pub(crate) fn ends_in(policy: &Policy, body: &str) -> Vec<String> {
    let keyed = keyed_in(policy, &message(body, &[]));
    keyed.into_iter().map(|(_, end)| end).collect()
}

/// Returns the key and the end of each person in a message.
pub(crate) fn keyed(config: &str, message: &Message) -> Vec<(String, String)> {
    keyed_in(&policy(config), message)
}

/// Returns the key and the end of each person in a message, as [`keyed`] does.
pub(crate) fn keyed_in(policy: &Policy, message: &Message) -> Vec<(String, String)> {
    let people = policy.sources.open_message(message).into_iter();
    people
        .map(|parcel| {
            let key = policy.sources.key_of(&parcel).to_string();
            (key, end(policy, parcel))
        })
        .collect()
}

fn end(policy: &Policy, parcel: Parcel) -> String {
    let plan: Result<Plan, Failure> = match parcel.content {
        Ok(Content::NoJoin(why)) => Ok(Plan::Skip(String::from(why))),
        Ok(Content::Delivery(delivery)) => {
            let reading = policy.sources.read(&delivery);
            reading.and_then(|reading| self::plan(reading, policy))
        }
        Err(failure) => Err(failure),
    };
    match plan {
        Ok(Plan::User(user)) => {
            let own = |(key, tag): (&String, &String)| {
                let own = !key.starts_with("connect-provisioner");
                own.then(|| format!("{key}={tag}"))
            };
            let tags: Vec<String> = user.input.tags.iter().filter_map(own).collect();
            let username = user.input.username.unwrap_or_default();
            format!("{username} {}", tags.join(" ")).trim().to_owned()
        }
        Ok(Plan::Skip(why)) => format!("skip: {why}"),
        Err(failure) => failure.reason().code(),
    }
}

/// Returns an input of the folder `presets`.
pub(crate) fn file(name: &str) -> String {
    let path = test_support::root().join("tests/it/presets").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|err| panic!("{}: {err}", path.display()))
}
