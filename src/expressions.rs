//! The configuration's one small language: minijinja over a joiner or an event, mistakes found before the first of them.

pub mod csv_lines;
pub(crate) mod display_name;
pub(crate) mod filters;
pub mod lookup;
pub mod part;
pub mod template;

mod date_format;
mod guard;
mod known;
mod meaning;
mod parts;
mod phone_number;
mod syntax;
mod template_text;
mod tree;
mod witness;
mod written;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use minijinja::machinery::ast::Expr;
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, Expression, UndefinedBehavior, Value};

use crate::expressions::lookup::Lookup;
use crate::expressions::meaning::Over;
use crate::expressions::template::{Condition, EventExpression, Template};
use crate::source::field::{EXTRA, Field, is_extra};
use crate::source::joiner::Joiner;

pub use parts::Parts;

/// Why a condition or a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct BadTemplate {
    /// Sentence about the fault.
    pub text: String,
    /// Place of the fault in the text, in bytes from its start, where it has one.
    pub at: Option<usize>,
}

/// Compiler of conditions, templates and expressions, with the filters and the tables of the filter `lookup`.
#[derive(Clone, Copy)]
pub struct Expressions {
    conditions: &'static Environment<'static>,
    templates: &'static Environment<'static>,
}

/// Names that conditions and templates may use: the fields of a joiner, and the objects that hold some of them.
static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let named = Field::by_group().flat_map(|(group, fields)| {
        let fields = fields.iter().map(|field| field.name());
        group.into_iter().chain(fields)
    });
    named.collect()
});

// One missing link makes a condition false and a template unusable; neither is an error of the program.
const OF_CONDITIONS: UndefinedBehavior = UndefinedBehavior::Chainable;
const OF_TEMPLATES: UndefinedBehavior = UndefinedBehavior::SemiStrict;

static CONDITIONS: LazyLock<Environment<'static>> =
    LazyLock::new(|| environment(OF_CONDITIONS, Arc::default()));
static TEMPLATES: LazyLock<Environment<'static>> =
    LazyLock::new(|| environment(OF_TEMPLATES, Arc::default()));

/// Without tables.
impl Default for Expressions {
    fn default() -> Self {
        Self {
            conditions: &CONDITIONS,
            templates: &TEMPLATES,
        }
    }
}

impl Expressions {
    /// The language with the tables of a configuration, by their names.
    #[must_use]
    pub fn with(lookups: BTreeMap<String, Lookup>) -> Self {
        if lookups.is_empty() {
            return Self::default();
        }
        let lookups = Arc::new(lookups);
        Self {
            conditions: kept(environment(OF_CONDITIONS, Arc::clone(&lookups))),
            templates: kept(environment(OF_TEMPLATES, lookups)),
        }
    }

    /// Returns a language whose filter `username` keeps upper and lower case in templates.
    #[must_use]
    pub(crate) fn keeping_case(self) -> Self {
        let mut templates = self.templates.clone();
        filters::keep_case(&mut templates);
        Self {
            templates: kept(templates),
            ..self
        }
    }

    /// Compiles an expression over an event; each name in it is a part, or a member of the event.
    ///
    /// # Errors
    /// A syntax error, an unknown filter, test or function, or a part that cannot be meant.
    pub fn event_expression(
        self,
        source: &str,
        parts: &Parts,
    ) -> Result<EventExpression, BadTemplate> {
        self.over_event(source, parts, meaning::expression)
    }

    /// Compiles a condition over an event.
    ///
    /// # Errors
    /// A syntax error, an unknown filter, test or function, or a part that cannot be meant, such as one that is always true.
    pub fn event_condition(
        self,
        source: &str,
        parts: &Parts,
    ) -> Result<EventExpression, BadTemplate> {
        self.over_event(source, parts, meaning::condition)
    }

    /// Adds a named part of expressions over an event; it may use the parts before it.
    ///
    /// # Errors
    /// The text is no expression, or the name cannot be one.
    pub fn part(self, name: &str, source: &str, parts: &mut Parts) -> Result<(), BadTemplate> {
        let part = self.event_expression(source, parts)?;
        parts.add(name, part.source().to_owned())
    }

    fn over_event(
        self,
        source: &str,
        parts: &Parts,
        check: Check,
    ) -> Result<EventExpression, BadTemplate> {
        let tree = syntax::expression(source)?;
        check(&tree, source, Over::Event)?;
        match parts.written_out(&tree, source) {
            None => self.compiled_over_event(&tree, source),
            Some(written) => self.compiled_over_event(&syntax::expression(&written)?, &written),
        }
    }

