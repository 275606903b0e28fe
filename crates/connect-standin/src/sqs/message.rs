//! A stored message: what was sent, and what has happened to it since.

use std::collections::BTreeMap;
use std::time::SystemTime;

use tokio::time::Instant;

use super::attribute::Attributes;

pub(super) struct Message {
    pub(super) id: String,
    pub(super) body: String,
    pub(super) attributes: Attributes,
    pub(super) trace_header: Option<String>,
    pub(super) group: Option<String>,
    pub(super) deduplication_id: Option<String>,
    pub(super) sequence: Option<String>,
    /// The ARN of the queue that it was redriven from.
    pub(super) source_arn: Option<String>,
    pub(super) sent: SystemTime,
    pub(super) arrived: Instant,
    pub(super) visible_from: Instant,
    pub(super) receive_count: u64,
    pub(super) first_received: Option<SystemTime>,
    /// The handle that its latest receipt gave.
    pub(super) receipt_handle: Option<String>,
}

/// A message as tests see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageView {
    pub id: String,
    pub body: String,
    /// The text of each message attribute; binary ones as base64.
    pub attributes: BTreeMap<String, String>,
    pub group: Option<String>,
    pub receive_count: u64,
    /// Received and neither deleted nor visible again.
    pub in_flight: bool,
}

impl Message {
    pub(super) fn is_visible(&self, now: Instant) -> bool {
        self.visible_from <= now
    }

    pub(super) fn is_in_flight(&self, now: Instant) -> bool {
        !self.is_visible(now) && self.receipt_handle.is_some()
    }

    pub(super) fn is_delayed(&self, now: Instant) -> bool {
        !self.is_visible(now) && self.receipt_handle.is_none()
    }

    pub(super) fn view(&self) -> MessageView {
        let attributes = self.attributes.iter();
        MessageView {
            id: self.id.clone(),
            body: self.body.clone(),
            attributes: attributes
                .map(|(name, value)| (name.clone(), value.text().to_owned()))
                .collect(),
            group: self.group.clone(),
            receive_count: self.receive_count,
            in_flight: self.is_in_flight(Instant::now()),
        }
    }
}
