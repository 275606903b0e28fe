//! `connect.create-user/1`, the JSON of `aws connect create-user --cli-input-json` -> a ready request.

use serde_json::{Map, Value};

use super::Reading;
use crate::failure::{Failure, FieldName};
use crate::request::create_user_input::CreateUserInput;
use crate::source::person_key::PersonKey;

pub(super) const VERSION: &str = "connect.create-user/1";

/// Whether a payload without a `specversion` is a CreateUser request.
pub(super) fn recognises(payload: &Map<String, Value>) -> bool {
    ["Username", "RoutingProfileId", "SecurityProfileIds"]
        .iter()
        .any(|member| payload.contains_key(*member))
}

pub(super) fn read(payload: &Map<String, Value>) -> Result<Reading, Failure> {
    let mut members = payload.clone();
    // A password that was not blank has been refused already.
    for member in ["specversion", "Password"] {
        members.remove(member);
    }
    // `--generate-cli-skeleton` fills in "" for whatever is not used.
    let mut members = payload.clone();
    // A password that was not blank has been refused already.
    for member in ["specversion", "Password"] {
        members.remove(member);
    }
    // `--generate-cli-skeleton` fills in "" for whatever is not used.
    let members =
        without_blanks(Value::Object(members)).unwrap_or_else(|| Value::Object(Map::new()));
    serde_path_to_error::deserialize::<_, CreateUserInput>(members)
        .map(|input| Reading::Request(Box::new(input)))
        .map_err(|err| refusal(&err))
}

/// Gives the exact username: in this source the producer names the user itself, and `ALee` and `alee` may be two people.
pub(super) fn person_key(payload: &Map<String, Value>) -> Option<PersonKey> {
    let username = payload.get("Username")?.as_str()?.trim();
    (!username.is_empty()).then(|| PersonKey::Username(username.to_owned()))
}

fn without_blanks(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) if text.trim().is_empty() => None,
        Value::Array(items) => {
            let items: Vec<Value> = items.into_iter().filter_map(without_blanks).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(mut object) => {
            object.retain(|_, value| {
                let kept = without_blanks(value.take());
                let is_kept = kept.is_some();
                *value = kept.unwrap_or_default();
                is_kept
            });
            (!object.is_empty()).then_some(Value::Object(object))
        }
        other => Some(other),
    }
}

// Serde's own text quotes the value, so only its kind and the path are kept.
fn refusal(err: &serde_path_to_error::Error<serde_json::Error>) -> Failure {
    let text = err.inner().to_string();
    let parent = err.path().to_string();
    let member = |name: &str| match parent.as_str() {
        "." => FieldName::from_event(name),
        parent => FieldName::from_event(&format!("{parent}.{name}")),
    };
    let quoted = |prefix: &str| {
        text.strip_prefix(prefix)
            .and_then(|rest| rest.split('`').next())
    };
    if let Some(name) = quoted("missing field `") {
        return Failure::missing(member(name), accepted(name));
    }
    // The path already ends in the unknown member.
    let field = FieldName::from_event(&parent);
    if text.starts_with("unknown field") {
        return Failure::invalid(
            field,
            "only members of CreateUser, spelled as in the Amazon Connect API reference",
        );
    }
    let last = parent
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .split('[')
        .next()
        .unwrap_or_default();
    Failure::invalid(field, accepted(last))
}

fn accepted(member: &str) -> &'static str {
    match member {
        "PhoneType" => "SOFT_PHONE or DESK_PHONE",
        "Channel" => "VOICE, CHAT, TASK or EMAIL",
        "VoiceEnhancementMode" => "VOICE_ISOLATION, NOISE_SUPPRESSION or NONE",
        "AfterContactWorkTimeLimit" => "a whole number of seconds from 0 to 2000000",
        "AutoAccept" | "PersistentConnection" | "AgentFirstCallbackAutoAccept" => "true or false",
        "SecurityProfileIds" => "a list of 1 to 10 security profile ids",
        "Tags" => "an object of texts",
        _ => "what CreateUser takes there (Amazon Connect API reference)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(payload: &Value, expected: &str) {
        let payload = payload.as_object().expect("an object");
        let got = read(payload).map_or_else(|failure| failure.reason().code(), |_| "ok".to_owned());
        assert_eq!(got, expected, "{payload:?}");
    }

    #[test]
    fn a_refusal_names_the_member() {
        check(&json!({"Username": "mary"}), "ok");
        check(&json!({"specversion": VERSION, "Username": "mary"}), "ok");
        check(&json!({"Username": 7}), "invalid_field:Username");
        check(
            &json!({"PhoneConfig": {"PhoneType": "MOBILE"}}),
            "invalid_field:PhoneConfig.PhoneType",
        );
        check(
            &json!({"PhoneConfig": {"AutoAccept": "yes"}}),
            "invalid_field:PhoneConfig.AutoAccept",
        );
        check(
            &json!({"HierachyGroupId": "g"}),
            "invalid_field:HierachyGroupId",
        );
        check(
            &json!({"AutoAcceptConfigs": [{"Channel": "VOICE"}]}),
            "missing_field:AutoAcceptConfigs[0].AutoAccept",
        );
        check(
            &json!({"AutoAcceptConfigs": [{"Channel": "SMS", "AutoAccept": true}]}),
            "invalid_field:AutoAcceptConfigs[0].Channel",
        );
    }

    #[test]
    fn a_cli_skeleton_reads_as_if_its_blanks_were_absent() {
        check(
            &json!({"Username": "mary", "PhoneConfig": {"PhoneType": ""}, "Tags": {"": ""}, "HierarchyGroupId": null}),
            "ok",
        );
    }

    #[test]
    fn a_refusal_never_quotes_the_value() {
        let payload = json!({"PhoneConfig": {"PhoneType": "Zoë Brückner"}});
        let failure = read(payload.as_object().expect("an object"))
            .err()
            .expect("refused");
        assert!(
            !failure.explanation().contains("Zo"),
            "{}",
            failure.explanation()
        );
    }
}
