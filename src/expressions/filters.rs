//! The filters and tests of our own for conditions, templates and sources: what people's data needs. A missing value stays
//! missing.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, Value, filters};
use unicode_normalization::UnicodeNormalization;

use crate::expressions::NO_SUCH_TABLE;
use crate::expressions::date_format;
use crate::expressions::display_name;
use crate::expressions::guard;
use crate::expressions::lookup::Lookup;
use crate::expressions::phone_number;
use crate::intake::json;
use crate::policy::UsernameCase;
use crate::policy::username;
use crate::source::start_date;
use crate::source::value as from_json_value;

/// Gives an environment its filters and tests.
pub(crate) fn add_to(environment: &mut Environment<'static>) {
    add_username(environment, UsernameCase::Lower);
    environment.add_filter("german", |value: Value| changed(&value, german));
    environment.add_filter("nfc", |value: Value| {
        changed(&value, |text| text.nfc().collect())
    });
    environment.add_filter("ascii", |value: Value| {
        changed(&value, deunicode::deunicode)
    });
    environment.add_filter("e164", |value: Value, country: Option<String>| {
        some_of(&value, |text| phone_number::e164(text, country.as_deref()))
    });
    environment.add_filter("date", date);
    environment.add_filter("days_after", days_after);
    environment.add_filter("as_list", as_list);
    environment.add_filter("fromjson", from_json);
    environment.add_filter("b64decode", |value: Value| {
        read(&value, "base64 of a text in UTF-8", |text| {
            base64(text).map(Value::from)
        })
    });
    environment.add_filter("given_name", |value: Value| {
        some_of(&value, |name| display_name::split(name).given_name)
    });
    environment.add_filter("family_name", |value: Value| {
        some_of(&value, |name| display_name::split(name).family_name)
    });
    environment.add_filter("split", split);
    // Nobody writes these: they stand around operations that need their values.
    environment.add_test(guard::PRESENT, |values: &Value| guard::is_present(values));
    environment.add_test(guard::WHOLE, |values: &Value| guard::is_whole(values));
    environment.add_test(guard::COMPARABLE, |values: &Value| {
        guard::is_comparable(values)
    });
    environment.add_test("yes", |value: Value| answer(&value) == Some(true));
    environment.add_test("no", |value: Value| answer(&value) == Some(false));
}

/// Kind of the errors that say what a filter cannot read, in words that may be logged.
pub(super) const UNREADABLE: ErrorKind = ErrorKind::CannotDeserialize;

fn date(value: Value, format: Option<&str>) -> Result<Value, Error> {
    let accepted = format.map_or(start_date::ACCEPTED, |_| "a date of the format");
    read(&value, accepted, |text| {
        if start_date::stands_for_none(text) {
            return Some(Value::UNDEFINED);
        }
        let date = match format {
            None => start_date::parse(text),
            Some(format) => date_format::parse(text, format),
        };
        date.map(|date| Value::from(date.to_string()))
    })
}

// The days from the other date to this one; none where one of them is missing.
fn days_after(value: Value, other: Value) -> Result<Value, Error> {
    let (day, other) = (date(value, None)?, date(other, None)?);
    let parsed = |date: &Value| date.as_str().and_then(start_date::parse);
    Ok(match (parsed(&day), parsed(&other)) {
        (Some(day), Some(other)) => Value::from((day - other).whole_days()),
        _ => Value::UNDEFINED,
    })
}

// XML has no lists: an element that stands once is no list.
fn as_list(value: Value) -> Value {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Value::from(Vec::<Value>::new()),
        ValueKind::Seq | ValueKind::Iterable => value,
        _ => Value::from(vec![value]),
    }
}

fn from_json(value: Value) -> Result<Value, Error> {
    read(&value, "JSON", |text| {
        let json = json::parse(text).ok()?;
        Some(from_json_value(&json))
    })
}

fn base64(text: &str) -> Option<String> {
    let bytes = aws_smithy_types::base64::decode(text.trim()).ok()?;
    String::from_utf8(bytes).ok()
}

