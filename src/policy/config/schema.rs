//! The types that read `provisioner.toml` -> the JSON Schema by which an editor completes and checks it.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::file::File;
use super::text::Text;

/// The schema of the configuration, in draft 2020-12.
#[must_use]
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(readable);
    settings
        .into_generator()
        .into_root_schema_for::<File>()
        .into()
}

impl JsonSchema for Text {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        String::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

// TOML has no null: what may be left out is not required, and that is all. Rust's sizes of numbers are no formats, and a
// doc comment's lines end where they end in the source.
fn readable(schema: &mut Schema) {
    schema.remove("format");
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = &types[..] {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    if let Some(Value::Array(mut choices)) = schema.remove("anyOf") {
        choices.retain(|choice| *choice != json!({ "type": "null" }));
        match &choices[..] {
            [Value::Object(only)] => {
                for (key, value) in only {
                    schema.insert(key.clone(), value.clone());
                }
            }
            _ => drop(schema.insert("anyOf".to_owned(), Value::Array(choices))),
        }
    }
    transform_subschemas(&mut readable, schema);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sections_are_those_that_are_read() {
        let faults = super::super::parse("colour = 1").err().expect("faults");
        let fault = faults
            .iter()
            .map(|fault| &fault.text)
            .find(|text| text.contains("unknown section"));
        let (_, read) = fault
            .and_then(|text| text.split_once("there are "))
            .expect("a list");
        let mut read: Vec<&str> = read.split(", ").collect();
        read.sort_unstable();
        let schema = schema();
        let described: Vec<&String> = schema["properties"]
            .as_object()
            .expect("sections")
            .keys()
            .collect();
        assert_eq!(described, read);
    }

    #[test]
    fn everything_is_described_and_nothing_is_null() {
        let schema = schema();
        let text = schema.to_string();
        assert!(
            !text.contains("\"null\"") && !text.contains(":null"),
            "{text}"
        );
        for (name, section) in schema["$defs"].as_object().expect("definitions") {
            assert!(section["description"].is_string(), "{name}");
        }
    }

    #[test]
    fn every_preset_is_a_list_of_sources() {
        let head = "connect = { instance_id = \"11111111-aaaa-4bbb-8ccc-111111111111\", identity_management = \"SAML\" }\nuser = { username = [\"{{ given_name }}\"] }\nassignment = []\n";
        for (_, text) in crate::policy::config::presets::all() {
            test_support::schema::accepts(&format!("{head}{text}"));
        }
    }
}
