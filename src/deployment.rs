//! The function's environment variables -> its deployment.

use crate::schedule::Destination;

/// The configuration file; `provisioner.toml` without it.
pub const CONFIG: &str = "PROVISIONER_CONFIG";
/// The URL of the dead-letter queue.
pub const DLQ_URL: &str = "PROVISIONER_DLQ_URL";
/// The source queue's `maxReceiveCount`; unset for an event source that is no queue.
pub const MAX_RECEIVE_COUNT: &str = "PROVISIONER_MAX_RECEIVE_COUNT";
/// The name of the schedule group; needed with `[schedule]`, as all that follow.
pub const SCHEDULE_GROUP: &str = "PROVISIONER_SCHEDULE_GROUP";
/// The ARN of the role with which EventBridge Scheduler sends.
pub const SCHEDULE_ROLE_ARN: &str = "PROVISIONER_SCHEDULE_ROLE_ARN";
/// The URL of the queue that a due join is sent to.
pub const SOURCE_QUEUE_URL: &str = "PROVISIONER_SOURCE_QUEUE_URL";
/// The ARN of the queue for what EventBridge Scheduler cannot send.
pub const SCHEDULE_DLQ_ARN: &str = "PROVISIONER_SCHEDULE_DLQ_ARN";

/// Settings that a deployment gives the function, beside its configuration.
#[derive(Debug, Clone)]
pub struct Deployment {
    pub dead_letter_queue_url: String,
    /// The delivery after which SQS moves a message away; `None` where no queue brings the events.
    pub last_delivery: Option<u32>,
    /// Where due joins are sent; `None` where the configuration has no `[schedule]`.
    pub schedules: Option<Destination>,
}

impl Deployment {
    /// Reads the variables: of this process, or of a deployed function.
    ///
    /// `has_schedules` tells whether the configuration has a `[schedule]` section, which needs further variables.
    ///
    /// # Errors
    /// Returns a sentence that names the variable that is not set, or not acceptable.
    pub fn from_env(
        variable: impl Fn(&str) -> Option<String>,
        has_schedules: bool,
    ) -> Result<Self, String> {
        let dead_letter_queue_url = variable(DLQ_URL).ok_or_else(|| {
            format!("{DLQ_URL} is not set; set it to the URL of the dead-letter queue")
        })?;
        let last_delivery = variable(MAX_RECEIVE_COUNT)
            .map(|text| last_delivery(&text))
            .transpose()?;
        let schedules = has_schedules.then(|| destination(variable)).transpose()?;
        Ok(Self {
            dead_letter_queue_url,
            last_delivery,
            schedules,
        })
    }
}

fn last_delivery(text: &str) -> Result<u32, String> {
    let count = text.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| {
        format!(
            "{MAX_RECEIVE_COUNT} is no number above 0; set it to the source queue's maxReceiveCount"
        )
    })
}

fn destination(variable: impl Fn(&str) -> Option<String>) -> Result<Destination, String> {
    let variable = |name: &str, what: &str| {
        variable(name).ok_or_else(|| {
            format!("{name} is not set, and [schedule] needs it; set it to {what}, or leave [schedule] out")
        })
    };
    Ok(Destination {
        group: variable(SCHEDULE_GROUP, "the schedule group's name")?,
        role_arn: variable(
            SCHEDULE_ROLE_ARN,
            "the ARN of the role with which EventBridge Scheduler sends to the source queue",
        )?,
        source_queue_url: variable(SOURCE_QUEUE_URL, "the source queue's URL")?,
        dead_letter_queue_arn: variable(
            SCHEDULE_DLQ_ARN,
            "the ARN of a standard queue for what EventBridge Scheduler cannot send",
        )?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)], has_schedules: bool) -> Result<Deployment, String> {
        let variable = |name: &str| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, text)| (*text).to_owned())
        };
        Deployment::from_env(variable, has_schedules)
    }

    #[test]
    fn each_variable_that_is_needed_is_named() {
        let check = |set: &[(&str, &str)], has_schedules, expected: &str| {
            let refusal = read(set, has_schedules).expect_err("refused");
            assert!(refusal.starts_with(expected), "{refusal}");
        };
        let url = (
            DLQ_URL,
            "https://sqs.eu-west-2.amazonaws.com/111122223333/dlq",
        );
        check(&[], false, "PROVISIONER_DLQ_URL is not set");
        for text in ["0", "-1", "ten", ""] {
            check(
                &[url, (MAX_RECEIVE_COUNT, text)],
                false,
                "PROVISIONER_MAX_RECEIVE_COUNT is no number",
            );
        }
        check(&[url], true, "PROVISIONER_SCHEDULE_GROUP is not set");
        let deployment = read(&[url, (MAX_RECEIVE_COUNT, "300")], false).expect("complete");
        assert_eq!(deployment.last_delivery, Some(300));
        assert!(deployment.schedules.is_none());
    }
}
