//! `[[assignment]]` and `[[extra_security_profiles]]` -> rules whose conditions, tables, templates and settings are checked.

mod phone;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;

use super::expressions::Compiler;
use super::{file, identifiers, tables};
use crate::expressions::lookup::Cell;
use crate::expressions::template::Template;
use crate::policy::assignment::{
    Addition, Assignment, Gives, Grants, HierarchyGroup, NameOrId, PhoneSettings, Row, Table, Then,
};
use crate::request::rules;
use crate::request::{MOST_OWN_TAGS, OWN_TAGS};
use crate::source::field;

/// The assignments, as far as faults allow; they are all collected.
pub(super) fn assignments(
    list: Vec<Spanned<file::Assignment>>,
    compiler: &mut Compiler,
) -> Vec<Assignment> {
    let mut fits_everybody = false;
    let mut conditions: BTreeMap<String, String> = BTreeMap::new();
    let mut assignments = Vec::new();
    for entry in list {
        let mut at = Entry {
            label: format!("assignment \"{}\"", entry.get_ref().name),
            place: Place::Span(entry.span()),
            compiler,
        };
        if fits_everybody {
            at.add(" is never reached: an assignment above it fits everybody");
        }
        let entry = entry.into_inner();
        let has_table = entry.table.is_some() || !entry.rows.is_empty();
        fits_everybody |= entry.when.is_none() && !has_table;
        let words = entry.when.as_ref().map(|when| {
            let words: Vec<&str> = when.get_ref().split_whitespace().collect();
            words.join(" ")
        });
        if let Some(other) = words.as_ref().and_then(|words| conditions.get(words)) {
            at.add(format!(
                " is never reached: assignment \"{other}\" above it has the same condition"
            ));
        }
        if !has_table {
            conditions.extend(words.map(|words| (words, entry.name.clone())));
        }
        assignments.extend(assignment(entry, &mut at));
    }
    assignments
}

/// The additions, as far as faults allow; they are all collected.
pub(super) fn additions(
    list: Vec<Spanned<file::Addition>>,
    compiler: &mut Compiler,
) -> Vec<Addition> {
    list.into_iter()
        .filter_map(|entry| {
            let mut at = Entry {
                label: format!("extra_security_profiles \"{}\"", entry.get_ref().name),
                place: Place::Span(entry.span()),
                compiler,
            };
            let entry = entry.into_inner();
            at.check_security_profiles(&entry.security_profiles);
            let names = entry.security_profiles.iter().map(NameOrId::text);
            at.check_names(names, "security_profiles");
            Some(Addition {
                when: at.compiler.condition(&entry.when)?,
                instance: at.instance(entry.instance.as_deref())?,
                name: entry.name,
                security_profiles: entry.security_profiles,
            })
        })
        .collect()
}

/// Place of a fault: an entry as a whole, named at its head.
struct Entry<'a, 'b> {
    label: String,
    place: Place,
    compiler: &'a mut Compiler<'b>,
}

enum Place {
    Span(Range<usize>),
    /// A line of another file.
    Line(String),
}

impl Entry<'_, '_> {
    fn add(&mut self, text: impl AsRef<str>) {
        let text = format!("{}{}", self.label, text.as_ref());
        match &self.place {
            Place::Span(span) => self.compiler.faults.at(span.clone(), text),
            Place::Line(line) => self.compiler.faults.whole(format!("{line}: {text}")),
        }
    }

    fn instance(&mut self, name: Option<&str>) -> Option<crate::policy::InstanceRef> {
        self.compiler
            .instance(name)
            .map_err(|fault| self.add(format!(": {fault}")))
            .ok()
    }

    fn check_names<'n>(&mut self, names: impl Iterator<Item = &'n str>, of: &str) {
        for mistake in names.filter_map(identifiers::mistake_in_name) {
            self.add(format!(", {of}: {mistake}"));
        }
    }

    fn check_security_profiles(&mut self, profiles: &[NameOrId]) {
        if !(1..=10).contains(&profiles.len()) {
            let count = profiles.len();
            self.add(format!(
                " has {count} security_profiles; CreateUser takes 1 to 10"
            ));
        }
    }
}

