//! A CSV file as Amazon Connect's admin website takes it -> a CreateUser request for each row, in the instance's ids.
//!
//! Its columns: Amazon Connect Administrator Guide, "Add users in bulk from a csv file", and the template there.

mod columns;
mod settings;

use std::collections::HashMap;
use std::path::Path;

use columns::{Column, columns};
use connect_provisioner::connect::Connect;
use connect_provisioner::expressions::csv_lines::{self, Lines, unreadable};
use connect_provisioner::failure::{Failure, FieldName};
use connect_provisioner::policy::assignment::{HierarchyGroup, NameOrId};
use connect_provisioner::request::create_user_input::{CreateUserInput, IdentityInfo};
use connect_provisioner::request::directory::Directory;
use connect_provisioner::request::resolve;
use csv::{Reader, ReaderBuilder, StringRecord, Trim};
use serde::Serialize;

use super::message::Fault;
use crate::ending::CannotRun;

const PASSWORD: &str = "the password cell is not empty, and no queue may ever hold one; leave it empty: the function takes \
                        initial passwords from Secrets Manager, as [password] in provisioner.toml says";

/// A row with its line, or why it may not be sent; it holds personal data, so it has no `Debug`.
pub(super) struct Row<T> {
    pub(super) line: u64,
    pub(super) content: Result<T, Fault>,
}

/// The cells of a row by column.
pub(super) struct Cells(HashMap<Column, String>);

/// Reads a file's rows; those without a text in any cell are none.
///
/// # Errors
/// The file cannot be read, or its header is not understood.
pub(super) fn rows(path: &Path) -> Result<Vec<Row<Cells>>, CannotRun> {
    let cannot = |why: String| CannotRun(format!("{}: {why}", path.display()));
    let bytes = std::fs::read(path).map_err(|err| cannot(err.to_string()))?;
    let text = csv_lines::without_mark(&bytes);
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(text);
    let mut lines = Lines::new(text);
    let header = reader.headers().map_err(|err| cannot(unreadable(&err)))?;
    let columns = columns(header, lines.number_at(header.position())).map_err(cannot)?;
    let mut rows = each(&mut reader, lines, &columns);
    refuse_repetitions(&mut rows);
    Ok(rows)
}

fn each(reader: &mut Reader<&[u8]>, mut lines: Lines, columns: &[Column]) -> Vec<Row<Cells>> {
    let records = reader
        .records()
        .filter(|record| !record.as_ref().is_ok_and(is_blank));
    let row = |record: csv::Result<StringRecord>| {
        let position = match &record {
            Ok(record) => record.position(),
            Err(err) => err.position(),
        };
        Row {
            line: lines.number_at(position),
            content: match &record {
                Ok(record) => Cells::from_record(record, columns),
                Err(err) => Err(Fault::of_row("unreadable_row", unreadable(err))),
            },
        }
    };
    records.map(row).collect()
}

// What a spreadsheet leaves below its last row.
fn is_blank(record: &StringRecord) -> bool {
    record.iter().all(str::is_empty)
}

// One of the two users would never be made, and the order would decide which; whether Connect tells two logins apart that differ
// in case only is not known.
fn refuse_repetitions(rows: &mut [Row<Cells>]) {
    let mut lines: HashMap<String, u64> = HashMap::new();
    for row in rows {
        let Some(login) = row
            .content
            .as_ref()
            .ok()
            .and_then(|cells| cells.text(Column::UserLogin))
        else {
            continue;
        };
        let first = *lines.entry(login.to_lowercase()).or_insert(row.line);
        if first != row.line {
            let text = format!("the user login is that of line {first} too; leave one out");
            row.content = Err(Fault::of_row("repeated_row", text));
        }
    }
}

impl Cells {
    fn from_record(record: &StringRecord, columns: &[Column]) -> Result<Self, Fault> {
        let cells = columns.iter().copied().zip(record);
        let cells = cells.filter(|(_, cell)| !cell.is_empty());
        let cells = Self(
            cells
                .map(|(column, cell)| (column, cell.to_owned()))
                .collect(),
        );
        match cells.text(Column::Password) {
            Some(_) => Err(Fault::of_field("Password", PASSWORD)),
            None => Ok(cells),
        }
    }

