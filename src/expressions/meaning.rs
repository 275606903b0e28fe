//! The tree of an expression -> the part of it that cannot be meant: always true, never true, or compared with the wrong kind.

mod comparison;
mod contradiction;

use minijinja::machinery::ast::{BinOpKind, CompareOpKind, Expr, UnaryOpKind};

use super::BadTemplate;
use super::tree::{self, path, place};
use super::written::written;
use crate::source::field::{self, EXTRA, Field};

use comparison::compared;
pub(super) use comparison::{comparisons, sign};
use contradiction::contradiction;

/// Values that an expression looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// The fields of a joiner: all of them texts.
    Joiner,
    /// An event, of which nothing is known.
    Event,
}

/// Finds the part of a condition that cannot be meant.
///
/// # Errors
/// Returns its place, and the way to write it.
pub(super) fn condition(expr: &Expr, source: &str, over: Over) -> Result<(), BadTemplate> {
    expression(expr, source, over)?;
    // The word `true` says what it means.
    if expr.as_const().is_some_and(|value| value.is_true()) && written(expr) == "true" {
        return Ok(());
    }
    truth(expr)
}

/// Finds the part of an expression that cannot be meant, whatever the expression is for.
///
/// # Errors
/// Returns its place, and the way to write it.
pub(super) fn expression(expr: &Expr, source: &str, over: Over) -> Result<(), BadTemplate> {
    let mut found = Ok(());
    tree::visit(expr, &mut |part| {
        if found.is_ok() {
            found = meant(part, source, over);
        }
    });
    found
}

/// Refuses an object of a joiner, such as `department`, where a text is meant.
///
/// # Errors
/// Returns the members that there are.
pub(super) fn text(expr: &Expr) -> Result<(), BadTemplate> {
    match path(expr).and_then(|name| object_text(&name)) {
        Some(text) => Err(bad(expr, text)),
        None => Ok(()),
    }
}

fn meant(part: &Expr, source: &str, over: Over) -> Result<(), BadTemplate> {
    for (op, left, right) in comparisons(part) {
        compared(op, left, right, over).map_or(Ok(()), |text| Err(bad(left, text)))?;
    }
    match part {
        Expr::Var(name) => foreign_word(name.id).map_or(Ok(()), |text| Err(bad(part, text))),
        Expr::BinOp(binary) if matches!(binary.op, BinOpKind::Sub) => {
            minus(&binary.left, &binary.right, source)
        }
        Expr::BinOp(binary) if matches!(binary.op, BinOpKind::ScAnd | BinOpKind::ScOr) => {
            contradiction(part)
        }
        Expr::Test(test) if test.name == "none" => Err(bad(
            part,
            "a missing value is not `none`; write `is defined` or `is not defined`: null and blank count as missing",
        )),
        Expr::Filter(filter) if over == Over::Joiner && takes_text(filter.name) => {
            filter.expr.as_ref().map_or(Ok(()), text)
        }
        Expr::IfExpr(choice) => truth(&choice.test_expr),
        Expr::GetItem(_) if over == Over::Joiner => member(part),
        Expr::GetAttr(_) | Expr::GetItem(_) if over == Over::Event => of_sqs(part),
        _ => Ok(()),
    }
}

// A member in brackets; the engine tells of those behind a point.
fn member(part: &Expr) -> Result<(), BadTemplate> {
    match path(part) {
        Some(name) if !field::is_field(&name) => {
            let there_are = field::names();
            Err(bad(
                part,
                format!("{name} is no field of a joiner; there are {there_are}"),
            ))
        }
        _ => Ok(()),
    }
}

// What a queue gives beside a message is known.
fn of_sqs(part: &Expr) -> Result<(), BadTemplate> {
    let name = path(part).unwrap_or_default();
    let member = name.strip_prefix("sqs.").unwrap_or("queue");
    if matches!(member, "queue" | "attributes") || member.starts_with("attributes.") {
        return Ok(());
    }
    Err(bad(
        part,
        format!("there is no `{name}`; there are `sqs.queue` and `sqs.attributes.NAME`"),
    ))
}

// Filters that a mapping may go into; behind any other a text is meant.
fn takes_text(filter: &str) -> bool {
    !matches!(
        filter,
        "items"
            | "dictsort"
            | "length"
            | "count"
            | "default"
            | "d"
            | "attr"
            | "list"
            | "first"
            | "last"
    )
}

