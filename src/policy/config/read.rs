//! TOML text -> the sections of the file, reading on after each fault.

use std::ops::Range;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::faults::Faults;
use super::file::{File, Lookup};
use super::wording;

/// Reads the sections; `None` where the text is not TOML.
pub(super) fn file(text: &str, faults: &mut Faults) -> Option<File> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for err in &errors {
        let span = err.span().unwrap_or_default();
        let about = text.get(span.clone()).unwrap_or_default();
        faults.at_character(
            span.start,
            wording::of_syntax(first_line(err.message()), about),
        );
    }
    errors
        .is_empty()
        .then(|| sections(table.into_inner(), faults))
}

fn sections(table: DeTable, faults: &mut Faults) -> File {
    missing_sections(&table, faults);
    let mut file = File {
        has_password: table.contains_key("password"),
        ..File::default()
    };
    let mut in_file_order: Vec<_> = table.into_iter().collect();
    in_file_order.sort_unstable_by_key(|(key, _)| key.span().start);
    for (key, value) in in_file_order {
        match key.get_ref().as_ref() {
            "connect" => {
                file.connect = section("[connect]", value, faults);
            }
            "user" => file.user = section("[user]", value, faults),
            "password" => file.password = section("[password]", value, faults),
            "instance" => file.instances = named("instance", value, faults),
            "lookup" => file.lookups = lookups(value, faults),
            "retry" => file.retry = section("[retry]", value, faults),
            "schedule" => file.schedule = section("[schedule]", value, faults),
            "direct_requests" => {
                file.direct_requests = section("[direct_requests]", value, faults);
            }
            "limits" => file.limits = section("[limits]", value, faults),
            "claims" => file.claims = section("[claims]", value, faults),
            "queues" => file.queues = section("[queues]", value, faults),
            "logs" => file.logs = section("[logs]", value, faults),
            "source" => file.sources = list("source", value, faults),
            "assignment" => file.assignments = list("assignment", value, faults),
            "extra_security_profiles" => file.additions = list("extra_security_profiles", value, faults),
            other => faults.at(
                key.span(),
                format!(
                    "unknown section `{other}`; there are connect, user, password, instance, retry, schedule, direct_requests, limits, claims, queues, logs, lookup, source, \
                     assignment, extra_security_profiles"
                ),
            ),
        }
    }
    file
}

fn missing_sections(table: &DeTable, faults: &mut Faults) {
    for (section, fault) in [
        (
            "connect",
            "there is no [connect]; give it instance_id and identity_management",
        ),
        ("user", "there is no [user]; give it username templates"),
        (
            "assignment",
            "there is no [[assignment]], so nobody would get a user",
        ),
    ] {
        if !table.contains_key(section) {
            faults.whole(fault);
        }
    }
}

fn list<T: DeserializeOwned>(
    name: &str,
    value: Spanned<DeValue>,
    faults: &mut Faults,
) -> Vec<Spanned<T>> {
    let span = value.span();
    if let DeValue::Array(items) = value.into_inner() {
        items
            .into_iter()
            .filter_map(|item| section(&format!("[[{name}]]"), item, faults))
            .collect()
    } else {
        faults.at(span, format!("{name} is a list; write [[{name}]]"));
        Vec::new()
    }
}

fn named<T: DeserializeOwned>(
    name: &str,
    value: Spanned<DeValue>,
    faults: &mut Faults,
) -> Vec<(String, Spanned<T>)> {
    let span = value.span();
    let DeValue::Table(entries) = value.into_inner() else {
        faults.at(
            span,
            format!("{name} is a table of sections; write [{name}.NAME]"),
        );
        return Vec::new();
    };
    entries
        .into_iter()
        .filter_map(|(key, value)| {
            let key = key.into_inner().into_owned();
            let section = section(&format!("[{name}.{key}]"), value, faults)?;
            Some((key, section))
        })
        .collect()
}

