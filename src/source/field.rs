//! The table of a joiner's fields: names, kind and meaning. A new field is one row.

/// How the text of a field is read, and the rule that it must keep.
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
    ($($field:ident = $name:literal, $in_hr_join:literal, $kind:ident, $meaning:literal;)*) => {
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
                match self { $(Self::$field => $name,)* }
            }

            /// Returns the path in an `hr.join/1` event, such as `worker.department.code`.
            #[must_use]
            pub fn in_hr_join(self) -> &'static str {
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
    EmployeeId = "employee_id", "worker.employeeId", EmployeeId,
        "Tells one person's join from another's; 1 to 128 characters, or a whole number.";
    GivenName = "given_name", "worker.givenName", Text, "The given name.";
    FamilyName = "family_name", "worker.familyName", Text, "The family name.";
    PreferredName = "preferred_name", "worker.preferredName", Text, "The name that the person goes by.";
    Email = "email", "worker.email", Email, "The e-mail address at work.";
    Mobile = "mobile", "worker.mobile", Text, "A phone number, best as E.164: +447700900123.";
    DepartmentCode = "department.code", "worker.department.code", Identifier, "The code of the department.";
    DepartmentName = "department.name", "worker.department.name", Text, "The name of the department.";
    JobCode = "job.code", "worker.job.code", Identifier, "The code of the job.";
    JobTitle = "job.title", "worker.job.title", Text, "The title of the job.";
    Location = "location", "worker.location", Text, "The place where the person works.";
    ManagerEmployeeId = "manager_employee_id", "worker.managerEmployeeId", Identifier,
        "The employee id of the person's manager.";
    StartDate = "start_date", "worker.startDate", StartDate, "The first working day, best as YYYY-MM-DD.";
    EmploymentType = "employment_type", "worker.employmentType", Text, "The kind of employment, such as `FULL_TIME`.";
}

impl Field {
    /// Number of fields.
    pub const COUNT: usize = Self::ALL.len();

    /// Returns the field of a name in the configuration.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Returns the object that the field belongs to, such as `department`; `None` for a field of the person.
    #[must_use]
    pub fn group(self) -> Option<&'static str> {
        let (group, _) = self.name().split_once('.')?;
        Some(group)
    }

    /// Returns the last part of the name in the configuration, such as `code`.
    #[must_use]
    pub fn member(self) -> &'static str {
        last(self.name())
    }

    /// Returns the last part of the path in an `hr.join/1` event, such as `givenName`.
    #[must_use]
    pub fn member_in_hr_join(self) -> &'static str {
        last(self.in_hr_join())
    }

    /// Lists the fields by the object that they belong to, in the order of the table.
    pub fn by_group() -> impl Iterator<Item = (Option<&'static str>, &'static [Self])> {
        const ALL: &[Field] = &Field::ALL;
        let together = ALL.chunk_by(|one, other| one.group() == other.group());
        together.map(|fields| (fields[0].group(), fields))
    }
}

fn last(path: &'static str) -> &'static str {
    path.rsplit_once('.').map_or(path, |(_, last)| last)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

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
