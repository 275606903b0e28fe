//! EventBridge Scheduler calls become answers and changes of the schedules, which are sent when they are told to.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::ids::Home;
use super::refusal::{Answer, Refusal};
use super::seed::Seed;
use super::wire::AwsRequest;

/// The one group that every account has.
const GROUP: &str = "default";
/// The one target that is taken, in the partition of the role.
fn send_message(role_arn: &str) -> String {
    let partition = role_arn.split(':').nth(1).unwrap_or("aws");
    format!("arn:{partition}:scheduler:::aws-sdk:sqs:sendMessage")
}

// EventBridge Scheduler User Guide, "Quotas".
const MOST_INPUT: usize = 256 * 1024;

/// A schedule as it was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleView {
    pub name: String,
    /// `at(...)`.
    pub expression: String,
    /// The members of the call that it makes, as JSON.
    pub input: String,
    pub dead_letter_queue_arn: Option<String>,
    pub role_arn: String,
}

pub(super) struct Scheduler {
    home: Home,
    schedules: BTreeMap<String, ScheduleView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SetSchedule {
    group_name: Option<String>,
    schedule_expression: String,
    target: Target,
    #[serde(rename = "FlexibleTimeWindow")]
    _flexible_time_window: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Target {
    arn: String,
    role_arn: String,
    input: Option<String>,
    dead_letter_config: Option<DeadLetterConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeadLetterConfig {
    arn: Option<String>,
}

/// The operation and the label of a path (EventBridge Scheduler service model, `requestUri`).
pub(super) fn route(method: &str, segments: &[String]) -> Option<(&'static str, Vec<String>)> {
    let [folder, name] = segments else {
        return None;
    };
    let operation = match method {
        _ if folder != "schedules" => return None,
        "POST" => "CreateSchedule",
        "PUT" => "UpdateSchedule",
        "GET" => "GetSchedule",
        "DELETE" => "DeleteSchedule",
        _ => return None,
    };
    Some((operation, vec![name.clone()]))
}

impl Scheduler {
    pub(super) fn new(seed: &Seed) -> Self {
        Self {
            home: seed.home(),
            schedules: BTreeMap::new(),
        }
    }

    pub(super) fn views(&self) -> Vec<ScheduleView> {
        self.schedules.values().cloned().collect()
    }

    /// Every schedule, each of which ends with this.
    pub(super) fn take(&mut self) -> Vec<ScheduleView> {
        std::mem::take(&mut self.schedules).into_values().collect()
    }

    pub(super) fn arn(&self, name: &str) -> String {
        self.home
            .arn("scheduler", &format!("schedule/{GROUP}/{name}"))
    }

    pub(super) fn perform(&mut self, request: &AwsRequest) -> Answer {
        let name = request.label(0);
        let exists = self.schedules.contains_key(name);
        match request.operation.as_str() {
            "CreateSchedule" if exists => Err(Refusal::new(
                "ConflictException",
                409,
                format!("Schedule {name} already exists."),
            )),
            "CreateSchedule" => self.set(name, request.input()?),
            _ if !exists => Err(Refusal::new(
                "ResourceNotFoundException",
                404,
                format!("Schedule {name} does not exist."),
            )),
            "UpdateSchedule" => self.set(name, request.input()?),
            "GetSchedule" => Ok(self.described(&self.schedules[name])),
            "DeleteSchedule" => {
                self.schedules.remove(name);
                Ok(json!({}))
            }
            other => Err(Refusal::unknown_operation(other)),
        }
    }

    // EventBridge Scheduler API reference, GetSchedule; members that nobody asks for are left out.
    fn described(&self, schedule: &ScheduleView) -> Value {
        let letters = schedule.dead_letter_queue_arn.as_ref();
        let letters = letters.map(|arn| json!({ "Arn": arn }));
        json!({
            "Arn": self.arn(&schedule.name),
            "Name": schedule.name,
            "GroupName": GROUP,
            "ScheduleExpression": schedule.expression,
            "Target": {
                "Arn": send_message(&schedule.role_arn),
                "RoleArn": schedule.role_arn,
                "Input": schedule.input,
                "DeadLetterConfig": letters,
            },
        })
    }

    fn set(&mut self, name: &str, schedule: SetSchedule) -> Answer {
        let SetSchedule {
            group_name,
            schedule_expression,
            target,
            ..
        } = schedule;
        if group_name.as_deref().is_some_and(|group| group != GROUP) {
            let message = "Schedule group does not exist.";
            return Err(Refusal::new("ResourceNotFoundException", 404, message));
        }
        let input = target.input.unwrap_or_default();
        let is_name = (1..=64).contains(&name.len())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let wrong = [
            (!is_name, "Invalid name."),
            (
                !is_ahead(&schedule_expression),
                "Invalid Schedule Expression.",
            ),
            (
                target.arn != send_message(&target.role_arn),
                "The stand-in sends messages to SQS only.",
            ),
            (input.len() > MOST_INPUT, "Target input is too large."),
            (
                serde_json::from_str::<Value>(&input).is_err(),
                "Input is no JSON.",
            ),
        ];
        if let Some((_, message)) = wrong.into_iter().find(|(is_wrong, _)| *is_wrong) {
            return Err(Refusal::bad_request("ValidationException", message));
        }
        self.schedules.insert(
            name.to_owned(),
            ScheduleView {
                name: name.to_owned(),
                expression: schedule_expression,
                input,
                dead_letter_queue_arn: target.dead_letter_config.and_then(|letters| letters.arn),
                role_arn: target.role_arn,
            },
        );
        Ok(json!({ "ScheduleArn": self.arn(name) }))
    }
}

// Of the expressions that there are, only a moment of the future is served.
fn is_ahead(expression: &str) -> bool {
    let format = format_description!("at([year]-[month]-[day]T[hour]:[minute]:[second])");
    PrimitiveDateTime::parse(expression, format)
        .is_ok_and(|at| at.assume_utc() > OffsetDateTime::now_utc())
}