    fn text(&self, column: Column) -> Option<&str> {
        self.0.get(&column).map(String::as_str)
    }

    fn owned(&self, column: Column) -> Option<String> {
        self.text(column).map(str::to_owned)
    }

    /// The body of the message: the request in the ids that the instance has for the row's names.
    ///
    /// # Errors
    /// A cell that is not understood, or a name that the instance lacks.
    pub(super) fn body(&self, instance_id: &str, directory: &Directory) -> Result<String, Fault> {
        let request = Request {
            specversion: "connect.create-user/1",
            input: self.request(instance_id, directory)?,
        };
        serde_json::to_string(&request)
            .map_err(|err| Fault::of_row("unreadable_row", err.to_string()))
    }

    fn request(&self, instance_id: &str, directory: &Directory) -> Result<CreateUserInput, Fault> {
        let security_profiles = self
            .text(Column::SecurityProfiles)
            .unwrap_or_default()
            .split('|');
        let security_profiles = security_profiles
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let routing_profile = self.owned(Column::RoutingProfile).ok_or_else(|| {
            Fault::of_field("RoutingProfileId", "the routing profile name is missing")
        })?;
        let id = |kind, name: String, names| resolve::id_of(kind, &NameOrId::Name(name), names);
        let group = self.hierarchy_path()?.map(HierarchyGroup::Path);
        let group = group.map(|group| resolve::group_id(&group, &directory.hierarchy_groups));
        Ok(CreateUserInput {
            instance_id: Some(instance_id.to_owned()),
            username: self.owned(Column::UserLogin),
            identity_info: Some(IdentityInfo {
                first_name: self.owned(Column::FirstName),
                last_name: self.owned(Column::LastName),
                email: self.owned(Column::EmailAddress),
                secondary_email: self.owned(Column::SecondaryEmailAddress),
                mobile: self.owned(Column::MobileNumber),
            }),
            phone_config: Some(self.phone_config()?),
            routing_profile_id: Some(id(
                "routing profile",
                routing_profile,
                &directory.routing_profiles,
            )?),
            security_profile_ids: security_profiles
                .map(|name| {
                    id(
                        "security profile",
                        name.to_owned(),
                        &directory.security_profiles,
                    )
                })
                .collect::<Result<_, _>>()?,
            hierarchy_group_id: group.transpose()?,
            voice_enhancement_configs: self.voice_enhancement()?.into_iter().collect(),
            tags: self.tags()?,
            ..CreateUserInput::default()
        })
    }
}

#[derive(Serialize)]
struct Request {
    specversion: &'static str,
    #[serde(flatten)]
    input: CreateUserInput,
}

impl Fault {
    fn of_row(reason: &str, text: String) -> Self {
        Self {
            reason: reason.to_owned(),
            text,
        }
    }

    fn of_field(member: &str, text: &str) -> Self {
        let reason = connect_provisioner::failure::Reason::InvalidField(FieldName::new(member));
        Self {
            reason: reason.code(),
            text: text.to_owned(),
        }
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self {
            reason: failure.reason().code(),
            text: failure.explanation().to_owned(),
        }
    }
}

/// The bodies of a file's rows, whose names are looked up in the live instance.
///
/// # Errors
/// Returns the failure of a listing.
pub(super) async fn bodies(
    rows: Vec<Row<Cells>>,
    instance_id: &str,
    connect: &Connect,
) -> Result<Vec<Row<String>>, CannotRun> {
    let directory = connect.directory().await;
    let directory = directory.map_err(|failure| CannotRun::because(failure.explanation()))?;
    let body = |row: Row<Cells>| Row {
        line: row.line,
        content: row
            .content
            .and_then(|cells| cells.body(instance_id, &directory)),
    };
    Ok(rows.into_iter().map(body).collect())
}