    fn compiled_over_event(
        self,
        tree: &Expr,
        source: &str,
    ) -> Result<EventExpression, BadTemplate> {
        let expression = self.expression(tree, source)?;
        match expression.eval(minijinja::context! {}) {
            Err(err) if is_mistake(err.kind()) => Err(bad(err)),
            _ => Ok(EventExpression {
                expression,
                source: source.into(),
                language: self,
            }),
        }
    }

    /// Compiles a condition over the fields of a joiner.
    ///
    /// # Errors
    /// A syntax error, a field that no joiner has, an unknown filter, test or function, or a part that cannot be meant.
    pub fn condition(self, source: &str) -> Result<Condition, BadTemplate> {
        let tree = syntax::expression(source)?;
        meaning::condition(&tree, source, Over::Joiner)?;
        let mut names = Vec::new();
        tree::names(&tree, &mut names);
        known_fields(names, &[])?;
        let expression = self.expression(&tree, source)?;
        tried(|person| expression.eval(person).map(drop))?;
        Ok(Condition {
            expression,
            source: source.to_owned(),
        })
    }

    // The names in it are there, and no operation takes a missing value for another.
    fn expression(
        self,
        tree: &Expr,
        source: &str,
    ) -> Result<Expression<'static, 'static>, BadTemplate> {
        let mut known = Ok(());
        let mut has_guard = false;
        tree::visit(tree, &mut |part| {
            if known.is_ok() {
                known = known::check(part);
            }
            has_guard |= guard::guard(part).is_some();
        });
        known?;
        let text = if has_guard {
            written::for_engine(tree)
        } else {
            source.to_owned()
        };
        self.conditions.compile_expression_owned(text).map_err(bad)
    }

    /// Compiles a template over the fields of a joiner.
    ///
    /// # Errors
    /// A blank text, a syntax error, a field that no joiner has, or an unknown filter, test or function.
    pub fn template(self, source: &str) -> Result<Template, BadTemplate> {
        self.compiled(source, &[])
    }

    /// Compiles a template over the fields of a joiner and the `username` that was made of them.
    ///
    /// # Errors
    /// Returns why the template cannot be used.
    pub fn template_with_username(self, source: &str) -> Result<Template, BadTemplate> {
        self.compiled(source, &["username"])
    }

    fn compiled(self, source: &str, further_fields: &[&str]) -> Result<Template, BadTemplate> {
        if source.trim().is_empty() {
            return Err(BadTemplate::new("the text is blank"));
        }
        // A constant has no name that could be wrong.
        let is_constant = !source.contains(['{', '}']);
        if !is_constant {
            template_text::meant(source, further_fields)?;
        }
        let source: &'static str = kept(source.to_owned());
        let template = self.templates.template_from_str(source).map_err(bad)?;
        if !is_constant {
            // A statement may set names of its own, which the engine tells from others.
            if source.contains("{%") {
                known_fields(template.undeclared_variables(true), further_fields)?;
            }
            tried(|person| template.render(person).map(drop))?;
        }
        Ok(Template(template))
    }
}

impl BadTemplate {
    fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            at: None,
        }
    }
}

/// Finds the part of an expression that cannot be meant.
type Check = fn(&Expr, &str, Over) -> Result<(), BadTemplate>;

// A configuration is read once and serves as long as the process, so what it is compiled of may live as long.
fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn environment(
    undefined: UndefinedBehavior,
    lookups: Arc<BTreeMap<String, Lookup>>,
) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(undefined);
    filters::add_to(&mut environment);
    filters::add_lookup(&mut environment, lookups);
    environment
}

fn known_fields(
    named: impl IntoIterator<Item = String>,
    further: &[&str],
) -> Result<(), BadTemplate> {
    let known = |name: &String| {
        let name = name.as_str();
        NAMES.contains(&name) || further.contains(&name) || name == EXTRA || is_extra(name)
    };
    match named.into_iter().filter(|name| !known(name)).min() {
        Some(name) => {
            let there_are = [&NAMES, further, &["extra.NAME"]].concat().join(", ");
            Err(BadTemplate::new(format!(
                "{name} is no field of a joiner; there are {there_are}"
            )))
        }
        None => Ok(()),
    }
}