// A value that is there and cannot be read is an error with its shape, never missing in silence.
fn read(
    value: &Value,
    accepted: &str,
    change: impl Fn(&str) -> Option<Value>,
) -> Result<Value, Error> {
    let text = match value.as_str() {
        Some(text) => text.to_owned(),
        None if value.is_number() => value.to_string(),
        None => return Ok(Value::UNDEFINED),
    };
    if text.trim().is_empty() {
        return Ok(Value::UNDEFINED);
    }
    change(text.trim()).ok_or_else(|| {
        let shape = shape(&text);
        Error::new(
            UNREADABLE,
            format!("{accepted}; the event has a text like `{shape}`"),
        )
    })
}

/// Shows the form of a text without its content: each digit as 9, each letter as a or A.
fn shape(text: &str) -> String {
    const LONGEST: usize = 30;
    let one = |c: char| match c {
        c if c.is_ascii_digit() => '9',
        c if c.is_uppercase() => 'A',
        c if c.is_alphanumeric() => 'a',
        c => c,
    };
    let shown: String = text.trim().chars().take(LONGEST).map(one).collect();
    if text.trim().chars().count() > LONGEST {
        return shown + "...";
    }
    shown
}

/// Lets the filter `username` of an environment keep upper and lower case.
pub(crate) fn keep_case(environment: &mut Environment<'static>) {
    add_username(environment, UsernameCase::Keep);
}

fn add_username(environment: &mut Environment<'static>, case: UsernameCase) {
    environment.add_filter("username", move |value: Value| {
        changed(&value, |text| username::fold(text, case))
    });
}

/// Gives an environment the filter that looks a value up in a table of the configuration.
pub(crate) fn add_lookup(
    environment: &mut Environment<'static>,
    tables: Arc<BTreeMap<String, Lookup>>,
) {
    environment.add_filter("lookup", move |value: Value, name: String| {
        let table = tables.get(&name).ok_or_else(|| {
            let text = format!("there is no table `{name}` under [lookup]");
            Error::new(NO_SUCH_TABLE, text)
        })?;
        Ok::<_, Error>(some_of(&value, |text| table.get(text).map(str::to_owned)))
    });
}

// Minijinja's own refuses what is missing.
fn split(value: Value, by: Option<Arc<str>>, most: Option<i64>) -> Result<Value, Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(value);
    }
    filters::split(&value, by, most)
}

fn changed(value: &Value, change: impl Fn(&str) -> String) -> Value {
    some_of(value, |text| Some(change(text)))
}

fn some_of(value: &Value, change: impl Fn(&str) -> Option<String>) -> Value {
    let changed = match value.as_str() {
        Some(text) => change(text),
        None if value.is_number() => change(&value.to_string()),
        None => None,
    };
    changed.map_or(Value::UNDEFINED, Value::from)
}

/// Umlauts spelled out, as German writes them where it has no dots: ae, oe, ue, ss.
fn german(text: &str) -> String {
    let spelled = |c: char| match c {
        'ä' => "ae".to_owned(),
        'ö' => "oe".to_owned(),
        'ü' => "ue".to_owned(),
        'Ä' => "Ae".to_owned(),
        'Ö' => "Oe".to_owned(),
        'Ü' => "Ue".to_owned(),
        'ß' => "ss".to_owned(),
        'ẞ' => "SS".to_owned(),
        other => other.to_string(),
    };
    text.nfc().map(spelled).collect()
}

