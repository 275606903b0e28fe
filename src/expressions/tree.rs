//! A parsed expression or template -> its parts: each one visited, and the paths of members named.

use minijinja::machinery::ast::{CallArg, Expr, Stmt};

/// Visits an expression and all its parts, the outer ones first.
pub(super) fn visit<'t, 's>(expr: &'t Expr<'s>, see: &mut dyn FnMut(&'t Expr<'s>)) {
    see(expr);
    for part in parts(expr) {
        visit(part, see);
    }
}

/// Lists the direct parts of an expression.
pub(super) fn parts<'t, 's>(expr: &'t Expr<'s>) -> Vec<&'t Expr<'s>> {
    match expr {
        Expr::Var(_) | Expr::Const(_) => Vec::new(),
        Expr::Slice(slice) => {
            let bounds = [&slice.start, &slice.stop, &slice.step];
            let bounds = bounds.into_iter().flatten();
            [&slice.expr].into_iter().chain(bounds).collect()
        }
        Expr::UnaryOp(unary) => vec![&unary.expr],
        Expr::BinOp(binary) => vec![&binary.left, &binary.right],
        Expr::Compare(compare) => {
            let others = compare.ops.iter().map(|op| &op.expr);
            [&compare.expr].into_iter().chain(others).collect()
        }
        Expr::IfExpr(choice) => {
            let two = [&choice.test_expr, &choice.true_expr];
            two.into_iter().chain(&choice.false_expr).collect()
        }
        Expr::Filter(filter) => filter
            .expr
            .iter()
            .chain(filter.args.iter().map(argument))
            .collect(),
        Expr::Test(test) => {
            let arguments = test.args.iter().map(argument);
            [&test.expr].into_iter().chain(arguments).collect()
        }
        Expr::GetAttr(member) => vec![&member.expr],
        Expr::GetItem(item) => vec![&item.expr, &item.subscript_expr],
        Expr::Call(call) => {
            let arguments = call.args.iter().map(argument);
            [&call.expr].into_iter().chain(arguments).collect()
        }
        Expr::List(list) => list.items.iter().collect(),
        Expr::Tuple(tuple) => tuple.items.iter().collect(),
        Expr::Map(map) => map.keys.iter().chain(&map.values).collect(),
    }
}

/// Returns the expression of an argument.
pub(super) fn argument<'t, 's>(argument: &'t CallArg<'s>) -> &'t Expr<'s> {
    match argument {
        CallArg::Pos(expr)
        | CallArg::Kwarg(_, expr)
        | CallArg::PosSplat(expr)
        | CallArg::KwargSplat(expr) => expr,
    }
}

/// Visits each expression of a template, with its parts.
pub(super) fn visit_template<'t, 's>(stmt: &'t Stmt<'s>, see: &mut dyn FnMut(&'t Expr<'s>)) {
    let mut all = |statements: &'t [Stmt<'s>]| {
        for statement in statements {
            visit_template(statement, see);
        }
    };
    match stmt {
        Stmt::Template(template) => all(&template.children),
        Stmt::EmitRaw(_) => (),
        Stmt::EmitExpr(emit) => visit(&emit.expr, see),
        Stmt::ForLoop(each) => {
            all(&each.body);
            all(&each.else_body);
            visit(&each.iter, see);
            each.filter_expr.iter().for_each(|expr| visit(expr, see));
        }
        Stmt::IfCond(choice) => {
            all(&choice.true_body);
            all(&choice.false_body);
            visit(&choice.expr, see);
        }
        Stmt::WithBlock(with) => {
            all(&with.body);
            with.assignments
                .iter()
                .for_each(|(_, value)| visit(value, see));
        }
        Stmt::Set(set) => visit(&set.expr, see),
        Stmt::SetBlock(set) => {
            all(&set.body);
            set.filter.iter().for_each(|filter| visit(filter, see));
        }
        Stmt::AutoEscape(escape) => {
            all(&escape.body);
            visit(&escape.enabled, see);
        }
        Stmt::FilterBlock(block) => {
            all(&block.body);
            visit(&block.filter, see);
        }
        Stmt::Do(call) => call
            .call
            .args
            .iter()
            .for_each(|one| visit(argument(one), see)),
    }
}

/// Visits each expression that a template prints.
pub(super) fn visit_emitted<'t, 's>(stmt: &'t Stmt<'s>, see: &mut dyn FnMut(&'t Expr<'s>)) {
    let mut all = |statements: &'t [Stmt<'s>]| {
        for statement in statements {
            visit_emitted(statement, see);
        }
    };
    match stmt {
        Stmt::EmitExpr(emit) => see(&emit.expr),
        Stmt::Template(template) => all(&template.children),
        Stmt::ForLoop(each) => {
            all(&each.body);
            all(&each.else_body);
        }
        Stmt::IfCond(choice) => {
            all(&choice.true_body);
            all(&choice.false_body);
        }
        Stmt::WithBlock(with) => all(&with.body),
        _ => (),
    }
}

/// Collects the names that an expression looks at, each with the members behind its points: `department.code`.
pub(super) fn names(expr: &Expr, into: &mut Vec<String>) {
    match (points(expr), expr) {
        (Some(name), _) => into.push(name),
        (None, Expr::Call(call)) => call.args.iter().for_each(|one| names(argument(one), into)),
        (None, _) => parts(expr).into_iter().for_each(|part| names(part, into)),
    }
}

fn points(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Var(name) => Some(name.id.to_owned()),
        Expr::GetAttr(member) => Some(format!("{}.{}", points(&member.expr)?, member.name)),
        _ => None,
    }
}

/// Returns the path of a member, such as `department.code`; `None` for what is no path of fixed names.
pub(super) fn path(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Var(name) => Some(name.id.to_owned()),
        Expr::GetAttr(member) => Some(format!("{}.{}", path(&member.expr)?, member.name)),
        Expr::GetItem(item) => {
            let name = constant_text(&item.subscript_expr)?;
            Some(format!("{}.{name}", path(&item.expr)?))
        }
        _ => None,
    }
}

/// Returns the text of a constant.
pub(super) fn constant_text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Const(constant) => constant.value.as_str().map(str::to_owned),
        _ => None,
    }
}

/// Returns the place of an expression in its text, in bytes from its start.
pub(super) fn place(expr: &Expr) -> usize {
    // The span of an operation starts with the word in front of it.
    match expr {
        Expr::BinOp(binary) => place(&binary.left),
        Expr::Compare(compare) => place(&compare.expr),
        Expr::Filter(filter) => filter.expr.as_ref().map_or(0, place),
        Expr::Test(test) => place(&test.expr),
        Expr::GetAttr(member) => place(&member.expr),
        Expr::GetItem(item) => place(&item.expr),
        Expr::Slice(slice) => place(&slice.expr),
        Expr::Call(call) => place(&call.expr),
        Expr::IfExpr(choice) => place(&choice.true_expr),
        other => usize::try_from(other.span().start_offset).unwrap_or(usize::MAX),
    }
}
