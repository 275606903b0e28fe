//! The name of an HR or identity system -> the sources that read its events, as its own file describes them.

use super::expressions::Compiler;
use super::{Faults, read, sources};
use crate::expressions::Expressions;
use crate::source::Configured;

const PRESETS: [(&str, &str); 14] = [
    ("aboardhr", include_str!("presets/aboardhr.toml")),
    ("adp", include_str!("presets/adp.toml")),
    ("auth0", include_str!("presets/auth0.toml")),
    ("bamboohr", include_str!("presets/bamboohr.toml")),
    ("greenhouse", include_str!("presets/greenhouse.toml")),
    ("gusto", include_str!("presets/gusto.toml")),
    ("hibob", include_str!("presets/hibob.toml")),
    ("okta", include_str!("presets/okta.toml")),
    ("paylocity", include_str!("presets/paylocity.toml")),
    ("personio", include_str!("presets/personio.toml")),
    ("scim", include_str!("presets/scim.toml")),
    (
        "successfactors",
        include_str!("presets/successfactors.toml"),
    ),
    ("ukg", include_str!("presets/ukg.toml")),
    ("workday", include_str!("presets/workday.toml")),
];

/// The presets' names and texts, in the order of their names.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    PRESETS.into_iter()
}

/// A preset's sources.
pub(super) fn find(name: &str) -> Option<Vec<Configured>> {
    let (_, text) = all().find(|(preset, _)| *preset == name)?;
    let mut faults = Faults::new(text);
    let file = read::file(text, &mut faults)?;
    let mut compiler = Compiler::new(Expressions::default(), &mut faults);
    // There is no fault but the sections that a preset does not have, as the test below sees.
    Some(sources::described(file.sources, &mut compiler))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_of_every_preset_compiles() {
        for (name, text) in all() {
            let sources = find(name).unwrap_or_default();
            assert_eq!(sources.len(), text.matches("[[source]]").count(), "{name}");
        }
    }
}
