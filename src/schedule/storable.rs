//! One person's message -> the body that may wait in a schedule: that person's event as it came, and nobody's password.

use std::borrow::Cow;

use super::waiting::{Event, MOST_BYTES, unschedulable};
use crate::failure::{Failure, Reason};
use crate::intake::{Content, Message, Parcel};
use crate::source::Delivery;
use crate::source::{Sources, without_passwords};

/// Takes the passwords out of a person's message, which must leave the event of this person as it is.
///
/// # Errors
/// `unschedulable` where the body is too large for a schedule, or would be read as another event once it is due.
pub fn storable<'a>(
    event: &Event<'a>,
    delivery: &Delivery,
    sources: &Sources,
) -> Result<Cow<'a, str>, Failure> {
    let body = &event.message.body;
    // Before each person of a long list pays for the whole of it.
    if body.len() > MOST_BYTES {
        return Err(unschedulable());
    }
    let cut = without_passwords(body);
    if cut == *body {
        return Ok(Cow::Borrowed(body));
    }
    let message = Message {
        body: cut,
        ..event.message.clone()
    };
    let mut parcels = sources.open_message(&message).into_iter();
    let stored = parcels.nth(event.item);
    if stored.is_some_and(|stored| is_read_alike(&stored, event, delivery, sources)) {
        Ok(Cow::Owned(message.body))
    } else {
        Err(changed())
    }
}

fn is_read_alike(stored: &Parcel, event: &Event, delivery: &Delivery, sources: &Sources) -> bool {
    let Ok(Content::Delivery(found)) = &stored.content else {
        return false;
    };
    // Only a source of the configuration reads the envelope too.
    let same_envelope = !found.is_read_by_configuration() || found.envelope == delivery.envelope;
    found.payload == delivery.payload && same_envelope && sources.key_of(stored) == *event.key
}

fn changed() -> Failure {
    Failure::new(
        Reason::Unschedulable,
        "the event cannot wait for its start date: it gives a value to a password, as `initialPassword` or `password=` in a \
         link does, and no schedule may hold one; send the event without that",
    )
}
