//! The table of `[claims]` -> whether usernames can be claimed in it.

use aws_sdk_dynamodb::types::{KeyType, TableStatus};
use connect_provisioner::connect::claims::KEY;
use connect_provisioner::policy::Policy;

use super::facts::claims::ClaimsTable;
use super::finding::Finding;
use crate::ending::CannotRun;

/// Judges the table; `None` if the configuration names none.
pub(super) fn judge(policy: &Policy, table: Option<&Result<ClaimsTable, CannotRun>>) -> Finding {
    let (Some(claims), Some(table)) = (&policy.claims, table) else {
        let says = "none: where HR corrects a name while Connect's search index lags, a person can get two users";
        return Finding::note("claims", says);
    };
    let about = format!("claims table {}", claims.table);
    let fault = match table {
        Ok(table) => fault_of(table),
        Err(why) => Some(why.to_string()),
    };
    match fault {
        None => Finding::ok(&about, format!("active, with the partition key {KEY}")),
        Some(why) => Finding::fail(&about, why),
    }
}

fn fault_of(table: &ClaimsTable) -> Option<String> {
    let status = table.status.as_ref();
    if !matches!(status, Some(TableStatus::Active | TableStatus::Updating)) {
        let status = status.map_or("unknown", TableStatus::as_str);
        return Some(format!(
            "its status is {status}, and claims need an ACTIVE table"
        ));
    }
    match table.keys.as_slice() {
        [(name, KeyType::Hash)] if name == KEY => None,
        _ => Some(format!(
            "its key is another one; claims need a table with the partition key {KEY}, a string, and no sort key"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: Option<TableStatus>, keys: &[(&str, KeyType)], expected: Option<&str>) {
        let keys = keys
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), kind.clone()));
        let table = ClaimsTable {
            status,
            keys: keys.collect(),
        };
        let fault = fault_of(&table);
        assert_eq!(fault.is_some(), expected.is_some(), "{fault:?}");
        assert!(
            fault
                .unwrap_or_default()
                .contains(expected.unwrap_or_default())
        );
    }

    #[test]
    fn claims_need_an_active_table_with_one_key() {
        let key = [(KEY, KeyType::Hash)];
        check(Some(TableStatus::Active), &key, None);
        check(Some(TableStatus::Updating), &key, None);
        check(Some(TableStatus::Creating), &key, Some("CREATING"));
        check(None, &key, Some("unknown"));
        check(
            Some(TableStatus::Active),
            &[(KEY, KeyType::Hash), ("sort", KeyType::Range)],
            Some("no sort key"),
        );
        check(
            Some(TableStatus::Active),
            &[(KEY, KeyType::Range)],
            Some("another"),
        );
    }
}
