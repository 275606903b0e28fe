//! Things found in a message, each with the way to it.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::MOST_PEOPLE;
use crate::failure::Failure;
use crate::intake::Beside;
use crate::source::delivery::Delivery;
use crate::source::person_key::LazyKey;

/// A payload, out of its envelopes; it holds personal data, so it has no `Debug`.
#[derive(Clone)]
pub struct Payload {
    /// Shared by everybody in it.
    pub object: Arc<Map<String, Value>>,
    /// The members of the innermost envelope, but for the payload.
    pub envelope: Arc<Map<String, Value>>,
    /// Facts about the event that its payload does not have.
    pub beside: Beside,
}

/// One thing found in a message: a payload to read, a message that is no event, or a refusal.
pub struct Parcel<D = Delivery> {
    pub content: Result<Content<D>, Failure>,
    /// The way from the body to it.
    pub place: Vec<Step>,
    /// A key of last resort for what could not be read.
    pub fallback_key: LazyKey,
    /// Number of elements of the message that it stands for: neighbours that are no objects share one parcel.
    pub count: usize,
}

/// Content of a parcel once its envelopes are off: a [`Payload`], and a [`Delivery`] once its source is known.
pub enum Content<D = Delivery> {
    Delivery(D),
    /// A message that never was a join, and why.
    NoJoin(Cow<'static, str>),
}

/// One step from a body towards a payload in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Into the value of a member.
    Member(&'static str),
    /// Into the JSON that a member holds as text.
    Text(&'static str),
    /// Into the JSON that the text itself holds: a producer has encoded it twice.
    Encoded,
    /// Into the text that a member holds as base64.
    Base64(&'static str),
    /// Into the text that the text itself holds as base64.
    WholeBase64,
    /// To the item of a list, from 0.
    Item(usize),
}

/// The parcels found so far.
#[derive(Default)]
pub(super) struct Parcels {
    pub(super) all: Vec<Parcel<Payload>>,
    /// Whether the last one stands for elements that are no objects.
    last_is_no_object: bool,
}

impl Parcels {
    pub(super) fn push(&mut self, parcel: Parcel<Payload>) {
        // One above the limit tells that it was exceeded.
        if !self.too_many() {
            self.all.push(parcel);
        }
        self.last_is_no_object = false;
    }

    // A list of a million numbers is one refusal, and not a million.
    pub(super) fn push_no_object(&mut self, parcel: impl FnOnce() -> Parcel<Payload>) {
        match self.all.last_mut() {
            Some(last) if self.last_is_no_object => last.count += 1,
            _ => {
                self.push(parcel());
                self.last_is_no_object = true;
            }
        }
    }

    pub(super) fn too_many(&self) -> bool {
        self.all.len() > MOST_PEOPLE
    }
}
