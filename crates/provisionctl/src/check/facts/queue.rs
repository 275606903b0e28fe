//! The URL of a queue -> its attributes.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use connect_provisioner::aws::queue;
use connect_provisioner::aws::queue::is_fifo;
use serde::Deserialize;

use crate::ending::CannotRun;
use crate::refused::refused;

/// Queue with the result of `GetQueueAttributes`.
pub(in crate::check) struct QueueFacts {
    pub(in crate::check) name: String,
    pub(in crate::check) attributes: Result<QueueAttributes, CannotRun>,
}

/// Attributes of a queue; times are in seconds.
#[derive(Default, Clone)]
pub(in crate::check) struct QueueAttributes {
    pub(in crate::check) arn: Option<String>,
    pub(in crate::check) has_redrive_policy: bool,
    /// The redrive policy, if it can be read.
    pub(in crate::check) redrive: Option<RedrivePolicy>,
    pub(in crate::check) retention: u64,
    pub(in crate::check) visibility_timeout: u64,
    pub(in crate::check) is_encrypted: bool,
}

/// Redrive policy of a queue.
#[derive(Clone)]
pub(in crate::check) struct RedrivePolicy {
    pub(in crate::check) target_arn: String,
    pub(in crate::check) max_receive_count: u64,
}

impl QueueAttributes {
    /// Returns whether the queue is a FIFO queue.
    pub(in crate::check) fn is_fifo(&self) -> bool {
        self.arn.as_deref().is_some_and(is_fifo)
    }
}

/// Reads the attributes of a queue.
pub(in crate::check) async fn gather(client: &Client, url: &str) -> QueueFacts {
    QueueFacts {
        name: queue::name(url).to_owned(),
        attributes: attributes(client, url).await,
    }
}

async fn attributes(client: &Client, url: &str) -> Result<QueueAttributes, CannotRun> {
    let call = client.get_queue_attributes().queue_url(url);
    let answer = call.attribute_names(Name::All).send().await;
    let answer = answer.map_err(|err| refused("sqs:GetQueueAttributes", &err))?;
    let attributes = answer.attributes.unwrap_or_default();
    let text = |name| attributes.get(&name).map(String::as_str);
    let number = |name| text(name).and_then(|text| text.parse().ok());
    Ok(QueueAttributes {
        arn: text(Name::QueueArn).map(str::to_owned),
        has_redrive_policy: text(Name::RedrivePolicy).is_some(),
        redrive: text(Name::RedrivePolicy).and_then(redrive_policy),
        retention: number(Name::MessageRetentionPeriod).unwrap_or_default(),
        visibility_timeout: number(Name::VisibilityTimeout).unwrap_or_default(),
        is_encrypted: text(Name::SqsManagedSseEnabled) == Some("true")
            || text(Name::KmsMasterKeyId).is_some(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedriveText {
    dead_letter_target_arn: String,
    // SQS returns the JSON type that it was given: a number or a string.
    max_receive_count: serde_json::Value,
}

fn redrive_policy(text: &str) -> Option<RedrivePolicy> {
    let policy: RedriveText = serde_json::from_str(text).ok()?;
    let count = policy.max_receive_count.to_string();
    Some(RedrivePolicy {
        target_arn: policy.dead_letter_target_arn,
        max_receive_count: count.trim_matches('"').parse().unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        let count = redrive_policy(text).map(|policy| policy.max_receive_count);
        assert_eq!(count, expected, "{text}");
    }

    #[test]
    fn a_receive_count_is_a_number_or_a_string() {
        check(
            r#"{"deadLetterTargetArn":"arn:a","maxReceiveCount":7}"#,
            Some(7),
        );
        check(
            r#"{"deadLetterTargetArn":"arn:a","maxReceiveCount":"7"}"#,
            Some(7),
        );
        check(r#"{"maxReceiveCount":7}"#, None);
        check("none", None);
    }
}
