//! A receipt handle becomes a message deleted.

use serde::Deserialize;
use serde_json::json;

use super::super::refusal::{Answer, Refusal};
use super::queue::Queue;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteMessage {
    receipt_handle: Option<String>,
}

impl Queue {
    pub(super) fn delete_message(&mut self, input: &DeleteMessage) -> Answer {
        let handle = input.receipt_handle.as_deref().unwrap_or_default();
        message_id(handle)?;
        // A handle of an earlier receipt succeeds and deletes nothing (`DeleteMessage`, API reference).
        self.messages
            .retain(|message| message.receipt_handle.as_deref() != Some(handle));
        Ok(json!({}))
    }
}

/// The message that a handle was given for.
pub(super) fn message_id(handle: &str) -> Result<&str, Refusal> {
    match handle.split_once('.') {
        Some((id, receipt)) if id.len() == 36 && receipt.len() == 36 => Ok(id),
        _ => Err(Refusal::bad_request(
            "ReceiptHandleIsInvalid",
            "The input receipt handle is invalid.",
        )),
    }
}