fn assignment(entry: file::Assignment, at: &mut Entry) -> Option<Assignment> {
    // A condition that did not compile has been reported, and must not turn into one that always holds.
    let when = match &entry.when {
        Some(source) => at.compiler.condition(source).map(Some),
        None => Some(None),
    };
    let gives = gives(&entry, at);
    Some(Assignment {
        name: entry.name,
        when: when?,
        gives: gives?,
    })
}

fn gives(entry: &file::Assignment, at: &mut Entry) -> Option<Gives> {
    let rows = rows(entry, at)?;
    if rows.is_empty() {
        let shared = Shared::new(entry, at);
        return then(&file::Row::default(), entry, &shared, at).map(Gives::All);
    }
    if entry.skip.is_some() {
        at.add(" has both a table and `skip`; let a row of it skip");
    }
    table(rows, entry, at).map(Gives::ByRow)
}

/// The rows of the entry and of its file, each with its place.
fn rows(entry: &file::Assignment, at: &mut Entry) -> Option<Vec<(Place, String, file::Row)>> {
    match &entry.table {
        None => {
            let placed = |(number, row): (usize, &Spanned<file::Row>)| {
                let label = format!("row {}", number + 1);
                (Place::Span(row.span()), label, row.get_ref().clone())
            };
            Some(entry.rows.iter().enumerate().map(placed).collect())
        }
        Some(file) if !entry.rows.is_empty() => {
            at.compiler.faults.at(
                file.span(),
                "an assignment has a `table` or `rows`; choose one",
            );
            None
        }
        Some(file) => match tables::rows(file.get_ref(), at.compiler.folder) {
            Ok(rows) if rows.is_empty() => {
                at.compiler.faults.at(file.span(), "the table has no row");
                None
            }
            Ok(rows) => {
                let placed = |(line, row)| {
                    let place = format!("{} line {line}", file.get_ref());
                    (Place::Line(place.clone()), place, row)
                };
                Some(rows.into_iter().map(placed).collect())
            }
            Err(fault) => {
                at.compiler
                    .faults
                    .at(file.span(), format!("`table`: {fault}"));
                None
            }
        },
    }
}

fn table(
    rows: Vec<(Place, String, file::Row)>,
    entry: &file::Assignment,
    at: &mut Entry,
) -> Option<Table> {
    let shared = Shared::new(entry, at);
    let columns = columns(&rows, at)?;
    let mut compiled: Vec<Option<Row>> = Vec::new();
    for (place, label, row) in rows {
        let name = match &place {
            Place::Span(_) => format!("{}, {label}", at.label),
            Place::Line(_) => at.label.clone(),
        };
        let mut at = Entry {
            label: name,
            place,
            compiler: at.compiler,
        };
        let cell = |column: &String| {
            let text = row.r#match.iter().find(|(name, _)| name == column);
            text.map_or(Cell::Any, |(_, text)| Cell::parse(text))
        };
        let cells: Vec<Cell> = columns.iter().map(cell).collect();
        let same = |other: &&Row| other.cells == cells;
        if let Some(other) = compiled.iter().flatten().find(same) {
            at.add(format!(" fits the same as {}; leave one out", other.place));
        }
        compiled.push(then(&row, entry, &shared, &mut at).map(|then| Row {
            place: label,
            cells,
            then,
        }));
    }
    Some(Table {
        columns,
        rows: compiled.into_iter().collect::<Option<_>>()?,
    })
}