/// Reads a flag, which some systems send as a text or a number; `None` where it is neither yes nor no.
fn answer(value: &Value) -> Option<bool> {
    let text = value.to_string();
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "t" | "on" | "1" => Some(true),
        "false" | "no" | "n" | "f" | "off" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::{UndefinedBehavior, context};

    #[track_caller]
    fn check(expression: &str, expected: Option<&str>) {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        add_to(&mut environment);
        let value = environment
            .compile_expression(expression)
            .expect("compiles")
            .eval(context! { name => "Mu\u{308}ßig", day => 1_796_115_600_u32, phone => "+44 7700-900123" });
        assert_eq!(value.expect("computes").as_str(), expected, "{expression}");
    }

    #[test]
    fn a_filter_changes_a_text_or_leaves_nothing() {
        check("name | german", Some("Muessig"));
        check("name | username", Some("mussig"));
        check("name | german | username", Some("muessig"));
        check("name | nfc", Some("Müßig"));
        check("name | ascii", Some("Mussig"));
        check("day | date", Some("2026-12-01"));
        check("'2026-12-01 00:00:00' | date", Some("2026-12-01"));
        check("'01-Dec-2026' | date('%d-%b-%Y')", Some("2026-12-01"));
        check("missing | date", None);
        check(
            "('2026-12-01T08:00:00Z' | days_after('2026-11-01')) | string",
            Some("30"),
        );
        check(
            "('2026-11-01' | days_after('/Date(1764547200000)/')) | string",
            Some("335"),
        );
        check(
            "'x' if (missing | days_after('2026-11-01')) > 60 else 'y'",
            Some("y"),
        );
        check(
            "'x' if ('2026-11-01' | days_after('0000-00-00')) > 60 else 'y'",
            Some("y"),
        );
        check("name | as_list | first | username", Some("mussig"));
        check("(['a', 'b'] | as_list)[1]", Some("b"));
        check("missing | as_list | first", None);
        check("' ' | date('%d.%m.%Y')", None);
        check(
            "'{\"a\":{\"b\":\"c\"}}' | fromjson | attr('a') | attr('b')",
            Some("c"),
        );
        check("(missing | fromjson).a", None);
        check("'Wm/Dqw==' | b64decode", Some("Zoë"));
        check("phone | e164", Some("+447700900123"));
        check("name | e164", None);
        check("missing | german", None);
        check("(missing | split(' '))[0]", None);
        check("(missing | split(' ') | list)[1:] | join(' ')", Some(""));
        check("('Ann Oz' | split)[-1]", Some("Oz"));
        check("[] | username", None);
        check("'0000-00-00' | date", None);
        check("'Hartwig, Lena' | given_name", Some("Lena"));
        check("'Hartwig, Lena' | family_name", Some("Hartwig"));
        check("missing | given_name", None);
        check("'Suharto' | family_name", None);
    }

    #[test]
    fn what_cannot_be_read_is_an_error_with_its_shape() {
        let mut environment = Environment::new();
        add_to(&mut environment);
        for (expression, shape) in [
            ("'1.12.2026' | date", "`9.99.9999`"),
            ("'31-Feb-2026' | date('%d-%b-%Y')", "`99-Aaa-9999`"),
            (
                "'Zoë said no, and no, and no, and no' | date",
                "`Aaa aaaa aa, aaa aa, aaa aa, a...`",
            ),
            ("'{\"a\"' | fromjson", "`{\"a\"`"),
            ("'Zoë' | b64decode", "`Aaa`"),
        ] {
            let expression = environment
                .compile_expression(expression)
                .expect("compiles");
            let err = expression.eval(context! {}).expect_err("cannot be read");
            assert_eq!(err.kind(), UNREADABLE);
            let detail = err.detail().unwrap_or_default();
            assert!(detail.contains(shape), "{detail}");
        }
    }

    #[test]
    fn a_flag_is_read_as_a_text_and_a_number_too() {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        add_to(&mut environment);
        let is = |flag: &str, test: &str| {
            let expression = format!("{flag} is {test}");
            let expression = environment.compile_expression(&expression);
            let value = expression.expect("compiles").eval(context! {});
            value.expect("computes").is_true()
        };
        for yes in ["true", "'True'", "'YES'", "'y'", "' on '", "1", "'1'"] {
            assert!(is(yes, "yes") && !is(yes, "no"), "{yes}");
        }
        for no in ["false", "'False'", "'No'", "'n'", "'off'", "0", "'0'"] {
            assert!(is(no, "no") && !is(no, "yes"), "{no}");
        }
        for neither in ["missing", "''", "'Inactive'", "2", "[]", "{}", "none"] {
            assert!(!is(neither, "yes") && !is(neither, "no"), "{neither}");
        }
    }
}
