//! The tree of an expression -> whether there are all the filters, tests and functions that it names.

use minijinja::machinery::ast::{CallArg, Expr};

use super::BadTemplate;
use super::date_format;
use super::phone_number::is_calling_code;
use super::tree::{self, constant_text};

/// Filters of expressions and templates.
pub(super) const FILTERS: [&str; 52] = [
    "abs",
    "as_list",
    "ascii",
    "attr",
    "b64decode",
    "batch",
    "bool",
    "capitalize",
    "chain",
    "count",
    "d",
    "date",
    "days_after",
    "default",
    "dictsort",
    "e164",
    "family_name",
    "first",
    "float",
    "format",
    "fromjson",
    "german",
    "given_name",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lookup",
    "lower",
    "map",
    "max",
    "min",
    "nfc",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "upper",
];

/// Further filters, which few need.
const MORE_FILTERS: [&str; 4] = ["slice", "unique", "username", "zip"];

/// Tests of expressions and templates.
pub(super) const TESTS: [&str; 33] = [
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "even",
    "false",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "int",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "no",
    "none",
    "number",
    "odd",
    "sameas",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
    "upper",
];

const MORE_TESTS: [&str; 7] = ["yes", "==", "!=", "<", "<=", ">", ">="];

const FUNCTIONS: [&str; 3] = ["dict", "namespace", "range"];

/// Methods of other languages, and the way to write each here.
const METHODS: [(&str, &str); 12] = [
    ("startswith", "is startingwith(...)"),
    ("startsWith", "is startingwith(...)"),
    ("endswith", "is endingwith(...)"),
    ("endsWith", "is endingwith(...)"),
    ("strip", "| trim"),
    ("toLowerCase", "| lower"),
    ("toUpperCase", "| upper"),
    ("contains", "\"...\" in NAME"),
    ("includes", "\"...\" in NAME"),
    ("get", "NAME[\"...\"]"),
    ("keys", "| list"),
    ("size", "| length"),
];

/// Finds a filter, test or function that there is not, also behind an `and` or an `or` that is never reached when it is tried.
///
/// # Errors
/// Returns its name, and those that there are.
pub(super) fn check(expr: &Expr) -> Result<(), BadTemplate> {
    let unknown = match expr {
        Expr::Filter(filter) if !is_filter(filter.name) => Some(no_filter(filter.name)),
        Expr::Filter(filter) => {
            let named = |place: usize| match filter.args.get(place) {
                Some(CallArg::Pos(argument)) => constant_text(argument),
                _ => None,
            };
            match filter.name {
                "select" | "reject" => named(0).filter(|name| !is_test(name)).map(no_test),
                "selectattr" | "rejectattr" => named(1).filter(|name| !is_test(name)).map(no_test),
                "map" => named(0).filter(|name| !is_filter(name)).map(no_filter),
                "date" => named(0)
                    .filter(|format| !date_format::is_format(format))
                    .map(no_format),
                "e164" => named(0)
                    .filter(|code| !is_calling_code(code))
                    .map(no_calling_code),
                _ => None,
            }
        }
        Expr::Test(test) => (!is_test(test.name)).then(|| no_test(test.name)),
        Expr::Call(call) => match &call.expr {
            Expr::Var(name) => (!FUNCTIONS.contains(&name.id)).then(|| no_function(name.id)),
            Expr::GetAttr(member) => Some(no_method(member.name)),
            _ => None,
        },
        _ => None,
    };
    unknown.map_or(Ok(()), |text| {
        let at = Some(tree::place(expr));
        Err(BadTemplate { text, at })
    })
}

fn is_filter(name: &str) -> bool {
    FILTERS.contains(&name) || MORE_FILTERS.contains(&name)
}

fn is_test(name: &str) -> bool {
    TESTS.contains(&name) || MORE_TESTS.contains(&name)
}

fn no_filter(name: impl AsRef<str>) -> String {
    let there_are = [&FILTERS[..], &MORE_FILTERS].concat().join(", ");
    let name = name.as_ref();
    format!("unknown filter `{name}`; there are {there_are}")
}

fn no_test(name: impl AsRef<str>) -> String {
    let there_are = [&TESTS[..], &MORE_TESTS].concat().join(", ");
    let name = name.as_ref();
    match name {
        "null" | "empty" | "blank" | "None" => {
            format!(
                "unknown test `{name}`; write `is not defined`: null and blank count as missing"
            )
        }
        _ => format!("unknown test `{name}`; there are {there_are}"),
    }
}

