//! The text of a template -> the part of it that cannot be meant.

use super::meaning::Over;
use super::{BadTemplate, NAMES, known, known_fields, meaning, syntax, tree};

/// Refuses a part of a template that cannot be meant: a field in single braces, an end without a beginning, an unknown name.
///
/// # Errors
/// Returns the place of the part, and the way to write it.
pub(super) fn meant(source: &str, further_fields: &[&str]) -> Result<(), BadTemplate> {
    single_braces(source, further_fields)?;
    let tree = syntax::template(source)?;
    stray_end(source)?;
    let mut fault = Ok(());
    tree::visit_template(&tree, &mut |part| {
        if fault.is_ok() {
            fault =
                known::check(part).and_then(|()| meaning::expression(part, source, Over::Joiner));
        }
    });
    let mut names = Vec::new();
    tree::visit_emitted(&tree, &mut |part| {
        tree::names(part, &mut names);
        if fault.is_ok() {
            fault = meaning::text(part);
        }
    });
    fault?;
    if source.contains("{%") {
        return Ok(());
    }
    known_fields(names, further_fields)
}

// `{given_name}` would be a part of the text itself.
fn single_braces(source: &str, further_fields: &[&str]) -> Result<(), BadTemplate> {
    for (at, _) in source.match_indices('{') {
        let doubled = source[at + 1..].starts_with(['{', '%', '#']) || source[..at].ends_with('{');
        let name = source[at + 1..]
            .split('}')
            .next()
            .unwrap_or_default()
            .trim();
        if !doubled && (NAMES.contains(&name) || further_fields.contains(&name)) {
            return Err(BadTemplate {
                text: format!("`{{{name}}}` is no field but a text; write `{{{{ {name} }}}}`"),
                at: Some(at),
            });
        }
    }
    Ok(())
}

// The end of no expression would be a part of the text itself.
fn stray_end(source: &str) -> Result<(), BadTemplate> {
    let mut at = 0;
    loop {
        let rest = &source[at..];
        let blocks = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];
        let opens = blocks
            .into_iter()
            .filter_map(|(open, close)| Some((rest.find(open)?, close)));
        let next = opens.min_by_key(|(place, _)| *place);
        let text = next.map_or(rest, |(place, _)| &rest[..place]);
        if let Some(stray) = text.find("}}") {
            return Err(BadTemplate {
                text: "`}}` ends nothing here; a field is written `{{ NAME }}`".to_owned(),
                at: Some(at + stray),
            });
        }
        let Some((place, close)) = next else {
            return Ok(());
        };
        let Some(end) = rest[place..].find(close) else {
            return Ok(());
        };
        at += place + end + close.len();
    }
}
