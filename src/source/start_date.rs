//! A first working day in any of the forms that HR systems send -> a date of the calendar.

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

/// Accepted forms of a start date, for explanations.
pub const ACCEPTED: &str = "a date of the calendar from 1900 on as YYYY-MM-DD, an RFC 3339 or ISO 8601 time, or seconds or \
                            milliseconds since 1970; `| date(\"%d.%m.%Y\")` in [source.fields] reads another format";

// Java's and PHP's habit: an offset without its colon.
const WITH_PLAIN_OFFSET: &[BorrowedFormatItem] = format_description!(
    "[year]-[month]-[day]T[hour]:[minute]:[second][optional [.[subsecond]]][offset_hour sign:mandatory][offset_minute]"
);

/// Reads a start date; a time gives the date that its producer's clock showed, and UTC's where it is a number.
#[must_use]
pub fn parse(text: &str) -> Option<Date> {
    let text = of_odata(text).unwrap_or(text);
    let date = since_1970(text)
        .or_else(|| Date::parse(text, &Iso8601::DATE).ok())
        .or_else(|| with_offset(text).map(OffsetDateTime::date))
        .or_else(|| without_zone(text).map(PrimitiveDateTime::date))
        .or_else(|| of_database(text));
    date.filter(|date| date.year() >= 1900)
}

/// Tells whether a text is what a database holds where there is no date: `0000-00-00` or `0001-01-01`, with or without a time
/// of midnight.
#[must_use]
pub(crate) fn stands_for_none(text: &str) -> bool {
    let text = text.trim();
    let after = text
        .strip_prefix("0000-00-00")
        .or_else(|| text.strip_prefix("0001-01-01"));
    after.is_some_and(|time| time.chars().all(|c| "0:.TZ +".contains(c)))
}

fn with_offset(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| OffsetDateTime::parse(text, WITH_PLAIN_OFFSET))
        .ok()
}

fn without_zone(text: &str) -> Option<PrimitiveDateTime> {
    PrimitiveDateTime::parse(text, &Iso8601::DATE_TIME).ok()
}

// `/Date(1764547200000)/` or `/Date(1764547200000+0000)/`: OData version 2, "Primitive Types", `Edm.DateTime` in JSON.
fn of_odata(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    Some(inner.split(['+', '-']).next().unwrap_or(inner))
}

// `2026-12-01 00:00:00`, as SQL and ServiceNow write it, with or without a fraction; `2026/12/01` too, since the year is first.
fn of_database(text: &str) -> Option<Date> {
    let (date, time) = text.split_once(' ').unwrap_or((text, "00:00:00"));
    let is_time = (5..=15).contains(&time.len())
        && time.chars().all(|c| c.is_ascii_digit() || ":.".contains(c));
    let date = date.replace(['/', '.'], "-");
    is_time
        .then(|| Date::parse(&date, WITH_HYPHENS).ok())
        .flatten()
}

const WITH_HYPHENS: &[BorrowedFormatItem] = format_description!("[year]-[month]-[day]");

// Nine digits and more, so that 20261201 stays a date; milliseconds have three digits more than seconds.
fn since_1970(text: &str) -> Option<Date> {
    let number: i64 = text.parse().ok()?;
    let seconds = match text.len() {
        9..=10 => number,
        12..=13 => number / 1000,
        _ => return None,
    };
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .map(OffsetDateTime::date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let date = parse(text).map(|date| date.to_string());
        assert_eq!(date.as_deref(), expected, "{text}");
    }

    #[test]
    fn a_date_is_read_in_every_form_that_hr_systems_send() {
        let day = Some("2026-12-01");
        check("2026-12-01", day);
        check("20261201", day);
        check("2026-12-01T09:00:00Z", day);
        check("2026-12-01T23:30:00-08:00", day);
        check("2026-12-01T09:00:00+0000", day);
        check("2026-12-01T09:00:00.000+0000", day);
        check("2026-12-01T09:00:00", day);
        check("1796083200", day);
        check("2026-12-01 00:00:00", day);
        check("2026-12-01 23:59:59.999", day);
        check("2026/12/01", day);
        check("/Date(1796083200000)/", day);
        check("/Date(1796083200000+0000)/", day);
        check("1796083200000", day);
        check("2028-02-29", Some("2028-02-29"));
    }

    #[test]
    fn a_placeholder_stands_for_no_date() {
        for text in [
            "0000-00-00",
            "0000-00-00 00:00:00",
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00.000+00:00",
        ] {
            assert!(stands_for_none(text), "{text}");
            check(text, None);
        }
        for text in ["0000-00-01", "0001-01-01T09:00:00", "2026-12-01", "", "0"] {
            assert!(!stands_for_none(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_of_the_calendar_is_refused() {
        for text in [
            "2027-02-29",
            "0000-00-00",
            "01/12/2026",
            "tomorrow",
            "1",
            "1899-12-31",
            "2026-12-01 noon",
            "/Date(x)/",
            "1/12/2026",
        ] {
            check(text, None);
        }
    }
}
