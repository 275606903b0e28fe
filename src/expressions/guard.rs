//! An operation of an expression -> the values that it needs, without which it has no result.
//!
//! The engine takes a missing value for an empty text, for 0 or for the least of all: `"E" ~ item.number` would be `E` for
//! everybody without a number, `item.number | int` would be 0, and `item.days < 3` would hold for whoever has no days.

use minijinja::Value;
use minijinja::machinery::ast::{BinOpKind, CompareOpKind, Expr};
use minijinja::value::ValueKind;

use super::meaning::comparisons;
use super::tree::{argument, visit};

/// The values that an operation needs, and the test of them.
pub(super) struct Guard<'t, 's> {
    pub(super) values: Vec<&'t Expr<'s>>,
    pub(super) test: &'static str,
    /// Whether the operation is false without them; otherwise it is missing.
    pub(super) is_comparison: bool,
}

/// Each value is there, and no blank text.
pub(super) const PRESENT: &str = "_present";
/// Each value is there, and so is each item of a list.
pub(super) const WHOLE: &str = "_whole";
/// All values are numbers, or all are texts.
pub(super) const COMPARABLE: &str = "_comparable";

/// Returns the values that an operation itself needs; `None` where it can do without.
pub(super) fn guard<'t, 's>(expr: &'t Expr<'s>) -> Option<Guard<'t, 's>> {
    let (values, test) = match expr {
        Expr::BinOp(binary) => match binary.op {
            BinOpKind::Concat => (vec![&binary.left, &binary.right], PRESENT),
            BinOpKind::Eq | BinOpKind::Lt | BinOpKind::Lte | BinOpKind::Gt | BinOpKind::Gte => {
                return of_comparison(expr);
            }
            _ => return None,
        },
        Expr::Compare(_) => return of_comparison(expr),
        Expr::Filter(filter) => {
            let value = filter.expr.as_ref()?;
            let with_arguments = || {
                let arguments = filter.args.iter().map(argument);
                [value].into_iter().chain(arguments).collect()
            };
            match (filter.name, value) {
                ("int" | "float", _) if filter.args.is_empty() => (vec![value], PRESENT),
                ("bool" | "sum", _) => (vec![value], PRESENT),
                ("replace" | "format", _) => (with_arguments(), PRESENT),
                ("join", Expr::List(list)) => (list.items.iter().collect(), PRESENT),
                ("join", _) => (vec![value], WHOLE),
                _ => return None,
            }
        }
        _ => return None,
    };
    let values: Vec<&Expr> = values
        .into_iter()
        .filter(|value| may_be_missing(value))
        .collect();
    (!values.is_empty()).then_some(Guard {
        values,
        test,
        is_comparison: false,
    })
}

fn of_comparison<'t, 's>(expr: &'t Expr<'s>) -> Option<Guard<'t, 's>> {
    let compared = comparisons(expr);
    let is_order = |op: CompareOpKind| {
        matches!(
            op,
            CompareOpKind::Lt | CompareOpKind::Lte | CompareOpKind::Gt | CompareOpKind::Gte
        )
    };
    let varies = |value: &Expr| value.as_const().is_none();
    let orders = compared.iter().any(|(op, ..)| is_order(*op));
    let equals = |(op, left, right): &(CompareOpKind, &Expr, &Expr)| {
        matches!(op, CompareOpKind::Eq) && varies(left) && varies(right)
    };
    let test = if orders {
        COMPARABLE
    } else if compared.iter().any(equals) {
        PRESENT
    } else {
        return None;
    };
    let first = compared.first().map(|(_, left, _)| *left);
    let values = first
        .into_iter()
        .chain(compared.iter().map(|(.., right)| *right));
    Some(Guard {
        values: values.collect(),
        test,
        is_comparison: true,
    })
}

// A constant is there, and so is an expression with a blank text in the place of a missing one: `middle_name or ""`.
fn may_be_missing(expr: &Expr) -> bool {
    let mut has_blank = false;
    visit(expr, &mut |part| {
        let constant = match part {
            Expr::Const(constant) => constant.value.as_str(),
            _ => None,
        };
        has_blank |= constant.is_some_and(|text| text.trim().is_empty());
    });
    let is_lenient =
        has_blank && matches!(expr, Expr::BinOp(_) | Expr::IfExpr(_) | Expr::Filter(_));
    expr.as_const().is_none() && !is_lenient
}

