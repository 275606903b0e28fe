//! `[source.fields]`: an expression for each field of a joiner, as the table of fields has them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{DeserializeSeed, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use super::text::Text;
use crate::source::field::{EXTRA, Field};

const EVENT_ID: &str = "event_id";
const ABOUT_EXTRA: &str =
    "An expression for each field of your own, which conditions and templates read as extra.NAME.";
const ABOUT_EVENT_ID: &str = "Stands for the person where there is no employee id.";

/// An expression for each field of a joiner.
#[derive(Default)]
pub(super) struct SourceFields {
    pub(super) event_id: Option<Text>,
    /// Fields that the configuration names, `extra.NAME`.
    pub(super) extra: BTreeMap<String, Text>,
    texts: [Option<Text>; Field::COUNT],
}

impl SourceFields {
    /// Takes the expression of a field out.
    pub(super) fn take(&mut self, field: Field) -> Option<Text> {
        self.texts[field as usize].take()
    }
}

impl<'de> Deserialize<'de> for SourceFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Self::default();
        let object = Object {
            group: None,
            into: &mut fields,
        };
        object.deserialize(deserializer)?;
        Ok(fields)
    }
}

/// The table itself, or the one of a group such as `department`.
struct Object<'a> {
    group: Option<&'static str>,
    into: &'a mut SourceFields,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a table of expressions")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let mut members = Field::ALL
                .into_iter()
                .filter(|field| field.group() == self.group);
            let mut groups = Field::by_group().filter_map(|(group, _)| group);
            if self.group.is_none() && key == EVENT_ID {
                self.into.event_id = Some(map.next_value()?);
            } else if self.group.is_none() && key == EXTRA {
                self.into.extra = map.next_value()?;
            } else if let Some(field) = members.find(|field| field.member() == key) {
                self.into.texts[field as usize] = Some(map.next_value()?);
            } else if let Some(group) = groups.find(|group| self.group.is_none() && *group == key) {
                map.next_value_seed(Object {
                    group: Some(group),
                    into: self.into,
                })?;
            } else {
                return Err(Error::custom(format!(
                    "unknown field `{key}`, expected one of {}",
                    names(self.group)
                )));
            }
        }
        Ok(())
    }
}

fn names(group: Option<&str>) -> String {
    let event_id = group.is_none().then_some(EVENT_ID);
    let members = Field::by_group().flat_map(|(of, fields)| {
        let members = fields.iter().map(|field| field.member());
        let members = members.filter(move |_| of == group);
        members.chain(of.filter(|_| group.is_none()))
    });
    let extra = group.is_none().then_some(EXTRA);
    let names = event_id.into_iter().chain(members).chain(extra);
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

impl JsonSchema for SourceFields {
    fn schema_name() -> Cow<'static, str> {
        "SourceFields".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let text = generator.subschema_for::<Text>();
        let described = |about: &str| {
            let mut schema = text.clone();
            schema.insert("description".to_owned(), json!(about));
            schema.to_value()
        };
        let mut properties = Map::new();
        properties.insert(EVENT_ID.to_owned(), described(ABOUT_EVENT_ID));
        let extra = json!({
            "type": "object",
            "description": ABOUT_EXTRA,
            "propertyNames": { "pattern": "^[^.]+$" },
            "additionalProperties": text.clone().to_value(),
        });
        properties.insert(EXTRA.to_owned(), extra);
        for (group, fields) in Field::by_group() {
            let members = fields
                .iter()
                .map(|field| (field.member().to_owned(), described(field.meaning())));
            match group {
                None => properties.extend(members),
                Some(group) => {
                    let members: Map<String, Value> = members.collect();
                    properties.insert(group.to_owned(), object(&members, None));
                }
            }
        }
        let about = "An expression for each field of a joiner.";
        Schema::try_from(object(&properties, Some(about))).unwrap_or_default()
    }
}

fn object(properties: &Map<String, Value>, about: Option<&str>) -> Value {
    let mut object = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    if let Some(about) = about {
        object["description"] = json!(about);
    }
    object
}
