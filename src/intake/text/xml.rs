//! XML -> its elements as names and values, as JSON would have them: no DTD, no entities of its own.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion, escape};
use serde_json::{Map, Value};

use crate::failure::{Failure, Reason};

/// The member that has the text of an element beside its attributes.
const TEXT: &str = "#text";

// Each is compared with those before it, so many of them would take long.
const MOST_ATTRIBUTES: usize = 256;

// As deep as JSON may be.
const DEEPEST: usize = 127;

/// Tells whether a text begins as XML.
pub(super) fn begins(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    let after = text.strip_prefix('<');
    after.is_some_and(|after| {
        after.starts_with(|c: char| c.is_alphabetic() || matches!(c, '?' | '!' | '_'))
    })
}

/// Reads a document (XML 1.0): the root element is the one member of the object.
///
/// Names lose their prefix. An element with text alone is that text; others are objects, with each attribute as `@name` and a
/// text beside it as `#text`. Elements of one name are a list.
///
/// # Errors
/// `not_json` with the place of the fault: the text is no well-formed XML, is nested too deep, or has a DTD or an entity that
/// XML itself does not define.
pub(super) fn read(text: &str) -> Result<Map<String, Value>, Failure> {
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    // An element that is not closed is reported, and so is the end of one that is not open.
    reader.config_mut().check_end_names = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = Map::new();
    loop {
        let event = reader.read_event().map_err(|_| "it is not well-formed");
        let step = event.and_then(|event| step(event, &mut open, &mut root));
        match step {
            Ok(true) => return Ok(root),
            Ok(false) => (),
            Err(fault) => return Err(refusal(fault, text, reader.buffer_position())),
        }
    }
}

/// An element that is open.
struct Element {
    name: String,
    is_nil: bool,
    members: Map<String, Value>,
    text: String,
}

// Whether the document is at its end.
fn step(
    event: Event,
    open: &mut Vec<Element>,
    root: &mut Map<String, Value>,
) -> Result<bool, &'static str> {
    match event {
        Event::Start(start) => {
            if open.len() == DEEPEST {
                return Err("it is nested deeper than 127 levels");
            }
            if open.is_empty() && !root.is_empty() {
                return Err("a second element follows the first");
            }
            open.push(opened(&start)?);
        }
        Event::Empty(start) => {
            let element = opened(&start)?;
            close(element, open.last_mut(), root)?;
        }
        Event::End(_) => {
            let element = open.pop().ok_or("an element ends that is not open")?;
            close(element, open.last_mut(), root)?;
        }
        Event::Text(text) => write(&text.xml10_content(), open)?,
        Event::CData(text) => write(&text.xml10_content(), open)?,
        Event::GeneralRef(reference) => {
            let character = reference.resolve_char_ref();
            let character = character.map_err(|_| "it refers to a character that there is not")?;
            match (character, escape::resolve_predefined_entity(&reference)) {
                (Some(character), _) => write(character.encode_utf8(&mut [0; 4]), open)?,
                (None, Some(text)) => write(text, open)?,
                (None, None) => return Err("it uses an entity that XML itself does not define"),
            }
        }
        Event::DocType(_) => return Err("it has a DTD, and none is read"),
        Event::Comment(_) | Event::Decl(_) | Event::PI(_) => (),
        Event::Eof if open.is_empty() && !root.is_empty() => return Ok(true),
        Event::Eof => return Err("the text ends too early"),
    }
    Ok(false)
}

fn opened(start: &BytesStart) -> Result<Element, &'static str> {
    let mut element = Element {
        name: local(start.name().as_ref())?,
        is_nil: false,
        members: Map::new(),
        text: String::new(),
    };
    for (n, attribute) in start.attributes().enumerate() {
        if n == MOST_ATTRIBUTES {
            return Err("an element has more than 256 attributes");
        }
        let attribute = attribute.map_err(|_| "an attribute is not well-formed")?;
        let full = attribute.key;
        // A declaration of a namespace says nothing of the person.
        if full.as_namespace_binding().is_some() {
            continue;
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value =
            value.map_err(|_| "an attribute uses an entity that XML itself does not define")?;
        let name = local(full.as_ref())?;
        element.is_nil |= name == "nil" && matches!(value.as_ref(), "true" | "1");
        super::add(
            &mut element.members,
            &format!("@{name}"),
            Value::String(value.into_owned()),
        );
    }
    Ok(element)
}

