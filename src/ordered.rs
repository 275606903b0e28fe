//! Pairs -> a map in the order of its keys.

use std::collections::BTreeMap;

/// Makes a map of pairs by inserting one after the other; of two with one key the later stays.
///
/// `collect` would sort them first, and so bring a sort of its own for each type of pairs: some 5 KB of the function each.
pub(crate) fn inserted<K: Ord, V>(pairs: impl Iterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(pairs);
    map
}