// A table may be a file's name, so it is no section of its own.
fn lookups(value: Spanned<DeValue>, faults: &mut Faults) -> Vec<(String, Spanned<Lookup>)> {
    let span = value.span();
    let DeValue::Table(entries) = value.into_inner() else {
        faults.at(span, "lookup is a table of tables; write [lookup]");
        return Vec::new();
    };
    let read = |(key, value): (Spanned<_>, Spanned<DeValue>)| {
        let key: std::borrow::Cow<str> = key.into_inner();
        let span = value.span();
        match Lookup::deserialize(ValueDeserializer::from(value)) {
            Ok(table) => Some((key.into_owned(), Spanned::new(span, table))),
            Err(err) => {
                let message = first_line(err.message());
                let text = wording::of_value(&key, message);
                faults.at(span, text.unwrap_or_else(|| format!("`{key}`: {message}")));
                None
            }
        }
    };
    entries.into_iter().filter_map(read).collect()
}

// Serde stops at the first fault of a table, so each offending key is taken out and the rest read again.
fn section<T: DeserializeOwned>(
    name: &str,
    value: Spanned<DeValue>,
    faults: &mut Faults,
) -> Option<Spanned<T>> {
    let span = value.span();
    let DeValue::Table(mut table) = value.into_inner() else {
        faults.at(span, format!("{name} is a table"));
        return None;
    };
    let mut whole = true;
    loop {
        let copy = Spanned::new(span.clone(), DeValue::Table(table.clone()));
        let err = match T::deserialize(ValueDeserializer::from(copy)) {
            Ok(section) => return whole.then(|| Spanned::new(span, section)),
            Err(err) => err,
        };
        let message = err.message();
        let place = err.span().unwrap_or_else(|| span.clone());
        // A key that is missing now may be one that was taken out; it has been reported already.
        if whole || !message.starts_with("missing field") {
            let key = key_at(&table, &place);
            faults.at(
                place.clone(),
                explained(&owner(name, &table, &place), key.as_deref(), message),
            );
        }
        let key = offending_key(&table, &place)?;
        whole &= table
            .get(key.as_str())
            .is_some_and(|_| message.starts_with("unknown field"));
        table.remove(key.as_str());
    }
}

// The key that is at fault, or in whose value the fault lies.
fn offending_key(table: &DeTable, place: &Range<usize>) -> Option<String> {
    let holds = |span: Range<usize>| span.start <= place.start && place.end <= span.end;
    table
        .iter()
        .find(|(key, value)| holds(key.span()) || holds(value.span()))
        .map(|(key, _)| key.get_ref().clone().into_owned())
}

// The key whose value, or which itself, stands at a place, in the table or in one within it.
fn key_at(table: &DeTable, place: &Range<usize>) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        if value.span() == *place || key.span() == *place {
            return Some(key.get_ref().clone().into_owned());
        }
        match value.get_ref() {
            DeValue::Table(table) => key_at(table, place),
            _ => None,
        }
    })
}

// The section, or the table within it, that takes the keys of a message.
fn owner(section: &str, table: &DeTable, place: &Range<usize>) -> String {
    let within = |value: Range<usize>| value.start < place.start && place.end <= value.end;
    let nested = table
        .iter()
        .find(|(key, value)| key.span() != *place && within(value.span()));
    nested.map_or_else(
        || section.to_owned(),
        |(key, _)| key.get_ref().clone().into_owned(),
    )
}

fn explained(section: &str, key: Option<&str>, message: &str) -> String {
    let message = first_line(message);
    if let Some(text) = key.and_then(|key| wording::of_value(key, message)) {
        return text;
    }
    let Some(rest) = message.strip_prefix("unknown field `") else {
        return message.to_owned();
    };
    let (key, expected) = rest.split_once('`').unwrap_or((rest, ""));
    let keys = expected
        .trim_start_matches(", expected")
        .trim_start_matches(" one of")
        .replace('`', "");
    format!("unknown key `{key}`; {section} takes{keys}")
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
