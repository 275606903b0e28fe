//! Message attributes: their rules, their size and their digest (Amazon SQS Developer Guide, message
//! metadata).

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::super::refusal::Refusal;
use super::body::{check_characters, hex};
use super::invalid_value;

pub(super) type Attributes = BTreeMap<String, AttributeValue>;

#[derive(Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AttributeValue {
    #[serde(default)]
    data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    /// As base64, the form in which it comes and goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
}

impl AttributeValue {
    pub(super) fn text(&self) -> &str {
        let text = self.string_value.as_deref();
        text.or(self.binary_value.as_deref()).unwrap_or_default()
    }

    /// The bytes that count for size and digest.
    fn bytes(&self) -> Vec<u8> {
        match &self.string_value {
            Some(text) => text.clone().into_bytes(),
            None => BASE64_STANDARD.decode(self.text()).unwrap_or_default(),
        }
    }
}

pub(super) fn check_attributes(attributes: &Attributes) -> Result<(), Refusal> {
    if attributes.len() > 10 {
        let given = attributes.len();
        return Err(invalid_value(format!(
            "Number of message attributes [{given}] exceeds the allowed maximum [10]."
        )));
    }
    attributes.iter().try_for_each(|(name, value)| {
        check_name(name)?;
        check_value(name, value)
    })
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let lower = name.to_ascii_lowercase();
    let reserved = lower.starts_with("aws.") || lower.starts_with("amazon.");
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let dots = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    let long = name.is_empty() || name.len() > 256;
    if reserved || dots || long || !name.chars().all(allowed) {
        return Err(invalid_value(
            "Message attribute name is invalid: it can have up to 256 of A-Z, a-z, 0-9, _, - and . without an outer or doubled period, and can't start with AWS. or Amazon.",
        ));
    }
    Ok(())
}

fn check_value(name: &str, value: &AttributeValue) -> Result<(), Refusal> {
    let data_type = value.data_type.as_str();
    let kind = data_type.split('.').next().unwrap_or_default();
    let given = match kind {
        "String" | "Number" => value.string_value.is_some() && value.binary_value.is_none(),
        "Binary" => value.binary_value.is_some() && value.string_value.is_none(),
        _ => false,
    };
    if !given || data_type.len() > 256 {
        return Err(invalid_value(format!(
            "The message attribute '{name}' must have type String, Number or Binary and the value of that type."
        )));
    }
    if value.bytes().is_empty() {
        return Err(invalid_value(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for message attribute type '{kind}'."
        )));
    }
    if kind == "Number" && value.text().parse::<f64>().is_err() {
        return Err(invalid_value(format!(
            "Can't cast the value of message (user) attribute '{name}' to a number."
        )));
    }
    check_characters(value.text())
}

/// The bytes of names, types and values, which count towards the size of the message.
pub(super) fn size(attributes: &Attributes) -> usize {
    let attributes = attributes.iter();
    attributes
        .map(|(name, value)| name.len() + value.data_type.len() + value.bytes().len())
        .sum()
}

/// `MD5OfMessageAttributes`: sorted by name, each part with its length before it (Amazon SQS
/// Developer Guide, calculating the MD5 message digest for message attributes).
pub(super) fn digest<'message>(
    attributes: impl Iterator<Item = (&'message String, &'message AttributeValue)>,
) -> Option<String> {
    let mut md5 = Md5::new();
    let mut any = false;
    for (name, value) in attributes {
        any = true;
        add(&mut md5, name.as_bytes());
        add(&mut md5, value.data_type.as_bytes());
        md5.update([if value.string_value.is_some() { 1 } else { 2 }]);
        add(&mut md5, &value.bytes());
    }
    any.then(|| hex(&md5.finalize()))
}

fn add(md5: &mut Md5, part: &[u8]) {
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    md5.update(length.to_be_bytes());
    md5.update(part);
}
