//! A parsed expression -> its text: for messages, and for the engine where one operation is to be another.

use minijinja::Value;
use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, UnaryOpKind};
use minijinja::value::ValueKind;

use super::guard::guard;
use super::meaning::sign;

/// Writes an expression as people write it.
pub(super) fn written(expr: &Expr) -> String {
    Writer { for_engine: false }.whole(expr)
}

/// Writes an expression for the engine: an operation has no result where a value that it needs is missing.
pub(super) fn for_engine(expr: &Expr) -> String {
    Writer { for_engine: true }.whole(expr)
}

struct Writer {
    for_engine: bool,
}

impl Writer {
    fn whole(&self, expr: &Expr) -> String {
        let guard = guard(expr).filter(|_| self.for_engine);
        let Some(guard) = guard else {
            return self.plain(expr);
        };
        let values: Vec<String> = guard.values.iter().map(|value| self.whole(value)).collect();
        let otherwise = if guard.is_comparison {
            " else false"
        } else {
            ""
        };
        format!(
            "({}) if [{}] is {}{otherwise}",
            self.plain(expr),
            values.join(", "),
            guard.test
        )
    }

    fn plain(&self, expr: &Expr) -> String {
        match expr {
            Expr::Var(name) => name.id.to_owned(),
            Expr::Const(one) => constant(&one.value),
            Expr::Slice(slice) => {
                let bound = |bound: &Option<Expr>| {
                    bound
                        .as_ref()
                        .map_or_else(String::new, |expr| self.whole(expr))
                };
                let step = slice
                    .step
                    .as_ref()
                    .map_or_else(String::new, |step| format!(":{}", self.whole(step)));
                format!(
                    "{}[{}:{}{step}]",
                    self.base(&slice.expr),
                    bound(&slice.start),
                    bound(&slice.stop)
                )
            }
            Expr::UnaryOp(unary) => match unary.op {
                UnaryOpKind::Not => format!("not {}", self.part(&unary.expr)),
                UnaryOpKind::Neg => format!("-{}", self.base(&unary.expr)),
            },
            Expr::BinOp(binary) => {
                let sign = binary_sign(binary.op);
                format!(
                    "{} {sign} {}",
                    self.part(&binary.left),
                    self.part(&binary.right)
                )
            }
            Expr::Compare(compare) => {
                let others = compare
                    .ops
                    .iter()
                    .map(|op| format!(" {} {}", sign(op.op), self.part(&op.expr)));
                self.part(&compare.expr) + &others.collect::<String>()
            }
            Expr::IfExpr(choice) => {
                let otherwise = choice
                    .false_expr
                    .as_ref()
                    .map_or_else(String::new, |expr| format!(" else {}", self.part(expr)));
                format!(
                    "{} if {}{otherwise}",
                    self.part(&choice.true_expr),
                    self.part(&choice.test_expr)
                )
            }
            Expr::Filter(filter) => {
                let value = filter
                    .expr
                    .as_ref()
                    .map_or_else(String::new, |expr| self.part(expr));
                format!("{value} | {}{}", filter.name, self.arguments(&filter.args))
            }
            Expr::Test(test) => format!(
                "{} is {}{}",
                self.part(&test.expr),
                test.name,
                self.arguments(&test.args)
            ),
            Expr::GetAttr(member) => format!("{}.{}", self.base(&member.expr), member.name),
            Expr::GetItem(item) => format!(
                "{}[{}]",
                self.base(&item.expr),
                self.whole(&item.subscript_expr)
            ),
            Expr::Call(call) => {
                let arguments: Vec<String> =
                    call.args.iter().map(|one| self.argument(one)).collect();
                format!("{}({})", self.base(&call.expr), arguments.join(", "))
            }
            Expr::List(list) => format!("[{}]", self.list(&list.items)),
            Expr::Tuple(tuple) => format!("({},)", self.list(&tuple.items)),
            Expr::Map(map) => {
                let pair = |(key, value): (&Expr, &Expr)| {
                    format!("{}: {}", self.whole(key), self.whole(value))
                };
                let pairs: Vec<String> = map.keys.iter().zip(&map.values).map(pair).collect();
                format!("{{{}}}", pairs.join(", "))
            }
        }
    }

    // In brackets, unless it is a value by itself; a filter binds more tightly than an operation.
    fn part(&self, expr: &Expr) -> String {
        if !self.for_engine && matches!(expr, Expr::Filter(_)) {
            return self.whole(expr);
        }
        self.base(expr)
    }

