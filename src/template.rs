//! The configuration's one small language: minijinja conditions and templates over a joiner, compiled once.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, Expression, UndefinedBehavior, Value};

use crate::filters;

/// Why a condition or a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadTemplate(String);

/// A condition over a joiner; a field that is absent is simply not there.
pub struct Condition {
    expression: Expression<'static, 'static>,
    source: String,
}

/// A text with `{{ fields }}`; it gives nothing where a field that it needs is absent.
pub struct Template(minijinja::Template<'static, 'static>);

/// What conditions and templates may name: the fields of a joiner.
pub const FIELDS: [&str; 16] = [
    "employee_id",
    "given_name",
    "family_name",
    "preferred_name",
    "email",
    "mobile",
    "department",
    "department.code",
    "department.name",
    "job",
    "job.code",
    "job.title",
    "location",
    "manager_employee_id",
    "start_date",
    "employment_type",
];

// One missing link makes a condition false and a template unusable; neither is an error of the program.
static CONDITIONS: LazyLock<Environment<'static>> =
    LazyLock::new(|| environment(UndefinedBehavior::Chainable));
static TEMPLATES: LazyLock<Environment<'static>> =
    LazyLock::new(|| environment(UndefinedBehavior::SemiStrict));

/// An expression over a whole event, as its source's configuration writes it.
pub struct EventExpression(Expression<'static, 'static>);

impl EventExpression {
    /// Compiles an expression; what it names is whatever the event has.
    ///
    /// # Errors
    /// A syntax error, or an unknown filter, test or function.
    pub fn compile(source: &str) -> Result<Self, BadTemplate> {
        let expression = CONDITIONS
            .compile_expression_owned(source.to_owned())
            .map_err(bad)?;
        match expression.eval(minijinja::context! {}) {
            Err(err) if is_mistake(err.kind()) => Err(bad(err)),
            _ => Ok(Self(expression)),
        }
    }

    /// What it comes to for an event.
    ///
    /// # Errors
    /// It cannot be computed for this event.
    pub fn eval(&self, event: &Value) -> Result<Value, CannotCompute> {
        self.0.eval(event).map_err(|_| CannotCompute)
    }

    /// Whether it holds; what cannot be computed does not.
    #[must_use]
    pub fn holds(&self, event: &Value) -> bool {
        self.eval(event).is_ok_and(|value| value.is_true())
    }
}

/// An expression has no result for an event; why is not told, since the text may quote the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the expression cannot be computed for this event")]
pub struct CannotCompute;

impl Condition {
    /// Compiles a condition.
    ///
    /// # Errors
    /// A syntax error, a field that no joiner has, or an unknown filter, test or function.
    pub fn compile(source: &str) -> Result<Self, BadTemplate> {
        let condition = CONDITIONS
            .compile_expression_owned(source.to_owned())
            .map_err(bad)?;
        known_fields(condition.undeclared_variables(true), &[])?;
        tried(|person| condition.eval(person).map(drop))?;
        Ok(Self {
            expression: condition,
            source: source.to_owned(),
        })
    }

    /// The condition as it stands in the configuration.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The fields that it looks at, in the order of their names.
    #[must_use]
    pub fn fields(&self) -> BTreeSet<String> {
        self.expression
            .undeclared_variables(true)
            .into_iter()
            .collect()
    }

    /// Whether the condition holds; one that cannot be computed for this person does not.
    #[must_use]
    pub fn holds(&self, person: &Value) -> bool {
        self.expression
            .eval(person)
            .is_ok_and(|value| value.is_true())
    }
}

impl Template {
    /// Compiles a template over the fields of a joiner.
    ///
    /// # Errors
    /// A blank text, a syntax error, a field that no joiner has, or an unknown filter, test or function.
    pub fn compile(source: &str) -> Result<Self, BadTemplate> {
        Self::compiled(source, &[])
    }

    /// Compiles a template over the fields of a joiner and the `username` that was made of them.
    ///
    /// # Errors
    /// The same.
    pub fn compile_with_username(source: &str) -> Result<Self, BadTemplate> {
        Self::compiled(source, &["username"])
    }

    fn compiled(source: &str, further_fields: &[&str]) -> Result<Self, BadTemplate> {
        if source.trim().is_empty() {
            return Err(BadTemplate("the text is blank".to_owned()));
        }
        // A configuration is read once and serves as long as the process, so its texts may live as long.
        let source: &'static str = Box::leak(source.to_owned().into_boxed_str());
        let template = TEMPLATES.template_from_str(source).map_err(bad)?;
        known_fields(template.undeclared_variables(true), further_fields)?;
        tried(|person| template.render(person).map(drop))?;
        Ok(Self(template))
    }