fn no_format(format: impl AsRef<str>) -> String {
    let format = format.as_ref();
    format!(
        "`{format}` is no format of a whole date; write one of strftime with day, month and four-digit year, such as `%d-%b-%Y`"
    )
}

fn no_calling_code(code: impl AsRef<str>) -> String {
    let code = code.as_ref();
    format!("`{code}` is no calling code of a country; write one such as `44`")
}

fn no_function(name: &str) -> String {
    let instead = match name {
        name if is_filter(name) => format!("write the filter: `VALUE | {name}`"),
        "len" => "write the filter: `VALUE | length`".to_owned(),
        "str" => "write the filter: `VALUE | string`".to_owned(),
        _ => format!("there are {}", FUNCTIONS.join(", ")),
    };
    format!("unknown function `{name}`; {instead}")
}

fn no_method(name: &str) -> String {
    let other = METHODS.iter().find(|(method, _)| *method == name);
    let instead = match other {
        Some((_, instead)) => format!("write `{instead}`"),
        None if is_filter(name) => format!("write the filter: `| {name}`"),
        None => "values have no methods; filters stand behind a `|`".to_owned(),
    };
    format!("`.{name}()` is no method here; {instead}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expressions::Expressions;
    use minijinja::ErrorKind;

    #[test]
    fn each_name_of_the_lists_is_there() {
        let environment = Expressions::default().conditions;
        let kind = |expression: String| {
            let expression = environment.compile_expression_owned(expression);
            expression
                .and_then(|one| one.eval(()))
                .err()
                .map(|err| err.kind())
        };
        for name in FILTERS.iter().chain(&MORE_FILTERS) {
            assert_ne!(
                kind(format!("'a' | {name}")),
                Some(ErrorKind::UnknownFilter),
                "{name}"
            );
        }
        for name in TESTS.iter().chain(&MORE_TESTS) {
            let tried = kind(format!("['a'] | select('{name}') | list"));
            assert_ne!(tried, Some(ErrorKind::UnknownTest), "{name}");
        }
        for name in FUNCTIONS {
            assert_ne!(
                kind(format!("{name}()")),
                Some(ErrorKind::UnknownFunction),
                "{name}"
            );
        }
    }

    #[track_caller]
    fn check_text(source: &str, expected: Option<&str>) {
        let tree = super::super::syntax::expression(source).expect("parses");
        let mut found = Ok(());
        tree::visit(&tree, &mut |part| {
            if found.is_ok() {
                found = check(part);
            }
        });
        let text = found.err().map(|fault| fault.text);
        let start = text
            .as_deref()
            .map(|text| &text[..expected.unwrap_or_default().len().min(text.len())]);
        assert_eq!(start, expected, "{source}");
    }

    #[test]
    fn what_is_not_there_is_named_with_what_there_is() {
        check_text("a | lower is startingwith('x')", None);
        check_text(
            "a | shout",
            Some("unknown filter `shout`; there are abs, as_li"),
        );
        check_text("not a and (b | shout)", Some("unknown filter `shout`"));
        check_text("a is loud", Some("unknown test `loud`; there are boolean"));
        check_text(
            "a is null",
            Some("unknown test `null`; write `is not defined`"),
        );
        check_text(
            "a | selectattr('b', 'equals', 'c')",
            Some("unknown test `equals`"),
        );
        check_text("a | map('shout')", Some("unknown filter `shout`"));
        check_text(
            "a.split(' ')",
            Some("`.split()` is no method here; write the filter: `| split`"),
        );
        check_text(
            "a.startswith('x')",
            Some("`.startswith()` is no method here; write `is startingwith(...)`"),
        );
        check_text(
            "lower(a)",
            Some("unknown function `lower`; write the filter: `VALUE | lower`"),
        );
        check_text("'a | b is c'", None);
        check_text("a | date('%d-%b-%Y')", None);
        check_text(
            "a | date('dd.mm.yyyy')",
            Some("`dd.mm.yyyy` is no format of a whole date"),
        );
        check_text(
            "a | e164('GB')",
            Some("`GB` is no calling code of a country"),
        );
    }
}
