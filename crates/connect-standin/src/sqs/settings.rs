//! The attributes of a queue, as text in calls and as numbers inside (`SetQueueAttributes`, Amazon
//! SQS API reference).

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::refusal::Refusal;

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) visibility_timeout: u64,
    pub(super) delay: u64,
    pub(super) wait: u64,
    pub(super) retention: u64,
    pub(super) maximum_size: u64,
    pub(super) content_based_deduplication: bool,
    pub(super) redrive: Option<Redrive>,
    /// Settings that are kept and shown, but have no effect here.
    pub(super) others: BTreeMap<String, String>,
}

#[derive(Clone)]
pub(super) struct Redrive {
    pub(super) target_arn: String,
    pub(super) max_receive_count: u64,
}

/// Without effect here: encryption, policies and throughput.
const OTHERS: [&str; 7] = [
    "Policy",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
    "RedriveAllowPolicy",
    "DeduplicationScope",
    "FifoThroughputLimit",
];

impl Default for Settings {
    fn default() -> Self {
        Self {
            visibility_timeout: 30,
            delay: 0,
            wait: 0,
            retention: 345_600,
            maximum_size: 1_048_576,
            content_based_deduplication: false,
            redrive: None,
            others: BTreeMap::new(),
        }
    }
}

impl Settings {
    pub(super) fn visibility(&self) -> Duration {
        Duration::from_secs(self.visibility_timeout)
    }

    /// Takes over attributes of a call.
    pub(super) fn set(&mut self, attributes: &BTreeMap<String, String>) -> Result<(), Refusal> {
        attributes
            .iter()
            .try_for_each(|(name, value)| self.set_one(name, value))
    }

    fn set_one(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let number = |least, most| number(name, value, least, most);
        match name {
            "VisibilityTimeout" => self.visibility_timeout = number(0, 43_200)?,
            "DelaySeconds" => self.delay = number(0, 900)?,
            "ReceiveMessageWaitTimeSeconds" => self.wait = number(0, 20)?,
            "MessageRetentionPeriod" => self.retention = number(60, 1_209_600)?,
            "MaximumMessageSize" => self.maximum_size = number(1024, 1_048_576)?,
            "ContentBasedDeduplication" => self.content_based_deduplication = value == "true",
            "RedrivePolicy" => self.redrive = Redrive::parse(value)?,
            // Checked against the queue's name by whoever creates the queue.
            "FifoQueue" => {}
            other if OTHERS.contains(&other) => {
                self.others.insert(other.to_owned(), value.to_owned());
            }
            unknown => {
                let message = format!("Unknown Attribute {unknown}.");
                return Err(Refusal::bad_request("InvalidAttributeName", message));
            }
        }
        Ok(())
    }

    /// Every attribute as a call shows it.
    pub(super) fn shown(&self) -> BTreeMap<String, String> {
        let mut shown = self.others.clone();
        for (name, value) in [
            ("VisibilityTimeout", self.visibility_timeout),
            ("DelaySeconds", self.delay),
            ("ReceiveMessageWaitTimeSeconds", self.wait),
            ("MessageRetentionPeriod", self.retention),
            ("MaximumMessageSize", self.maximum_size),
        ] {
            shown.insert(name.to_owned(), value.to_string());
        }
        if let Some(redrive) = &self.redrive {
            shown.insert("RedrivePolicy".to_owned(), redrive.shown());
        }
        shown
    }
}

fn number(name: &str, value: &str, least: u64, most: u64) -> Result<u64, Refusal> {
    let number = value.parse().ok();
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| invalid_attribute(name, &format!("must be from {least} to {most}")))
}

fn invalid_attribute(name: &str, reason: &str) -> Refusal {
    let message = format!("Invalid value for the parameter {name}. Reason: {reason}.");
    Refusal::bad_request("InvalidAttributeValue", message)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedrivePolicy {
    dead_letter_target_arn: String,
    /// A number, which the console and some tools send as text.
    max_receive_count: Value,
}

impl Redrive {
    /// An empty policy takes the redrive away.
    fn parse(policy: &str) -> Result<Option<Self>, Refusal> {
        if policy.is_empty() {
            return Ok(None);
        }
        let invalid = || {
            invalid_attribute(
                "RedrivePolicy",
                "not a redrive policy with maxReceiveCount from 1 to 1000",
            )
        };
        let policy: RedrivePolicy = serde_json::from_str(policy).map_err(|_| invalid())?;
        let count = match &policy.max_receive_count {
            Value::String(text) => text.parse().ok(),
            number => number.as_u64(),
        };
        let count = count.filter(|count| (1..=1000).contains(count));
        Ok(Some(Self {
            target_arn: policy.dead_letter_target_arn,
            max_receive_count: count.ok_or_else(invalid)?,
        }))
    }

    fn shown(&self) -> String {
        json!({
            "deadLetterTargetArn": self.target_arn,
            "maxReceiveCount": self.max_receive_count,
        })
        .to_string()
    }
}
