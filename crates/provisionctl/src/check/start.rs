//! The first look-ups of a copy of the function -> their calls and duration, and whether they leave time for one person.

use std::collections::{BTreeMap, HashSet};

use connect_provisioner::connect::rate_limit::RateLimit;
use connect_provisioner::policy::{Policy, RequestRate};

use super::facts::instance::InstanceFacts;
use super::finding::Finding;

// Seconds of the function's timeout for one person and the answer.
const FOR_A_PERSON: u32 = 20;

// Pages at Connect's default quotas: 500 groups an instance, 100 a page; all profiles of a kind are on one page.
const PAGES_OF_PROFILES: u32 = 1;
const PAGES_OF_GROUPS: u32 = 5;

/// Cost of the first look-ups of a copy.
pub(super) struct Start {
    pub(super) calls: u32,
    /// Duration of the slowest operation: each has its own rate, and they run concurrently.
    pub(super) seconds: f64,
}

impl Start {
    /// Estimates the cost in an account with Connect's default quotas.
    pub(super) fn assumed(policy: &Policy) -> Self {
        let mut calls = CallCounts::default();
        for (which, instance) in policy.instances.iter() {
            let region = instance.connect.region.as_deref();
            let rate = instance.connect.rate;
            let groups = match policy.hierarchy_groups(which).as_slice() {
                [] => 0,
                _ => PAGES_OF_GROUPS,
            };
            calls.add(region, rate, "ListRoutingProfiles", PAGES_OF_PROFILES);
            calls.add(region, rate, "ListSecurityProfiles", PAGES_OF_PROFILES);
            calls.add(region, rate, "SearchUserHierarchyGroups", groups);
        }
        calls.cost()
    }

    /// Computes the cost from the number of calls that were made to the instances.
    pub(super) fn counted(policy: &Policy, facts: &[InstanceFacts]) -> Self {
        let (mut calls, mut regions) = (CallCounts::default(), HashSet::new());
        for ((_, instance), facts) in policy.instances.iter().zip(facts) {
            let region = instance.connect.region.as_deref();
            // Instances in one Region share their count.
            if regions.insert(region) {
                for (operation, sent) in &facts.calls {
                    let sent = u32::try_from(*sent).unwrap_or(u32::MAX);
                    calls.add(region, instance.connect.rate, operation, sent);
                }
            }
        }
        calls.cost()
    }

    /// Judges the cost for a function with a timeout in seconds.
    pub(super) fn judge(&self, timeout: u32) -> Finding {
        match self.too_long(timeout) {
            None => Finding::ok("start", self.says()),
            Some(why) => Finding::fail("start", why),
        }
    }

    /// Returns the cost as a sentence.
    pub(super) fn says(&self) -> String {
        let Self { calls, seconds } = self;
        format!(
            "the first look-ups of a copy are {calls} calls, which take {seconds:.1} s at its pace"
        )
    }

    /// Explains why the look-ups leave too little of a timeout in seconds for one person; `None` if they leave enough.
    pub(super) fn too_long(&self, timeout: u32) -> Option<String> {
        let left = timeout.saturating_sub(FOR_A_PERSON);
        (self.seconds > f64::from(left)).then(|| {
            format!(
                "{}: too long for a function with a time-out of {timeout} s, {FOR_A_PERSON} s of which are for one person; allow \
                 connect:SearchUserHierarchyGroups, have the quota raised and [connect] requests_per_second with it, or lower \
                 its concurrency",
                self.says()
            )
        })
    }
}

/// Number of calls by Region and operation, which share a quota.
#[derive(Default)]
struct CallCounts<'a>(BTreeMap<(Option<&'a str>, &'static str), (RequestRate, u32)>);

impl<'a> CallCounts<'a> {
    fn add(
        &mut self,
        region: Option<&'a str>,
        rate: RequestRate,
        operation: &'static str,
        calls: u32,
    ) {
        let (_, so_far) = self.0.entry((region, operation)).or_insert((rate, 0));
        *so_far = so_far.saturating_add(calls);
    }

    fn cost(&self) -> Start {
        let durations = self
            .0
            .values()
            .map(|(rate, calls)| RateLimit::seconds_for(*rate, *calls));
        Start {
            calls: self.0.values().map(|(_, calls)| calls).sum(),
            seconds: durations.fold(0.0, f64::max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(seconds: f64, timeout: u32, fits: bool) {
        let start = Start { calls: 1, seconds };
        assert_eq!(
            start.too_long(timeout).is_none(),
            fits,
            "{seconds} of {timeout}"
        );
    }

    #[test]
    fn twenty_seconds_are_left_for_a_person() {
        check(40.0, 60, true);
        check(40.1, 60, false);
        check(0.0, 10, true);
        check(0.1, 10, false);
    }
}
