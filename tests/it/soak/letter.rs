//! The attributes of a dead letter -> the places that it lists, each with a reason.

use connect_standin::MessageView;
use serde_json::Value;

/// The people whom a dead letter lists.
pub(super) struct Listed {
    pub(super) event_key: String,
    /// Reasons and places, as the letter has them.
    pub(super) people: Vec<(String, usize)>,
}

/// Reads whom a dead letter lists; returns `None` where its attributes contradict each other.
pub(super) fn listed(letter: &MessageView) -> Option<Listed> {
    let details = letter.attributes.get("provisioner.details")?;
    let details: Value = serde_json::from_str(details).ok()?;
    let failures = details["failures"].as_array()?;
    let mut people = Vec::new();
    for failure in failures {
        let reason = failure["reason"].as_str()?;
        for place in places(failure["items"].as_str()?)? {
            people.push((reason.to_owned(), place));
        }
    }
    let (first_reason, first_place) = people.first()?;
    let is_consistent = letter.attributes.get("provisioner.reason") == Some(first_reason)
        && details["version"] == 2
        && details["item"] == *first_place;
    is_consistent.then_some(Listed {
        event_key: details["event_key"].as_str()?.to_owned(),
        people,
    })
}

// As `0-5,9`.
fn places(text: &str) -> Option<Vec<usize>> {
    let mut places = Vec::new();
    for range in text.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        places.extend(first.parse::<usize>().ok()?..=last.parse().ok()?);
    }
    Some(places)
}
