//! A field of a joiner -> whether anything in the configuration looks at it.

use super::Policy;
use crate::expressions::template::{Condition, Template};
use crate::policy::assignment::{Assignment, Gives, Grants};

impl Policy {
    /// Tells whether a condition, a template, a table, a tag or the schedule uses a field such as `email` or
    /// `department.code`; `department` stands for all of its fields.
    #[must_use]
    pub fn uses(&self, field: &str) -> bool {
        (field == "start_date" && self.schedule.is_some())
            || self.in_rules(field)
            || self.in_users(field)
    }

    fn in_rules(&self, field: &str) -> bool {
        let conditions = self.assignments.iter().filter_map(|one| one.when.as_ref());
        let conditions = conditions.chain(self.additions.iter().map(|one| &one.when));
        let columns = self.assignments.iter().flat_map(|one| match &one.gives {
            Gives::All(_) => &[][..],
            Gives::ByRow(table) => &table.columns[..],
        });
        let mut grants = self.assignments.iter().flat_map(Assignment::grants);
        conditions
            .flat_map(Condition::fields)
            .any(|name| is_of(&name, field))
            || columns.into_iter().any(|name| is_of(name, field))
            || grants.any(|grants| templates_of(grants).any(|one| looks_at(one, field)))
    }

    fn in_users(&self, field: &str) -> bool {
        self.instances.iter().any(|(_, instance)| {
            let user = &instance.user;
            let usernames = user.username.iter().chain(&user.username_when_taken);
            let email = user.email.as_ref().filter(|_| instance.sends_email());
            let optional = [&user.secondary_email, &user.mobile, &user.directory_user_id];
            let secret = instance
                .password
                .as_ref()
                .map(|password| &password.secret_id);
            let mut all = usernames
                .chain([&user.first_name, &user.last_name])
                .chain(optional.into_iter().flatten())
                .chain(email)
                .chain(secret);
            all.any(|template| looks_at(template, field))
        })
    }
}

fn templates_of(grants: &Grants) -> impl Iterator<Item = &Template> {
    let numbers = grants.phone.phone_numbers.iter().flatten();
    grants
        .tags
        .values()
        .chain(&grants.phone.desk_phone_number)
        .chain(numbers)
}

fn looks_at(template: &Template, field: &str) -> bool {
    template.fields().iter().any(|name| is_of(name, field))
}

// Either may be the object that the other lies in.
fn is_of(name: &str, field: &str) -> bool {
    let lies_in = |inner: &str, outer: &str| {
        let rest = inner.strip_prefix(outer);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    lies_in(name, field) || lies_in(field, name)
}
