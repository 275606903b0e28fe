//! A text and changes to it from front to back -> the changed text, all other bytes as they were.

use std::ops::Range;

/// A text that is being changed.
pub(super) struct Patch<'a> {
    text: &'a str,
    patched: String,
    done: usize,
}

impl<'a> Patch<'a> {
    /// A text without changes.
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            patched: String::new(),
            done: 0,
        }
    }

    /// Puts something else in a place behind the last change.
    pub(super) fn replace(&mut self, place: Range<usize>, with: &str) {
        if &self.text[place.clone()] == with {
            return;
        }
        self.patched.push_str(&self.text[self.done..place.start]);
        self.patched.push_str(with);
        self.done = place.end;
    }

    /// Gives the changed text, or nothing where nothing was changed.
    pub(super) fn finish(mut self) -> Option<String> {
        if self.done == 0 {
            return None;
        }
        self.patched.push_str(&self.text[self.done..]);
        Some(self.patched)
    }
}