// Each side of an `and` or an `or`, and the value behind a `not`, is to be true or false.
fn truth(expr: &Expr) -> Result<(), BadTemplate> {
    match expr {
        Expr::BinOp(binary) if matches!(binary.op, BinOpKind::ScAnd | BinOpKind::ScOr) => {
            let of_left = comparisons(&binary.left).pop();
            side(&binary.left, None)?;
            side(&binary.right, of_left.map(|(op, left, _)| (op, left)))
        }
        Expr::UnaryOp(unary) if matches!(unary.op, UnaryOpKind::Not) => side(&unary.expr, None),
        other => side(other, None),
    }
}

fn side(expr: &Expr, before: Option<(CompareOpKind, &Expr)>) -> Result<(), BadTemplate> {
    if let Expr::BinOp(binary) = expr
        && matches!(binary.op, BinOpKind::ScAnd | BinOpKind::ScOr)
    {
        return truth(expr);
    }
    if let Expr::UnaryOp(unary) = expr
        && matches!(unary.op, UnaryOpKind::Not)
    {
        return truth(expr);
    }
    let Some(value) = expr.as_const() else {
        return Ok(());
    };
    let always = if value.is_true() { "true" } else { "false" };
    let itself = written(expr);
    let instead = match before {
        Some((op, left)) if !matches!(expr, Expr::BinOp(_)) => {
            let sign = sign(op);
            let left = written(left);
            format!("repeat the comparison: `{left} {sign} {itself}`")
        }
        _ => "compare it with a field, whose name has no quotes".to_owned(),
    };
    Err(bad(
        expr,
        format!("`{itself}` is always {always}; {instead}"),
    ))
}

fn object_text(name: &str) -> Option<String> {
    if name == EXTRA {
        return Some("`extra` is an object; write `extra.NAME`".to_owned());
    }
    let (_, fields) = Field::by_group().find(|(group, _)| *group == Some(name))?;
    let members: Vec<String> = fields
        .iter()
        .map(|field| format!("`{}`", field.name()))
        .collect();
    Some(format!(
        "`{name}` is an object; write {}",
        members.join(" or ")
    ))
}

// `envelope.detail-type` is a subtraction, though nobody means one.
fn minus(left: &Expr, right: &Expr, source: &str) -> Result<(), BadTemplate> {
    let at = place(right);
    let before = source.get(..at).unwrap_or_default();
    let together = before
        .strip_suffix('-')
        .is_some_and(|rest| !rest.ends_with(char::is_whitespace));
    let (Some(name), Some(rest)) = (path(left), path(right)) else {
        return Ok(());
    };
    if !together {
        return Ok(());
    }
    let (object, first) = name.rsplit_once('.').unwrap_or(("event", &name));
    Err(bad(
        left,
        format!("`{name}-{rest}` is a subtraction; write `{object}[\"{first}-{rest}\"]`"),
    ))
}

fn foreign_word(name: &str) -> Option<String> {
    match name {
        "null" | "NULL" | "Null" | "nil" | "undefined" | "NONE" => Some(format!(
            "`{name}` is no word here; write `is defined` or `is not defined` behind the name: null and blank count as missing"
        )),
        "TRUE" | "FALSE" => Some(format!(
            "`{name}` is no word here; write `{}`",
            name.to_lowercase()
        )),
        _ => None,
    }
}

