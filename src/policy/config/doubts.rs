//! Rules that are allowed and hardly meant -> a doubt about each, for whoever checks the configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::faults::Faults;
use crate::expressions::template::EventExpression;
use crate::policy::Policy;
use crate::policy::assignment::{Assignment, Gives};
use crate::source::field::{Field, is_extra};
use crate::source::{Configured, Reads};

/// Adds the doubts about assignments, whose places in the file are given in their order.
pub(super) fn about_assignments(policy: &Policy, places: &[Range<usize>], faults: &mut Faults) {
    let assignments = &policy.assignments;
    for (n, (assignment, place)) in assignments.iter().zip(places).enumerate() {
        if let Some(earlier) = shadow(assignment, &assignments[..n]) {
            faults.doubt(place, || {
                format!(
                    "assignment \"{}\" is never reached, it seems: \"{}\" above it fits the same people; put the narrower one first",
                    assignment.name, earlier.name
                )
            });
        }
    }
}

/// Adds the doubts about the sources that are described in the file at these places, by their names.
pub(super) fn about_sources(
    policy: &Policy,
    places: &BTreeMap<String, Range<usize>>,
    faults: &mut Faults,
) {
    let sources: Vec<&Configured> = policy.sources.iter().collect();
    for (n, source) in sources.iter().enumerate() {
        let Some(place) = places.get(&source.name) else {
            continue;
        };
        let told = [
            never_asked(source, &sources[..n]),
            without_id(source),
            without_names(source, policy),
            reads_a_text(source),
        ];
        for doubt in told.into_iter().flatten() {
            faults.doubt(place, || format!("source \"{}\" {doubt}", source.name));
        }
    }
}

fn never_asked(source: &Configured, earlier: &[&Configured]) -> Option<String> {
    let takes_all = |one: &&&Configured| source.when.is_shadowed_by(&one.when);
    let name = &earlier.iter().find(takes_all)?.name;
    Some(format!(
        "is never asked, it seems: \"{name}\" recognises its events before it; put it in front, or give it the name \"{name}\" \
         to replace that one"
    ))
}

fn without_id(source: &Configured) -> Option<String> {
    let Reads::People(people) = &source.then else {
        return None;
    };
    let fields = &people.fields;
    if fields.get(Field::EmployeeId).is_some() {
        return None;
    }
    let stands = match (&source.about.event_id, &source.items) {
        (Some(_), Some(_)) => "event_id and the place in the event stand",
        (Some(_), None) => "event_id stands",
        (None, _) => "the envelope's id, or else the content of the event, stands",
    };
    Some(format!(
        "gives no employee_id: {stands} for the person, so a second event of the person makes a second user"
    ))
}

fn without_names(source: &Configured, policy: &Policy) -> Option<String> {
    let Reads::People(people) = &source.then else {
        return None;
    };
    let fields = &people.fields;
    let names = [Field::GivenName, Field::FamilyName].into_iter();
    let missing = names.filter(|name| fields.get(*name).is_none() && policy.uses(name.name()));
    let missing: Vec<&str> = missing.map(Field::name).collect();
    (!missing.is_empty()).then(|| {
        format!(
            "gives no {}, which the configuration uses: its people are refused where nothing else does instead",
            missing.join(" and no ")
        )
    })
}

fn reads_a_text(source: &Configured) -> Option<String> {
    let Reads::People(people) = &source.then else {
        return None;
    };
    let fields = &people.fields;
    let is_text = |expression: &EventExpression| {
        let names = expression.names();
        !names.is_empty() && names.iter().all(|name| name == "text")
    };
    let reads_text = fields.all().any(|(_, expression)| is_text(expression));
    (is_text(&source.when) && reads_text).then(|| {
        "reads fields from `text`: that is there for XML and forms alone, and any other text can only be skipped or rejected".to_owned()
    })
}

/// Adds a doubt about each field of one's own that no source of the configuration gives.
pub(super) fn about_extra_fields(policy: &Policy, faults: &mut Faults) {
    let given: BTreeSet<&str> = policy.sources.extra_fields().collect();
    // Without one, they are those of hr.join/1, which names them as it likes.
    if given.is_empty() {
        return;
    }
    for name in policy
        .fields_used()
        .into_iter()
        .filter(|name| is_extra(name))
    {
        if !given.contains(name.as_str()) {
            let given: Vec<&str> = given.iter().copied().collect();
            faults.doubt_of_all(|| {
                format!(
                    "{name} is used, and no [[source]] gives it; they give {}",
                    given.join(", ")
                )
            });
        }
    }
}

fn shadow<'a>(assignment: &Assignment, earlier: &'a [Assignment]) -> Option<&'a Assignment> {
    let when = assignment.when.as_ref()?;
    let takes_all = |one: &&Assignment| {
        let is_table = matches!(one.gives, Gives::ByRow(_));
        !is_table
            && one
                .when
                .as_ref()
                .is_some_and(|earlier| when.is_shadowed_by(earlier))
    };
    earlier.iter().find(takes_all)
}
