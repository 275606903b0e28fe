//! Places of people in a message, kept as ranges and written as text: `0-5,9`.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A set of places in a message, counted from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Items(Vec<Range<usize>>);

/// The text is no list of places and ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a list of places such as 0-5,9")]
pub struct NotItems;

impl Items {
    /// Adds a range; a range that touches the last one extends it.
    pub fn insert(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let after = self.0.partition_point(|known| known.end < range.start);
        let touched = self.0[after..].partition_point(|known| known.start <= range.end);
        let joined = self.0[after..after + touched]
            .iter()
            .fold(range, |all, known| {
                all.start.min(known.start)..all.end.max(known.end)
            });
        self.0.splice(after..after + touched, [joined]);
    }

    /// Tells whether a place is in the set.
    #[must_use]
    pub fn contains(&self, place: usize) -> bool {
        let after = self.0.partition_point(|range| range.end <= place);
        self.0
            .get(after)
            .is_some_and(|range| range.contains(&place))
    }

    /// Returns the first place, or `None` for an empty set.
    #[must_use]
    pub fn first(&self) -> Option<usize> {
        self.0.first().map(|range| range.start)
    }

    /// Returns the number of places.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(ExactSizeIterator::len).sum()
    }

    /// Tells whether the set has no places.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the ranges in ascending order.
    pub fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        self.0.iter().cloned()
    }

    /// Splits the set in two: the first ranges, as many as their text has room in `bytes` but at least one, and the rest.
    #[must_use]
    pub fn split_at_bytes(self, bytes: usize) -> (Self, Self) {
        let mut length = 0;
        let mut fits = |range: &Range<usize>| {
            length += text_of(range).len() + 1;
            length <= bytes + 1
        };
        let fitting = self.0.iter().take_while(|range| fits(range)).count();
        let mut first = self.0;
        let rest = first.split_off(fitting.max(1).min(first.len()));
        (Self(first), Self(rest))
    }
}

impl From<Range<usize>> for Items {
    fn from(range: Range<usize>) -> Self {
        let mut items = Self::default();
        items.insert(range);
        items
    }
}

impl FromIterator<Range<usize>> for Items {
    fn from_iter<I: IntoIterator<Item = Range<usize>>>(ranges: I) -> Self {
        let mut items = Self::default();
        ranges.into_iter().for_each(|range| items.insert(range));
        items
    }
}

impl fmt::Display for Items {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (n, range) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            write!(f, "{comma}{}", text_of(range))?;
        }
        Ok(())
    }
}

fn text_of(range: &Range<usize>) -> String {
    match range.len() {
        1 => range.start.to_string(),
        _ => format!("{}-{}", range.start, range.end - 1),
    }
}

impl FromStr for Items {
    type Err = NotItems;

    fn from_str(text: &str) -> Result<Self, NotItems> {
        text.split(',').map(range_of).collect()
    }
}

fn range_of(text: &str) -> Result<Range<usize>, NotItems> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.trim().parse::<usize>().map_err(|_| NotItems);
    let (first, last) = (number(first)?, number(last)?);
    let end = last.checked_add(1).filter(|end| first < *end);
    Ok(first..end.ok_or(NotItems)?)
}

impl Serialize for Items {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ranges: &[Range<usize>], expected: &str) {
        let items: Items = ranges.iter().cloned().collect();
        assert_eq!(items.to_string(), expected);
        if !expected.is_empty() {
            assert_eq!(expected.parse(), Ok(items));
        }
    }

    #[test]
    fn places_are_joined_to_ranges() {
        check(&[], "");
        assert_eq!(Items::from(3..4).to_string(), "3");
        check(&[0..1, 1..2, 2..3, 9..10], "0-2,9");
        check(&[9..10, 0..2, 2..9], "0-9");
        check(&[5..6, 1..2, 3..4, 0..7], "0-6");
    }

    #[test]
    fn a_place_is_found_and_others_are_not() {
        let items: Items = "0-2,9".parse().expect("places");
        let found: Vec<usize> = (0..12).filter(|place| items.contains(*place)).collect();
        assert_eq!(found, [0, 1, 2, 9]);
        assert_eq!((items.len(), items.first()), (4, Some(0)));
    }

    #[test]
    fn a_set_is_split_where_its_text_has_no_more_room() {
        let split = |bytes| {
            let items: Items = "0-2,9,11".parse().expect("places");
            let (first, rest) = items.split_at_bytes(bytes);
            (first.to_string(), rest.to_string())
        };
        for (bytes, first, rest) in [
            (0, "0-2", "9,11"),
            (3, "0-2", "9,11"),
            (5, "0-2,9", "11"),
            (8, "0-2,9,11", ""),
        ] {
            assert_eq!(split(bytes), (first.to_owned(), rest.to_owned()), "{bytes}");
        }
    }

    #[test]
    fn what_is_no_list_of_places_is_refused() {
        for text in ["", "a", "1-", "5-3", "1,,2", "-1"] {
            assert_eq!(text.parse::<Items>(), Err(NotItems), "{text}");
        }
    }
}