fn bad(expr: &Expr, text: impl Into<String>) -> BadTemplate {
    BadTemplate {
        text: text.into(),
        at: Some(place(expr)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expressions::syntax;

    #[track_caller]
    fn check(over: Over, source: &str, expected: Option<(usize, &str)>) {
        let tree = syntax::expression(source).expect("parses");
        let fault = condition(&tree, source, over).err();
        let got = fault.map(|fault| (fault.at.unwrap_or_default(), fault.text));
        let got = got.as_ref().map(|(at, text)| (*at, text.as_str()));
        assert_eq!(got, expected, "{source}");
    }

    #[test]
    fn a_condition_that_says_the_same_of_everybody_is_refused() {
        let joiner = |source, expected| check(Over::Joiner, source, expected);
        joiner(
            "department.code == \"A\" or \"B\"",
            Some((
                26,
                "`\"B\"` is always true; repeat the comparison: `department.code == \"B\"`",
            )),
        );
        joiner(
            "\"department.code\" == \"A\"",
            Some((
                0,
                "`\"department.code\" == \"A\"` is always false; compare it with a field, whose name has no quotes",
            )),
        );
        joiner(
            "location == \"A\" and (not \"B\")",
            Some((
                25,
                "`\"B\"` is always true; compare it with a field, whose name has no quotes",
            )),
        );
        joiner(
            "false",
            Some((
                0,
                "`false` is always false; compare it with a field, whose name has no quotes",
            )),
        );
        joiner("true", None);
        joiner(
            "location == \"A\" and location == \"B\"",
            Some((
                20,
                "that is never true: `location` has one value; write `location in [\"A\", \"B\"]`",
            )),
        );
        joiner(
            "location != \"A\" or location != \"B\"",
            Some((
                19,
                "that is always true: `location` has one value; write `location not in [\"A\", \"B\"]`",
            )),
        );
        joiner("location in [\"A\", \"B\"] and location == \"B\"", None);
        joiner("location != \"A\" and location != \"B\"", None);
        joiner(
            "location == location",
            Some((0, "both sides of the comparison are `location`")),
        );
        joiner("(email or mobile) == \"x\"", None);
    }

    #[test]
    fn a_field_is_compared_with_what_it_can_be() {
        let joiner = |source, expected| check(Over::Joiner, source, expected);
        joiner(
            "department == \"A\"",
            Some((
                0,
                "`department` is an object; write `department.code` or `department.name`",
            )),
        );
        joiner(
            "job | lower == \"a\"",
            Some((0, "`job` is an object; write `job.code` or `job.title`")),
        );
        joiner("department is defined", None);
        joiner(
            "employee_id == 5",
            Some((
                0,
                "`employee_id` is a text, and never equal to 5; write \"5\" in quotes",
            )),
        );
        joiner(
            "employee_id in [\"4\", 5]",
            Some((
                0,
                "`employee_id` is a text, and never equal to 5; write \"5\" in quotes",
            )),
        );
        joiner(
            "email == \"\"",
            Some((
                0,
                "`email` is never blank: then it is missing; write `not email`",
            )),
        );
        joiner(
            "location == \"Leeds \"",
            Some((
                0,
                "`location` has no blanks around it, and is never equal to \"Leeds \"; write \"Leeds\"",
            )),
        );
        joiner(
            "location | lower == \"Leeds\"",
            Some((
                0,
                "`location | lower` is never equal to \"Leeds\"; write \"leeds\"",
            )),
        );
        joiner(
            "location in \"Leeds\"",
            Some((
                0,
                "`in \"Leeds\"` takes every part of that text, each single letter too; write `location == \"Leeds\"`, or a list in [ ]",
            )),
        );
        joiner("\"Lee\" in location", None);
        joiner(
            "email is none",
            Some((
                0,
                "a missing value is not `none`; write `is defined` or `is not defined`: null and blank count as missing",
            )),
        );
        joiner(
            "email == null",
            Some((
                9,
                "`null` is no word here; write `is defined` or `is not defined` behind the name: null and blank count as missing",
            )),
        );
    }

    #[test]
    fn an_event_is_asked_for_its_members() {
        let event = |source, expected| check(Over::Event, source, expected);
        event(
            "event == \"hired\"",
            Some((
                0,
                "`event` is an object, and never equal to `hired`; its member of that name is `event.event`",
            )),
        );
        event(
            "event.event == \"hired\" and active == true and count == 5 and name == \"\"",
            None,
        );
        event(
            "envelope.detail-type == \"Hired\"",
            Some((
                0,
                "`envelope.detail-type` is a subtraction; write `envelope[\"detail-type\"]`",
            )),
        );
        event(
            "employee-id",
            Some((
                0,
                "`employee-id` is a subtraction; write `event[\"employee-id\"]`",
            )),
        );
        event("item.a - item.b", None);
        event(
            "active == TRUE",
            Some((10, "`TRUE` is no word here; write `true`")),
        );
        event(
            "item.end == none",
            Some((
                0,
                "a missing value is not `none`; write `item.end is defined` or `is not defined`",
            )),
        );
        event(
            "\"hired\"",
            Some((
                0,
                "`\"hired\"` is always true; compare it with a field, whose name has no quotes",
            )),
        );
    }
}
