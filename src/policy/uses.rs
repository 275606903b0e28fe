//! A policy -> the fields of a joiner that it looks at.

use std::collections::BTreeSet;

use super::Policy;
use crate::expressions::template::{Condition, Template};
use crate::policy::assignment::{Assignment, Gives, Grants};
use crate::policy::instance::Instance;

impl Policy {
    /// Tells whether a condition, a template, a table, a tag or the schedule uses a field such as `email` or
    /// `department.code`; `department` stands for all of its fields.
    #[must_use]
    pub fn uses(&self, field: &str) -> bool {
        (field == "start_date" && self.schedule.is_some())
            || self.fields().any(|name| is_of(&name, field))
    }

    /// Lists the fields that conditions, templates, tables and tags use, each once.
    pub(super) fn fields_used(&self) -> BTreeSet<String> {
        self.fields().collect()
    }

    fn fields(&self) -> impl Iterator<Item = String> {
        let conditions = self.assignments.iter().filter_map(|one| one.when.as_ref());
        let conditions = conditions.chain(self.additions.iter().map(|one| &one.when));
        let columns = self.assignments.iter().flat_map(|one| match &one.gives {
            Gives::All(_) => &[][..],
            Gives::ByRow(table) => &table.columns[..],
        });
        let granted = self.assignments.iter().flat_map(Assignment::grants);
        let templates = granted
            .flat_map(of_grants)
            .chain(self.instances.iter().flat_map(|(_, one)| of_users(one)));
        conditions
            .flat_map(Condition::fields)
            .chain(columns.cloned())
            .chain(templates.flat_map(Template::fields))
    }
}

fn of_users(instance: &Instance) -> impl Iterator<Item = &Template> {
    let user = &instance.user;
    let usernames = user.username.iter().chain(&user.username_when_taken);
    let email = user.email.as_ref().filter(|_| instance.sends_email());
    let optional = [&user.secondary_email, &user.mobile, &user.directory_user_id];
    let secret = instance
        .password
        .as_ref()
        .map(|password| &password.secret_id);
    usernames
        .chain([&user.first_name, &user.last_name])
        .chain(optional.into_iter().flatten())
        .chain(email)
        .chain(secret)
}

fn of_grants(grants: &Grants) -> impl Iterator<Item = &Template> {
    let numbers = grants.phone.phone_numbers.iter().flatten();
    grants
        .tags
        .values()
        .chain(&grants.phone.desk_phone_number)
        .chain(numbers)
}

// Either may be the object that the other lies in.
fn is_of(name: &str, field: &str) -> bool {
    let lies_in = |inner: &str, outer: &str| {
        let rest = inner.strip_prefix(outer);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    lies_in(name, field) || lies_in(field, name)
}
