//! Policy of a deployment: the configuration, compiled and checked, on which every later step can rely.

pub mod assignment;
pub mod config;
pub mod permitted;
pub mod person_name;
pub mod plan;
pub mod user_plan;
pub mod username;

pub(crate) mod connect;
mod identity;
pub(crate) mod instance;
mod retry;
pub mod secret_arn;
mod user;
mod uses;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::civil;
use jiff::tz::TimeZone;
use serde::Deserialize;
use time::{Date, OffsetDateTime};

use crate::invocation::deadline::Deadline;
use crate::policy::assignment::{Addition, Assignment, Grants, HierarchyGroup, NameOrId};
use crate::source::Sources;
use crate::source::start_date;

pub use connect::{ChangedRequest, ConnectPolicy, PasswordPolicy, RequestRate, UnmanagedUser};
pub use identity::IdentityManagement;
pub use instance::{ByInstance, Instance, InstanceRef, Instances};
pub use retry::{RetryPolicy, SHORTEST_PART};
pub use user::{CombiningMarks, EmailWithSaml, TooLong, UserPolicy, UsernameCase};

/// The whole configuration, valid.
pub struct Policy {
    pub instances: Instances,
    /// The tables that are files of their own, in the folder of the configuration.
    pub files: BTreeSet<String>,
    pub retry: RetryPolicy,
    /// Without one, users are made as soon as their joins come.
    pub schedule: Option<SchedulePolicy>,
    pub queues: QueueNames,
    /// Without one, nothing is written but to Connect.
    pub claims: Option<ClaimsPolicy>,
    pub logs: Logs,
    /// Without it, events that are ready CreateUser requests are refused.
    pub direct_requests: Option<DirectRequests>,
    pub limits: Limits,
    /// Sources of events of other systems.
    pub sources: Sources,
    /// The first one that fits a joiner wins.
    pub assignments: Vec<Assignment>,
    /// All that fit a joiner add to what the assignment gives.
    pub additions: Vec<Addition>,
}

impl Policy {
    /// Computes how many people of one message an invocation serves that may run so long.
    #[must_use]
    pub fn people_per_invocation(&self, time_out: Duration) -> usize {
        Deadline::within(time_out).people_served(self.instances.users_per_second())
    }

    /// All that the assignments may give users of an instance.
    pub fn grants(&self, instance: InstanceRef) -> impl Iterator<Item = (&str, &Grants)> {
        self.assignments
            .iter()
            .flat_map(|assignment| {
                let named = |grants| (assignment.name.as_str(), grants);
                assignment.grants().map(named)
            })
            .filter(move |(_, grants)| grants.instance == instance)
    }

    /// The additions for users of an instance.
    pub fn additions_in(&self, instance: InstanceRef) -> impl Iterator<Item = &Addition> {
        let there = move |addition: &&Addition| addition.instance == instance;
        self.additions.iter().filter(there)
    }

    /// The hierarchy groups that assignments name in an instance.
    #[must_use]
    pub fn hierarchy_groups(&self, instance: InstanceRef) -> Vec<HierarchyGroup> {
        let grants = self.grants(instance);
        let mut groups: Vec<_> = grants
            .filter_map(|(_, grants)| grants.hierarchy_group.as_ref())
            .collect();
        groups.sort_unstable();
        groups.dedup();
        groups.into_iter().cloned().collect()
    }
}

/// The deployment's queues, in the account and Region of the credentials; the command line looks at them where no option
/// names others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QueueNames {
    /// Where joins wait for the function.
    pub source: Option<String>,
    /// Where what failed waits, with its reason.
    pub dead_letter: Option<String>,
}

/// The table in which the username of each person is pinned before it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimsPolicy {
    /// The name of the DynamoDB table, in the account and Region of the function.
    pub table: String,
}

/// Members that a `connect.create-user/1` event may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectRequests {
    pub instances: Vec<InstanceRef>,
    pub routing_profiles: Vec<NameOrId>,
    pub security_profiles: Vec<NameOrId>,
}

/// Limits on what any event, assignment or extra security profiles can lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Security profiles that nobody is given.
    pub forbidden_security_profiles: Vec<NameOrId>,
    /// The most users that all copies of the function make in an hour of UTC, counted in the table of claims.
    pub users_per_hour: Option<u32>,
}

/// Personal identifiers in the function's log lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Logs {
    /// Form of a person's identifier in a log line.
    pub person_ids: PersonIds,
}

/// Form of a person's identifier in a log line.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum PersonIds {
    /// As it is, unless it looks like a name, an address or a number of a person: then as its hash.
    #[default]
    Plain,
    /// Always as its hash.
    Hashed,
}

/// When users are made whose first working day lies ahead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchedulePolicy {
    /// So long before the first day begins.
    pub before: Duration,
    /// The time zone in which it begins.
    pub time_zone: TimeZone,
}

impl SchedulePolicy {
    /// The moment from which on somebody's user may be made; `None` for a first day that is no date.
    #[must_use]
    pub fn due(&self, start_date: &str) -> Option<OffsetDateTime> {
        let first_day = start_date::parse(start_date)?;
        let begins = self.begins(first_day)?;
        begins.checked_sub(self.before.try_into().ok()?)
    }

    // A day begins later than 00:00 where the clocks are put forward then.
    fn begins(&self, day: Date) -> Option<OffsetDateTime> {
        let year = i16::try_from(day.year()).ok()?;
        let (month, day) = (i8::try_from(u8::from(day.month())), i8::try_from(day.day()));
        let day = civil::Date::new(year, month.ok()?, day.ok()?).ok()?;
        let begins = self.time_zone.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
        OffsetDateTime::from_unix_timestamp(begins.as_second()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::format_description::well_known::Rfc3339;

    #[track_caller]
    fn check(zone: &str, day: &str, expected: &str) {
        let schedule = SchedulePolicy {
            before: Duration::from_hours(24),
            time_zone: TimeZone::get(zone).expect("a zone"),
        };
        let due = schedule.due(day).expect("a day");
        let due = due.format(&Rfc3339).expect("a text");
        assert_eq!(due, expected, "{zone} {day}");
    }

    #[test]
    fn a_day_begins_by_the_clock_of_its_zone() {
        check("UTC", "2026-12-01", "2026-11-30T00:00:00Z");
        check("Europe/London", "2026-12-01", "2026-11-30T00:00:00Z");
        check("Europe/London", "2026-07-01", "2026-06-29T23:00:00Z");
        check("Asia/Kolkata", "2026-12-01", "2026-11-29T18:30:00Z");
        check("America/New_York", "2026-12-01", "2026-11-30T05:00:00Z");
        // The clocks are put forward at midnight.
        check("Africa/Cairo", "2026-04-24", "2026-04-22T22:00:00Z");
    }
}
