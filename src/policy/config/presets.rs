//! The name of an HR or identity system -> the text of its preset: sources that read its events.

const PRESETS: [(&str, &str); 16] = [
    ("aboardhr", include_str!("presets/aboardhr.toml")),
    ("adp", include_str!("presets/adp.toml")),
    ("auth0", include_str!("presets/auth0.toml")),
    ("bamboohr", include_str!("presets/bamboohr.toml")),
    ("greenhouse", include_str!("presets/greenhouse.toml")),
    ("gusto", include_str!("presets/gusto.toml")),
    ("hibob", include_str!("presets/hibob.toml")),
    (
        "microsoft-graph",
        include_str!("presets/microsoft-graph.toml"),
    ),
    ("okta", include_str!("presets/okta.toml")),
    ("paylocity", include_str!("presets/paylocity.toml")),
    ("personio", include_str!("presets/personio.toml")),
    ("sailpoint", include_str!("presets/sailpoint.toml")),
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

/// Returns the names of the presets.
pub(super) fn names() -> [&'static str; PRESETS.len()] {
    PRESETS.map(|(name, _)| name)
}

/// Returns the text of a preset.
pub(super) fn text(name: &str) -> Option<&'static str> {
    let (_, text) = all().find(|(preset, _)| *preset == name)?;
    Some(text)
}
