//! `hr.join/1` as a JSON Schema, for producers: whatever it accepts, the reader beside it does.
//!
//! The reader takes a little more: a list of nobody, any `eventId`, a blank password, blanks around a long employee id.

use serde_json::{Map, Value, json};

use super::checks::LONGEST_EMPLOYEE_ID;
use super::field::{EXTRA, Field, Kind};
use super::hr_join::{ABOUT_WORKERS, JOINED, NO_JOINS, OCCURRED_AT, VERSION};
use crate::request::rules::LONGEST_EMAIL;

// The characters that the reader trims off a text: Unicode's White_Space, in full because `\s` differs between validators.
const BLANK: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";

/// The schema of an event, or of a list of them, in draft 2020-12.
#[must_use]
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": VERSION,
        "description": "Somebody joins, or a list of people who do. Members that are not named here may stand anywhere; \
                        null, a blank text and [] count as missing.",
        "if": { "type": "array" },
        "then": { "minItems": 1, "items": { "$ref": "#/$defs/event" } },
        "else": { "$ref": "#/$defs/event" },
        "$defs": {
            "event": event(),
            "worker": worker(),
            "text": text(),
            "requiredText": required(json!({ "$ref": "#/$defs/text" }), json!("string")),
            "employeeId": employee_id(),
            "identifier": identifier(),
            "email": email(),
            "startDate": start_date(),
            "withoutPassword": without_password(),
        },
    })
}

fn event() -> Value {
    json!({
        "title": VERSION,
        "type": "object",
        "required": ["specversion", "type"],
        "properties": {
            "specversion": { "const": VERSION, "description": "The version of this shape." },
            "eventId": {
                "$ref": "#/$defs/identifier",
                "description": "The producer's identifier of the event.",
            },
            OCCURRED_AT: {
                "description": "When it happened, as RFC 3339; tells a late event from a new one. Any other value is passed over.",
                "examples": ["2026-11-20T09:14:03Z"],
            },
            "type": {
                "$ref": "#/$defs/requiredText",
                "description": format!("{JOINED} for a join. {} and types that do not start with {ABOUT_WORKERS} are recorded \
                                        and left alone; any other is refused.", NO_JOINS.join(", ")),
                "examples": [JOINED],
                "anyOf": [
                    { "not": { "pattern": about_workers() } },
                    { "pattern": one_of(&[&[JOINED], &NO_JOINS[..]].concat()) },
                ],
            },
            "worker": { "description": "Who joins." },
        },
        "allOf": [{ "$ref": "#/$defs/withoutPassword" }],
        "if": {
            "required": ["type"],
            "properties": { "type": { "pattern": one_of(&[JOINED]) } },
        },
        "then": { "required": ["worker"], "properties": { "worker": { "$ref": "#/$defs/worker" } } },
    })
}

// One of these texts, whatever blanks stand around it.
fn one_of(texts: &[&str]) -> String {
    let texts = texts.join("|").replace('.', "\\.");
    format!("^[{BLANK}]*(?:{texts})[{BLANK}]*$")
}

// In any case: a pattern of JSON Schema has no flags.
fn about_workers() -> String {
    let any_case = |c: char| match c {
        '.' => "\\.".to_owned(),
        c => format!("[{c}{}]", c.to_ascii_uppercase()),
    };
    let start: String = ABOUT_WORKERS.chars().map(any_case).collect();
    format!("^[{BLANK}]*{start}")
}

fn worker() -> Value {
    let mut properties = Map::new();
    for (group, fields) in Field::by_group() {
        let members = fields
            .iter()
            .map(|field| (field.member_in_hr_join().to_owned(), described(*field)));
        match group {
            None => properties.extend(members),
            Some(group) => {
                properties.insert(group.to_owned(), object(members.collect()));
            }
        }
    }
    properties.insert(EXTRA.to_owned(), extra());
    json!({
        "type": "object",
        "required": REQUIRED.map(Field::member_in_hr_join),
        "properties": properties,
    })
}

// Members with names of the producer's own.
fn extra() -> Value {
    json!({
        "description": "Fields of your own, such as country or team: conditions and templates read them as extra.NAME. \
                        The names are yours; each value is a text, a whole number, true or false.",
        "type": ["object", "null"],
        "propertyNames": { "pattern": "^[^.]+$" },
        "additionalProperties": {
            "anyOf": [{ "$ref": "#/$defs/identifier" }, { "type": "boolean" }],
        },
    })
}

