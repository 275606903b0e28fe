//! The expressions of the file -> compiled ones, each fault with its line.

use std::collections::HashMap;
use std::path::Path;

use super::faults::Faults;
use super::text::Text;
use crate::expressions::template::{Condition, EventExpression, Template};
use crate::expressions::{BadTemplate, Expressions, Parts};
use crate::policy::{InstanceRef, UsernameCase};

/// Compiler of the expressions and templates in the sections of the file.
pub(super) struct Compiler<'a> {
    language: Expressions,
    /// Made for the first template whose username keeps its case.
    keeping_case: Option<Expressions>,
    /// By their sources: the rows of a table say the same again and again.
    templates: HashMap<String, Template>,
    /// The names of the further instances, in the order of their places.
    pub(super) instances: Vec<String>,
    /// Where tables that are files lie; without one there are none.
    pub(super) folder: Option<&'a Path>,
    pub(super) faults: &'a mut Faults,
}

impl<'a> Compiler<'a> {
    /// A compiler of the expressions in a file, with nothing around them.
    pub(super) fn new(language: Expressions, faults: &'a mut Faults) -> Self {
        Self {
            language,
            keeping_case: None,
            templates: HashMap::new(),
            instances: Vec::new(),
            folder: None,
            faults,
        }
    }

    /// A template over a joiner's fields and the username.
    pub(super) fn template(&mut self, label: &str, source: &Text) -> Option<Template> {
        let compiled = self.compiled(source.get_ref());
        self.reported(label, source, compiled)
    }

    /// Compiles a text that has no place of its own in the file.
    ///
    /// # Errors
    /// Returns the fault of the text.
    pub(super) fn compiled(&mut self, source: &str) -> Result<Template, BadTemplate> {
        if let Some(known) = self.templates.get(source) {
            return Ok(known.clone());
        }
        let template = self.language.template_with_username(source)?;
        self.templates.insert(source.to_owned(), template.clone());
        Ok(template)
    }

    /// A template that a username is made of.
    pub(super) fn username_template(
        &mut self,
        label: &str,
        source: &Text,
        case: UsernameCase,
    ) -> Option<Template> {
        let language = match case {
            UsernameCase::Keep => *self
                .keeping_case
                .get_or_insert_with(|| self.language.keeping_case()),
            UsernameCase::Lower => self.language,
        };
        let compiled = language.template(source.get_ref());
        self.reported(label, source, compiled)
    }

    /// A `when` over a joiner's fields.
    pub(super) fn condition(&mut self, source: &Text) -> Option<Condition> {
        let compiled = self.language.condition(source.get_ref());
        self.reported("`when`", source, compiled)
    }

    /// A condition over an event, which may use named parts.
    pub(super) fn event_condition(
        &mut self,
        key: &str,
        source: &Text,
        parts: &Parts,
    ) -> Option<EventExpression> {
        let compiled = self.language.event_condition(source.get_ref(), parts);
        self.reported(&format!("`{key}`"), source, compiled)
    }

    /// An expression over an event, which may use named parts.
    pub(super) fn event_expression(
        &mut self,
        key: &str,
        source: &Text,
        parts: &Parts,
    ) -> Option<EventExpression> {
        let compiled = self.language.event_expression(source.get_ref(), parts);
        self.reported(&format!("`{key}`"), source, compiled)
    }

    /// Adds a named part of expressions to those before it, which it may use.
    pub(super) fn part(&mut self, name: &str, source: &Text, parts: &mut Parts) {
        let added = self.language.part(name, source.get_ref(), parts);
        self.reported(&format!("`{name}`"), source, added);
    }

    /// The instance that is meant: that of `[connect]` where none is named.
    ///
    /// # Errors
    /// There is none of that name.
    pub(super) fn instance(&self, name: Option<&str>) -> Result<InstanceRef, String> {
        let Some(name) = name else {
            return Ok(InstanceRef::MAIN);
        };
        let place = self.instances.iter().position(|other| other == name);
        place
            .map(InstanceRef::of_further)
            .ok_or_else(|| format!("there is no [instance.{name}]"))
    }

    fn reported<T>(
        &mut self,
        label: &str,
        source: &Text,
        compiled: Result<T, BadTemplate>,
    ) -> Option<T> {
        compiled
            .map_err(|err| {
                let text = format!("{label}: {err}");
                match err.at {
                    Some(at) => self.faults.within(&source.span(), at, text),
                    None => self.faults.at(source.span(), text),
                }
            })
            .ok()
    }
}
