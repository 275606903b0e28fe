//! An expression for each field of a joiner -> the joiner, each text held to the rule of its field.

use minijinja::Value;
use minijinja::value::ValueKind;

use crate::expressions::template::EventExpression;
use crate::failure::{Failure, FieldName};
use crate::request::rules;
use crate::source::checks;
use crate::source::field::{Field, Kind};
use crate::source::joiner::Joiner;
use crate::source::start_date;

/// The expression of each field; a field that has none is missing.
#[derive(Default)]
pub struct Fields {
    /// Fields that the configuration names, each as `extra.NAME`.
    pub extra: Vec<(String, EventExpression)>,
    expressions: [Option<EventExpression>; Field::COUNT],
}

impl Fields {
    /// Returns the expression of a field.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&EventExpression> {
        self.expressions[field as usize].as_ref()
    }

    /// Lists every expression with the name of its field.
    pub fn all(&self) -> impl Iterator<Item = (&str, &EventExpression)> {
        let of_table = Field::ALL.into_iter();
        let of_table = of_table.filter_map(|field| Some((field.name(), self.get(field)?)));
        let extra = self.extra.iter();
        of_table.chain(extra.map(|(name, expression)| (name.as_str(), expression)))
    }

    /// Sets the expression of a field.
    pub fn set(&mut self, field: Field, expression: Option<EventExpression>) {
        self.expressions[field as usize] = expression;
    }

    pub(super) fn joiner(&self, seen: &Value) -> Result<Joiner, Failure> {
        let mut joiner = Joiner::default();
        for field in Field::ALL {
            let read = self.read(field, seen);
            let text = match field {
                Field::EmployeeId => read?,
                _ => joiner.faults.without(field.name(), read),
            };
            joiner.set(field, text);
        }
        for (name, expression) in &self.extra {
            let read = text_or_flag(name, expression, seen);
            let text = joiner.faults.without(name.clone(), read);
            let own = name.split_once('.').map_or("", |(_, own)| own);
            joiner.extra.extend(text.map(|text| (own.to_owned(), text)));
        }
        Ok(joiner)
    }

    fn read(&self, field: Field, seen: &Value) -> Result<Option<String>, Failure> {
        let text = text(field.name(), self.get(field), seen)?;
        let text = text
            .filter(|text| field.kind() != Kind::StartDate || !start_date::stands_for_none(text));
        text.map(|text| checks::checked(field.kind(), text, || FieldName::new(field.name())))
            .transpose()
    }
}

// A flag is the word `true` or `false`, as in an event of our own.
fn text_or_flag(
    name: &str,
    expression: &EventExpression,
    seen: &Value,
) -> Result<Option<String>, Failure> {
    match expression.eval(seen) {
        Ok(flag) if flag.kind() == ValueKind::Bool => Ok(Some(flag.is_true().to_string())),
        _ => text(name, Some(expression), seen),
    }
}

// Trimmed; absent, null, empty, blank and an empty list all mean that it is missing, and a whole number keeps its digits.
pub(super) fn text(
    name: &str,
    field: Option<&EventExpression>,
    seen: &Value,
) -> Result<Option<String>, Failure> {
    let invalid = |accepted: &str| Failure::invalid(FieldName::new(name), accepted);
    let Some(expression) = field else {
        return Ok(None);
    };
    let value = expression.eval(seen).map_err(|err| {
        let computed = || "a value that its expression in provisioner.toml can compute".to_owned();
        invalid(&err.accepted.unwrap_or_else(computed))
    })?;
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Ok(None),
        ValueKind::String => {
            let text = value.to_string();
            let text = text.trim();
            if rules::has_control_characters(text) {
                return Err(invalid("a text without control characters"));
            }
            Ok((!text.is_empty()).then(|| text.to_owned()))
        }
        // Beyond 64 bits a JSON number would lose digits, and two people could become one.
        ValueKind::Number if value.is_integer() => Ok(Some(value.to_string())),
        ValueKind::Number => Err(invalid("a whole number below 2^64, or the same as a text")),
        ValueKind::Seq | ValueKind::Iterable if value.len() == Some(0) => Ok(None),
        ValueKind::Seq | ValueKind::Iterable => Err(invalid(
            "a text; the expression in provisioner.toml gives a list, so take one of it, such as `| first`",
        )),
        ValueKind::Map => Err(invalid(
            "a text; the expression in provisioner.toml gives an object, so name a member of it",
        )),
        _ => Err(invalid("a text")),
    }
}
