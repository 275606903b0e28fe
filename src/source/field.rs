//! The table of a joiner's fields: names, kind and meaning. A new field is one row.

use std::sync::LazyLock;

/// Reading of a field's text, and the rule that the text must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, or a whole number: at most 128 characters, which tell one person from another.
    EmployeeId,
    /// Text, or a whole number, of which every digit counts.
    Identifier,
    /// Text without control characters.
    Text,
    /// An e-mail address.
    Email,
    /// A date in any of the forms that [`super::start_date`] reads.
    StartDate,
}

macro_rules! fields {
    ($($field:ident = $(($group:literal))? $member:literal, $in_hr_join:literal, $kind:ident, $meaning:literal;)*) => {
        /// Field of a joiner.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Field {
            $(#[doc = $meaning] $field,)*
        }

        impl Field {
            /// All fields; those of one group stand together.
            pub const ALL: [Self; [$(Self::$field),*].len()] = [$(Self::$field),*];

            /// Returns the name in the configuration, such as `department.code`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$field => concat!($($group, ".",)? $member),)* }
            }

            /// Returns the last part of the name in the configuration, such as `code`.
            #[must_use]
            pub fn member(self) -> &'static str {
                match self { $(Self::$field => $member,)* }
            }

            /// Returns the object that the field belongs to, such as `department`; `None` for a field of the person.
            #[must_use]
            pub const fn group(self) -> Option<&'static str> {
                match self { $(Self::$field => first(&[$($group)?]),)* }
            }

            /// Returns the path in an `hr.join/1` event, such as `worker.department.code`.
            #[must_use]
            pub fn in_hr_join(self) -> &'static str {
                match self { $(Self::$field => concat!("worker.", $($group, ".",)? $in_hr_join),)* }
            }

            /// Returns the last part of the path in an `hr.join/1` event, such as `givenName`.
            #[must_use]
            pub fn member_in_hr_join(self) -> &'static str {
                match self { $(Self::$field => $in_hr_join,)* }
            }

            /// Returns how the text of the field is read.
            #[must_use]
            pub fn kind(self) -> Kind {
                match self { $(Self::$field => Kind::$kind,)* }
            }

            /// Returns a sentence about the field.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$field => $meaning,)* }
            }
        }
    };
}

fields! {
    EmployeeId = "employee_id", "employeeId", EmployeeId,
        "Tells one person's join from another's; 1 to 128 characters, or a whole number.";
    GivenName = "given_name", "givenName", Text, "The given name.";
    FamilyName = "family_name", "familyName", Text, "The family name.";
    PreferredName = "preferred_name", "preferredName", Text, "The name that the person goes by.";
    Email = "email", "email", Email, "The e-mail address at work.";
    Mobile = "mobile", "mobile", Text, "A phone number, best as E.164: +447700900123.";
    DepartmentCode = ("department") "code", "code", Identifier, "The code of the department.";
    DepartmentName = ("department") "name", "name", Text, "The name of the department.";
    JobCode = ("job") "code", "code", Identifier, "The code of the job.";
    JobTitle = ("job") "title", "title", Text, "The title of the job.";
    Location = "location", "location", Text, "The place where the person works.";
    ManagerEmployeeId = "manager_employee_id", "managerEmployeeId", Identifier,
        "The employee id of the person's manager.";
    StartDate = "start_date", "startDate", StartDate, "The first working day, best as YYYY-MM-DD.";
    EmploymentType = "employment_type", "employmentType", Text, "The kind of employment, such as `FULL_TIME`.";
}

/// Object of the fields that a deployment names as it likes, such as `extra.country`.
pub const EXTRA: &str = "extra";

/// Tells whether a name in the configuration is a field of a joiner: one of the table, or `extra.NAME`.
#[must_use]
pub fn is_field(name: &str) -> bool {
    Field::from_name(name).is_some() || is_extra(name)
}

/// Tells whether a name in the configuration is `extra.NAME`.
#[must_use]
pub fn is_extra(name: &str) -> bool {
    let rest = name.strip_prefix(EXTRA);
    let own = rest.and_then(|rest| rest.strip_prefix('.'));
    own.is_some_and(|own| !own.is_empty() && !own.contains('.'))
}

/// Lists the names of the fields, for messages.
#[must_use]
pub fn names() -> String {
    Field::ALL.map(Field::name).join(", ") + ", extra.NAME"
}

const fn first(group: &[&'static str]) -> Option<&'static str> {
    match group {
        [group] => Some(*group),
        _ => None,
    }
}

impl Field {
    /// Number of fields.
    pub const COUNT: usize = Self::ALL.len();

    /// Returns the field of a name in the configuration.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Lists the fields by the object that they belong to, in the order of the table.
    pub fn by_group() -> impl Iterator<Item = (Option<&'static str>, &'static [Self])> {
        BY_GROUP.iter().copied()
    }
}

type Group = (Option<&'static str>, &'static [Field]);

static BY_GROUP: LazyLock<Vec<Group>> = LazyLock::new(|| {
    const ALL: &[Field] = &Field::ALL;
    let together = ALL.chunk_by(|one, other| one.group() == other.group());
    together.map(|fields| (fields[0].group(), fields)).collect()
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_field_of_ones_own_has_a_name_behind_extra() {
        for (name, expected) in [
            ("extra.country", true),
            ("extra.Legal Entity", true),
            ("extra", false),
            ("extra.", false),
            ("extra.a.b", false),
            ("extras.a", false),
            ("location", true),
            ("department", false),
        ] {
            assert_eq!(is_field(name), expected, "{name}");
        }
    }

    #[test]
    fn each_name_is_one_field_and_each_group_one_run() {
        for field in Field::ALL {
            assert_eq!(Field::from_name(field.name()), Some(field));
        }
        let groups: Vec<_> = Field::by_group().filter_map(|(group, _)| group).collect();
        let different: BTreeSet<_> = groups.iter().collect();
        assert_eq!(groups.len(), different.len());
        assert_eq!(
            Field::by_group().flat_map(|(_, fields)| fields).count(),
            Field::COUNT
        );
    }
}
