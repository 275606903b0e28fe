//! The source queue and the dead-letter queue -> whether their attributes keep the promises.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use connect_provisioner::aws::queue::is_fifo;
use connect_provisioner::policy::RetryPolicy;
use serde::Deserialize;

use super::finding::Findings;
use super::live::Queues;
use crate::refused::refused;

/// A queue that answered.
struct Queue {
    about: String,
    attributes: HashMap<Name, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Redrive {
    dead_letter_target_arn: String,
    // SQS gives back whatever it was given, a number or a text.
    max_receive_count: serde_json::Value,
}

const DAY: u64 = 86_400;
// The longest that SQS keeps a message (SetQueueAttributes, MessageRetentionPeriod).
const LONGEST_RETENTION: u64 = 14 * DAY;
// AWS Lambda Developer Guide, "Creating and configuring an Amazon SQS event source mapping": 6 times, and at least 5.
const VISIBILITY_FACTOR: u64 = 6;
// Amazon SQS Developer Guide, "Using dead-letter queues": the largest maxReceiveCount.
const MOST_RECEIVES: u64 = 1000;

pub(super) async fn look(
    findings: &mut Findings,
    client: &Client,
    queues: &Queues,
    retry: RetryPolicy,
) {
    let source = queue(
        findings,
        client,
        "source queue",
        queues.source_url.as_deref(),
    )
    .await;
    let dlq = queue(
        findings,
        client,
        "dead-letter queue",
        queues.dlq_url.as_deref(),
    )
    .await;
    if let Some(source) = &source {
        let receives = redrive(findings, source, dlq.as_ref(), queues.last_delivery);
        deliveries(findings, source, receives, retry);
        visibility(findings, source, queues.function_timeout.into());
        encryption(findings, source);
    }
    if let Some(dlq) = &dlq {
        if dlq.text(&Name::RedrivePolicy).is_some() {
            findings.fail(
                &dlq.about,
                "it has a redrive policy of its own, so that each look counts as a delivery and SQS moves dead letters away; remove \
                 it",
            );
        }
        letter_retention(findings, source.as_ref(), dlq);
        encryption(findings, dlq);
    }
    if let (Some(source), Some(dlq)) = (&source, &dlq)
        && source.is_fifo() != dlq.is_fifo()
    {
        findings.fail(
            &dlq.about,
            "one queue is FIFO and the other is not; SQS wants both alike",
        );
    }
}

async fn queue(
    findings: &mut Findings,
    client: &Client,
    role: &str,
    url: Option<&str>,
) -> Option<Queue> {
    let Some(url) = url else {
        let option = match role {
            "source queue" => "--function, --source-queue-url or --source-queue-name",
            _ => "--function, --dlq-url or --dlq-name",
        };
        findings.note(role, format!("not looked at: give {option}"));
        return None;
    };
    let about = format!("{role} {}", url.rsplit('/').next().unwrap_or_default());
    let call = client.get_queue_attributes().queue_url(url);
    match call.attribute_names(Name::All).send().await {
        Ok(answer) => Some(Queue {
            about,
            attributes: answer.attributes.unwrap_or_default(),
        }),
        Err(err) => {
            findings.fail(&about, refused("sqs:GetQueueAttributes", &err).to_string());
            None
        }
    }
}

impl Queue {
    fn text(&self, name: &Name) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    fn number(&self, name: &Name) -> u64 {
        self.text(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    }

    fn is_fifo(&self) -> bool {
        self.text(&Name::QueueArn).is_some_and(is_fifo)
    }
}

/// Looks at the redrive policy, and returns its `maxReceiveCount`.
fn redrive(
    findings: &mut Findings,
    source: &Queue,
    dlq: Option<&Queue>,
    last_delivery: Option<u32>,
) -> Option<u64> {
    let about = &source.about;
    let policy = source.text(&Name::RedrivePolicy);
    let Some(policy) = policy.and_then(|text| serde_json::from_str::<Redrive>(text).ok()) else {
        findings.fail(
            about,
            "it has no redrive policy: what kills the function is delivered until its retention ends, and then gone; set one to \
             the dead-letter queue",
        );
        return None;
    };
    let target = &policy.dead_letter_target_arn;
    let dlq_arn = dlq.and_then(|dlq| dlq.text(&Name::QueueArn));
    if dlq_arn.is_some_and(|arn| arn != target) {
        findings.fail(
            about,
            format!("its redrive policy names another queue: {target}"),
        );
    }
    let count = policy.max_receive_count.to_string();
    let count: u64 = count.trim_matches('"').parse().unwrap_or_default();
    if last_delivery.is_some_and(|last| u64::from(last) != count) {
        findings.fail(
            about,
            format!(
                "maxReceiveCount is {count}, and the function's PROVISIONER_MAX_RECEIVE_COUNT says {}; set both alike",
                last_delivery.unwrap_or_default()
            ),
        );
    }
    Some(count)
}

/// Looks whether the queue delivers and keeps a message for longer than the function needs to give it up.
fn deliveries(findings: &mut Findings, source: &Queue, receives: Option<u64>, retry: RetryPolicy) {
    let about = &source.about;
    let most = retry.most_deliveries();
    if most >= MOST_RECEIVES {
        findings.fail(
            about,
            format!(
                "the function gives a message up after as many as {most} deliveries, and SQS takes {MOST_RECEIVES} as the largest \
                 maxReceiveCount; raise [retry] longest_seconds, or lower systemic_give_up_after_seconds"
            ),
        );
    } else if let Some(receives) = receives {
        let said = format!(
            "its maxReceiveCount is {receives}, and the function gives a message up after {most} deliveries at the most"
        );
        if receives > most {
            findings.ok(about, said);
        } else {
            findings.fail(
                about,
                format!(
                    "{said}, so that joins become dead letters too soon; set maxReceiveCount and PROVISIONER_MAX_RECEIVE_COUNT \
                     to {} or more, {MOST_RECEIVES} at the most",
                    most + 1
                ),
            );
        }
    }
    // What a queue needs whose maxReceiveCount is fixed.
    let receives = receives.unwrap_or_default().max(most + 1);
    let needed = retry.retention_needed(receives.min(MOST_RECEIVES));
    keeps_long_enough(findings, source, needed);
}

fn keeps_long_enough(findings: &mut Findings, source: &Queue, needed: Duration) {
    let kept = source.number(&Name::MessageRetentionPeriod);
    let needed = needed.as_secs();
    let said = format!("it keeps messages {kept} s, and joins may wait {needed} s");
    if kept < needed {
        findings.fail(
            &source.about,
            format!(
                "{said}: what is older is gone; set MessageRetentionPeriod to {needed} or more, or lower [retry] \
                 systemic_give_up_after_seconds"
            ),
        );
    } else {
        findings.ok(&source.about, said);
    }
}

fn visibility(findings: &mut Findings, source: &Queue, timeout: u64) {
    let visibility = source.number(&Name::VisibilityTimeout);
    let said =
        format!("its visibility time-out is {visibility} s, the function's time-out {timeout} s");
    if visibility < timeout {
        findings.fail(
            &source.about,
            format!(
                "{said}: a message is delivered again while it is still worked on; set {}",
                VISIBILITY_FACTOR * timeout
            ),
        );
    } else if visibility < VISIBILITY_FACTOR * timeout {
        findings.warn(
            &source.about,
            format!(
                "{said}; AWS advises 6 times as much, {}",
                VISIBILITY_FACTOR * timeout
            ),
        );
    } else {
        findings.ok(&source.about, said);
    }
}

fn letter_retention(findings: &mut Findings, source: Option<&Queue>, dlq: &Queue) {
    let kept = dlq.number(&Name::MessageRetentionPeriod);
    let days = kept / DAY;
    let source_kept = source.map(|source| source.number(&Name::MessageRetentionPeriod));
    // A message that SQS moves keeps the time at which it was first sent, unless the queues are FIFO.
    if source_kept.is_some_and(|source_kept| source_kept >= kept) && !dlq.is_fifo() {
        findings.fail(
            &dlq.about,
            format!(
                "it keeps messages {days} days, no longer than the source queue does; what SQS moves there late is gone at once"
            ),
        );
    } else if kept < LONGEST_RETENTION {
        findings.warn(
            &dlq.about,
            format!("it keeps messages {days} days; 14 are possible, and a dead letter may wait over a holiday"),
        );
    } else {
        findings.ok(&dlq.about, format!("it keeps messages {days} days"));
    }
}

fn encryption(findings: &mut Findings, queue: &Queue) {
    let by_sqs = queue.text(&Name::SqsManagedSseEnabled) == Some("true");
    if !by_sqs && queue.text(&Name::KmsMasterKeyId).is_none() {
        findings.warn(
            &queue.about,
            "it is not encrypted at rest, and its messages hold personal data; set a KMS key, or SqsManagedSseEnabled",
        );
    }
}
