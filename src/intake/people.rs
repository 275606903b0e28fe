//! A message -> its people, with their places: all in its body, or those that an attribute lists.

use std::ops::Range;

use crate::intake::items::Items;
use crate::intake::{Content, Message, Parcel};
use crate::invocation::dead_letter;
use crate::invocation::split;
use crate::schedule;
use crate::source::Sources;

/// Returns everybody in a message with their places; for a dead letter that was sent back, a scheduled message or a part,
/// only the people that it is about.
///
/// A source that was corrected since may find others, or more of them, in the same message. Where nobody has the dead letter's
/// key then, everybody is tried: who has a user already is found to have one, and nobody is lost.
#[must_use]
pub fn people_of(message: &Message, sources: &Sources) -> Vec<(Range<usize>, Parcel)> {
    let everybody = placed(sources.open_message(message));
    match meant(message) {
        None => everybody,
        Some(Meant { first_key, items }) => {
            let is_first = |parcel: &Parcel| sources.key_of(parcel).to_string() == first_key;
            those_meant(everybody, &items, is_first)
        }
    }
}

fn placed(parcels: Vec<Parcel>) -> Vec<(Range<usize>, Parcel)> {
    let mut place = 0;
    let placed = |parcel: Parcel| {
        let items = place..place + parcel.count;
        place = items.end;
        (items, parcel)
    };
    parcels.into_iter().map(placed).collect()
}

fn those_meant(
    everybody: Vec<(Range<usize>, Parcel)>,
    items: &Items,
    is_first: impl Fn(&Parcel) -> bool,
) -> Vec<(Range<usize>, Parcel)> {
    let is_listed = |(places, _): &(Range<usize>, Parcel)| items.contains(places.start);
    let by_configuration = everybody
        .iter()
        .any(|(_, parcel)| is_read_by_configuration(parcel));
    let first = everybody.iter().find(|one| is_listed(one));
    let first_is_there = first.is_some_and(|(_, parcel)| is_first(parcel));
    if by_configuration && !first_is_there {
        let (meant, others): (Vec<_>, Vec<_>) = everybody
            .into_iter()
            .partition(|(_, parcel)| items.len() == 1 && is_first(parcel));
        return if meant.is_empty() { others } else { meant };
    }
    let (listed, others): (Vec<_>, Vec<_>) = everybody.into_iter().partition(is_listed);
    // A body that was corrected may list fewer people than it did.
    if listed.is_empty() { others } else { listed }
}

/// The people that a message is about.
struct Meant {
    /// The key of the first of them.
    first_key: String,
    items: Items,
}

fn meant(message: &Message) -> Option<Meant> {
    if let Some(part) = split::part_of(message) {
        return Some(Meant {
            first_key: part.event_key,
            items: part.items,
        });
    }
    let failed = dead_letter::details_of(message).map(|details| Meant {
        items: details.items(),
        first_key: details.event_key,
    });
    let scheduled = || {
        schedule::scheduled(message).map(|scheduled| Meant {
            first_key: scheduled.event_key,
            items: Items::from(scheduled.item..scheduled.item + 1),
        })
    };
    failed.or_else(scheduled)
}

// Another configuration may not find such a person.
fn is_read_by_configuration(parcel: &Parcel) -> bool {
    matches!(&parcel.content, Ok(Content::Delivery(delivery)) if delivery.is_read_by_configuration())
}
