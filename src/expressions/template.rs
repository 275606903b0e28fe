//! Compiled conditions and templates over a joiner, and expressions over an event: what each comes to for one of them.

use std::collections::BTreeSet;

use minijinja::{Expression, Value};
use serde_json::{Map, Value as Json};

use super::Expressions;
use super::filters::UNREADABLE;
use super::part::{self, FalsePart};
use super::witness::Compiled;

/// A condition over a joiner; a field that is absent is simply not there.
pub struct Condition {
    pub(crate) expression: Expression<'static, 'static>,
    pub(crate) source: String,
}

/// A text with `{{ fields }}`; it gives nothing where a field that it needs is absent.
#[derive(Clone)]
pub struct Template(pub(crate) minijinja::Template<'static, 'static>);

/// An expression over a whole event, as its source's configuration writes it.
pub struct EventExpression {
    pub(crate) expression: Expression<'static, 'static>,
    pub(crate) source: Box<str>,
    pub(crate) language: Expressions,
}

/// An expression has no result for an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the expression cannot be computed for this event")]
pub struct CannotCompute {
    /// Accepted form and the shape of the text, where a filter could not read it; the engine's own text may quote the event.
    pub accepted: Option<String>,
}

/// Returns a person's value of a field such as `department.code`, as conditions see it.
#[must_use]
pub fn field(person: &Value, name: &str) -> Option<Value> {
    name.split('.')
        .try_fold(person.clone(), |value, part| value.get_attr(part).ok())
        .filter(|value| !value.is_undefined())
}

impl EventExpression {
    /// Returns its value for an event.
    ///
    /// # Errors
    /// It cannot be computed for this event.
    pub fn eval(&self, event: &Value) -> Result<Value, CannotCompute> {
        self.expression.eval(event).map_err(|err| {
            let told = err.kind() == UNREADABLE;
            let accepted = err.detail().filter(|_| told).map(str::to_owned);
            CannotCompute { accepted }
        })
    }

    /// Returns the expression as it stands in the configuration, with its named parts written out.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Tells whether it is the name of a member alone, such as `data.events`.
    #[must_use]
    pub fn is_member(&self) -> bool {
        let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        self.source.trim().chars().all(of_name)
    }

    /// Returns the part of it that is false for an event.
    #[must_use]
    pub fn false_part(&self, event: &Value) -> FalsePart {
        part::first_false(&self.source, self.language, event)
    }

    /// Returns the members of an event for which it holds, as few as it looks at; `None` where none are found.
    #[must_use]
    pub fn example(&self) -> Option<Map<String, Json>> {
        self.compiled().example()
    }

    /// Tells whether an earlier condition takes whatever this one would, as far as examples can tell.
    #[must_use]
    pub fn is_shadowed_by(&self, earlier: &Self) -> bool {
        self.compiled().is_shadowed_by(earlier.compiled())
    }

    fn compiled(&self) -> Compiled<'_> {
        Compiled {
            source: &self.source,
            expression: &self.expression,
        }
    }

    /// Lists the names that it looks at, such as `item.name.first`, in alphabetical order.
    #[must_use]
    pub fn names(&self) -> BTreeSet<String> {
        let names = self.expression.undeclared_variables(true);
        names.into_iter().collect()
    }

    /// Whether it holds; what cannot be computed does not.
    #[must_use]
    pub fn holds(&self, event: &Value) -> bool {
        self.eval(event).is_ok_and(|value| value.is_true())
    }
}

impl Condition {
    /// The condition as it stands in the configuration.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The fields that it looks at, in the order of their names.
    #[must_use]
    pub fn fields(&self) -> BTreeSet<String> {
        self.expression
            .undeclared_variables(true)
            .into_iter()
            .collect()
    }

    /// Tells whether an earlier condition takes whoever this one would, as far as examples can tell.
    #[must_use]
    pub fn is_shadowed_by(&self, earlier: &Self) -> bool {
        self.compiled().is_shadowed_by(earlier.compiled())
    }

    fn compiled(&self) -> Compiled<'_> {
        Compiled {
            source: &self.source,
            expression: &self.expression,
        }
    }

    /// Whether the condition holds; one that cannot be computed for this person does not.
    #[must_use]
    pub fn holds(&self, person: &Value) -> bool {
        self.expression
            .eval(person)
            .is_ok_and(|value| value.is_true())
    }
}

impl Template {
    /// The text for one person; `None` where a field is absent or the text comes out blank.
    #[must_use]
    pub fn render(&self, person: &Value) -> Option<String> {
        let text = self.0.render(person).ok()?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Lists the fields that it looks at, in the order of their names.
    #[must_use]
    pub fn fields(&self) -> BTreeSet<String> {
        self.0.undeclared_variables(true).into_iter().collect()
    }

    /// Whether the text is the same for every person.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.0.undeclared_variables(false).is_empty()
    }

    /// Returns a pattern that every text of this template fits, with `*` for whatever differs from person to person.
    #[must_use]
    pub fn pattern(&self) -> String {
        pattern(self.source())
    }

    /// The template as it stands in the configuration.
    #[must_use]
    pub fn source(&self) -> &str {
        self.0.source()
    }
}

// The text between two statements may be left out of the result.
fn pattern(source: &str) -> String {
    if let (Some(first), Some(last)) = (source.find("{%"), source.rfind("%}")) {
        let (before, after) = (&source[..first], &source[last.max(first) + 2..]);
        return format!("{}*{}", pattern(before), pattern(after));
    }
    let mut pattern = String::new();
    let mut rest = source;
    while let Some((fixed, expression)) = rest.split_once("{{") {
        pattern.push_str(fixed);
        pattern.push('*');
        rest = expression.split_once("}}").map_or("", |(_, after)| after);
    }
    pattern + rest
}
