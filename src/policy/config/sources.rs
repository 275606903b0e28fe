//! The `[[source]]` sections of the file -> sources whose expressions are compiled, presets in their places.

use toml::Spanned;

use super::expressions::Compiler;
use super::faults::Faults;
use super::text::Text;
use super::{file, presets, read};
use crate::expressions::Expressions;
use crate::source::field::{EXTRA, Field};
use crate::source::{Configured, Reads, SourceFields, Sources};

/// The sources, as far as faults allow; they are all collected.
pub(super) fn sources(list: Vec<Spanned<file::Source>>, compiler: &mut Compiler) -> Sources {
    let mut sources = Vec::new();
    for source in list {
        let span = source.span();
        let mut source = source.into_inner();
        let namespace = source.key_namespace.take();
        let namespace = namespace.and_then(|text| key_namespace(&text, compiler));
        let first = sources.len();
        match &source.preset {
            None => sources.extend(configured(source, span, compiler)),
            Some(preset) if is_described(&source) => compiler.faults.at(
                preset.span(),
                "a source is a preset or a description; to change a preset, copy it (provisionctl source show NAME)",
            ),
            Some(preset) => match preset_of(preset.get_ref()) {
                Some(described) => sources.extend(described.into_iter().map(|one| Configured {
                    entry: preset.get_ref().clone(),
                    ..one
                })),
                None => compiler.faults.at(
                    preset.span(),
                    format!(
                        "there is no preset `{}`; there are {}",
                        preset.get_ref(),
                        presets::names().join(", ")
                    ),
                ),
            },
        }
        for one in &mut sources[first..] {
            one.key_namespace.clone_from(&namespace);
        }
    }
    Sources::new(sources)
}

// The sources of a preset.
fn preset_of(name: &str) -> Option<Vec<Configured>> {
    let text = presets::text(name)?;
    let mut faults = Faults::new(text);
    let file = read::file(text, &mut faults)?;
    let mut compiler = Compiler::new(Expressions::default(), &mut faults);
    // There is no fault but the sections that a preset does not have, as the test below sees.
    Some(described(file.sources, &mut compiler))
}

// It stands in logs, and a tag must not change where it is merely spelled with a blank.
fn key_namespace(text: &Text, compiler: &mut Compiler) -> Option<String> {
    let namespace = text.get_ref();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let fits = (1..=32).contains(&namespace.len()) && namespace.chars().all(plain);
    if !fits {
        compiler.faults.at(
            text.span(),
            "`key_namespace` has 1 to 32 letters, digits, - _ and .",
        );
    }
    fits.then(|| namespace.clone())
}

/// Sources none of which is a preset.
pub(super) fn described(
    list: Vec<Spanned<file::Source>>,
    compiler: &mut Compiler,
) -> Vec<Configured> {
    list.into_iter()
        .filter_map(|source| {
            let span = source.span();
            configured(source.into_inner(), span, compiler)
        })
        .collect()
}

fn is_described(source: &file::Source) -> bool {
    source.name.is_some()
        || source.when.is_some()
        || source.skip.is_some()
        || source.skip_when.is_some()
        || source.withdraws
        || source.catch_all
        || source.employee_id.is_some()
        || source.reject.is_some()
        || source.items.is_some()
        || source.fields.is_some()
}

fn configured(
    source: file::Source,
    span: std::ops::Range<usize>,
    compiler: &mut Compiler,
) -> Option<Configured> {
    let (Some(name), Some(when)) = (source.name, source.when) else {
        compiler.faults.at(
            span,
            "a [[source]] has a name and a condition `when`, or is a preset",
        );
        return None;
    };
    let when = compiler.event_condition("when", &when);
    let items = source
        .items
        .map(|items| compiler.event_expression("items", &items));
    let skip_when = source
        .skip_when
        .map(|skip_when| compiler.event_condition("skip_when", &skip_when));
    let alone = items.is_none() && skip_when.is_none();
    let employee_id = source.employee_id;
    let says_why = source.skip.is_some() && source.fields.is_none();
    if source.withdraws != employee_id.is_some() || (source.withdraws && !says_why) {
        compiler.faults.at(
            span,
            format!(
                "source \"{name}\": `withdraws = true`, `skip` and `employee_id` go together; the employee id of a join is one \
                 of [source.fields]"
            ),
        );
        return None;
    }
    let then = match (source.skip, source.reject, source.fields) {
        (Some(why), None, None) if alone => match employee_id {
            None => Some(Reads::Skip(why)),
            Some(employee_id) => compiler
                .event_expression("employee_id", &employee_id)
                .map(|employee_id| Reads::Withdrawal { why, employee_id }),
        },
        (None, Some(why), None) if alone => Some(Reads::Insufficient(why)),
        (why, None, Some(fields)) if why.is_some() == skip_when.is_some() => Some(Reads::People {
            items: match items {
                Some(items) => Some(items?),
                None => None,
            },
            skips: match (skip_when, why) {
                (Some(when), Some(why)) => Some((when?, why)),
                _ => None,
            },
            fields: Box::new(fields_of(fields, compiler)),
        }),
        _ => {
            compiler.faults.at(
                span,
                format!(
                    "source \"{name}\" has one of [source.fields], `skip` and `reject`; `items` goes with the fields, \
                     and so do `skip` and `skip_when` together"
                ),
            );
            None
        }
    };
    Some(Configured {
        entry: name.clone(),
        name,
        key_namespace: None,
        is_catch_all: source.catch_all,
        when: when?,
        then: then?,
    })
}

fn fields_of(
    mut fields: super::source_fields::SourceFields,
    compiler: &mut Compiler,
) -> SourceFields {
    let mut expression = |name: &str, text: Option<Text>| {
        text.and_then(|text| compiler.event_expression(name, &text))
    };
    let mut into = SourceFields::default();
    into.event_id = expression("event_id", fields.event_id.take());
    for (name, text) in std::mem::take(&mut fields.extra) {
        let name = format!("{EXTRA}.{name}");
        if let Some(expression) = expression(&name, Some(text)) {
            into.extra.push((name, expression));
        }
    }
    for field in Field::ALL {
        into.set(field, expression(field.name(), fields.take(field)));
    }
    into
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_of_every_preset_compiles() {
        for (name, text) in presets::all() {
            let sources = preset_of(name).unwrap_or_default();
            assert_eq!(sources.len(), text.matches("[[source]]").count(), "{name}");
        }
    }
}
