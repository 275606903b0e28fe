//! The header of a CSV file -> its columns; ignores case, spaces and underscores in their names.

use csv::StringRecord;

/// Column of the admin website's template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Column {
    FirstName,
    LastName,
    EmailAddress,
    SecondaryEmailAddress,
    MobileNumber,
    Password,
    UserLogin,
    RoutingProfile,
    SecurityProfiles,
    UserHierarchy,
    PhoneType,
    PhoneNumber,
    AutoAccept,
    AcwTimeout,
    AgentHierarchy,
    Tags,
    PersistentConnection,
    AudioEnhancement,
}

const ALL: [(Column, &str); 18] = [
    (Column::FirstName, "first name"),
    (Column::LastName, "last name"),
    (Column::EmailAddress, "email address"),
    (Column::SecondaryEmailAddress, "secondary email address"),
    (Column::MobileNumber, "mobile number"),
    (Column::Password, "password"),
    (Column::UserLogin, "user login"),
    (Column::RoutingProfile, "routing profile name"),
    (
        Column::SecurityProfiles,
        "security_profile_name_1|security_profile_name_2",
    ),
    (Column::UserHierarchy, "user hierarchy"),
    (Column::PhoneType, "phone type (soft/desk)"),
    (Column::PhoneNumber, "phone number"),
    (Column::AutoAccept, "soft phone auto accept (yes/no)"),
    (Column::AcwTimeout, "ACW timeout (seconds)"),
    (Column::AgentHierarchy, "agent hierarchy"),
    (Column::Tags, "tags"),
    (Column::PersistentConnection, "persistent connection"),
    (
        Column::AudioEnhancement,
        "audio enhancement (none/isolate voice/suppress noise)",
    ),
];

const REQUIRED: [Column; 3] = [
    Column::UserLogin,
    Column::RoutingProfile,
    Column::SecurityProfiles,
];

/// Returns the columns in the order of the header.
///
/// # Errors
/// Returns an error if a column is unknown, repeated or missing.
pub(super) fn columns(header: &StringRecord, line: u64) -> Result<Vec<Column>, String> {
    let found: Vec<Option<Column>> = header.iter().map(column).collect();
    // Without a header, the line holds personal data, so it is not quoted.
    if found.iter().all(Option::is_none) {
        return Err(format!(
            "line {line} has no known column; give {}, separated by commas",
            known()
        ));
    }
    let mut columns = Vec::new();
    for (found, name) in found.into_iter().zip(header) {
        let column =
            found.ok_or_else(|| format!("there is no column `{name}`; there are {}", known()))?;
        if columns.contains(&column) {
            return Err(format!("there are two columns `{name}`; leave one out"));
        }
        columns.push(column);
    }
    let missing = REQUIRED
        .into_iter()
        .find(|column| !columns.contains(column));
    match ALL.into_iter().find(|(column, _)| Some(*column) == missing) {
        Some((_, name)) => Err(format!(
            "there is no column `{name}`, which every user needs"
        )),
        None => Ok(columns),
    }
}

fn known() -> String {
    ALL.map(|(_, name)| name).join(", ")
}

fn column(name: &str) -> Option<Column> {
    let matches = |(_, known): &(Column, &str)| normalized(known) == normalized(name);
    ALL.into_iter().find(matches).map(|(column, _)| column)
}

// Removes case, spaces, underscores, the hint in brackets, and all but the first of listed security profiles.
fn normalized(name: &str) -> String {
    let name = name
        .split(['(', '|'])
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let significant = name.chars().filter(|c| !c.is_whitespace() && *c != '_');
    significant
        .collect::<String>()
        .trim_end_matches('1')
        .to_owned()
}
