//! The attributes of the source queue -> whether it delivers and keeps messages for as long as the function needs.

use std::time::Duration;

use connect_provisioner::policy::RetryPolicy;

use super::deployed::Deployed;
use super::facts::queue::QueueAttributes;
use super::finding::Finding;

// AWS Lambda Developer Guide, "Creating and configuring an Amazon SQS event source mapping": 6 times, and at least 5.
const VISIBILITY_FACTOR: u64 = 6;
// Amazon SQS Developer Guide, "Using dead-letter queues": the largest maxReceiveCount.
const MOST_RECEIVES: u64 = 1000;

/// Judges the source queue, except its encryption.
pub(super) fn judge(
    about: &str,
    queue: &QueueAttributes,
    dead_letter_queue: Option<&QueueAttributes>,
    deployed: &Deployed,
    retry: RetryPolicy,
) -> Vec<Finding> {
    let dead_letter_arn = dead_letter_queue.and_then(|queue| queue.arn.as_deref());
    let mut findings = judge_redrive(about, queue, dead_letter_arn, deployed.max_receive_count);
    let receives = queue.redrive.as_ref();
    let receives = receives.map(|redrive| redrive.max_receive_count);
    let most = retry.most_deliveries();
    findings.extend(judge_receives(about, receives, most));
    // With a larger maxReceiveCount, messages may wait longer.
    let counted = receives.unwrap_or_default().max(most + 1);
    let needed = retry.retention_needed(counted.min(MOST_RECEIVES));
    findings.push(judge_retention(about, queue.retention, needed));
    let timeout = deployed.timeout.into();
    findings.push(judge_visibility(about, queue.visibility_timeout, timeout));
    findings
}

fn judge_redrive(
    about: &str,
    queue: &QueueAttributes,
    dead_letter_arn: Option<&str>,
    count_of_function: Option<u32>,
) -> Vec<Finding> {
    let Some(redrive) = &queue.redrive else {
        return vec![Finding::fail(
            about,
            "it has no redrive policy: what kills the function is delivered until its retention ends, and then gone; set one to \
             the dead-letter queue",
        )];
    };
    let mut findings = Vec::new();
    let target = &redrive.target_arn;
    if dead_letter_arn.is_some_and(|arn| arn != target) {
        findings.push(Finding::fail(
            about,
            format!("its redrive policy names another queue: {target}"),
        ));
    }
    let count = redrive.max_receive_count;
    if let Some(other) = count_of_function
        && u64::from(other) != count
    {
        findings.push(Finding::fail(
            about,
            format!(
                "maxReceiveCount is {count}, and the function's PROVISIONER_MAX_RECEIVE_COUNT says {other}; set both alike"
            ),
        ));
    }
    findings
}

// The function must give a message up before SQS moves it.
fn judge_receives(about: &str, receives: Option<u64>, most: u64) -> Option<Finding> {
    if most >= MOST_RECEIVES {
        return Some(Finding::fail(
            about,
            format!(
                "the function gives a message up after as many as {most} deliveries, and SQS takes {MOST_RECEIVES} as the largest \
                 maxReceiveCount; raise [retry] longest_seconds, or lower systemic_give_up_after_seconds"
            ),
        ));
    }
    let receives = receives?;
    let says = format!(
        "its maxReceiveCount is {receives}, and the function gives a message up after {most} deliveries at the most"
    );
    Some(if receives > most {
        Finding::ok(about, says)
    } else {
        Finding::fail(
            about,
            format!(
                "{says}, so that joins become dead letters too soon; set maxReceiveCount and PROVISIONER_MAX_RECEIVE_COUNT \
                 to {} or more, {MOST_RECEIVES} at the most",
                most + 1
            ),
        )
    })
}

fn judge_retention(about: &str, kept: u64, needed: Duration) -> Finding {
    let needed = needed.as_secs();
    let says = format!("it keeps messages {kept} s, and joins may wait {needed} s");
    if kept < needed {
        Finding::fail(
            about,
            format!(
                "{says}: what is older is gone; set MessageRetentionPeriod to {needed} or more, or lower [retry] \
                 systemic_give_up_after_seconds"
            ),
        )
    } else {
        Finding::ok(about, says)
    }
}

fn judge_visibility(about: &str, visibility: u64, timeout: u64) -> Finding {
    let advised = VISIBILITY_FACTOR * timeout;
    let says =
        format!("its visibility time-out is {visibility} s, the function's time-out {timeout} s");
    if visibility < timeout {
        let text = format!(
            "{says}: a message is delivered again while it is still worked on; set {advised}"
        );
        Finding::fail(about, text)
    } else if visibility < advised {
        Finding::warn(
            about,
            format!("{says}; AWS advises 6 times as much, {advised}"),
        )
    } else {
        Finding::ok(about, says)
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::queue::RedrivePolicy;
    use super::super::finding::State;
    use super::*;

    #[test]
    fn a_visibility_timeout_is_at_least_the_timeout_and_better_six_times_that() {
        for (visibility, expected) in [
            (29, State::Fail),
            (30, State::Warn),
            (179, State::Warn),
            (180, State::Ok),
        ] {
            let found = judge_visibility("queue", visibility, 30);
            assert_eq!(found.state, expected, "{visibility}");
        }
    }

    #[test]
    fn more_receives_than_deliveries_are_needed_and_possible() {
        for (receives, most, expected) in [
            (Some(293), 293, Some(State::Fail)),
            (Some(294), 293, Some(State::Ok)),
            (None, 293, None),
            (Some(1000), 999, Some(State::Ok)),
            (Some(1000), 1000, Some(State::Fail)),
            (None, 1000, Some(State::Fail)),
        ] {
            let found = judge_receives("queue", receives, most);
            let state = found.map(|finding| finding.state);
            assert_eq!(state, expected, "{receives:?} and {most}");
        }
    }

    #[test]
    fn messages_are_kept_as_long_as_they_may_wait() {
        for (kept, expected) in [(99, State::Fail), (100, State::Ok)] {
            let found = judge_retention("queue", kept, Duration::from_secs(100));
            assert_eq!(found.state, expected, "{kept}");
        }
    }

    #[track_caller]
    fn check_redrive(dead_letter_arn: Option<&str>, count: Option<u32>, failures: usize) {
        let redrive = RedrivePolicy {
            target_arn: "arn:dead".to_owned(),
            max_receive_count: 500,
        };
        let queue = QueueAttributes {
            redrive: Some(redrive),
            ..QueueAttributes::default()
        };
        let found = judge_redrive("queue", &queue, dead_letter_arn, count);
        assert_eq!(found.len(), failures, "{found:?}");
    }

    #[test]
    fn a_redrive_policy_fits_the_dead_letter_queue_and_the_function() {
        check_redrive(None, None, 0);
        check_redrive(Some("arn:dead"), Some(500), 0);
        check_redrive(Some("arn:other"), Some(500), 1);
        check_redrive(Some("arn:other"), Some(499), 2);
        let found = judge_redrive("queue", &QueueAttributes::default(), None, None);
        assert_eq!(found[0].state, State::Fail);
    }
}
