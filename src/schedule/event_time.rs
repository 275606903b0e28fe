//! An event -> the time at which it happened, which tells a late event from a new one.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::waiting::{Event, scheduled};
use crate::source::Delivery;
use crate::source::Sources;

/// A person's event with the time at which it happened, as far as that is known.
pub struct Dated<'a> {
    pub(super) event: &'a Event<'a>,
    pub(super) time: Option<OffsetDateTime>,
}

impl<'a> Dated<'a> {
    /// Finds out when the event happened.
    #[must_use]
    pub fn new(event: &'a Event<'a>, delivery: &Delivery, sources: &Sources) -> Self {
        let time = event_time(event, delivery, sources);
        Self { event, time }
    }
}

/// Finds the time of a person's event: the event's own, else its envelope's, else when the message was sent to the queue;
/// for a message that a schedule sent, the time that the schedule kept.
///
/// A time that lies ahead counts as now, so that a wrong clock cannot outrank what follows.
pub(super) fn event_time(
    event: &Event<'_>,
    delivery: &Delivery,
    sources: &Sources,
) -> Option<OffsetDateTime> {
    // When it came back says nothing of when it happened.
    let found = match scheduled(event.message) {
        Some(scheduled) => scheduled.event_time.as_deref().and_then(parse),
        None => stated(delivery, sources)
            .or_else(|| event.message.origin.sent_at.map(OffsetDateTime::from)),
    };
    found.map(|time| time.min(OffsetDateTime::now_utc()))
}

/// Reads a time in RFC 3339.
pub(super) fn parse(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text.trim(), &Rfc3339).ok()
}

fn stated(delivery: &Delivery, sources: &Sources) -> Option<OffsetDateTime> {
    let of_envelope = |name| delivery.envelope.get(name)?.as_str().and_then(parse);
    let own = sources.occurred_at(delivery).and_then(parse);
    // EventBridge's and CloudEvents' `time`, Amazon SNS's `Timestamp`.
    own.or_else(|| of_envelope("time"))
        .or_else(|| of_envelope("Timestamp"))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use serde_json::{Value, json};

    use super::*;
    use crate::intake::{Attribute, AttributeValue, Content, Message};
    use crate::invocation::attributes::SCHEDULED;
    use crate::schedule::moment;
    use crate::source::person_key::PersonKey;

    fn found(body: &Value, scheduled: Option<&str>) -> Option<String> {
        let sources = Sources::default();
        let mut message = Message {
            body: body.to_string(),
            ..Message::default()
        };
        message.origin.sent_at = Some(UNIX_EPOCH + Duration::from_secs(1_000_000_000));
        message.attributes.extend(scheduled.map(|text| Attribute {
            name: SCHEDULED.to_owned(),
            data_type: "String".to_owned(),
            value: AttributeValue::Text(text.to_owned()),
        }));
        let parcel = sources.open(&message.body).remove(0);
        let Ok(Content::Delivery(delivery)) = parcel.content else {
            panic!("no delivery in {body}");
        };
        let key = PersonKey::Event("1".to_owned());
        let event = Event {
            message: &message,
            item: 0,
            key: &key,
        };
        event_time(&event, &delivery, &sources).map(moment)
    }

    #[track_caller]
    fn check(body: &Value, expected: &str) {
        assert_eq!(found(body, None).as_deref(), Some(expected), "{body}");
    }

    #[test]
    fn the_events_own_time_comes_first_and_the_queues_last() {
        let plain = json!({ "specversion": "hr.join/1", "type": "worker.joined" });
        let mut dated = plain.clone();
        dated["occurredAt"] = json!("2026-01-01T10:00:00+01:00");
        let bus = |detail: &Value| json!({ "detail-type": "t", "source": "hr", "time": "2026-01-02T00:00:00Z", "detail": detail });
        let cloud = json!({ "specversion": "1.0", "time": "2026-01-03T00:00:00Z", "data": plain });
        let sns = |message: &Value| {
            json!({ "Type": "Notification", "TopicArn": "arn:t", "Timestamp": "2026-01-04T00:00:00.5Z",
                    "Message": message.to_string() })
        };
        check(&plain, "2001-09-09T01:46:40Z");
        check(&dated, "2026-01-01T10:00:00+01:00");
        check(&bus(&dated), "2026-01-01T10:00:00+01:00");
        check(&bus(&plain), "2026-01-02T00:00:00Z");
        check(&cloud, "2026-01-03T00:00:00Z");
        check(&sns(&plain), "2026-01-04T00:00:00.5Z");
        check(&sns(&bus(&plain)), "2026-01-02T00:00:00Z");
        dated["occurredAt"] = json!("yesterday");
        check(&dated, "2001-09-09T01:46:40Z");
    }

    #[test]
    fn a_time_that_lies_ahead_is_now() {
        let ahead = json!({ "specversion": "hr.join/1", "occurredAt": "2999-01-01T00:00:00Z" });
        let found = found(&ahead, None).expect("a time");
        assert!(!found.starts_with("2999"), "{found}");
    }

    #[test]
    fn what_a_schedule_sent_has_the_time_that_was_kept() {
        let body = json!({ "specversion": "hr.join/1", "occurredAt": "2026-01-01T00:00:00Z" });
        let kept = r#"{"event_key":"k","item":0,"event_time":"2025-01-01T00:00:00Z"}"#;
        let time = found(&body, Some(kept));
        assert_eq!(time.as_deref(), Some("2025-01-01T00:00:00Z"));
        // An earlier version kept no time.
        assert_eq!(found(&body, Some(r#"{"event_key":"k","item":0}"#)), None);
    }
}
