//! The token that a page of a list gives -> the page to ask for next, the end of the list, or a list without one.

use std::collections::HashSet;

use crate::connect::calls::CallError;

/// The tokens that a list has given so far.
#[derive(Default)]
pub(in crate::connect) struct Tokens(HashSet<String>);

impl Tokens {
    /// Returns the token to ask for the next page with; `None` ends the list, and so does an empty token.
    ///
    /// # Errors
    /// Returns a transient failure for a token that this list has given before, since it would be read for ever.
    pub(in crate::connect) fn next(
        &mut self,
        token: Option<String>,
    ) -> Result<Option<String>, CallError> {
        let token = token.filter(|token| !token.is_empty());
        match token {
            Some(token) if !self.0.insert(token.clone()) => Err(CallError::endless()),
            token => Ok(token),
        }
    }
}