/// Tells whether each value is there, and no blank text.
pub(super) fn is_present(values: &Value) -> bool {
    each(values, |value| {
        !is_missing(value) && !value.as_str().is_some_and(|text| text.trim().is_empty())
    })
}

/// Tells whether each value is there, and each item of a list too.
pub(super) fn is_whole(values: &Value) -> bool {
    each(values, |value| {
        let is_list = matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable);
        !is_missing(value) && (!is_list || each(value, |item| !is_missing(item)))
    })
}

/// Tells whether all values are numbers, or all are texts.
pub(super) fn is_comparable(values: &Value) -> bool {
    let all = |kind: ValueKind| each(values, |value| value.kind() == kind);
    all(ValueKind::Number) || all(ValueKind::String)
}

fn is_missing(value: &Value) -> bool {
    value.is_undefined() || value.is_none()
}

fn each(values: &Value, holds: impl Fn(&Value) -> bool) -> bool {
    values
        .try_iter()
        .is_ok_and(|mut values| values.all(|value| holds(&value)))
}

#[cfg(test)]
mod tests {
    use crate::expressions::{Expressions, Parts};
    use minijinja::{Value, context};

    fn value(source: &str) -> Value {
        let expression = Expressions::default().event_expression(source, &Parts::default());
        let expression = expression.unwrap_or_else(|err| panic!("{source}: {err}"));
        let seen = context! {
            id => "7", blank => " ", days => 5, text => "5", names => vec!["Ann", "One"],
            holes => vec![Value::from("Ann"), Value::UNDEFINED],
        };
        expression
            .eval(&seen)
            .unwrap_or_else(|err| panic!("{source}: {err}"))
    }

    #[track_caller]
    fn check(source: &str, expected: Option<&str>) {
        let value = value(source);
        let text = (!value.is_undefined()).then(|| value.to_string());
        assert_eq!(text.as_deref(), expected, "{source}");
    }

    #[test]
    fn a_missing_part_makes_the_whole_missing() {
        check("\"E\" ~ id", Some("E7"));
        check("\"E\" ~ nope ~ id", None);
        check("\"E\" ~ blank", None);
        check("\"E\" ~ (nope | upper)", None);
        check("(\"E\" ~ nope) or id", Some("7"));
        check("\"E\" ~ (nope or \"\") ~ id", Some("E7"));
        check("\"E\" ~ (nope | default(\"\")) ~ id", Some("E7"));
        check("\"E\" ~ (nope if id == \"8\" else \"\")", Some("E"));
        check("[\"E\", id] | join", Some("E7"));
        check("[\"E\", nope] | join", None);
        check("[\"E\", blank] | join(\"-\")", None);
        check("[\"E\", nope or \"\", id] | join(\"-\")", Some("E--7"));
        check("names | join(\" \")", Some("Ann One"));
        check("holes | join(\" \")", None);
        check("nope | join", None);
        check("\"E%s\" | format(id)", Some("E7"));
        check("\"E%s\" | format(nope)", None);
        check("\"E-X\" | replace(\"X\", id)", Some("E-7"));
        check("\"E-X\" | replace(\"X\", nope)", None);
        check("id | int", Some("7"));
        check("nope | int", None);
        check("blank | int", None);
        check("nope | int(default=3)", Some("3"));
        check("nope | float", None);
        check("nope | bool", None);
        check("nope | sum", None);
    }

    #[test]
    fn a_comparison_with_a_missing_value_does_not_hold() {
        for (source, expected) in [
            ("nope == other", false),
            ("nope.a == nope.b", false),
            ("id == nope", false),
            ("id == id ~ \"\"", true),
            ("blank == blank | trim", false),
            ("days < 6", true),
            ("days > 5", false),
            ("3 < days <= 5", true),
            ("3 < nope <= 5", false),
            ("nope < 3", false),
            ("nope > 3", false),
            ("nope <= other", false),
            // A text is neither more nor less than a number.
            ("text < 6", false),
            ("text > 3", false),
            ("(text | int) > 3", true),
            ("\"2026-12-01\" > \"2026-11-30\"", true),
            ("not (nope < 3)", true),
        ] {
            assert_eq!(value(source).is_true(), expected, "{source}");
        }
    }
}