// Filters are looked up when they run, so both a person with every field and one with none are put through.
fn tried(run: impl Fn(Value) -> Result<(), Error>) -> Result<(), BadTemplate> {
    for person in EXTREMES.iter().cloned() {
        match run(person) {
            Err(err) if is_mistake(err.kind()) => return Err(bad(err)),
            _ => (),
        }
    }
    Ok(())
}

// A person with every field, and a person with none.
static EXTREMES: LazyLock<[Value; 2]> = LazyLock::new(|| {
    let none = Joiner::default();
    let all = Field::ALL.into_iter();
    let every = all.fold(none.clone(), |joiner, field| joiner.with(field, "E1"));
    [every, none].map(|joiner| Value::from(Serde(joiner)))
});

// Templates include no others, so the kind is free for tables.
pub(crate) const NO_SUCH_TABLE: ErrorKind = ErrorKind::TemplateNotFound;

fn is_mistake(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownMethod
            | ErrorKind::TooManyArguments
            | ErrorKind::MissingArgument
            | NO_SUCH_TABLE
    )
}

fn bad(err: Error) -> BadTemplate {
    BadTemplate::new(match err.detail() {
        Some(detail) if err.kind() == NO_SUCH_TABLE => detail.to_owned(),
        Some(detail) => format!("{}: {detail}", err.kind()),
        None => err.kind().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    fn person() -> Value {
        context! {
            employee_id => "E7", given_name => "Zoë", family_name => "Brückner", mobile => "+44 7700-900123",
            department => context! { code => "CC-UK" },
        }
    }

    #[track_caller]
    fn check_text(source: &str, expected: Option<&str>) {
        let template = Expressions::default().template(source).expect("compiles");
        assert_eq!(template.render(&person()).as_deref(), expected, "{source}");
    }

    #[track_caller]
    fn check_condition(source: &str, expected: bool) {
        let condition = Expressions::default().condition(source).expect("compiles");
        assert_eq!(condition.holds(&person()), expected, "{source}");
    }

    #[test]
    fn a_template_needs_the_fields_that_it_names() {
        check_text(
            "{{ given_name | username }}.{{ family_name | username }}",
            Some("zoe.bruckner"),
        );
        check_text("{{ preferred_name or given_name }}", Some("Zoë"));
        check_text("{{ given_name }}.{{ email }}", None);
        check_text("{{ job.code }}", None);
        check_text("{{ mobile | e164 }}", Some("+447700900123"));
        check_text("{{ employee_id | e164 }}", None);
        check_text("{{ email or '' }}", None);
    }

    #[test]
    fn a_condition_over_an_absent_field_does_not_hold() {
        check_condition("department.code == 'CC-UK'", true);
        check_condition("department.code is startingwith('CC')", true);
        check_condition("job.code == 'AGT1'", false);
        check_condition("job.code in ['AGT1', 'AGT2'] or location == 'Leeds'", false);
        check_condition("not email", true);
    }

    #[test]
    fn mistakes_are_found_before_the_first_event() {
        for (source, expected) in [
            ("department.code ==", "syntax error"),
            (
                "departmnt.code == 'x'",
                "departmnt.code is no field of a joiner",
            ),
            ("given_name | shout", "unknown filter"),
            ("given_name is loud", "unknown test"),
            ("not given_name and (email | shout)", "unknown filter"),
            ("given_name or (email is not loud)", "unknown test"),
            (
                "location | lookup('sites') == 'x'",
                "there is no table `sites` under [lookup]",
            ),
        ] {
            let err = Expressions::default()
                .condition(source)
                .err()
                .expect("refused")
                .to_string();
            assert!(err.starts_with(expected), "{source}: {err}");
        }
        assert!(
            Expressions::default()
                .condition("location == 'a | b is c'")
                .is_ok()
        );
        assert!(
            Expressions::default()
                .template("{{ email or (mobile | shout) }}")
                .is_err()
        );
        assert!(Expressions::default().template("{{ given_name").is_err());
        assert!(
            Expressions::default()
                .template("connect/{{ employe_id }}")
                .is_err()
        );
        assert!(Expressions::default().template(" ").is_err());
        assert!(Expressions::default().template("{{ username }}").is_err());
        assert!(
            Expressions::default()
                .template_with_username("{{ username }}")
                .is_ok()
        );
    }

    #[test]
    fn a_text_without_fields_is_the_same_for_everybody() {
        assert!(
            Expressions::default()
                .template("connect/initial")
                .expect("compiles")
                .is_constant()
        );
        assert!(
            !Expressions::default()
                .template("connect/{{ employee_id }}")
                .expect("compiles")
                .is_constant()
        );
    }
}
