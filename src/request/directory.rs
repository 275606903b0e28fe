//! Names and ids of the profiles and groups of an instance, which a plan may use.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::policy::assignment::{HierarchyGroup, NameOrId};

/// The profiles and hierarchy groups of one instance, as listed a moment ago and as far as they are needed.
#[derive(Debug, Default)]
pub struct Directory {
    pub routing_profiles: Arc<Names>,
    pub security_profiles: Arc<Names>,
    pub hierarchy_groups: Arc<HierarchyGroups>,
}

/// Names of one kind with their ids.
#[derive(Debug, Default)]
pub struct Names {
    ids: HashMap<String, String>,
    known: HashSet<String>,
}

/// Hierarchy groups by id, and by path as far as their paths are known.
#[derive(Debug, Default)]
pub struct HierarchyGroups {
    paths: HashMap<Vec<String>, String>,
    known: HashSet<String>,
}

impl Names {
    /// Adds a name; names are unique within an instance.
    pub fn insert(&mut self, name: String, id: String) {
        self.known.insert(id.clone());
        self.ids.insert(name, id);
    }

    /// The id that has a name.
    #[must_use]
    pub fn id_of(&self, name: &str) -> Option<&str> {
        self.ids.get(name).map(String::as_str)
    }

    /// Whether the instance has an id.
    #[must_use]
    pub fn has_id(&self, id: &str) -> bool {
        self.known.contains(id)
    }

    /// The id of what a configuration or a request names, by its name, its id or its ARN.
    #[must_use]
    pub fn find<'a>(&'a self, profile: &'a NameOrId) -> Option<&'a str> {
        match profile {
            NameOrId::Name(name) => self.id_of(name),
            NameOrId::Id { id } => Some(profile_id(id)).filter(|id| self.has_id(id)),
        }
    }

    /// Whether the instance has what a configuration or a request names.
    #[must_use]
    pub fn has(&self, profile: &NameOrId) -> bool {
        self.find(profile).is_some()
    }

    /// Every name, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.ids.keys().map(String::as_str)
    }
}

// Service Authorization Reference, Amazon Connect: an ARN of a profile ends in `/routing-profile/ID` or `/security-profile/ID`.
fn profile_id(id_or_arn: &str) -> &str {
    match id_or_arn.strip_prefix("arn:") {
        Some(arn) => arn.rsplit('/').next().unwrap_or(arn),
        None => id_or_arn,
    }
}

impl FromIterator<(String, String)> for Names {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let mut names = Self::default();
        pairs
            .into_iter()
            .for_each(|(name, id)| names.insert(name, id));
        names
    }
}

impl HierarchyGroups {
    /// Adds a group with its path of names, from the top level down.
    pub fn insert(&mut self, path: Vec<String>, id: String) {
        self.known.insert(id.clone());
        self.paths.insert(path, id);
    }

    /// The id of the group that a configuration or a request names.
    #[must_use]
    pub fn find<'a>(&'a self, group: &'a HierarchyGroup) -> Option<&'a str> {
        match group {
            HierarchyGroup::Path(path) => self.id_of(path),
            HierarchyGroup::Id { id } => self.has_id(id).then_some(id),
        }
    }

    /// The id of the group at a path.
    #[must_use]
    pub fn id_of(&self, path: &[String]) -> Option<&str> {
        self.paths.get(path).map(String::as_str)
    }

    /// Whether the instance has an id.
    #[must_use]
    pub fn has_id(&self, id: &str) -> bool {
        self.known.contains(id)
    }
}

impl FromIterator<(Vec<String>, String)> for HierarchyGroups {
    fn from_iter<I: IntoIterator<Item = (Vec<String>, String)>>(placed: I) -> Self {
        let mut groups = Self::default();
        placed
            .into_iter()
            .for_each(|(path, id)| groups.insert(path, id));
        groups
    }
}
