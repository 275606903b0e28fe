//! Groups that were described one by one -> their paths, remembered whatever becomes of the person they were described for.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::aws::age::Moment;

/// The paths that are known from descriptions, and the groups that Connect did not find.
#[derive(Default)]
pub(super) struct Learnt(Mutex<State>);

#[derive(Default)]
struct State {
    told: HashMap<String, Told>,
    doubted: HashSet<String>,
}

/// Answer of a describe call; the path of a group that does not exist is empty.
struct Told {
    at: Moment,
    path: Vec<String>,
}

impl Told {
    // As long as a list may be used; but a group that is missing may be made at any moment.
    fn lasts(&self) -> bool {
        let longest = match self.path.as_slice() {
            [] => Duration::from_secs(20),
            _ => Duration::from_hours(1),
        };
        self.at.age() < longest
    }
}

impl Learnt {
    /// Remembers the path of a group.
    pub(super) fn learn(&self, id: String, path: Vec<String>) {
        let mut state = self.state();
        state.doubted.remove(&id);
        let at = Moment::now();
        state.told.insert(id, Told { at, path });
    }

    /// Remembers for a moment that a group is not there.
    pub(super) fn absent(&self, id: &str) {
        let told = Told {
            at: Moment::now(),
            path: Vec::new(),
        };
        let mut state = self.state();
        // Events may name any number of ids.
        state.told.retain(|_, told| told.lasts());
        state.told.insert(id.to_owned(), told);
    }

    /// Forgets a group, and lets no index vouch for it until it is described.
    pub(super) fn doubt(&self, id: &str) {
        let mut state = self.state();
        state.told.remove(id);
        state.doubted.insert(id.to_owned());
    }

    /// Whether no index may vouch for a group.
    pub(super) fn is_doubted(&self, id: &str) -> bool {
        self.state().doubted.contains(id)
    }

    /// Whether a description of a group still counts.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.state().told.get(id).is_some_and(Told::lasts)
    }

    /// The path of a group that is there.
    pub(super) fn path_of(&self, id: &str) -> Option<Vec<String>> {
        let state = self.state();
        let told = state.told.get(id).filter(|told| told.lasts())?;
        (!told.path.is_empty()).then(|| told.path.clone())
    }

    /// The id of the group at a path.
    pub(super) fn id_at(&self, path: &[String]) -> Option<String> {
        let state = self.state();
        let mut told = state.told.iter();
        let found = told.find(|(_, told)| told.path == path && told.lasts());
        found.map(|(id, _)| id.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::age::thaw;

    #[tokio::test(start_paused = true)]
    async fn a_path_is_remembered_for_an_hour_and_an_absence_for_a_moment() {
        let learnt = Learnt::default();
        let leeds = vec!["EMEA".to_owned(), "Leeds".to_owned()];
        learnt.learn("leeds".to_owned(), leeds.clone());
        learnt.absent("nowhere");
        assert_eq!(learnt.id_at(&leeds).as_deref(), Some("leeds"));
        assert_eq!(learnt.path_of("leeds"), Some(leeds.clone()));
        assert!(learnt.knows("nowhere") && learnt.path_of("nowhere").is_none());
        tokio::time::advance(Duration::from_secs(21)).await;
        assert!(learnt.knows("leeds") && !learnt.knows("nowhere"));
        tokio::time::advance(Duration::from_hours(1)).await;
        assert!(!learnt.knows("leeds") && learnt.id_at(&leeds).is_none());
        learnt.learn("leeds".to_owned(), leeds);
        thaw::after(Duration::from_hours(1));
        assert!(!learnt.knows("leeds"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_doubted_group_is_unknown_until_it_is_described() {
        let learnt = Learnt::default();
        learnt.learn("leeds".to_owned(), vec!["Leeds".to_owned()]);
        learnt.doubt("leeds");
        assert!(learnt.is_doubted("leeds") && !learnt.knows("leeds"));
        // Not there is no proof of being there.
        learnt.absent("leeds");
        assert!(learnt.is_doubted("leeds"));
        learnt.learn("leeds".to_owned(), vec!["Leeds".to_owned()]);
        assert!(!learnt.is_doubted("leeds"));
    }
}