// Every column that a row has, in the order in which they come first.
fn columns(rows: &[(Place, String, file::Row)], at: &mut Entry) -> Option<Vec<String>> {
    let mut columns: Vec<String> = Vec::new();
    for (name, _) in rows.iter().flat_map(|(_, _, row)| &row.r#match) {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    let unknown = columns.iter().find(|name| !field::is_field(name));
    if let Some(name) = unknown {
        at.add(format!(
            ": `{name}` is no field of a joiner; there are {}",
            field::names()
        ));
    }
    unknown.is_none().then_some(columns)
}

/// Grants of an assignment, whichever of its rows fits.
struct Shared {
    phone: Arc<PhoneSettings>,
    tags: BTreeMap<String, Template>,
}

impl Shared {
    fn new(entry: &file::Assignment, at: &mut Entry) -> Self {
        let mut tags = BTreeMap::new();
        for (key, source) in &entry.tags {
            at.check_tag_key(key);
            let template = at.compiler.template(&format!("tag `{key}`"), source);
            tags.extend(template.map(|template| (key.clone(), template)));
        }
        Self {
            phone: Arc::new(phone::settings(entry, at)),
            tags,
        }
    }
}

impl Entry<'_, '_> {
    fn check_tag_key(&mut self, key: &str) {
        if !rules::is_tag_key(key) || key.starts_with(OWN_TAGS) {
            self.add(format!(
                ": `{key}` is no tag key; CreateUser takes 1 to 128 letters, digits, spaces and _.:/=+-@, not starting with \
                 aws: or {OWN_TAGS}"
            ));
        }
    }
}

// A row without a key takes it from the assignment; an assignment without a table is its own row.
fn then(
    row: &file::Row,
    entry: &file::Assignment,
    shared: &Shared,
    at: &mut Entry,
) -> Option<Then> {
    let routing_profile = row.routing_profile.as_ref();
    match row.skip.as_ref().or(entry.skip.as_ref()) {
        Some(_) if routing_profile.is_some() => {
            at.add(" both skips and has a routing_profile; choose one");
            None
        }
        Some(_) if row.skip.is_none() && entry.routing_profile.is_some() => {
            at.add(" both skips and has a routing_profile; choose one");
            None
        }
        Some(why) => Some(Then::Skip(why.clone())),
        None => grants(row, entry, shared, at).map(|grants| Then::Create(Box::new(grants))),
    }
}

fn grants(
    row: &file::Row,
    entry: &file::Assignment,
    shared: &Shared,
    at: &mut Entry,
) -> Option<Grants> {
    let instance = at.instance(row.instance.as_deref().or(entry.instance.as_deref()));
    let routing_profile = row
        .routing_profile
        .as_ref()
        .or(entry.routing_profile.as_ref());
    if routing_profile.is_none() {
        at.add(" has no routing_profile; name one, or give a reason in `skip`");
    }
    let security_profiles = match &row.security_profiles[..] {
        [] => &entry.security_profiles,
        _ => &row.security_profiles,
    };
    at.check_security_profiles(security_profiles);
    let hierarchy_group = row
        .hierarchy_group
        .as_ref()
        .or(entry.hierarchy_group.as_ref());
    if let Some(HierarchyGroup::Path(path)) = hierarchy_group
        && !(1..=5).contains(&path.len())
    {
        let count = path.len();
        at.add(format!(
            " has a hierarchy_group of {count} levels; Connect has 1 to 5"
        ));
    }
    let path = match hierarchy_group {
        Some(HierarchyGroup::Path(path)) => &path[..],
        _ => &[],
    };
    let profiles = routing_profile.into_iter().chain(security_profiles);
    at.check_names(profiles.map(NameOrId::text), "profiles");
    at.check_names(path.iter().map(String::as_str), "hierarchy_group");
    Some(Grants {
        instance: instance?,
        routing_profile: routing_profile?.clone(),
        security_profiles: security_profiles.clone(),
        hierarchy_group: hierarchy_group.cloned(),
        phone: Arc::clone(&shared.phone),
        tags: tags(&row.tags, shared, at),
    })
}

fn tags(
    own: &BTreeMap<String, String>,
    shared: &Shared,
    at: &mut Entry,
) -> BTreeMap<String, Template> {
    let mut tags = shared.tags.clone();
    for (key, source) in own {
        at.check_tag_key(key);
        match at.compiler.compiled(source) {
            Ok(template) => drop(tags.insert(key.clone(), template)),
            Err(err) => at.add(format!(": tag `{key}`: {err}")),
        }
    }
    if tags.len() > MOST_OWN_TAGS {
        let count = tags.len();
        at.add(format!(
            " has {count} tags; CreateUser takes 50, of which this program needs 2"
        ));
    }
    tags
}
