//! The source queue and the dead-letter queue -> whether their attributes fit each other, the function and the configuration.

use connect_provisioner::policy::RetryPolicy;

use super::deployed::Deployed;
use super::facts::queue::{QueueAttributes, QueueFacts};
use super::finding::Finding;
use super::source_queue;

// Seconds.
const DAY: u64 = 86_400;
// The longest that SQS keeps a message (SetQueueAttributes, MessageRetentionPeriod).
const LONGEST_RETENTION: u64 = 14 * DAY;

/// Queue with the text that findings identify it by.
struct JudgedQueue<'a> {
    about: String,
    attributes: &'a QueueAttributes,
}

/// Judges the queues of a deployment; `None` is a queue that nothing names.
pub(super) fn judge(
    source: Option<&QueueFacts>,
    dead_letter: Option<&QueueFacts>,
    deployed: &Deployed,
    retry: RetryPolicy,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let options = "--function, --source-queue-url or --source-queue-name";
    let source = judge_presence(&mut findings, "source queue", source, options);
    let options = "--function, --dlq-url or --dlq-name";
    let dead_letter = judge_presence(&mut findings, "dead-letter queue", dead_letter, options);
    let dead_letter_attributes = dead_letter.as_ref().map(|queue| queue.attributes);
    if let Some(JudgedQueue { about, attributes }) = &source {
        findings.extend(source_queue::judge(
            about,
            attributes,
            dead_letter_attributes,
            deployed,
            retry,
        ));
        findings.extend(judge_encryption(about, attributes));
    }
    let source_attributes = source.as_ref().map(|queue| queue.attributes);
    if let Some(JudgedQueue { about, attributes }) = &dead_letter {
        findings.extend(judge_dead_letter_queue(
            about,
            attributes,
            source_attributes,
        ));
        findings.extend(judge_encryption(about, attributes));
        if source_attributes.is_some_and(|source| source.is_fifo() != attributes.is_fifo()) {
            findings.push(Finding::fail(
                about,
                "one queue is FIFO and the other is not; SQS wants both alike",
            ));
        }
    }
    findings
}

fn judge_presence<'a>(
    findings: &mut Vec<Finding>,
    role: &str,
    queue: Option<&'a QueueFacts>,
    options: &str,
) -> Option<JudgedQueue<'a>> {
    let Some(queue) = queue else {
        findings.push(Finding::note(
            role,
            format!("not looked at: give {options}"),
        ));
        return None;
    };
    let about = format!("{role} {}", queue.name);
    match &queue.attributes {
        Ok(attributes) => Some(JudgedQueue { about, attributes }),
        Err(why) => {
            findings.push(Finding::fail(&about, why.to_string()));
            None
        }
    }
}

fn judge_dead_letter_queue(
    about: &str,
    queue: &QueueAttributes,
    source: Option<&QueueAttributes>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if queue.has_redrive_policy {
        findings.push(Finding::fail(
            about,
            "it has a redrive policy of its own, so that each look counts as a delivery and SQS moves dead letters away; \
             remove it",
        ));
    }
    let days = queue.retention / DAY;
    // A message that SQS moves keeps the time at which it was first sent, unless the queues are FIFO.
    let outlives_source = source.is_none_or(|source| source.retention < queue.retention);
    findings.push(if !outlives_source && !queue.is_fifo() {
        Finding::fail(
            about,
            format!(
                "it keeps messages {days} days, no longer than the source queue does; what SQS moves there late is gone at once"
            ),
        )
    } else if queue.retention < LONGEST_RETENTION {
        Finding::warn(
            about,
            format!("it keeps messages {days} days; 14 are possible, and a dead letter may wait over a holiday"),
        )
    } else {
        Finding::ok(about, format!("it keeps messages {days} days"))
    });
    findings
}

fn judge_encryption(about: &str, queue: &QueueAttributes) -> Option<Finding> {
    (!queue.is_encrypted).then(|| {
        Finding::warn(
            about,
            "it is not encrypted at rest, and its messages hold personal data; set a KMS key, or SqsManagedSseEnabled",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[track_caller]
    fn check(queue: &QueueAttributes, source_retention: Option<u64>, expected: &[State]) {
        let source = source_retention.map(|retention| QueueAttributes {
            retention,
            ..QueueAttributes::default()
        });
        let findings = judge_dead_letter_queue("queue", queue, source.as_ref());
        let states: Vec<_> = findings.iter().map(|finding| finding.state).collect();
        assert_eq!(states, expected, "{findings:?}");
    }

    #[test]
    fn a_dead_letter_queue_must_keep_messages_longer_than_the_source_queue() {
        let queue = QueueAttributes {
            retention: LONGEST_RETENTION,
            ..QueueAttributes::default()
        };
        check(&queue, None, &[State::Ok]);
        check(&queue, Some(4 * DAY), &[State::Ok]);
        check(&queue, Some(LONGEST_RETENTION), &[State::Fail]);
        let fifo = QueueAttributes {
            arn: Some("arn:aws:sqs:eu-west-2:111122223333:dead.fifo".to_owned()),
            ..queue.clone()
        };
        check(&fifo, Some(LONGEST_RETENTION), &[State::Ok]);
        let shorter = QueueAttributes {
            retention: LONGEST_RETENTION - 1,
            ..queue
        };
        check(&shorter, None, &[State::Warn]);
        check(&shorter, Some(LONGEST_RETENTION - 1), &[State::Fail]);
    }

    #[test]
    fn a_dead_letter_queue_must_not_redrive() {
        let queue = QueueAttributes {
            retention: LONGEST_RETENTION,
            has_redrive_policy: true,
            ..QueueAttributes::default()
        };
        check(&queue, None, &[State::Fail, State::Ok]);
    }
}
