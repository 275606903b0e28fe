//! A date in a format of strftime -> a date of the calendar.

use time::format_description::{OwnedFormatItem, parse_strftime_owned};
use time::parsing::Parsed;
use time::{Date, Month, PrimitiveDateTime, Time};

/// Reads a date, whatever the case of its month's name.
pub(super) fn parse(text: &str, format: &str) -> Option<Date> {
    let items = parse_strftime_owned(format).ok()?;
    let read = |text: &str| {
        let mut parsed = Parsed::new();
        let rest = parsed.parse_item(text.as_bytes(), &items).ok()?;
        rest.is_empty()
            .then(|| Date::try_from(parsed).ok())
            .flatten()
    };
    let date = read(text).or_else(|| read(&in_title_case(text)));
    date.filter(|date| date.year() >= 1900)
}

/// Tells whether a format gives a day, a month and a year with its century, so that each date reads as itself.
pub(super) fn is_format(format: &str) -> bool {
    let Ok(items) = parse_strftime_owned(format) else {
        return false;
    };
    let sample = Date::from_calendar_date(2026, Month::December, 1).ok();
    let sample = sample.map(|date| PrimitiveDateTime::new(date, Time::MIDNIGHT).assume_utc());
    let written = sample.and_then(|sample| sample.format(&items as &OwnedFormatItem).ok());
    written.and_then(|text| parse(&text, format)) == sample.map(time::OffsetDateTime::date)
}

// `01-DEC-2026` -> `01-Dec-2026`.
fn in_title_case(text: &str) -> String {
    let mut within = false;
    let one = |c: char| {
        let changed = if within {
            c.to_ascii_lowercase()
        } else {
            c.to_ascii_uppercase()
        };
        within = c.is_ascii_alphabetic();
        changed
    };
    text.chars().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, format: &str, expected: Option<&str>) {
        let date = parse(text, format).map(|date| date.to_string());
        assert_eq!(date.as_deref(), expected, "{text} as {format}");
    }

    #[test]
    fn a_date_is_read_by_its_format() {
        let day = Some("2026-12-01");
        check("01-Dec-2026", "%d-%b-%Y", day);
        check("01-DEC-2026", "%d-%b-%Y", day);
        check("01.12.2026", "%d.%m.%Y", day);
        check("12/01/2026", "%m/%d/%Y", day);
        check("December 01, 2026", "%B %d, %Y", day);
        check("01/12/2026 08:30", "%d/%m/%Y %H:%M", day);
        check("20261201", "%Y%m%d", day);
        check("31-Feb-2026", "%d-%b-%Y", None);
        check("01-Dec-2026 and more", "%d-%b-%Y", None);
        check("01.12.26", "%d.%m.%Y", None);
        check("01.12.1899", "%d.%m.%Y", None);
    }

    #[test]
    fn a_format_names_the_whole_date() {
        for (format, expected) in [
            ("%d-%b-%Y", true),
            ("%m/%d/%Y %H:%M:%S", true),
            ("%Y-%m", false),
            ("%d.%m.%y", false),
            ("dd.mm.yyyy", false),
            ("%Q", false),
            ("", false),
        ] {
            assert_eq!(is_format(format), expected, "{format}");
        }
    }
}
