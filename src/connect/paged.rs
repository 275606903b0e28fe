//! A call of Amazon Connect that answers in pages -> one page, or the items of all of them.

mod tokens;

use std::future::Future;
use std::sync::Arc;

use aws_sdk_connect::error::{ProvideErrorMetadata, SdkError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::calls::{CallError, Calls};

pub(super) use tokens::Tokens;

/// A page's items and the token of the next one.
pub(super) struct Page<I> {
    pub(super) items: Vec<I>,
    pub(super) next: Option<String>,
}

impl<I> Page<I> {
    /// Makes a page of the members of an answer.
    pub(super) fn new(items: Option<Vec<I>>, next: Option<String>) -> Self {
        let items = items.unwrap_or_default();
        Self { items, next }
    }

    /// Converts the items, and leaves out those that cannot be converted.
    pub(super) fn filter_map<T>(self, convert: impl FnMut(I) -> Option<T>) -> Page<T> {
        Page {
            items: self.items.into_iter().filter_map(convert).collect(),
            next: self.next,
        }
    }
}

/// Returns a function that reads one page: `ask` sends the call for the page that a token names, and `read` reads its answer.
pub(super) fn reader<I, O, E, F>(
    calls: Arc<Calls>,
    operation: &'static str,
    ask: impl Fn(Option<String>) -> F + Clone + Send + Sync + 'static,
    read: fn(O) -> Page<I>,
) -> impl Fn(Option<String>) -> BoxFuture<'static, Result<Page<I>, CallError>>
where
    F: Future<Output = Result<O, SdkError<E>>> + Send + 'static,
    E: ProvideErrorMetadata + Send + Sync + 'static,
    O: Send + Sync + 'static,
    I: 'static,
{
    move |token| {
        let (calls, ask) = (Arc::clone(&calls), ask.clone());
        async move { page(&calls, operation, token, &ask, read).await }.boxed()
    }
}

/// Reads every page and returns their items.
///
/// # Errors
/// Returns the failure of a call, or a transient one where the list has no end.
pub(super) async fn all<I, O, E, F>(
    calls: &Calls,
    operation: &'static str,
    ask: impl Fn(Option<String>) -> F,
    read: fn(O) -> Page<I>,
) -> Result<Vec<I>, CallError>
where
    F: Future<Output = Result<O, SdkError<E>>>,
    E: ProvideErrorMetadata,
{
    every_item(async |token| page(calls, operation, token, &ask, read).await).await
}

async fn page<I, O, E, F>(
    calls: &Calls,
    operation: &'static str,
    token: Option<String>,
    ask: &impl Fn(Option<String>) -> F,
    read: fn(O) -> Page<I>,
) -> Result<Page<I>, CallError>
where
    F: Future<Output = Result<O, SdkError<E>>>,
    E: ProvideErrorMetadata,
{
    let answer = calls.send(operation, || ask(token.clone())).await;
    answer
        .map(read)
        .map_err(|err| CallError::new(operation, &err))
}

async fn every_item<I>(
    page: impl AsyncFn(Option<String>) -> Result<Page<I>, CallError>,
) -> Result<Vec<I>, CallError> {
    let mut tokens = Tokens::default();
    let Page { mut items, next } = page(None).await?;
    let mut token = tokens.next(next)?;
    while token.is_some() {
        let more = page(token).await?;
        items.extend(more.items);
        token = tokens.next(more.next)?;
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Class, Failure};

    /// Reads a list that gives these tokens, one after the other; a page more than they are for would panic.
    async fn read(tokens: &[Option<&str>]) -> Result<usize, Class> {
        let asked = std::cell::Cell::new(0);
        let read = every_item(async |_| {
            let page = asked.replace(asked.get() + 1);
            Ok(Page {
                items: vec![page],
                next: tokens[page].map(str::to_owned),
            })
        });
        let read = read.await.map_err(Failure::from);
        read.map(|items| items.len())
            .map_err(|failure| failure.class())
    }

    #[tokio::test]
    async fn an_empty_token_ends_a_list_and_a_repeated_one_fails_it() {
        assert_eq!(read(&[None]).await, Ok(1));
        assert_eq!(read(&[Some("a"), Some("b"), None]).await, Ok(3));
        assert_eq!(read(&[Some("")]).await, Ok(1));
        assert_eq!(read(&[Some("a"), Some("")]).await, Ok(2));
        assert_eq!(read(&[Some("a"), Some("a")]).await, Err(Class::Transient));
        let round = [Some("a"), Some("b"), Some("a")];
        assert_eq!(read(&round).await, Err(Class::Transient));
    }
}
