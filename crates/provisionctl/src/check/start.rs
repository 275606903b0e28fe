//! The look-ups of a copy that starts -> how long they take at its pace, and whether that leaves time for a person.

use std::collections::{BTreeMap, HashSet};

use connect_provisioner::connect::Connect;
use connect_provisioner::connect::rate_limit::RateLimit;
use connect_provisioner::policy::{ByInstance, Policy, RequestRate};

use super::finding::Findings;

/// The time-out of a function that is not looked at.
pub(super) const USUAL_TIME_OUT: u32 = 60;

// What remains of the function's time-out must suffice for one person, and for the answer.
const FOR_A_PERSON: u32 = 20;

// Pages that Connect's default quotas make: 500 groups an instance, 100 a page; all profiles of a kind fit on one.
const PAGES_OF_PROFILES: u32 = 1;
const PAGES_OF_GROUPS: u32 = 5;

/// Calls and seconds that the first look-ups of a copy cost.
pub(super) struct Start {
    pub(super) calls: u32,
    /// The operations have a pace each and go side by side, so the longest counts.
    pub(super) seconds: f64,
}

impl Start {
    /// The cost in an account with Connect's default quotas.
    pub(super) fn assumed(policy: &Policy) -> Self {
        let mut calls = Calls::default();
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

    /// The cost in the account that was looked at, by the calls that this took.
    pub(super) fn counted(policy: &Policy, connects: &ByInstance<Connect>) -> Self {
        let (mut calls, mut seen) = (Calls::default(), HashSet::new());
        for (which, instance) in policy.instances.iter() {
            let region = instance.connect.region.as_deref();
            // Instances in one Region share their count.
            if seen.insert(region) {
                for (operation, sent) in connects.get(which).sent() {
                    let sent = u32::try_from(sent).unwrap_or(u32::MAX);
                    calls.add(region, instance.connect.rate, operation, sent);
                }
            }
        }
        calls.cost()
    }

    /// A finding about a function of a time-out.
    pub(super) fn judge(&self, findings: &mut Findings, time_out: u32) {
        match self.too_long(time_out) {
            None => findings.ok("start", self.says()),
            Some(why) => findings.fail("start", why),
        }
    }

    /// The cost as a sentence.
    pub(super) fn says(&self) -> String {
        let Self { calls, seconds } = self;
        format!(
            "the first look-ups of a copy are {calls} calls, which take {seconds:.1} s at its pace"
        )
    }

    /// Explains that the look-ups leave too little time for one person; `None` where they leave enough.
    pub(super) fn too_long(&self, time_out: u32) -> Option<String> {
        let left = time_out.saturating_sub(FOR_A_PERSON);
        (self.seconds > f64::from(left)).then(|| {
            format!(
                "{}: too long for a function with a time-out of {time_out} s, {FOR_A_PERSON} s of which are for one person; allow \
                 connect:SearchUserHierarchyGroups, have the quota raised and [connect] requests_per_second with it, or lower \
                 its concurrency",
                self.says()
            )
        })
    }
}

/// Calls by Region and operation, which share a quota.
#[derive(Default)]
struct Calls<'a>(BTreeMap<(Option<&'a str>, &'static str), (RequestRate, u32)>);

impl<'a> Calls<'a> {
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
        let took = self
            .0
            .values()
            .map(|(rate, calls)| RateLimit::seconds_for(*rate, *calls));
        Start {
            calls: self.0.values().map(|(_, calls)| calls).sum(),
            seconds: took.fold(0.0, f64::max),
        }
    }
}
