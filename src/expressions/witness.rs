//! A condition -> an example for which it holds, made of the comparisons in it.

use minijinja::machinery::ast::{BinOpKind, CallArg, CompareOpKind, Expr, Test, UnaryOpKind};
use minijinja::value::Serde;
use minijinja::{Expression, Value};
use serde_json::{Map, Value as Json, json};

use super::meaning::comparisons;
use super::syntax;
use super::tree::{constant_text, path};

/// A condition: its text, and the text compiled.
#[derive(Clone, Copy)]
pub(super) struct Compiled<'a> {
    pub(super) source: &'a str,
    pub(super) expression: &'a Expression<'static, 'static>,
}

impl Compiled<'_> {
    fn holds(self, members: &Map<String, Json>) -> bool {
        let seen = Value::from(Serde(members));
        self.expression
            .eval(seen)
            .is_ok_and(|value| value.is_true())
    }

    /// Returns values for which the condition holds, with the members that it looks at; `None` where none are found.
    ///
    /// The example is put to the condition, so what is returned is true of it.
    pub(super) fn example(self) -> Option<Map<String, Json>> {
        let tree = syntax::expression(self.source).ok()?;
        let examples = BRANCHES.into_iter().map(|branch| {
            let mut members = Map::new();
            make(&tree, true, branch, &mut members);
            members
        });
        examples.into_iter().find(|members| self.holds(members))
    }

    /// Tells whether an earlier condition takes whatever this one would, as far as examples can tell.
    pub(super) fn is_shadowed_by(self, earlier: Self) -> bool {
        let Some(example) = self.example() else {
            return false;
        };
        let Ok(tree) = syntax::expression(earlier.source) else {
            return false;
        };
        let past_it = |branch| {
            let mut members = example.clone();
            make(&tree, false, branch, &mut members);
            self.holds(&members) && !earlier.holds(&members)
        };
        earlier.holds(&example) && !BRANCHES.into_iter().any(past_it)
    }
}

/// The side of an `or` that is made true, and of an `and` that is made false.
#[derive(Clone, Copy)]
enum Branch {
    Left,
    Right,
}

const BRANCHES: [Branch; 2] = [Branch::Left, Branch::Right];

// Sets the members that make an expression true, or false.
fn make(expr: &Expr, wanted: bool, branch: Branch, members: &mut Map<String, Json>) {
    match expr {
        Expr::BinOp(binary) => match (binary.op, wanted) {
            (BinOpKind::ScAnd, true) | (BinOpKind::ScOr, false) => {
                make(&binary.left, wanted, branch, members);
                make(&binary.right, wanted, branch, members);
            }
            (BinOpKind::ScOr, true) | (BinOpKind::ScAnd, false) => {
                let side = match branch {
                    Branch::Left => &binary.left,
                    Branch::Right => &binary.right,
                };
                make(side, wanted, branch, members);
            }
            _ => compare(expr, wanted, members),
        },
        Expr::UnaryOp(unary) if matches!(unary.op, UnaryOpKind::Not) => {
            make(&unary.expr, !wanted, branch, members);
        }
        Expr::Compare(_) => compare(expr, wanted, members),
        Expr::Test(test) if wanted => {
            if let Some(value) = value_of(test) {
                set(&test.expr, value, members);
            }
        }
        Expr::Test(_) => (),
        other if wanted => set(other, json!("x"), members),
        _ => (),
    }
}

// A value that passes a test.
fn value_of(test: &Test) -> Option<Json> {
    let argument = match test.args.first() {
        Some(CallArg::Pos(argument)) => constant_text(argument),
        _ => None,
    };
    match (test.name, argument) {
        ("startingwith" | "endingwith" | "eq" | "equalto", Some(wanted)) => Some(wanted.into()),
        ("defined" | "string", _) => Some(json!("x")),
        ("yes" | "true", _) => Some(json!(true)),
        ("no" | "false", _) => Some(json!(false)),
        ("sequence" | "iterable", _) => Some(json!(["x"])),
        ("mapping", _) => Some(json!({"x": "x"})),
        ("number" | "integer", _) => Some(json!(1)),
        _ => None,
    }
}

fn compare(expr: &Expr, wanted: bool, members: &mut Map<String, Json>) {
    for (op, left, right) in comparisons(expr) {
        let wants_equal = matches!(
            op,
            CompareOpKind::Eq | CompareOpKind::In | CompareOpKind::Gte | CompareOpKind::Lte
        );
        if wants_equal != wanted {
            continue;
        }
        let constant = |side: &Expr| {
            let value = side.as_const()?;
            let first = match side {
                Expr::List(_) | Expr::Tuple(_) => value.try_iter().ok()?.next()?,
                _ => value,
            };
            serde_json::to_value(&first).ok()
        };
        match (constant(left), constant(right)) {
            (None, Some(value)) => set(left, value, members),
            (Some(value), None) if matches!(op, CompareOpKind::In) => {
                set(right, json!([value]), members);
            }
            (Some(value), None) => set(right, value, members),
            _ => (),
        }
    }
}

