//! A `[[source]]` that is described, not a preset -> the source, its keys held to each other and its expressions compiled.

use std::ops::Range;

use super::expressions::Compiler;
use super::file;
use super::source_fields::SourceFields as Texts;
use super::text::Text;
use crate::expressions::Parts;
use crate::expressions::template::EventExpression;
use crate::source::field::{EXTRA, Field};
use crate::source::{About, Configured, Except, People, Reads, SourceFields};

impl file::Source {
    /// Tells whether it has a key of a description.
    pub(super) fn is_described(&self) -> bool {
        let texts = [
            &self.name,
            &self.when,
            &self.items,
            &self.skip_when,
            &self.reject_when,
            &self.employee_id,
            &self.event_id,
            &self.event_type,
        ];
        texts.into_iter().any(Option::is_some)
            || self.skip.is_some()
            || self.reject.is_some()
            || !self.r#let.is_empty()
            || self.withdraws
            || self.catch_all
            || self.fields.is_some()
    }

    /// Returns how the keys contradict each other.
    fn contradiction(&self) -> Option<&'static str> {
        let has = |text: &Option<Text>| text.is_some();
        let (skips, rejects) = (self.skip.is_some(), self.reject.is_some());
        if self.fields.is_none() {
            return match (skips, rejects) {
                (true, true) => Some("has `skip` and `reject`; keep one"),
                (false, false) => Some("has none of [source.fields], `skip` and `reject`; add one"),
                _ if has(&self.skip_when) => Some(
                    "has `skip_when`, which is beside [source.fields] only; put its condition into `when`",
                ),
                _ if has(&self.reject_when) => Some(
                    "has `reject_when`, which is beside [source.fields] only; put its condition into `when`",
                ),
                _ if self.withdraws && rejects => {
                    Some("has `withdraws` beside `reject`; a withdrawal is a `skip`")
                }
                _ if self.withdraws && !has(&self.employee_id) => Some(
                    "has `withdraws` and no `employee_id`, so nobody is withdrawn; add it beside `skip`",
                ),
                _ => None,
            };
        }
        if skips != has(&self.skip_when) {
            return Some(if skips {
                "has [source.fields] and `skip`; remove one of them, or add `skip_when` for the people that are skipped"
            } else {
                "has `skip_when` without `skip`; add the reason that is recorded"
            });
        }
        if rejects != has(&self.reject_when) {
            return Some(if rejects {
                "has [source.fields] and `reject`; remove one of them, or add `reject_when` for the people that are rejected"
            } else {
                "has `reject_when` without `reject`; add the sentence that says what to do"
            });
        }
        if self.withdraws {
            return Some(
                "has [source.fields] and `withdraws`; a withdrawal is a source of its own, with `skip` and `employee_id`",
            );
        }
        if has(&self.employee_id) || has(&self.event_id) {
            return Some(
                "has `employee_id` or `event_id` beside [source.fields]; it is one of [source.fields]",
            );
        }
        None
    }
}

/// A fault that is among the others already.
struct Told;

/// A described source, and its place in the file.
pub(super) struct Described {
    source: file::Source,
    span: Range<usize>,
    has_items: bool,
    parts: Parts,
}

impl Described {
    /// Takes a section of the file.
    pub(super) fn new(source: file::Source, span: Range<usize>) -> Self {
        Self {
            has_items: source.items.is_some(),
            source,
            span,
            parts: Parts::default(),
        }
    }

