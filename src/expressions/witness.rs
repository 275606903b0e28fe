//! A condition -> an example for which it holds, made of the comparisons in it.

use minijinja::machinery::ast::{BinOpKind, CallArg, CompareOpKind, Expr, UnaryOpKind};
use minijinja::value::Serde;
use minijinja::{Expression, Value};
use serde_json::{Map, Value as Json, json};

use super::meaning::comparisons;
use super::tree::{constant_text, path};
use super::{BadTemplate, syntax};

/// Returns values for which a condition holds, with as few members as it needs; `None` where none is found.
///
/// The example is put to the condition, so what is returned is true of it. It shows whether another condition takes the same
/// people or events; that it takes others shows nothing.
pub(super) fn example(
    source: &str,
    condition: &Expression<'static, 'static>,
) -> Result<Option<Value>, BadTemplate> {
    let tree = syntax::expression(source)?;
    let mut members = Map::new();
    make(&tree, true, &mut members);
    let example = Value::from(Serde(Json::Object(members)));
    let holds = condition.eval(&example).is_ok_and(|value| value.is_true());
    Ok(holds.then_some(example))
}

// Sets the members that make an expression true, or false.
fn make(expr: &Expr, wanted: bool, members: &mut Map<String, Json>) {
    match expr {
        Expr::BinOp(binary) => match (binary.op, wanted) {
            (BinOpKind::ScAnd, true) | (BinOpKind::ScOr, false) => {
                make(&binary.left, wanted, members);
                make(&binary.right, wanted, members);
            }
            (BinOpKind::ScOr, true) | (BinOpKind::ScAnd, false) => {
                make(&binary.left, wanted, members);
            }
            _ => compare(expr, wanted, members),
        },
        Expr::UnaryOp(unary) if matches!(unary.op, UnaryOpKind::Not) => {
            make(&unary.expr, !wanted, members);
        }
        Expr::Compare(_) => compare(expr, wanted, members),
        Expr::Test(test) => {
            let argument = match test.args.first() {
                Some(CallArg::Pos(argument)) => constant_text(argument),
                _ => None,
            };
            let value = match (test.name, argument) {
                ("startingwith" | "endingwith" | "eq" | "equalto", Some(text)) => Some(text.into()),
                ("defined" | "string", _) => Some(json!("x")),
                ("yes" | "true", _) => Some(json!(true)),
                ("no" | "false", _) => Some(json!(false)),
                ("sequence" | "iterable", _) => Some(json!(["x"])),
                ("mapping", _) => Some(json!({"x": "x"})),
                ("number" | "integer", _) => Some(json!(1)),
                _ => None,
            };
            if let (true, Some(value)) = (wanted, value) {
                set(&test.expr, value, members);
            }
        }
        other if wanted => set(other, json!("x"), members),
        _ => (),
    }
}

fn compare(expr: &Expr, wanted: bool, members: &mut Map<String, Json>) {
    for (op, left, right) in comparisons(expr) {
        let equal = matches!(
            op,
            CompareOpKind::Eq | CompareOpKind::In | CompareOpKind::Gte | CompareOpKind::Lte
        );
        if equal != wanted {
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
                set(right, json!([value]), members)
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
            set(&binary.left, value, members)
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
    use crate::expressions::Expressions;

    #[track_caller]
    fn check(source: &str, expected: Option<&str>) {
        let condition = Expressions::default()
            .event_condition(source)
            .expect("compiles");
        let example = condition
            .example()
            .map(|value| serde_json::to_string(&value).unwrap_or_default());
        assert_eq!(example.as_deref(), expected, "{source}");
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
