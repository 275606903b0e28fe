//! A receipt handle and a time become a message that is seen again sooner or later
//! (`ChangeMessageVisibility`, Amazon SQS API reference).

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::super::refusal::{Answer, Refusal};
use super::delete::message_id;
use super::queue::Queue;
use super::{invalid_value, missing};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangeMessageVisibility {
    receipt_handle: Option<String>,
    visibility_timeout: Option<u64>,
}

impl Queue {
    pub(super) fn change_message_visibility(&mut self, input: &ChangeMessageVisibility) -> Answer {
        let timeout = input.visibility_timeout;
        let timeout = timeout.ok_or_else(|| missing("VisibilityTimeout"))?;
        check_timeout(timeout)?;
        let handle = input.receipt_handle.as_deref().unwrap_or_default();
        let id = message_id(handle)?;
        let now = Instant::now();
        let mut messages = self.messages.iter_mut();
        let message = messages.find(|message| message.id == id).ok_or_else(|| {
            invalid_value(
                "The value of the parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.",
            )
        })?;
        if !message.is_in_flight(now) || message.receipt_handle.as_deref() != Some(handle) {
            let reason = "The message referred to isn't in flight.";
            return Err(Refusal::bad_request("MessageNotInflight", reason));
        }
        message.visible_from = now + Duration::from_secs(timeout);
        Ok(json!({}))
    }
}

/// Up to 12 hours.
pub(super) fn check_timeout(seconds: u64) -> Result<(), Refusal> {
    if seconds <= 43_200 {
        return Ok(());
    }
    Err(invalid_value(format!(
        "Value {seconds} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between 0 and 43200."
    )))
}
