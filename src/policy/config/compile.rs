//! The sections of the file -> a policy: instances and rules checked, every fault collected.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;
use toml::Spanned;

use super::expressions::Compiler;
use super::file::{self, File};
use super::text::Text;
use super::{Faults, assignments, doubts, instance, permissions, sources, tables};
use crate::expressions::Expressions;
use crate::expressions::lookup::Lookup;
use crate::ordered::inserted;
use crate::policy::{ClaimsPolicy, Instances, Policy, RetryPolicy, SchedulePolicy};

/// The policy, as far as faults allow one; they are all collected. Tables that are files lie in the folder.
pub(super) fn policy(file: File, folder: Option<&Path>, faults: &mut Faults) -> Option<Policy> {
    let files = files(&file);
    let places: Vec<_> = file.assignments.iter().map(Spanned::span).collect();
    let source_places = source_places(&file.sources);
    let lookups = lookups(file.lookups, folder, faults);
    let mut compiler = Compiler::new(Expressions::with(lookups), faults);
    compiler.folder = folder;
    let names = file.instances.iter().map(|(name, _)| name.clone());
    compiler.instances = names.collect();
    let mut instances = Vec::new();
    instances.extend(instance::main(
        file.connect,
        file.user.as_ref(),
        file.has_password,
        file.password,
        &mut compiler,
    ));
    let wanted = 1 + file.instances.len();
    for (name, section) in file.instances {
        let user = file.user.as_ref();
        let other = instance::other(name, section, user, &instances, &mut compiler);
        instances.extend(other);
    }
    let retry = retry_policy(file.retry, compiler.faults);
    let schedule = file
        .schedule
        .map(|schedule| schedule_policy(schedule, compiler.faults));
    let claims = file
        .claims
        .and_then(|claims| claims_policy(claims.into_inner(), compiler.faults));
    let sources = sources::sources(file.sources, &mut compiler);
    let assignments = assignments::assignments(file.assignments, &mut compiler);
    let additions = assignments::additions(file.additions, &mut compiler);
    let direct_requests = file
        .direct_requests
        .map(|section| permissions::direct_requests(section, &mut compiler));
    let limits = permissions::limits(file.limits, claims.is_some(), compiler.faults);
    permissions::check(
        &limits,
        &assignments,
        &additions,
        direct_requests.as_ref(),
        compiler.faults,
    );
    let policy = Policy {
        instances: Some(instances)
            .filter(|all| all.len() == wanted)
            .and_then(Instances::new)?,
        files,
        retry,
        schedule,
        queues: file.queues.map(Spanned::into_inner).unwrap_or_default(),
        claims,
        direct_requests,
        limits,
        logs: file.logs.map(Spanned::into_inner).unwrap_or_default(),
        sources,
        assignments,
        additions,
    };
    if faults.is_empty() && faults.looks_for_doubts() {
        doubts::about_assignments(&policy, &places, faults);
        doubts::about_sources(&policy, &source_places, faults);
        doubts::about_extra_fields(&policy, faults);
    }
    Some(policy)
}

// Those that are described, by their names.
fn source_places(list: &[Spanned<file::Source>]) -> BTreeMap<String, Range<usize>> {
    let named = list.iter().filter_map(|source| {
        let name = source.get_ref().name.as_ref()?;
        Some((name.get_ref().clone(), source.span()))
    });
    inserted(named)
}

fn files(file: &File) -> BTreeSet<String> {
    let of_lookup = |(_, table): &(String, Spanned<file::Lookup>)| match table.get_ref() {
        file::Lookup::File(name) => Some(name.clone()),
        file::Lookup::Rows(_) => None,
    };
    let of_assignment = |entry: &Spanned<file::Assignment>| {
        let table = entry.get_ref().table.as_ref();
        table.map(|table| table.get_ref().clone())
    };
    let lookups = file.lookups.iter().filter_map(of_lookup);
    let assignments = file.assignments.iter().filter_map(of_assignment);
    lookups.chain(assignments).collect()
}

