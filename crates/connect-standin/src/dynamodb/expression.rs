//! DynamoDB's expressions -> whether a condition holds for an item, and the changed item of an update (Amazon DynamoDB
//! Developer Guide, "Condition expressions", "Update expressions"): comparisons, `attribute_exists`, `attribute_not_exists`,
//! `AND`, `OR`, `NOT`, parentheses; `SET`, `REMOVE`, `ADD`.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Item, invalid};
use crate::refusal::Refusal;

/// Meanings of the `#names` and `:values` of an expression.
pub(super) struct Names<'call> {
    pub(super) names: &'call BTreeMap<String, String>,
    pub(super) values: &'call Item,
}

/// An expression that is read from left to right.
struct Reader<'call> {
    tokens: Vec<String>,
    at: usize,
    names: &'call Names<'call>,
    item: &'call Item,
}

/// Tells whether a condition holds for an item; one that is not there has no attributes.
pub(super) fn holds(condition: &str, names: &Names<'_>, item: &Item) -> Result<bool, Refusal> {
    let mut reader = Reader::new(condition, names, item);
    let holds = reader.any()?;
    match reader.peek() {
        None => Ok(holds),
        Some(_) => Err(syntax()),
    }
}

/// Changes an item as an update expression says.
pub(super) fn update(update: &str, names: &Names<'_>, item: &mut Item) -> Result<(), Refusal> {
    let before = item.clone();
    let mut reader = Reader::new(update, names, &before);
    while let Some(clause) = reader.next() {
        loop {
            let path = reader.path()?;
            match clause.to_ascii_uppercase().as_str() {
                "SET" => {
                    reader.expect("=")?;
                    let value = reader.operand()?.ok_or_else(syntax)?;
                    item.insert(path, value);
                }
                "REMOVE" => {
                    item.remove(&path);
                }
                "ADD" => {
                    let value = reader.operand()?.ok_or_else(syntax)?;
                    let sum = number(item.get(&path)).unwrap_or(0)
                        + number(Some(&value)).ok_or_else(syntax)?;
                    item.insert(path, json!({ "N": sum.to_string() }));
                }
                _ => return Err(syntax()),
            }
            if reader.peek() != Some(",") {
                break;
            }
            reader.at += 1;
        }
    }
    Ok(())
}

impl<'call> Reader<'call> {
    fn new(text: &str, names: &'call Names<'call>, item: &'call Item) -> Self {
        Self {
            tokens: tokens(text),
            at: 0,
            names,
            item,
        }
    }

    fn any(&mut self) -> Result<bool, Refusal> {
        let mut holds = self.all()?;
        while self.takes("OR") {
            holds |= self.all()?;
        }
        Ok(holds)
    }

    fn all(&mut self) -> Result<bool, Refusal> {
        let mut holds = self.one()?;
        while self.takes("AND") {
            holds &= self.one()?;
        }
        Ok(holds)
    }

    fn one(&mut self) -> Result<bool, Refusal> {
        if self.takes("NOT") {
            return Ok(!self.one()?);
        }
        if self.takes("(") {
            let holds = self.any()?;
            self.expect(")")?;
            return Ok(holds);
        }
        if self.takes("attribute_exists") {
            return self.exists();
        }
        if self.takes("attribute_not_exists") {
            return Ok(!self.exists()?);
        }
        let left = self.operand()?;
        let operator = self.next().ok_or_else(syntax)?;
        let right = self.operand()?;
        let order = left.as_ref().zip(right.as_ref()).and_then(order);
        Ok(match operator.as_str() {
            "=" => left.is_some() && left == right,
            "<>" => left != right,
            "<" => order == Some(Ordering::Less),
            "<=" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            ">" => order == Some(Ordering::Greater),
            ">=" => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            _ => return Err(syntax()),
        })
    }

    fn exists(&mut self) -> Result<bool, Refusal> {
        self.expect("(")?;
        let path = self.path()?;
        self.expect(")")?;
        Ok(self.item.contains_key(&path))
    }

    fn operand(&mut self) -> Result<Option<Value>, Refusal> {
        let is_value = self.peek().is_some_and(|token| token.starts_with(':'));
        if is_value {
            let token = self.next().unwrap_or_default();
            let value = self.names.values.get(&token);
            return value.cloned().map(Some).ok_or_else(syntax);
        }
        let path = self.path()?;
        Ok(self.item.get(&path).cloned())
    }

    fn path(&mut self) -> Result<String, Refusal> {
        let token = self.next().ok_or_else(syntax)?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.#".contains(c);
        if !token.chars().all(is_name) {
            return Err(syntax());
        }
        if token.starts_with('#') {
            return self.names.names.get(&token).cloned().ok_or_else(syntax);
        }
        Ok(token)
    }

    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(String::as_str)
    }

    fn next(&mut self) -> Option<String> {
        self.at += 1;
        self.tokens.get(self.at - 1).cloned()
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_next = self
            .peek()
            .is_some_and(|token| token.eq_ignore_ascii_case(word));
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, word: &str) -> Result<(), Refusal> {
        if self.takes(word) {
            Ok(())
        } else {
            Err(syntax())
        }
    }
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut joins = false;
    for c in text.chars() {
        let is_word = c.is_ascii_alphanumeric() || "_-.#:".contains(c);
        let compares = "<>=".contains(c);
        let goes_on = tokens.last().is_some_and(|last| {
            let last = last.chars().next_back().unwrap_or(' ');
            (is_word && (last.is_ascii_alphanumeric() || "_-.#:".contains(last)))
                || (compares && "<>".contains(last))
        });
        match tokens.last_mut() {
            Some(last) if joins && goes_on => last.push(c),
            _ if c.is_whitespace() => (),
            _ => tokens.push(c.to_string()),
        }
        joins = !c.is_whitespace();
    }
    tokens
}

fn number(value: Option<&Value>) -> Option<i64> {
    value?.get("N")?.as_str()?.parse().ok()
}

fn order((left, right): (&Value, &Value)) -> Option<Ordering> {
    if let Some((left, right)) = number(Some(left)).zip(number(Some(right))) {
        return Some(left.cmp(&right));
    }
    let text = |value: &Value| value.get("S").and_then(Value::as_str).map(str::to_owned);
    Some(text(left)?.cmp(&text(right)?))
}

fn syntax() -> Refusal {
    invalid("Invalid expression: Syntax error")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(condition: &str, expected: Option<bool>) {
        let item = json!({"claim": {"S": "a"}, "users": {"N": "9"}});
        let values = json!({":a": {"S": "a"}, ":b": {"S": "b"}, ":ten": {"N": "10"}});
        let names = BTreeMap::from([("#c".to_owned(), "claim".to_owned())]);
        let names = Names {
            names: &names,
            values: values.as_object().expect("an object"),
        };
        let holds = holds(condition, &names, item.as_object().expect("an object"));
        assert_eq!(holds.ok(), expected, "{condition}");
    }

    #[test]
    fn conditions_hold_as_the_developer_guide_says() {
        check("claim = :a", Some(true));
        check("#c=:b", Some(false));
        check("claim <> :b AND users < :ten", Some(true));
        check("users >= :ten", Some(false));
        check("attribute_not_exists(claim)", Some(false));
        check("attribute_not_exists(user_id) OR claim = :b", Some(true));
        check("NOT (attribute_exists(user_id) OR claim = :a)", Some(false));
        check("user_id = :a", Some(false));
        check("claim = :unknown", None);
        check("claim = ", None);
        check("claim = :a claim", None);
    }
}