    // In brackets, unless a member may follow.
    fn base(&self, expr: &Expr) -> String {
        let text = self.whole(expr);
        match expr {
            Expr::Var(_)
            | Expr::Const(_)
            | Expr::Slice(_)
            | Expr::GetAttr(_)
            | Expr::GetItem(_)
            | Expr::Call(_)
            | Expr::List(_)
            | Expr::Map(_) => text,
            _ => format!("({text})"),
        }
    }

    fn list(&self, items: &[Expr]) -> String {
        items
            .iter()
            .map(|item| self.whole(item))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn arguments(&self, arguments: &[CallArg]) -> String {
        if arguments.is_empty() {
            return String::new();
        }
        let arguments: Vec<String> = arguments.iter().map(|one| self.argument(one)).collect();
        format!("({})", arguments.join(", "))
    }

    fn argument(&self, argument: &CallArg) -> String {
        match argument {
            CallArg::Pos(expr) => self.whole(expr),
            CallArg::Kwarg(name, expr) => format!("{name}={}", self.whole(expr)),
            CallArg::PosSplat(expr) => format!("*{}", self.part(expr)),
            CallArg::KwargSplat(expr) => format!("**{}", self.part(expr)),
        }
    }
}

/// Writes a constant.
pub(super) fn constant(value: &Value) -> String {
    match value.as_str() {
        Some(text) => serde_json::Value::from(text).to_string(),
        None if matches!(value.kind(), ValueKind::Bool) => value.is_true().to_string(),
        None if value.is_none() => "none".to_owned(),
        // A float of a whole number keeps its point.
        None if value.is_number() => format!("{value:?}"),
        None => value.to_string(),
    }
}

fn binary_sign(op: BinOpKind) -> &'static str {
    match op {
        BinOpKind::Eq => "==",
        BinOpKind::Ne => "!=",
        BinOpKind::Lt => "<",
        BinOpKind::Lte => "<=",
        BinOpKind::Gt => ">",
        BinOpKind::Gte => ">=",
        BinOpKind::ScAnd => "and",
        BinOpKind::ScOr => "or",
        BinOpKind::Add => "+",
        BinOpKind::Sub => "-",
        BinOpKind::Mul => "*",
        BinOpKind::Div => "/",
        BinOpKind::FloorDiv => "//",
        BinOpKind::Rem => "%",
        BinOpKind::Pow => "**",
        BinOpKind::Concat => "~",
        BinOpKind::In => "in",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expressions::{Expressions, syntax};

    const EXPRESSIONS: [&str; 24] = [
        "a",
        "a.b[\"c-d\"][0]",
        "a[1:]",
        "a[:2]",
        "a[::2]",
        "a[-1]",
        "not a and b or c",
        "a == 1 or b != 2.0",
        "1 < a <= 3",
        "a in [\"x\", \"y\"]",
        "a not in (\"x\", \"y\")",
        "a | split(\" \") | first",
        "(a | split(\"-\") | list)[0]",
        "a | selectattr(\"b\", \"eq\", \"c\") | map(attribute=\"d\") | first",
        "a is defined and a is not string",
        "a if b else c",
        "a if b",
        "{\"a\": b, \"c\": [1, 2]}.a",
        "a ~ b",
        "a + b * 2 - 3 // 4 % 5",
        "(a + b) * 2 ** 2",
        "range(3) | list",
        "\"quo\\\"te\\n\" ~ a",
        "true and none is undefined or false",
    ];

    #[test]
    fn an_expression_means_the_same_when_it_is_written_again() {
        let environment = Expressions::default().conditions;
        let value = |source: &str| {
            let expression = environment
                .compile_expression_owned(source.to_owned())
                .unwrap_or_else(|err| panic!("{source}: {err}"));
            let seen =
                minijinja::context! { a => "x-y", b => minijinja::context! { c => 2 }, c => 3 };
            format!("{:?}", expression.eval(seen).map_err(|err| err.kind()))
        };
        for source in EXPRESSIONS {
            let tree = syntax::expression(source).expect("parses");
            for text in [written(&tree), for_engine(&tree)] {
                assert_eq!(value(&text), value(source), "{source} -> {text}");
                assert!(syntax::expression(&text).is_ok(), "{text}");
            }
        }
    }
}
