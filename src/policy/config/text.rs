//! A text of the configuration, with its place.

use std::ops::Deref;

use serde::Deserialize;
use toml::Spanned;

/// A text, and where it stands.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(super) struct Text(Spanned<String>);

impl Deref for Text {
    type Target = Spanned<String>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
