//! The instances of a policy, the main one first, and values that each of them has.

use std::sync::Arc;

use super::connect::{ConnectPolicy, PasswordPolicy, RequestRate};
use super::identity::IdentityManagement;
use super::user::{EmailWithSaml, UserPolicy};
use crate::connect::rate_limit;

/// The instances of a configuration: that of `[connect]`, and those of `[instance.NAME]`.
pub struct Instances(Vec<Instance>);

/// An instance of a configuration, by its place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InstanceRef(usize);

impl InstanceRef {
    /// The instance of `[connect]`.
    pub const MAIN: Self = Self(0);

    /// One of `[instance.NAME]`, by its place among these.
    pub(crate) fn of_further(place: usize) -> Self {
        Self(place + 1)
    }
}

/// An instance, and how users are made there.
pub struct Instance {
    /// As assignments name it; that of `[connect]` has none.
    pub name: Option<String>,
    pub connect: ConnectPolicy,
    pub user: UserPolicy,
    /// Present exactly where Connect manages identities and so wants a password.
    pub password: Option<Arc<PasswordPolicy>>,
}

impl Instance {
    /// Tells whether users are made with their e-mail address.
    #[must_use]
    pub fn sends_email(&self) -> bool {
        self.connect.identity_management != IdentityManagement::Saml
            || self.connect.email_with_saml == EmailWithSaml::Send
    }
}

impl Instances {
    /// Collects instances, that of `[connect]` first; `None` without any.
    #[must_use]
    pub fn new(all: Vec<Instance>) -> Option<Self> {
        (!all.is_empty()).then_some(Self(all))
    }

    /// Returns the instance of `[connect]`, where users are made unless an assignment sends them elsewhere.
    #[must_use]
    pub fn main(&self) -> &Instance {
        &self.0[0]
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, which: InstanceRef) -> &Instance {
        &self.0[which.0]
    }

    /// Returns how many users one copy of the function makes a second, in the instance with the smallest quota.
    #[must_use]
    pub fn users_per_second(&self) -> f64 {
        self.slowest(RequestRate::share).min(FASTEST)
    }

    /// Returns how many users all copies of the function make a second together, likewise.
    #[must_use]
    pub fn users_per_second_together(&self) -> f64 {
        self.slowest(|rate| rate.per_second)
    }

    fn slowest(&self, of: impl Fn(&RequestRate) -> f64) -> f64 {
        let rates = self.0.iter().map(|instance| of(&instance.connect.rate));
        rates.fold(f64::MAX, f64::min) * rate_limit::BELOW
    }

    /// Each with its place.
    pub fn iter(&self) -> impl Iterator<Item = (InstanceRef, &Instance)> {
        let placed = |(place, instance)| (InstanceRef(place), instance);
        self.0.iter().enumerate().map(placed)
    }

    /// Each, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Instance> {
        self.0.iter_mut()
    }

    /// The one with an id.
    #[must_use]
    pub fn of_id(&self, id: &str) -> Option<InstanceRef> {
        let found = self.iter().find(|(_, one)| one.connect.instance_id == id);
        found.map(|(which, _)| which)
    }
}

// Connect takes up to a quarter of a second for a user, whatever the quota.
const FASTEST: f64 = 4.0;

/// One value for each instance.
pub struct ByInstance<T>(Vec<T>);

impl<T> ByInstance<T> {
    /// One for each.
    pub fn new(instances: &Instances, of: impl FnMut((InstanceRef, &Instance)) -> T) -> Self {
        Self(instances.iter().map(of).collect())
    }

    /// Returns the value of an instance.
    #[must_use]
    pub fn get(&self, which: InstanceRef) -> &T {
        &self.0[which.0]
    }
}
