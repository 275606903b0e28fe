//! A list and the position asked for become one page of it.

use serde::Serialize;
use serde_json::{Value, json};

use super::super::refusal::{Answer, Refusal};
use super::super::wire::AwsRequest;
use super::rule::{check, invalid};

/// The sizes that pages can have.
#[derive(Clone, Copy)]
pub(super) struct Pages {
    cap: usize,
}

pub(super) struct Page<'list, T> {
    pub(super) items: &'list [T],
    pub(super) next_token: Option<String>,
}

/// The position that a call asks for, and the most that its operation allows.
pub(super) struct Position<'request> {
    pub(super) operation: &'request str,
    pub(super) next_token: Option<&'request str>,
    pub(super) max_results: Option<i64>,
    pub(super) limit: usize,
}

impl Pages {
    pub(super) fn capped_at(page_size: Option<usize>) -> Self {
        Self {
            cap: page_size.unwrap_or(usize::MAX),
        }
    }

    /// A list operation: `maxResults` up to 1000, 100 by default (`ListUsers` and its like, Amazon
    /// Connect API reference).
    pub(super) fn list<T: Serialize>(
        self,
        request: &AwsRequest,
        member: &str,
        items: &[T],
    ) -> Answer {
        let max_results = request.query.get("maxResults").map(|text| {
            let number = text.parse();
            number.map_err(|_| invalid("MaxResults", "must be a number"))
        });
        let position = Position {
            operation: &request.operation,
            next_token: request.query.get("nextToken").map(String::as_str),
            max_results: max_results.transpose()?,
            limit: 1000,
        };
        let page = self.cut(items, &position)?;
        Ok(with_token(json!({ member: page.items }), page.next_token))
    }

    pub(super) fn cut<'list, T>(
        self,
        items: &'list [T],
        position: &Position<'_>,
    ) -> Result<Page<'list, T>, Refusal> {
        let size = position.size()?.min(self.cap);
        let start = position.start()?.min(items.len());
        let end = start.saturating_add(size).min(items.len());
        Ok(Page {
            items: &items[start..end],
            next_token: (end < items.len()).then(|| format!("{}-{end}", position.operation)),
        })
    }
}

impl Position<'_> {
    fn size(&self) -> Result<usize, Refusal> {
        let size = usize::try_from(self.max_results.unwrap_or(100)).unwrap_or(0);
        check((1..=self.limit).contains(&size), || {
            let rule = format!("must be between 1 and {}", self.limit);
            invalid("MaxResults", &rule)
        })?;
        Ok(size)
    }

    fn start(&self) -> Result<usize, Refusal> {
        let Some(token) = self.next_token else {
            return Ok(0);
        };
        let position = token.strip_prefix(self.operation);
        let position = position.and_then(|rest| rest.strip_prefix('-')?.parse().ok());
        position.ok_or_else(|| invalid("NextToken", "is not a token of this operation"))
    }
}

pub(super) fn with_token(mut output: Value, next_token: Option<String>) -> Value {
    if let Some(token) = next_token {
        output["NextToken"] = Value::String(token);
    }
    output
}