fn lookups(
    list: Vec<(String, Spanned<file::Lookup>)>,
    folder: Option<&Path>,
    faults: &mut Faults,
) -> BTreeMap<String, Lookup> {
    inserted(list.into_iter().filter_map(|(name, table)| {
        let span = table.span();
        match tables::lookup(table.into_inner(), folder) {
            Ok(table) => Some((name, table)),
            Err(fault) => {
                faults.at(span, format!("`{name}`: {fault}"));
                None
            }
        }
    }))
}

fn schedule_policy(schedule: Spanned<file::Schedule>, faults: &mut Faults) -> SchedulePolicy {
    let hours = schedule.get_ref().hours_before;
    if hours > file::MOST_HOURS_BEFORE {
        faults.at(
            schedule.span(),
            "hours_before is at most 2160, which is 90 days",
        );
    }
    let name = schedule.get_ref().time_zone.as_ref();
    let time_zone = name.map(|name| time_zone(name, faults));
    SchedulePolicy {
        before: Duration::from_hours(hours.min(file::MOST_HOURS_BEFORE)),
        time_zone: time_zone.unwrap_or(TimeZone::UTC),
    }
}

// A fixed offset would be wrong for half of the year.
fn time_zone(name: &Text, faults: &mut Faults) -> TimeZone {
    match TimeZone::get(name.get_ref()) {
        Ok(zone) if !name.get_ref().starts_with(['+', '-']) => return zone,
        _ => faults.at(
            name.span(),
            format!(
                "time_zone is a name of the IANA time zone database, such as \"Europe/London\"; there is no `{}`",
                name.get_ref()
            ),
        ),
    }
    TimeZone::UTC
}

fn claims_policy(claims: file::Claims, faults: &mut Faults) -> Option<ClaimsPolicy> {
    let table = claims.table.get_ref();
    let is_name = (3..=255).contains(&table.len())
        && table
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    if !is_name {
        faults.at(
            claims.table.span(),
            "table is the name of a DynamoDB table: 3 to 255 characters of a-z, A-Z, 0-9, _, . and -",
        );
        return None;
    }
    let table = table.clone();
    Some(ClaimsPolicy { table })
}

fn retry_policy(retry: Option<Spanned<file::Retry>>, faults: &mut Faults) -> RetryPolicy {
    let span = retry.as_ref().map(Spanned::span).unwrap_or_default();
    let retry = retry.map(Spanned::into_inner).unwrap_or_default();
    let waits = [
        retry.first_seconds,
        retry.longest_seconds,
        retry.systemic_seconds,
    ];
    let lives = [
        retry.give_up_after_seconds,
        retry.systemic_give_up_after_seconds,
    ];
    if waits.iter().any(|seconds| *seconds > file::LONGEST_WAIT)
        || retry.circuit_breaker_after < file::FEWEST_ALIKE
        || retry.give_up_after_deliveries == 0
        || lives.iter().any(|seconds| *seconds > file::LONGEST_LIFE)
    {
        faults.at(
            span,
            "[retry] waits at most 43200 seconds, circuit_breaker_after is 2 or more, give_up_after_deliveries is 1 or more, and what is \
             given up is at most 1209600 seconds old",
        );
    }
    RetryPolicy {
        first: Duration::from_secs(retry.first_seconds),
        longest: Duration::from_secs(retry.longest_seconds),
        systemic: Duration::from_secs(retry.systemic_seconds),
        circuit_breaker_after: retry.circuit_breaker_after,
        give_up_deliveries: retry.give_up_after_deliveries,
        give_up: Duration::from_secs(retry.give_up_after_seconds),
        systemic_give_up: Duration::from_secs(retry.systemic_give_up_after_seconds),
        most_replays: retry.most_replays,
    }
}
