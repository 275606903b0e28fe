//! Conditions that are joined -> the one that contradicts another.

use std::collections::BTreeSet;

use minijinja::machinery::ast::{BinOpKind, CompareOpKind, Expr};

use super::bad;
use super::comparison::{comparisons, constants};
use crate::expressions::BadTemplate;
use crate::expressions::tree::path;
use crate::expressions::written::constant;

/// Refuses one path that must be two texts at once, or that may be anything but two.
///
/// # Errors
/// Returns the place of the second one, and the way to write both.
pub(super) fn contradiction(expr: &Expr) -> Result<(), BadTemplate> {
    let Expr::BinOp(whole) = expr else {
        return Ok(());
    };
    let (wanted, always) = match whole.op {
        BinOpKind::ScAnd => (CompareOpKind::Eq, "never"),
        _ => (CompareOpKind::Ne, "always"),
    };
    let mut sides = Vec::new();
    flatten(expr, whole.op, &mut sides);
    let mut seen: Vec<(String, BTreeSet<String>)> = Vec::new();
    for (op, left, right) in sides.into_iter().flat_map(comparisons) {
        let is_list = matches!(right, Expr::List(_) | Expr::Tuple(_));
        let fits = match (wanted, op) {
            (CompareOpKind::Eq, CompareOpKind::Eq) | (CompareOpKind::Ne, CompareOpKind::Ne) => true,
            (CompareOpKind::Eq, CompareOpKind::In) => is_list,
            _ => false,
        };
        let (Some(name), Some(values)) = (path(left), constants(right)) else {
            continue;
        };
        if !fits {
            continue;
        }
        let values: BTreeSet<String> = values.iter().map(constant).collect();
        let earlier = seen
            .iter()
            .find(|(other, texts)| *other == name && texts.is_disjoint(&values));
        if let Some((_, texts)) = earlier {
            let (one, other) = (texts.first(), values.first());
            let (one, other) = (
                one.map_or("", String::as_str),
                other.map_or("", String::as_str),
            );
            let instead = match whole.op {
                BinOpKind::ScAnd => format!("write `{name} in [{one}, {other}]`"),
                _ => format!("write `{name} not in [{one}, {other}]`"),
            };
            return Err(bad(
                left,
                format!("that is {always} true: `{name}` has one value; {instead}"),
            ));
        }
        seen.push((name, values));
    }
    Ok(())
}

fn flatten<'t, 's>(expr: &'t Expr<'s>, op: BinOpKind, sides: &mut Vec<&'t Expr<'s>>) {
    match expr {
        Expr::BinOp(binary)
            if std::mem::discriminant(&binary.op) == std::mem::discriminant(&op) =>
        {
            flatten(&binary.left, op, sides);
            flatten(&binary.right, op, sides);
        }
        other => sides.push(other),
    }
}