// Sets the member that an expression names, or that its filters change.
fn set(expr: &Expr, value: Json, members: &mut Map<String, Json>) {
    match expr {
        Expr::Filter(filter) => {
            if let Some(inner) = &filter.expr {
                let inner_value = match filter.name {
                    "list" | "selectattr" | "rejectattr" | "map" | "select" | "reject"
                    | "length" | "first" => list_for(filter.name, &filter.args, &value),
                    _ => value,
                };
                set(inner, inner_value, members);
            }
        }
        Expr::BinOp(binary) if matches!(binary.op, BinOpKind::ScOr) => {
            set(&binary.left, value, members);
        }
        other => {
            if let Some(path) = path(other) {
                put(members, &path, value);
            }
        }
    }
}

// A list whose only element is what the filter looks for.
fn list_for(filter: &str, arguments: &[CallArg], value: &Json) -> Json {
    let text = |place: usize| match arguments.get(place) {
        Some(CallArg::Pos(argument)) => argument.as_const().and_then(|value| {
            let first = value.try_iter().ok().and_then(|mut items| items.next());
            let text = value.as_str().is_some();
            let value = if text { value } else { first.unwrap_or(value) };
            serde_json::to_value(&value).ok()
        }),
        _ => None,
    };
    let element = match filter {
        "selectattr" => {
            let mut element = match value {
                Json::Array(items) => items
                    .first()
                    .and_then(Json::as_object)
                    .cloned()
                    .unwrap_or_default(),
                _ => Map::new(),
            };
            if let Some(Json::String(member)) = text(0) {
                put(&mut element, &member, text(2).unwrap_or_else(|| json!("x")));
            }
            Json::Object(element)
        }
        _ => match value {
            Json::Array(items) => return Json::Array(items.clone()),
            other => other.clone(),
        },
    };
    json!([element])
}

fn put(members: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => {
            members.insert(path.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = members.entry(first.to_owned()).or_insert_with(|| json!({}));
            if !inner.is_object() {
                *inner = json!({});
            }
            if let Json::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::expressions::{Expressions, Parts};

    #[track_caller]
    fn check(source: &str, expected: Option<&str>) {
        let condition = Expressions::default()
            .event_condition(source, &Parts::default())
            .expect("compiles");
        let example = condition
            .example()
            .map(|example| serde_json::Value::from(example).to_string());
        assert_eq!(example.as_deref(), expected, "{source}");
    }

    #[test]
    fn a_condition_is_shadowed_by_one_that_takes_all_of_its_people() {
        for (later, earlier, expected) in [
            ("location == 'A'", "location in ['A', 'B']", true),
            ("location == 'A' and email", "location == 'A'", true),
            ("location == 'A'", "location == 'A' and email", false),
            ("location == 'A'", "email", false),
            ("location == 'A'", "not email", false),
            ("location == 'A'", "email != 'x'", false),
            ("location == 'A'", "location != 'B'", true),
            ("location is startingwith('A')", "location is defined", true),
            ("location == 'A' or email", "email", false),
        ] {
            let condition = |source| {
                Expressions::default()
                    .event_condition(source, &Parts::default())
                    .expect("compiles")
            };
            let shadowed = condition(later).is_shadowed_by(&condition(earlier));
            assert_eq!(shadowed, expected, "{later} behind {earlier}");
        }
    }

    #[test]
    fn an_example_holds_what_the_condition_compares() {
        check(
            "type == 'hired' and not data.left",
            Some(r#"{"type":"hired"}"#),
        );
        check("type in ['a', 'b'] or other", Some(r#"{"type":"a"}"#));
        check(
            "envelope['detail-type'] == 'Hired'",
            Some(r#"{"envelope":{"detail-type":"Hired"}}"#),
        );
        check(
            "companyId and employeeId",
            Some(r#"{"companyId":"x","employeeId":"x"}"#),
        );
        check(
            "'urn:x' in (schemas or [])",
            Some(r#"{"schemas":["urn:x"]}"#),
        );
        check("(type or envelope.type) == 'a'", Some(r#"{"type":"a"}"#));
        check("a is startingwith('CC')", Some(r#"{"a":"CC"}"#));
        check(
            "events | selectattr('name.code', 'eq', 'hire') | list",
            Some(r#"{"events":[{"name":{"code":"hire"}}]}"#),
        );
        check("a != 'b'", Some("{}"));
        check("a | length > 3", None);
    }
}
