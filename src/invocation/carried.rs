//! A message's attributes -> those that SQS has room for beside this program's own, and the others carried inside one of these.

use serde::Deserialize;

use crate::intake::{Attribute, AttributeValue, Message};
use crate::invocation::attributes::{DETAILS, MOST_ATTRIBUTES, PART, SCHEDULED, without_password};

/// A message's attributes, divided by whether they have room beside some of this program's own.
pub(crate) struct Divided {
    /// Attributes that stay attributes of the message.
    pub(crate) kept: Vec<Attribute>,
    /// Attributes that travel inside one of this program's.
    pub(crate) carried: Vec<Attribute>,
}

/// The JSON of an attribute of this program that may carry others.
#[derive(Deserialize)]
struct Carrier {
    #[serde(default)]
    attributes: Vec<Attribute>,
}

/// Divides attributes so that those which stay have room beside `own` new ones: SQS takes 10 for each message.
///
/// Passwords among the carried ones are removed.
pub(crate) fn divided(attributes: Vec<Attribute>, own: usize) -> Divided {
    let room = MOST_ATTRIBUTES.saturating_sub(own);
    // The function itself reads its own attributes from the message.
    let (mut kept, others): (Vec<_>, Vec<_>) = attributes
        .into_iter()
        .partition(|attribute| is_carrier(&attribute.name));
    let mut others = others.into_iter();
    kept.extend(others.by_ref().take(room.saturating_sub(kept.len())));
    let carried = others.map(without_password).collect();
    Divided { kept, carried }
}

/// Collects all attributes of a message, with those that an earlier failure, schedule or split has carried.
pub(crate) fn all_attributes(message: &Message) -> Vec<Attribute> {
    let mut all = message.attributes.clone();
    let mut n = 0;
    while n < all.len() {
        for attribute in carried_in(&all[n]) {
            if all.iter().all(|known| known.name != attribute.name) {
                all.push(attribute);
            }
        }
        n += 1;
    }
    all
}

fn carried_in(attribute: &Attribute) -> Vec<Attribute> {
    match &attribute.value {
        AttributeValue::Text(text) if is_carrier(&attribute.name) => {
            let carrier = serde_json::from_str(text);
            carrier.map_or_else(|_| Vec::new(), |carrier: Carrier| carrier.attributes)
        }
        _ => Vec::new(),
    }
}

fn is_carrier(name: &str) -> bool {
    [DETAILS, PART, SCHEDULED].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(name: &str, value: &str) -> Attribute {
        Attribute {
            name: name.to_owned(),
            data_type: "String".to_owned(),
            value: AttributeValue::Text(value.to_owned()),
        }
    }

    fn names(attributes: &[Attribute]) -> Vec<&str> {
        let names = attributes.iter().map(|attribute| attribute.name.as_str());
        names.collect()
    }

    #[test]
    fn attributes_beyond_the_room_are_carried_without_passwords_and_those_of_this_program_stay() {
        let mut attributes: Vec<_> = (0..8).map(|n| attribute(&format!("a{n}"), "x")).collect();
        attributes.push(attribute("password", "hunter2"));
        attributes.push(attribute(PART, "{}"));
        let Divided { kept, carried } = divided(attributes.clone(), 3);
        assert_eq!(names(&kept), [PART, "a0", "a1", "a2", "a3", "a4", "a5"]);
        assert_eq!(names(&carried), ["a6", "a7", "password"]);
        let carried = serde_json::to_string(&carried).expect("plain data");
        assert!(!carried.contains("hunter2"), "{carried}");
        assert!(divided(attributes, 0).carried.is_empty());
    }

    #[test]
    fn carried_attributes_come_back_once_whatever_carried_them() {
        let binary = Attribute {
            value: AttributeValue::Binary("AAE=".to_owned()),
            ..attribute("b", "")
        };
        let inner = attribute(
            PART,
            &serde_json::json!({ "attributes": [binary] }).to_string(),
        );
        let outer = serde_json::json!({ "attributes": [inner, attribute("a", "other")] });
        let message = Message {
            attributes: vec![attribute("a", "x"), attribute(DETAILS, &outer.to_string())],
            ..Message::default()
        };
        let all = all_attributes(&message);
        assert_eq!(names(&all), ["a", DETAILS, PART, "b"]);
        assert!(all.contains(&attribute("a", "x")) && all.contains(&binary));
    }
}
