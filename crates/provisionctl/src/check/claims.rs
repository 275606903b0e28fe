//! The table of `[claims]`, and the users of an instance -> whether each person can have one user only, and has.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{KeyType, TableDescription, TableStatus};
use connect_provisioner::aws::Clients;
use connect_provisioner::connect::Connect;
use connect_provisioner::connect::claims::KEY;
use connect_provisioner::policy::Policy;

use super::finding::Findings;
use crate::ending::CannotRun;
use crate::refused::refused;

/// Looks at the table in which usernames are pinned, where the configuration names one.
pub(super) async fn look(findings: &mut Findings, clients: &Clients, policy: &Policy) {
    let Some(claims) = &policy.claims else {
        let says = "none: where HR corrects a name while Connect's search index lags, a person can get two users";
        return findings.note("claims", says);
    };
    let about = format!("claims table {}", claims.table);
    let answer = clients
        .dynamodb()
        .describe_table()
        .table_name(&claims.table);
    let judged = match answer.send().await {
        Ok(answer) => judged(answer.table.as_ref()),
        Err(err) => Err(refused("dynamodb:DescribeTable", &err)),
    };
    match judged {
        Ok(()) => findings.ok(&about, format!("active, with the partition key {KEY}")),
        Err(why) => findings.fail(&about, why.to_string()),
    }
}

fn judged(table: Option<&TableDescription>) -> Result<(), CannotRun> {
    let status = table.and_then(TableDescription::table_status);
    if !matches!(status, Some(TableStatus::Active | TableStatus::Updating)) {
        let status = status.map_or("unknown", TableStatus::as_str);
        return Err(CannotRun(format!(
            "its status is {status}, and claims need an ACTIVE table"
        )));
    }
    let keys = table.map(TableDescription::key_schema).unwrap_or_default();
    match keys {
        [key] if key.attribute_name == KEY && key.key_type == KeyType::Hash => Ok(()),
        _ => Err(CannotRun(format!(
            "its key is another one; claims need a table with the partition key {KEY}, a string, and no sort key"
        ))),
    }
}

/// Reports people who have more than one user in an instance.
pub(super) async fn look_for_doubles(findings: &mut Findings, connect: &Connect) {
    let about = format!("people of instance {}", connect.id());
    let tagged = match connect.tagged_users().await {
        Ok(tagged) => tagged,
        Err(failure) => return findings.fail(&about, failure.explanation()),
    };
    let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let count = tagged.len();
    for (person, user_id) in tagged {
        users.entry(person).or_default().push(user_id);
    }
    let mut all_have_one = true;
    for (person, users) in users.iter().filter(|(_, users)| users.len() > 1) {
        all_have_one = false;
        findings.fail(
            &about,
            format!(
                "the users {} are one person's (tag {person}): keep one, and delete the others in Connect",
                users.join(", ")
            ),
        );
    }
    if all_have_one {
        findings.ok(
            &about,
            format!("none has two users; {count} users were made or adopted by this program"),
        );
    }
}