// The name without its prefix.
fn local(name: &str) -> Result<String, &'static str> {
    let local = name.rsplit(':').next().unwrap_or(name);
    if local.is_empty() {
        return Err("an element has no name");
    }
    Ok(local.to_owned())
}

fn write(text: &str, open: &mut [Element]) -> Result<(), &'static str> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => (),
        None => return Err("a text stands outside the first element"),
    }
    Ok(())
}

fn close(
    element: Element,
    outer: Option<&mut Element>,
    root: &mut Map<String, Value>,
) -> Result<(), &'static str> {
    let Element {
        name,
        is_nil,
        mut members,
        text,
    } = element;
    let text = text.trim();
    let value = if is_nil {
        Value::Null
    } else if members.is_empty() {
        Value::String(text.to_owned())
    } else {
        if !text.is_empty() {
            members.insert(TEXT.to_owned(), Value::String(text.to_owned()));
        }
        Value::Object(members)
    };
    match outer {
        Some(outer) => super::add(&mut outer.members, &name, value),
        None if root.is_empty() => {
            root.insert(name, value);
        }
        None => return Err("a second element follows the first"),
    }
    Ok(())
}

// The text itself is not repeated.
fn refusal(fault: &str, text: &str, at: u64) -> Failure {
    let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
    let before = String::from_utf8_lossy(&text.as_bytes()[..at]);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    Failure::new(
        Reason::NotJson,
        format!(
            "the event is neither JSON nor XML that is read: {fault}, at line {line}, column {column}; send one JSON object \
             (RFC 8259), or well-formed XML 1.0, in UTF-8"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(text: &str, expected: &Value) {
        let read = read(text).map_err(|failure| failure.explanation().to_owned());
        assert_eq!(read.map(Value::Object).as_ref(), Ok(expected), "{text}");
    }

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        let explanation = read(text)
            .err()
            .map(|failure| failure.explanation().to_owned());
        let explanation = explanation.unwrap_or_default();
        assert!(explanation.contains(expected), "{text}: {explanation}");
        assert!(!explanation.contains("Zo"), "{explanation}");
    }

    #[test]
    fn elements_are_names_and_values() {
        check("<a/>", &json!({"a": ""}));
        check(
            "\u{feff}<?xml version=\"1.0\"?>\n<!-- of today -->\n<w:a xmlns:w=\"urn:w\"><w:b> Zoë </w:b><w:c>1</w:c><w:c>2</w:c></w:a>\n",
            &json!({"a": {"b": "Zoë", "c": ["1", "2"]}}),
        );
        check(
            "<a><ID w:type=\"Employee_ID\">7</ID><ID type=\"WID\">x</ID><none xsi:nil=\"true\"/></a>",
            &json!({"a": {"ID": [{"@type": "Employee_ID", "#text": "7"}, {"@type": "WID", "#text": "x"}], "none": null}}),
        );
        check(
            "<a>Brückner &amp; O&#x2019;Neill <![CDATA[<Ltd>]]></a>",
            &json!({"a": "Brückner & O’Neill <Ltd>"}),
        );
    }

    #[test]
    fn what_is_no_plain_xml_is_refused() {
        refused("<a><b>Zoe</a>", "it is not well-formed, at line 1");
        refused(
            "<a>\n<b>Zoe</b>",
            "the text ends too early, at line 2, column 11",
        );
        refused("<a/><b/>", "a second element follows the first");
        refused("<a/>Zoe", "a text stands outside the first element");
        refused(
            "<!DOCTYPE a [<!ENTITY x \"Zoe\">]><a>&x;</a>",
            "it has a DTD",
        );
        refused("<a>&Zoe;</a>", "an entity that XML itself does not define");
        refused("<a b=\"&Zoe;\"/>", "an attribute uses an entity");
        refused("<a b=\"1\" b=\"Zoe\"/>", "an attribute is not well-formed");
        refused(&"<a>".repeat(200), "nested deeper than 127 levels");
        let attributes: Vec<String> = (0..257).map(|n| format!("a{n}=\"Zoe\"")).collect();
        let element = format!("<a {}/>", attributes.join(" "));
        refused(&element, "more than 256 attributes");
    }
}