// Of a person; the reader asks for the names only where the configuration uses them.
const REQUIRED: [Field; 3] = [Field::EmployeeId, Field::GivenName, Field::FamilyName];

fn described(field: Field) -> Value {
    let definition = match field.kind() {
        Kind::EmployeeId => "employeeId",
        Kind::Identifier => "identifier",
        Kind::Text if REQUIRED.contains(&field) => "requiredText",
        Kind::Text => "text",
        Kind::Email => "email",
        Kind::StartDate => "startDate",
    };
    json!({ "$ref": format!("#/$defs/{definition}"), "description": field.meaning() })
}

fn employee_id() -> Value {
    let employee_id = json!({ "$ref": "#/$defs/identifier", "maxLength": LONGEST_EMPLOYEE_ID });
    required(employee_id, json!(["string", "integer"]))
}

// `maxItems` and `pattern` say nothing of what is no array or no text.
fn text() -> Value {
    json!({ "type": ["string", "null", "array"], "maxItems": 0, "pattern": plain() })
}

fn identifier() -> Value {
    json!({
        "description": "A text, or a whole number without a fraction.",
        "type": ["string", "integer", "null", "array"],
        "maxItems": 0,
        "pattern": plain(),
        "minimum": i64::MIN,
        "maximum": u64::MAX,
    })
}

// Neither control characters nor U+FFFD, which stands where somebody lost a character.
fn plain() -> String {
    format!("^[{BLANK}]*[^\\u0000-\\u001f\\u007f-\\u009f\\ufffd]*[{BLANK}]*$")
}

fn required(schema: Value, types: Value) -> Value {
    json!({ "allOf": [schema, { "type": types, "pattern": format!("[^{BLANK}]") }] })
}

fn email() -> Value {
    let address = r"[a-zA-Z0-9._%+-]+@([a-zA-Z0-9-]+\.)+[a-zA-Z]{2,63}";
    json!({
        "type": ["string", "null", "array"],
        "maxItems": 0,
        "maxLength": LONGEST_EMAIL,
        "pattern": format!("^[{BLANK}]*({address}[{BLANK}]*)?$"),
        "examples": ["zoe.brueckner@example.com"],
    })
}

// Beside these the reader takes ISO 8601's weeks and ordinal dates, leap seconds, and a number YYYYMMDD.
fn start_date() -> Value {
    const TIME: &str = r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])?";
    const SINCE_1970: &str = "[0-9]{9,10}|[0-9]{12,13}";
    let date = format!("({})({TIME})?|{}|{SINCE_1970}", day("-"), day(""));
    let pattern = format!("^[{BLANK}]*(({date})[{BLANK}]*)?$");
    json!({ "anyOf": [
        { "type": ["string", "null", "array"], "maxItems": 0, "pattern": pattern },
        { "type": "integer", "minimum": 100_000_000, "maximum": 9_999_999_999_u64 },
        { "type": "integer", "minimum": 100_000_000_000_u64, "maximum": 9_999_999_999_999_u64 },
    ] })
}

/// A day of the calendar from 1900 on, its parts separated so.
fn day(separator: &str) -> String {
    const YEAR: &str = "(19|[2-9][0-9])[0-9]{2}";
    const LEAP_YEAR: &str =
        "((19|[2-9][0-9])(0[48]|[2468][048]|[13579][26])|([2468][048]|[3579][26])00)";
    [
        (YEAR, "(0[13578]|1[02])", "(0[1-9]|[12][0-9]|3[01])"),
        (YEAR, "(0[469]|11)", "(0[1-9]|[12][0-9]|30)"),
        (YEAR, "02", "(0[1-9]|1[0-9]|2[0-8])"),
        (LEAP_YEAR, "02", "29"),
    ]
    .map(|(year, month, day)| [year, month, day].join(separator))
    .join("|")
}

// A group of fields, such as the department.
fn object(properties: Map<String, Value>) -> Value {
    json!({
        "type": ["object", "null", "array", "string"],
        "maxItems": 0,
        "pattern": format!("^[{BLANK}]*$"),
        "properties": properties,
    })
}

// At any depth, in any spelling: the initial password comes from Secrets Manager only.
fn without_password() -> Value {
    json!({
        "propertyNames": { "not": { "pattern": "^[pP][aA][sS][sS][wW][oO][rR][dD]$" } },
        "additionalProperties": { "$ref": "#/$defs/withoutPassword" },
        "items": { "$ref": "#/$defs/withoutPassword" },
    })
}
