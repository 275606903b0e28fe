//! The `[[source]]` sections of the file -> sources whose expressions are compiled, presets in their places.

use std::collections::BTreeSet;

use toml::Spanned;

use super::faults::Faults;
use super::source::Described;
use super::text::Text;
use super::{file, presets, read};
use crate::expressions::Expressions;
use crate::policy::config::expressions::Compiler;
use crate::source::{Configured, Sources};

/// A source in its place: before those behind it are asked.
struct Placed {
    is_own: bool,
    source: Configured,
}

/// The sources, as far as faults allow; they are all collected.
pub(super) fn sources(list: Vec<Spanned<file::Source>>, compiler: &mut Compiler) -> Sources {
    stands_twice(&list, compiler.faults);
    let mut sources: Vec<Placed> = Vec::new();
    for source in list {
        let span = source.span();
        let mut source = source.into_inner();
        let namespace = source.key_namespace.take();
        let namespace = namespace.and_then(|text| key_namespace(&text, compiler));
        let preset = source.preset.take();
        let is_own = preset.is_none();
        let found: Vec<Configured> = match preset {
            None => Described::new(source, span)
                .compiled(compiler)
                .into_iter()
                .collect(),
            Some(preset) if source.is_described() => {
                compiler.faults.at(
                    preset.span(),
                    "a source is a preset or a description; to change a preset, copy it (provisionctl source show NAME)",
                );
                Vec::new()
            }
            Some(preset) => of_preset(&preset, compiler),
        };
        sources.extend(found.into_iter().map(|source| Placed {
            is_own,
            source: Configured {
                key_namespace: namespace.clone(),
                ..source
            },
        }));
    }
    let sources = with_replacements(sources);
    Sources::new(sources.into_iter().map(|placed| placed.source).collect())
}

// A source of one's own takes the place of a preset's source that has its name, or stays where it is in front of it.
fn with_replacements(sources: Vec<Placed>) -> Vec<Placed> {
    let own = sources.iter().filter(|one| one.is_own);
    let mut replacing: Vec<String> = own.map(|one| one.source.name.clone()).collect();
    replacing.retain(|name| {
        let is_replaced = |one: &Placed| !one.is_own && one.source.name == *name;
        sources.iter().any(is_replaced)
    });
    let (mut moved, others): (Vec<_>, Vec<_>) = sources
        .into_iter()
        .partition(|one| one.is_own && replacing.contains(&one.source.name));
    let mut placed = Vec::new();
    for one in others {
        match moved
            .iter()
            .position(|own| !one.is_own && own.source.name == one.source.name)
        {
            Some(own) => placed.push(moved.remove(own)),
            None if replacing.contains(&one.source.name) => (),
            None => placed.push(one),
        }
    }
    placed
}

fn of_preset(name: &Text, compiler: &mut Compiler) -> Vec<Configured> {
    let Some(described) = preset_of(name.get_ref()) else {
        compiler.faults.at(
            name.span(),
            format!(
                "there is no preset `{}`; there are {}",
                name.get_ref(),
                presets::names().join(", ")
            ),
        );
        return Vec::new();
    };
    let entry = |one| Configured {
        entry: name.get_ref().clone(),
        ..one
    };
    described.into_iter().map(entry).collect()
}

// The sources of a preset.
fn preset_of(name: &str) -> Option<Vec<Configured>> {
    let text = presets::text(name)?;
    let mut faults = Faults::new(text);
    let file = read::file(text, &mut faults)?;
    let mut compiler = Compiler::new(Expressions::default(), &mut faults);
    let sources = file.sources.into_iter();
    // There is no fault but the sections that a preset does not have, as the test below sees.
    let described = sources.filter_map(|source| {
        let span = source.span();
        Described::new(source.into_inner(), span).compiled(&mut compiler)
    });
    Some(described.collect())
}

fn stands_twice(list: &[Spanned<file::Source>], faults: &mut Faults) {
    let mut known = BTreeSet::new();
    for source in list {
        let source = source.get_ref();
        for (kind, text) in [("preset", &source.preset), ("source", &source.name)] {
            let Some(text) = text else { continue };
            if !known.insert((kind, text.get_ref())) {
                faults.at(
                    text.span(),
                    format!(
                        "{kind} \"{}\" stands twice; the first one would read all of its events",
                        text.get_ref()
                    ),
                );
            }
        }
    }
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
