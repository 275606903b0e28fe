//! The table of `[claims]` -> its status and keys.

use aws_sdk_dynamodb::types::{KeyType, TableStatus};
use connect_provisioner::aws::Clients;
use connect_provisioner::policy::Policy;

use crate::ending::CannotRun;
use crate::refused::refused;

/// Table in DynamoDB.
#[derive(Default)]
pub(in crate::check) struct ClaimsTable {
    pub(in crate::check) status: Option<TableStatus>,
    /// Attributes of the primary key, with their roles.
    pub(in crate::check) keys: Vec<(String, KeyType)>,
}

/// Describes the table of `[claims]`; `None` if the configuration names none.
pub(in crate::check) async fn gather(
    clients: &Clients,
    policy: &Policy,
) -> Option<Result<ClaimsTable, CannotRun>> {
    let claims = policy.claims.as_ref()?;
    let dynamodb = clients.dynamodb();
    let call = dynamodb.describe_table().table_name(&claims.table);
    let answer = match call.send().await {
        Ok(answer) => answer,
        Err(err) => return Some(Err(refused("dynamodb:DescribeTable", &err))),
    };
    let table = answer.table.map(|table| ClaimsTable {
        status: table.table_status,
        keys: table
            .key_schema
            .unwrap_or_default()
            .into_iter()
            .map(|key| (key.attribute_name, key.key_type))
            .collect(),
    });
    Some(Ok(table.unwrap_or_default()))
}
