//! Joins dated ahead, and messages that a schedule sent.

use connect_standin::MessageView;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::scene::{Setting, record};
use crate::shipped::join_of;

const QUEUE: &str = "http://127.0.0.1/111122223333/hr-joins";
const LETTERS: &str = "arn:aws:sqs:eu-west-2:111122223333:hr-joins-dlq";

pub fn waiting(hours_before: u32) -> Setting {
    waiting_for(hours_before, QUEUE)
}

pub fn waiting_for(hours_before: u32, queue: &str) -> Setting {
    let schedule = format!("[schedule]\nhours_before = {hours_before}\n[retry]");
    Setting::shipped()
        .with("[retry]", &schedule)
        .variable("PROVISIONER_SCHEDULE_GROUP", "default")
        .variable(
            "PROVISIONER_SCHEDULE_ROLE_ARN",
            "arn:aws:iam::111122223333:role/schedules",
        )
        .variable("PROVISIONER_SOURCE_QUEUE_URL", queue)
        .variable("PROVISIONER_SCHEDULE_DLQ_ARN", LETTERS)
}

/// A join whose first day is so many days from today.
pub fn in_days(n: usize, days: i64) -> Value {
    let mut join = join_of(n);
    join["worker"]["startDate"] = json!(day(days).date().to_string());
    join
}

/// Makes the event of a message that a schedule sent, as Lambda hands it over.
pub fn delivered(message: &MessageView) -> Value {
    let attributes = message.attributes.iter();
    let attributes: serde_json::Map<_, _> = attributes
        .map(|(name, text)| {
            (
                name.clone(),
                json!({"stringValue": text, "dataType": "String"}),
            )
        })
        .collect();
    let mut record = record(&message.body);
    record["messageAttributes"] = Value::Object(attributes);
    json!({ "Records": [record] })
}

/// Returns the time so many days from now.
pub fn day(days: i64) -> OffsetDateTime {
    OffsetDateTime::now_utc() + Duration::days(days)
}
