//! What an instance calls its profiles and groups: the names and ids that a plan may use.

use std::collections::{HashMap, HashSet};

/// The profiles and hierarchy groups of one instance, as listed a moment ago.
#[derive(Debug, Default)]
pub struct Directory {
    pub routing_profiles: Names,
    pub security_profiles: Names,
    pub hierarchy_groups: HierarchyGroups,
}

/// Names of one kind with their ids.
#[derive(Debug, Default)]
pub struct Names {
    ids: HashMap<String, String>,
    known: HashSet<String>,
}

/// Hierarchy groups by id, and by path as far as their paths were asked for.
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

    /// Every name, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.ids.keys().map(String::as_str)
    }
}

impl HierarchyGroups {
    /// Adds a group's id.
    pub fn insert(&mut self, id: String) {
        self.known.insert(id);
    }

    /// Adds a group's path of names, from the top level down.
    pub fn insert_path(&mut self, path: Vec<String>, id: String) {
        self.paths.insert(path, id);
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
