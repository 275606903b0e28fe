//! A message as it arrived: its body, its origin and the attributes of its producer.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A message as it arrived, with what the dead-letter queue has to keep of it.
///
/// It holds personal data, so it has no `Debug`.
#[derive(Clone, Default)]
pub struct Message {
    pub body: String,
    pub origin: Origin,
    pub attributes: Vec<Attribute>,
}

/// Where a message came from, and what its queue says of this delivery; empty for a direct event.
#[derive(Clone, Default)]
pub struct Origin {
    pub message_id: Option<String>,
    pub receipt_handle: Option<String>,
    pub source_arn: Option<String>,
    pub message_group_id: Option<String>,
    /// Number of deliveries by the queue, this one included; 0 for a direct event.
    pub receive_count: u32,
    /// When the message was sent to the queue.
    pub sent_at: Option<SystemTime>,
}

impl Origin {
    /// Returns how long ago the message was sent to its queue, or `None` where the queue does not say.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        // A sender's clock that is ahead makes the message new.
        self.sent_at.map(|sent| sent.elapsed().unwrap_or_default())
    }
}

/// A message attribute of the producer's, kept so that a replay carries it too.
///
/// In JSON it has `name`, `type`, and `text` or, in base64, `binary`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Value", try_from = "Value")]
pub struct Attribute {
    pub name: String,
    pub data_type: String,
    pub value: AttributeValue,
}

impl From<Attribute> for Value {
    fn from(attribute: Attribute) -> Self {
        let Attribute {
            name,
            data_type,
            value,
        } = attribute;
        match value {
            AttributeValue::Text(text) => json!({"name": name, "type": data_type, "text": text}),
            AttributeValue::Binary(base64) => {
                json!({"name": name, "type": data_type, "binary": base64})
            }
        }
    }
}

impl TryFrom<Value> for Attribute {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
        let binary = || text("binary").map(AttributeValue::Binary);
        let value = text("text").map(AttributeValue::Text).or_else(binary);
        match (text("name"), text("type"), value) {
            (Some(name), Some(data_type), Some(value)) => Ok(Self {
                name,
                data_type,
                value,
            }),
            _ => Err("an attribute has a name, a type, and a text or a binary value"),
        }
    }
}

// Its value may be personal.
impl fmt::Debug for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Attribute").field(&self.name).finish()
    }
}

/// The value of a message attribute.
#[derive(Clone, PartialEq, Eq)]
pub enum AttributeValue {
    Text(String),
    /// Base64, as Lambda hands it over.
    Binary(String),
}
