//! A joiner -> what the first assignment that fits gives: profiles, groups, phone settings and tags, or a recorded skip.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;
use serde::Deserialize;

use crate::expressions::lookup::Cell;
use crate::expressions::template::{Condition, Template, field};
use crate::policy::instance::InstanceRef;
use crate::request::create_user_input::CreateUserInput;

/// A rule: the people that it fits, and their grants.
pub struct Assignment {
    pub name: String,
    /// Without one it fits everybody.
    pub when: Option<Condition>,
    pub gives: Gives,
}

/// Whether an assignment gives everybody the same.
pub enum Gives {
    All(Then),
    ByRow(Table),
}

/// Effect of an assignment on the joiners that it fits.
pub enum Then {
    /// They are no users of any instance; the reason is recorded.
    Skip(String),
    Create(Box<Grants>),
}

/// Grants of an assignment for a user.
pub struct Grants {
    pub instance: InstanceRef,
    pub routing_profile: NameOrId,
    /// 1 to 10.
    pub security_profiles: Vec<NameOrId>,
    pub hierarchy_group: Option<HierarchyGroup>,
    /// The rows of a table share it.
    pub phone: Arc<PhoneSettings>,
    pub tags: BTreeMap<String, Template>,
}

/// Phone settings in CreateUser's own members; its phone numbers are templates.
pub struct PhoneSettings {
    /// `PhoneConfig` and the per-channel lists, and nothing else.
    pub members: CreateUserInput,
    pub desk_phone_number: Option<Template>,
    /// One for each of `PhoneNumberConfigs`.
    pub phone_numbers: Vec<Option<Template>>,
}

/// A table of an assignment; the most exact row that fits wins, wherever it stands.
pub struct Table {
    /// The fields that its cells are compared with, the most significant first.
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
}

/// A row: a cell for each column, and what whoever it fits gets.
pub struct Row {
    /// Where it stands, for people.
    pub place: String,
    pub cells: Vec<Cell>,
    pub then: Then,
}

/// Security profiles that whoever it fits gets beside those of the assignment, in the same instance.
pub struct Addition {
    pub name: String,
    pub when: Condition,
    pub instance: InstanceRef,
    pub security_profiles: Vec<NameOrId>,
}

/// A routing or security profile, as a person or as AWS names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(
    deny_unknown_fields,
    untagged,
    expecting = "a name, or { id = \"...\" }"
)]
pub enum NameOrId {
    Name(String),
    Id { id: String },
}

/// A user hierarchy group, as the path of names from the top level down, or by its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, schemars::JsonSchema)]
#[serde(
    deny_unknown_fields,
    untagged,
    expecting = "a list of 1 to 5 names from the top level down, or { id = \"...\" }"
)]
pub enum HierarchyGroup {
    Path(#[schemars(length(min = 1, max = 5))] Vec<String>),
    Id { id: String },
}

impl Assignment {
    /// Returns its effect on a person, as conditions see one; `None` where it does not fit.
    #[must_use]
    pub fn then(&self, person: &Value) -> Option<&Then> {
        if !self.holds(person) {
            return None;
        }
        match &self.gives {
            Gives::All(then) => Some(then),
            Gives::ByRow(table) => table.row(person).map(|row| &row.then),
        }
    }

    /// Whether its condition holds for a person; a table must have a row, too.
    #[must_use]
    pub fn holds(&self, person: &Value) -> bool {
        self.when.as_ref().is_none_or(|when| when.holds(person))
    }

    /// All that it may do.
    pub fn outcomes(&self) -> impl Iterator<Item = &Then> {
        let (all, rows) = match &self.gives {
            Gives::All(then) => (Some(then), &[][..]),
            Gives::ByRow(table) => (None, &table.rows[..]),
        };
        all.into_iter().chain(rows.iter().map(|row| &row.then))
    }

    /// All that it may give.
    pub fn grants(&self) -> impl Iterator<Item = &Grants> {
        self.outcomes().filter_map(|then| match then {
            Then::Create(grants) => Some(&**grants),
            Then::Skip(_) => None,
        })
    }
}

impl Table {
    /// The most exact row that fits a person: an exact cell before a longer prefix, that before a shorter one, that before a
    /// cell that fits everything; the first column decides, then the second.
    #[must_use]
    pub fn row(&self, person: &Value) -> Option<&Row> {
        let found: Vec<Option<String>> = self
            .columns
            .iter()
            .map(|column| field(person, column)?.as_str().map(str::to_owned))
            .collect();
        let fits = |row: &&Row| {
            let mut pairs = row.cells.iter().zip(&found);
            pairs.all(|(cell, text)| cell.fits(text.as_deref()))
        };
        let rank = |row: &&Row| row.cells.iter().map(Cell::rank).collect::<Vec<_>>();
        self.rows.iter().filter(fits).min_by_key(rank)
    }
}

impl NameOrId {
    /// Returns the name or the id.
    #[must_use]
    pub fn text(&self) -> &str {
        let (Self::Name(text) | Self::Id { id: text }) = self;
        text
    }
}
