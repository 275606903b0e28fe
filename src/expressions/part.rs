//! A condition that does not hold -> the part of it that is false, and the values that this part looked at.

use std::fmt;

use minijinja::Value;
use minijinja::machinery::ast::{BinOpKind, Expr};
use minijinja::value::ValueKind;

use super::template::field;
use super::written::written;
use super::{Expressions, Parts, syntax};

/// The part of a condition that is false.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FalsePart {
    /// The part, as the configuration writes it.
    pub part: String,
    /// Each name in it, with its value; `None` for a missing one.
    pub seen: Vec<(String, Option<String>)>,
}

/// Returns the first part of a condition, between its `and`s, that is false; the whole where no part alone is.
pub(super) fn first_false(source: &str, language: Expressions, seen: &Value) -> FalsePart {
    let no_parts = Parts::default();
    let parts = syntax::expression(source).map(|tree| {
        let mut parts = Vec::new();
        between_ands(&tree, &mut parts);
        parts
    });
    let mut parts = parts.unwrap_or_default().into_iter();
    let is_false = |part: &String| {
        let part = language.event_expression(part, &no_parts);
        part.is_ok_and(|part| !part.holds(seen))
    };
    let part = parts.find(is_false).unwrap_or_else(|| source.to_owned());
    let names = language
        .event_expression(&part, &no_parts)
        .map(|part| part.names());
    let names = names.unwrap_or_default().into_iter();
    let seen = names.map(|name| {
        let value = field(seen, &name).map(|value| shown(&value));
        (name, value)
    });
    FalsePart {
        seen: seen.collect(),
        part,
    }
}

fn between_ands(expr: &Expr, parts: &mut Vec<String>) {
    match expr {
        Expr::BinOp(binary) if matches!(binary.op, BinOpKind::ScAnd) => {
            between_ands(&binary.left, parts);
            between_ands(&binary.right, parts);
        }
        other => parts.push(written(other)),
    }
}

// A long value is cut: its beginning tells what it is. An object or a list is not shown, since a password may stand in it.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 60;
    match value.kind() {
        ValueKind::Map => return "an object".to_owned(),
        ValueKind::Seq | ValueKind::Iterable => return "a list".to_owned(),
        _ => (),
    }
    let text = format!("{value:?}");
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain("...".chars()).collect()
}

impl fmt::Display for FalsePart {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.part)?;
        for (n, (name, value)) in self.seen.iter().enumerate() {
            f.write_str(if n == 0 { "  where " } else { ", " })?;
            match value {
                Some(value) => write!(f, "{name} = {value}")?,
                None => write!(f, "{name} is missing")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    #[track_caller]
    fn check(source: &str, expected: &str) {
        let seen = context! { state => "left", data => context! { id => 7 } };
        let part = first_false(source, Expressions::default(), &seen);
        assert_eq!(part.to_string(), expected);
    }

    #[test]
    fn the_part_that_is_false_is_shown_with_what_it_saw() {
        check("not data", "not data  where data = an object");
        check(
            "state == 'hired'",
            "state == \"hired\"  where state = 'left'",
        );
        check(
            "data.id and state == 'hired'",
            "state == \"hired\"  where state = 'left'",
        );
        check(
            "data.name and state",
            "data.name  where data.name is missing",
        );
        check(
            "state == 'a' or data.b",
            "(state == \"a\") or data.b  where data.b is missing, state = 'left'",
        );
    }
}
