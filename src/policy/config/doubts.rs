//! Rules that are allowed and hardly meant -> a doubt about each, for whoever checks the configuration.

use std::collections::BTreeSet;
use std::ops::Range;

use super::faults::Faults;
use crate::policy::Policy;
use crate::policy::assignment::{Assignment, Gives};
use crate::source::field::is_extra;

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