    /// The text for one person; `None` where a field is absent or the text comes out blank.
    #[must_use]
    pub fn render(&self, person: &Value) -> Option<String> {
        let text = self.0.render(person).ok()?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Whether the text is the same for every person.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.0.undeclared_variables(false).is_empty()
    }

    /// What every text of this template fits, with `*` for whatever differs from person to person.
    #[must_use]
    pub fn pattern(&self) -> String {
        pattern(self.source())
    }

    /// The template as it stands in the configuration.
    #[must_use]
    pub fn source(&self) -> &str {
        self.0.source()
    }
}

// What stands between two statements may or may not be part of the text.
fn pattern(source: &str) -> String {
    if let (Some(first), Some(last)) = (source.find("{%"), source.rfind("%}")) {
        let (before, after) = (&source[..first], &source[last.max(first) + 2..]);
        return format!("{}*{}", pattern(before), pattern(after));
    }
    let mut pattern = String::new();
    let mut rest = source;
    while let Some((fixed, expression)) = rest.split_once("{{") {
        pattern.push_str(fixed);
        pattern.push('*');
        rest = expression.split_once("}}").map_or("", |(_, after)| after);
    }
    pattern + rest
}

fn environment(undefined: UndefinedBehavior) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(undefined);
    filters::add_to(&mut environment);
    environment
}

fn known_fields(named: HashSet<String>, further: &[&str]) -> Result<(), BadTemplate> {
    let known = |name: &String| FIELDS.contains(&name.as_str()) || further.contains(&name.as_str());
    match named.into_iter().filter(|name| !known(name)).min() {
        Some(name) => {
            let there_are = [&FIELDS, further].concat().join(", ");
            Err(BadTemplate(format!(
                "{name} is no field of a joiner; there are {there_are}"
            )))
        }
        None => Ok(()),
    }
}

// Filters are looked up when they run, so both a person with every field and one with none are put through.
fn tried(run: impl Fn(Value) -> Result<(), Error>) -> Result<(), BadTemplate> {
    for person in [
        everything(),
        Value::from(Serde(crate::joiner::Joiner::default())),
    ] {
        match run(person) {
            Err(err) if is_mistake(err.kind()) => return Err(bad(err)),
            _ => (),
        }
    }
    Ok(())
}

fn everything() -> Value {
    let text = Some("E1".to_owned());
    Value::from(Serde(crate::joiner::Joiner {
        employee_id: text.clone(),
        given_name: text.clone(),
        family_name: text.clone(),
        preferred_name: text.clone(),
        email: text.clone(),
        mobile: text.clone(),
        department: crate::joiner::Department {
            code: text.clone(),
            name: text.clone(),
        },
        job: crate::joiner::Job {
            code: text.clone(),
            title: text.clone(),
        },
        location: text.clone(),
        manager_employee_id: text.clone(),
        start_date: text.clone(),
        employment_type: text,
    }))
}

fn is_mistake(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownMethod
            | ErrorKind::TooManyArguments
            | ErrorKind::MissingArgument
            | ErrorKind::TemplateNotFound
    )
}

fn bad(err: Error) -> BadTemplate {
    BadTemplate(match err.detail() {
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
        let template = Template::compile(source).expect("compiles");
        assert_eq!(template.render(&person()).as_deref(), expected, "{source}");
    }

    #[track_caller]
    fn check_condition(source: &str, expected: bool) {
        let condition = Condition::compile(source).expect("compiles");
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
        ] {
            let err = Condition::compile(source)
                .err()
                .expect("refused")
                .to_string();
            assert!(err.starts_with(expected), "{source}: {err}");
        }
        assert!(Template::compile("{{ given_name").is_err());
        assert!(Template::compile("connect/{{ employe_id }}").is_err());
        assert!(Template::compile(" ").is_err());
        assert!(Template::compile("{{ username }}").is_err());
        assert!(Template::compile_with_username("{{ username }}").is_ok());
    }

    #[test]
    fn a_text_without_fields_is_the_same_for_everybody() {
        assert!(
            Template::compile("connect/initial")
                .expect("compiles")
                .is_constant()
        );
        assert!(
            !Template::compile("connect/{{ employee_id }}")
                .expect("compiles")
                .is_constant()
        );
    }
}
