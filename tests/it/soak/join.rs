//! A person of a soak -> the event that an HR system sends of the person, right or wrong.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::people::{Event, Fate, Person};

/// Words that stand in everybody's name, address or number and in nothing else, so that one search finds any of them.
pub(super) const PRIVATE: [&str; 5] = ["jovinka", "xylan", "xylon", "@soak.example", "+447700"];

const DAYS_AHEAD: i64 = 30;

/// Writes an event of a person as JSON.
pub(super) fn body(event: Event, who: &Person) -> Value {
    let Event {
        person,
        is_corrected,
    } = event;
    if who.fate == Fate::DeadLetter("unknown_shape") {
        return json!({ "nonsense": person });
    }
    let family_name = match who.fate {
        Fate::DeadLetter("missing_field:worker.familyName") => String::new(),
        _ => who.family_name(is_corrected),
    };
    let department = match who.fate {
        Fate::DeadLetter("no_assignment") => "NIGHT",
        Fate::Skip => "FIN",
        _ => "CC-UK",
    };
    json!({
        "specversion": "hr.join/1",
        "eventId": format!("soak-{person}-{is_corrected}"),
        "type": "worker.joined",
        "worker": {
            "employeeId": who.employee_id,
            "givenName": "Jovinka",
            "familyName": family_name,
            "email": format!("e{person}@soak.example"),
            "mobile": "+447700900123",
            "department": {"code": department, "name": "Customer Care"},
            "job": {"code": "AGT1", "title": "Service Agent"},
            "location": "Leeds",
            "startDate": first_day(who.fate),
        }
    })
}

fn first_day(fate: Fate) -> String {
    match fate {
        Fate::UserWhenDue => {
            let day = OffsetDateTime::now_utc() + Duration::days(DAYS_AHEAD);
            day.date().to_string()
        }
        _ => "2024-01-08".to_owned(),
    }
}
