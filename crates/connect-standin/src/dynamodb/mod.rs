//! DynamoDB calls become answers and changes of tables with a partition key alone: items are written, changed and deleted by
//! condition (Amazon DynamoDB API reference).

mod expression;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::ids::Home;
use super::refusal::{Answer, Refusal};
use super::seed::Seed;
use super::wire::AwsRequest;
use expression::Names;

/// The attributes of an item, as DynamoDB's JSON types them: `{"S": "text"}`, `{"N": "1"}`.
pub(super) type Item = Map<String, Value>;

pub(super) struct DynamoDb {
    home: Home,
    tables: BTreeMap<String, Table>,
}

struct Table {
    /// The name of the partition key, a string.
    key: String,
    items: BTreeMap<String, Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Call {
    table_name: Option<String>,
    key: Option<Item>,
    condition_expression: Option<String>,
    update_expression: Option<String>,
    #[serde(default)]
    expression_attribute_names: BTreeMap<String, String>,
    #[serde(default)]
    expression_attribute_values: Item,
    return_values: Option<String>,
    return_values_on_condition_check_failure: Option<String>,
}

impl DynamoDb {
    pub(super) fn new(seed: &Seed) -> Self {
        let tables = seed.tables.iter().map(|table| {
            let (key, items) = (table.key.clone(), BTreeMap::new());
            (table.name.clone(), Table { key, items })
        });
        Self {
            home: seed.home(),
            tables: tables.collect(),
        }
    }

    /// The items of a table, in the order of their keys; none if the table is unknown.
    pub(super) fn items(&self, table: &str) -> Vec<Item> {
        let table = self.tables.get(table);
        table
            .map(|table| table.items.values().cloned().collect())
            .unwrap_or_default()
    }

    pub(super) fn perform(&mut self, request: &AwsRequest) -> Answer {
        let call: Call = request.input()?;
        let name = call.table_name.clone().unwrap_or_default();
        let arn = self.home.arn("dynamodb", &format!("table/{name}"));
        let Some(table) = self.tables.get_mut(&name) else {
            let message = "Requested resource not found";
            return Err(Refusal::bad_request("ResourceNotFoundException", message));
        };
        match request.operation.as_str() {
            "GetItem" => table.get(&call),
            "UpdateItem" => table.update(&call),
            "DeleteItem" => table.delete(&call),
            "DescribeTable" => Ok(json!({ "Table": table.described(&name, &arn) })),
            other => Err(Refusal::unknown_operation(other)),
        }
    }
}

impl Table {
    fn get(&self, call: &Call) -> Answer {
        let key = self.key_of(call.key.as_ref())?;
        Ok(match self.items.get(&key) {
            Some(item) => json!({ "Item": item }),
            None => json!({}),
        })
    }

    fn update(&mut self, call: &Call) -> Answer {
        let key = self.key_of(call.key.as_ref())?;
        self.check(&key, call)?;
        let new = || call.key.clone().unwrap_or_default();
        let mut item = self.items.get(&key).cloned().unwrap_or_else(new);
        let update = call.update_expression.as_deref().unwrap_or_default();
        expression::update(update, &call.names(), &mut item)?;
        self.items.insert(key, item.clone());
        Ok(match call.return_values.as_deref() {
            Some("ALL_NEW") => json!({ "Attributes": item }),
            _ => json!({}),
        })
    }

    fn delete(&mut self, call: &Call) -> Answer {
        let key = self.key_of(call.key.as_ref())?;
        self.check(&key, call)?;
        self.items.remove(&key);
        Ok(json!({}))
    }

    fn check(&self, key: &str, call: &Call) -> Result<(), Refusal> {
        let none = Item::new();
        let found = self.items.get(key);
        let Some(condition) = &call.condition_expression else {
            return Ok(());
        };
        if expression::holds(condition, &call.names(), found.unwrap_or(&none))? {
            return Ok(());
        }
        let message = "The conditional request failed";
        let refusal = Refusal::bad_request("ConditionalCheckFailedException", message);
        let shows = call.return_values_on_condition_check_failure.as_deref() == Some("ALL_OLD");
        Err(match found.filter(|_| shows) {
            Some(item) => refusal.with_member("Item", json!(item)),
            None => refusal,
        })
    }

    fn key_of(&self, members: Option<&Item>) -> Result<String, Refusal> {
        let value = members.and_then(|members| members.get(&self.key)?.get("S")?.as_str());
        value.map(str::to_owned).ok_or_else(|| {
            invalid("One or more parameter values were invalid: Missing the key in the item")
        })
    }

    fn described(&self, name: &str, arn: &str) -> Value {
        json!({
            "TableName": name,
            "TableArn": arn,
            "TableStatus": "ACTIVE",
            "KeySchema": [{ "AttributeName": self.key, "KeyType": "HASH" }],
            "AttributeDefinitions": [{ "AttributeName": self.key, "AttributeType": "S" }],
            "ItemCount": self.items.len(),
        })
    }
}

impl Call {
    fn names(&self) -> Names<'_> {
        Names {
            names: &self.expression_attribute_names,
            values: &self.expression_attribute_values,
        }
    }
}

fn invalid(message: &str) -> Refusal {
    Refusal::bad_request("ValidationException", message)
}
