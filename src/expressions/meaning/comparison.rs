//! A comparison -> why it can never come out otherwise, or compares values of different kinds.

use minijinja::machinery::ast::{BinOpKind, CallArg, CompareOpKind, Expr};

use super::{Over, object_text};
use crate::expressions::tree::{constant_text, path};
use crate::expressions::written::written;
use crate::source::field;

/// Returns why a comparison cannot be meant.
pub(super) fn compared(op: CompareOpKind, left: &Expr, right: &Expr, over: Over) -> Option<String> {
    let name = |expr: &Expr| path(expr).or_else(|| Some(written(expr)));
    if written(left) == written(right) && left.as_const().is_none() {
        return Some(format!(
            "both sides of the comparison are `{}`",
            written(left)
        ));
    }
    if over == Over::Joiner
        && let Some(text) = [left, right]
            .into_iter()
            .find_map(|side| object_text(&path(side)?))
        && !is_within(op, right)
    {
        return Some(text);
    }
    let (side, constants) = match (op, constants(left), constants(right)) {
        (CompareOpKind::In | CompareOpKind::NotIn, None, Some(_))
            if constant_text(right).is_some() =>
        {
            let left = name(left)?;
            let right = written(right);
            return Some(format!(
                "`in {right}` takes every part of that text, each single letter too; write `{left} == {right}`, or a list in [ ]"
            ));
        }
        (_, None, Some(constants)) => (left, constants),
        (CompareOpKind::Eq | CompareOpKind::Ne, Some(constants), None) => (right, constants),
        _ => return None,
    };
    constants.iter().find_map(|constant| {
        if constant.is_none() {
            return Some(format!(
                "a missing value is not `none`; write `{} is defined` or `is not defined`",
                name(side)?
            ));
        }
        other_case(side, constant).or_else(|| match over {
            Over::Joiner => not_of_a_joiner(&path(side)?, constant),
            Over::Event => whole(&path(side)?, constant),
        })
    })
}

// `"x" in department.code` looks for a part of a text; with an object on the right it would look for a member.
fn is_within(op: CompareOpKind, right: &Expr) -> bool {
    matches!(op, CompareOpKind::In | CompareOpKind::NotIn)
        && path(right).is_some_and(|name| object_text(&name).is_some())
}

/// Returns the values of a constant: those of a list, or the one.
pub(super) fn constants(expr: &Expr) -> Option<Vec<minijinja::Value>> {
    let value = expr.as_const()?;
    match expr {
        Expr::List(_) | Expr::Tuple(_) => Some(value.try_iter().ok()?.collect()),
        _ => Some(vec![value]),
    }
}

fn not_of_a_joiner(name: &str, constant: &minijinja::Value) -> Option<String> {
    if !field::is_field(name) {
        return None;
    }
    match constant.as_str() {
        None => Some(format!(
            "`{name}` is a text, and never equal to {constant}; write \"{constant}\" in quotes"
        )),
        Some(text) if text.trim().is_empty() => Some(format!(
            "`{name}` is never blank: then it is missing; write `not {name}`"
        )),
        Some(text) if text.trim() != text => Some(format!(
            "`{name}` has no blanks around it, and is never equal to \"{text}\"; write \"{}\"",
            text.trim()
        )),
        Some(_) => None,
    }
}

fn whole(name: &str, constant: &minijinja::Value) -> Option<String> {
    let members = match name {
        "event" | "envelope" => format!("its member of that name is `{name}.{name}`"),
        "sqs" => "it has `sqs.queue` and `sqs.attributes`".to_owned(),
        "sqs.attributes" => "write `sqs.attributes.NAME`".to_owned(),
        _ => return None,
    };
    Some(format!(
        "`{name}` is an object, and never equal to `{constant}`; {members}"
    ))
}

fn other_case(side: &Expr, constant: &minijinja::Value) -> Option<String> {
    let Expr::Filter(filter) = side else {
        return None;
    };
    let text = constant.as_str()?;
    let folded = match filter.name {
        "lower" => text.to_lowercase(),
        "upper" => text.to_uppercase(),
        _ => return None,
    };
    (folded != text).then(|| {
        format!(
            "`{}` is never equal to \"{text}\"; write \"{folded}\"",
            written(side)
        )
    })
}

/// Lists the comparisons that an expression itself makes.
pub(in crate::expressions) fn comparisons<'t, 's>(
    expr: &'t Expr<'s>,
) -> Vec<(CompareOpKind, &'t Expr<'s>, &'t Expr<'s>)> {
    match expr {
        Expr::BinOp(binary) => {
            let op = match binary.op {
                BinOpKind::Eq => CompareOpKind::Eq,
                BinOpKind::Ne => CompareOpKind::Ne,
                BinOpKind::Lt => CompareOpKind::Lt,
                BinOpKind::Lte => CompareOpKind::Lte,
                BinOpKind::Gt => CompareOpKind::Gt,
                BinOpKind::Gte => CompareOpKind::Gte,
                BinOpKind::In => CompareOpKind::In,
                _ => return Vec::new(),
            };
            vec![(op, &binary.left, &binary.right)]
        }
        Expr::Compare(compare) => {
            let mut left = &compare.expr;
            let each = compare.ops.iter().map(|op| {
                let before = std::mem::replace(&mut left, &op.expr);
                (op.op, before, &op.expr)
            });
            each.collect()
        }
        Expr::Test(test) => {
            let op = match test.name {
                "eq" | "equalto" | "==" => CompareOpKind::Eq,
                "ne" | "!=" => CompareOpKind::Ne,
                "in" => CompareOpKind::In,
                _ => return Vec::new(),
            };
            match test.args.first() {
                Some(CallArg::Pos(right)) => vec![(op, &test.expr, right)],
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// Returns the sign of a comparison.
pub(in crate::expressions) fn sign(op: CompareOpKind) -> &'static str {
    match op {
        CompareOpKind::Eq => "==",
        CompareOpKind::Ne => "!=",
        CompareOpKind::Lt => "<",
        CompareOpKind::Lte => "<=",
        CompareOpKind::Gt => ">",
        CompareOpKind::Gte => ">=",
        CompareOpKind::In => "in",
        CompareOpKind::NotIn => "not in",
    }
}
