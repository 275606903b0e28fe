//! An expression or a template -> whether there are all the filters and tests that it names.

use minijinja::{Environment, ErrorKind};

use super::{BadTemplate, bad};

/// Whether there are the filters and tests that an expression names.
///
/// They are looked up when they run, which one behind an `and` or an `or` may never do when it is tried.
pub(super) fn known(environment: &Environment<'static>, source: &str) -> Result<(), BadTemplate> {
    let code = without_texts(source);
    let word = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let filters = code.split('|').skip(1).map(|rest| ("|", word(rest)));
    let tests = code.split(" is ").skip(1).map(|rest| {
        let rest = rest.trim_start();
        ("is", word(rest.strip_prefix("not ").unwrap_or(rest)))
    });
    for (sign, name) in filters.chain(tests).filter(|(_, name)| !name.is_empty()) {
        let tried = environment
            .compile_expression_owned(format!("'' {sign} {name}"))
            .and_then(|expression| expression.eval(()));
        if let Err(err) = tried
            && matches!(
                err.kind(),
                ErrorKind::UnknownFilter | ErrorKind::UnknownTest
            )
        {
            return Err(bad(err));
        }
    }
    Ok(())
}

/// Collects the names of each statement in a template.
pub(super) fn known_in_template(
    environment: &Environment<'static>,
    source: &str,
) -> Result<(), BadTemplate> {
    statements(source).try_for_each(|statement| known(environment, statement))
}

// The text between the braces of a template.
fn statements(source: &str) -> impl Iterator<Item = &str> {
    let opened = source.split("{{").flat_map(|part| part.split("{%"));
    opened
        .skip(1)
        .filter_map(|part| part.split(['}', '%']).next())
}

// An expression whose string literals are empty, so that nothing in them is taken for code.
fn without_texts(source: &str) -> String {
    let mut code = String::new();
    let mut within = None;
    let mut escaped = false;
    for c in source.chars() {
        match within {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(quote) if c == quote => within = None,
            Some(_) => (),
            None if matches!(c, '"' | '\'') => within = Some(c),
            None => code.push(c),
        }
    }
    code
}