    /// Compiles its expressions, as far as faults allow; they are all collected.
    pub(super) fn compiled(mut self, compiler: &mut Compiler) -> Option<Configured> {
        let (Some(name), Some(when)) = (self.source.name.take(), self.source.when.take()) else {
            compiler.faults.at(
                self.span,
                "a [[source]] has a name and a condition `when`, or is a preset",
            );
            return None;
        };
        let name = name.get_ref().clone();
        if let Some(fault) = self.source.contradiction() {
            compiler
                .faults
                .at(self.span.clone(), format!("source \"{name}\" {fault}"));
            return None;
        }
        for (part, text) in std::mem::take(&mut self.source.r#let) {
            compiler.part(&part, &text, &mut self.parts);
        }
        let when = compiler.event_condition("when", &when, &self.parts);
        let when = when.filter(|when| self.is_of_event("when", when, compiler));
        let items = self.source.items.take().map(|items| {
            let items = compiler.event_expression("items", &items, &self.parts);
            items.filter(|items| self.is_of_event("items", items, compiler))
        });
        let (skip_when, reject_when) =
            (self.source.skip_when.take(), self.source.reject_when.take());
        let (why_skipped, why_rejected) = (self.source.skip.take(), self.source.reject.take());
        let skip = self.except("skip_when", skip_when, why_skipped.as_ref(), compiler);
        let reject = self.except("reject_when", reject_when, why_rejected.as_ref(), compiler);
        let mut fields = self.source.fields.take();
        let in_fields = fields.as_mut().and_then(|fields| fields.event_id.take());
        let event_id = self.source.event_id.take().or(in_fields);
        let employee_id = self.source.employee_id.take();
        let event_type = self.source.event_type.take();
        let about = About {
            employee_id: self.optional("employee_id", employee_id, compiler),
            event_id: self.optional("event_id", event_id, compiler),
            event_type: self.optional("event_type", event_type, compiler),
        };
        let fields = fields.map(|fields| self.fields(fields, compiler));
        let then = match (fields, why_skipped) {
            (Some(fields), _) => Reads::People(Box::new(People {
                skip: skip.ok()?,
                reject: reject.ok()?,
                fields,
            })),
            (None, Some(why)) => Reads::Skip {
                why,
                withdraws: self.source.withdraws,
            },
            (None, None) => Reads::Reject(why_rejected.unwrap_or_default()),
        };
        Some(Configured {
            entry: name.clone(),
            name,
            key_namespace: None,
            is_catch_all: self.source.catch_all,
            when: when?,
            items: match items {
                Some(items) => Some(items?),
                None => None,
            },
            about,
            then,
        })
    }

    fn fields(&self, mut texts: Texts, compiler: &mut Compiler) -> SourceFields {
        let mut into = SourceFields::default();
        for (name, text) in std::mem::take(&mut texts.extra) {
            let name = format!("{EXTRA}.{name}");
            if let Some(expression) = self.optional(&name, Some(text), compiler) {
                into.extra.push((name, expression));
            }
        }
        for field in Field::ALL {
            into.set(
                field,
                self.optional(field.name(), texts.take(field), compiler),
            );
        }
        into
    }

    fn optional(
        &self,
        key: &str,
        text: Option<Text>,
        compiler: &mut Compiler,
    ) -> Option<EventExpression> {
        let text = text?;
        let expression = compiler.event_expression(key, &text, &self.parts)?;
        self.is_of_person(key, &text, expression, compiler)
    }

    fn except(
        &self,
        key: &str,
        when: Option<Text>,
        why: Option<&String>,
        compiler: &mut Compiler,
    ) -> Result<Option<Except>, Told> {
        let (Some(text), Some(why)) = (when, why) else {
            return Ok(None);
        };
        let when = compiler.event_condition(key, &text, &self.parts);
        let when = when.and_then(|when| self.is_of_person(key, &text, when, compiler));
        Ok(Some(Except {
            when: when.ok_or(Told)?,
            why: why.clone(),
        }))
    }

    // Without `items` there is no `item`.
    fn is_of_person(
        &self,
        key: &str,
        text: &Text,
        expression: EventExpression,
        compiler: &mut Compiler,
    ) -> Option<EventExpression> {
        if self.has_items || !names_item(&expression) {
            return Some(expression);
        }
        compiler.faults.at(
            text.span(),
            format!(
                "`{key}`: `item` is one of `items`, and the source has none; add `items`, name the member alone, or write \
                 `event.item` where the event has such a member"
            ),
        );
        None
    }

    // An item is found only once the event is known.
    fn is_of_event(
        &self,
        key: &str,
        expression: &EventExpression,
        compiler: &mut Compiler,
    ) -> bool {
        let names_item = names_item(expression);
        if names_item {
            compiler.faults.at(
                self.span.clone(),
                format!(
                    "`{key}`: `item` is not known there, since `items` finds it afterwards; look at the event, such as \
                     `people[0]`, or write `event.item` where the event has such a member"
                ),
            );
        }
        !names_item
    }
}

fn names_item(expression: &EventExpression) -> bool {
    let names = expression.names();
    names
        .iter()
        .any(|name| name == "item" || name.starts_with("item."))
}
