//! The pages of a listing -> a value that serves everybody: read by a task of its own, and kept for a while.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::task::AbortHandle;

use super::calls::CallError;
use super::paged::{Page, Tokens};
use crate::aws::age::Moment;

// Long enough that a batch lists once, short enough that a profile made in the console is soon known.
const FRESH: Duration = Duration::from_mins(5);
// An older list may name too much that is gone, so the call waits for a new one.
const USABLE: Duration = Duration::from_hours(1);
// A batch of unknown names must not list the instance for each of them.
const NEWEST: Duration = Duration::from_secs(20);

/// Reads the page that a token names; the first one without.
pub(super) type Fetch<I> =
    dyn Fn(Option<String>) -> BoxFuture<'static, Result<Page<I>, CallError>> + Send + Sync;

type Outcome<T> = Result<Arc<T>, CallError>;

/// A listing that is read once for everybody who needs it.
///
/// The task that reads it is not cancelled with the person who waits for it, and keeps the pages that it has where a later one
/// fails: the next task goes on from there.
pub(super) struct Kept<I, T> {
    fetch: Arc<Fetch<I>>,
    shelf: Mutex<Arc<Shelf<I, T>>>,
}

/// All that is known of a listing until it is forgotten.
struct Shelf<I, T> {
    state: Mutex<State<T>>,
    pages: Mutex<Pages<I>>,
}

struct State<T> {
    kept: Option<(Moment, Arc<T>)>,
    reading: Option<Reading<T>>,
    tried_at: Option<Moment>,
}

/// A task that reads the listing.
struct Reading<T> {
    task: AbortHandle,
    outcome: Shared<BoxFuture<'static, Outcome<T>>>,
}

/// The pages that were read so far.
struct Pages<I> {
    items: Vec<I>,
    next: Option<String>,
    tokens: Tokens,
    begun_at: Moment,
}

impl<I, T> Kept<I, T>
where
    I: Send + 'static,
    T: FromIterator<I> + Send + Sync + 'static,
{
    /// A listing that was not read yet.
    pub(super) fn new(
        fetch: impl Fn(Option<String>) -> BoxFuture<'static, Result<Page<I>, CallError>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self {
            fetch: Arc::new(fetch),
            shelf: Mutex::default(),
        }
    }

    /// Gives the listing, and reads it first where none is kept; one that is a little old is read anew in the background.
    pub(super) async fn get(&self) -> Outcome<T> {
        if let Some((since, kept)) = self.shelf().kept() {
            if since.age() < FRESH {
                return Ok(kept);
            }
            if since.age() < USABLE {
                self.refresh();
                return Ok(kept);
            }
        }
        self.read().await
    }

    /// Gives the listing as it was a few seconds ago or is now.
    pub(super) async fn newest(&self) -> Outcome<T> {
        // It may have begun with pages that were read long ago.
        if let Some(reading) = self.shelf().reading() {
            reading.await?;
        }
        match self.shelf().kept() {
            Some((since, kept)) if since.age() < NEWEST => Ok(kept),
            _ => self.read().await,
        }
    }

    /// Gives a listing that has what is looked for, as far as there is one.
    pub(super) async fn having(&self, has: impl Fn(&T) -> bool) -> Outcome<T> {
        let kept = self.get().await?;
        if has(&kept) {
            return Ok(kept);
        }
        // It may have been made in the console since the instance was listed.
        self.newest().await
    }

    /// Gives what is kept, if it may still be used, and reads nothing.
    pub(super) fn usable(&self) -> Option<Arc<T>> {
        let (since, kept) = self.shelf().kept()?;
        (since.age() < USABLE).then_some(kept)
    }

    /// Lets the next look-up read the listing from its first page.
    pub(super) fn forget(&self) {
        *locked(&self.shelf) = Arc::default();
    }

    fn shelf(&self) -> Arc<Shelf<I, T>> {
        Arc::clone(&locked(&self.shelf))
    }

    /// The outcome of the task that reads the listing, which is begun unless it is under way.
    fn read(&self) -> Shared<BoxFuture<'static, Outcome<T>>> {
        let onto = self.shelf();
        let mut state = locked(&onto.state);
        if let Some(reading) = state.running() {
            return reading;
        }
        let task = tokio::spawn(read_onto(Arc::clone(&onto), Arc::clone(&self.fetch)));
        let abort_handle = task.abort_handle();
        let outcome = task.map(|joined| joined.unwrap_or_else(|_| Err(CallError::panicked())));
        let outcome = outcome.boxed().shared();
        state.tried_at = Some(Moment::now());
        state.reading = Some(Reading {
            task: abort_handle,
            outcome: outcome.clone(),
        });
        outcome
    }

    // Where this fails it must not be tried for each person.
    fn refresh(&self) {
        let tried_at = locked(&self.shelf().state).tried_at;
        if tried_at.is_none_or(|at| at.age() > NEWEST) {
            drop(self.read());
        }
    }
}

impl<I, T> Default for Shelf<I, T> {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                kept: None,
                reading: None,
                tried_at: None,
            }),
            pages: Mutex::new(Pages::new()),
        }
    }
}

impl<I, T> Shelf<I, T> {
    fn kept(&self) -> Option<(Moment, Arc<T>)> {
        locked(&self.state).kept.clone()
    }

    fn reading(&self) -> Option<Shared<BoxFuture<'static, Outcome<T>>>> {
        locked(&self.state).running()
    }
}

impl<T> State<T> {
    /// The outcome of the task that is under way; one that panicked is not.
    fn running(&self) -> Option<Shared<BoxFuture<'static, Outcome<T>>>> {
        let reading = self.reading.as_ref();
        let running = reading.filter(|reading| !reading.task.is_finished());
        running.map(|reading| reading.outcome.clone())
    }
}

impl<I> Pages<I> {
    fn new() -> Self {
        Self {
            items: Vec::new(),
            next: None,
            tokens: Tokens::default(),
            begun_at: Moment::now(),
        }
    }

    /// Adds a page, and says whether it was the last one; nothing is kept of a list without an end.
    fn add(&mut self, page: Page<I>) -> Result<bool, CallError> {
        self.items.extend(page.items);
        match self.tokens.next(page.next) {
            Ok(next) => {
                self.next = next;
                Ok(self.next.is_none())
            }
            Err(endless) => {
                *self = Self::new();
                Err(endless)
            }
        }
    }
}

async fn read_onto<I, T: FromIterator<I>>(
    shelf: Arc<Shelf<I, T>>,
    fetch: Arc<Fetch<I>>,
) -> Outcome<T> {
    let all = read_pages(&shelf.pages, &*fetch).await;
    let mut state = locked(&shelf.state);
    state.reading = None;
    let (since, items) = all?;
    let value = Arc::new(items.into_iter().collect());
    state.kept = Some((since, Arc::clone(&value)));
    Ok(value)
}

/// Reads every page that is not there yet, and gives all items with the time from which on they are known.
async fn read_pages<I>(
    pages: &Mutex<Pages<I>>,
    fetch: &Fetch<I>,
) -> Result<(Moment, Vec<I>), CallError> {
    let mut earlier = earlier_pages(pages);
    loop {
        let token = locked(pages).next.clone();
        let goes_on = token.is_some();
        match fetch(token).await {
            Ok(page) => {
                let mut pages = locked(pages);
                if pages.add(page)? {
                    let all = std::mem::replace(&mut *pages, Pages::new());
                    let since = earlier.unwrap_or_else(Moment::now);
                    return Ok((since, all.items));
                }
            }
            // Tokens do not last for ever.
            Err(err) if err.is_refusal() && goes_on && earlier.is_some() => {
                earlier = None;
                *locked(pages) = Pages::new();
            }
            Err(err) => return Err(err),
        }
    }
}

/// The time at which an earlier task began with the pages that are there, if they are young enough to go on with.
fn earlier_pages<I>(pages: &Mutex<Pages<I>>) -> Option<Moment> {
    let mut pages = locked(pages);
    if pages.next.is_some() && pages.begun_at.age() < FRESH {
        return Some(pages.begun_at);
    }
    *pages = Pages::new();
    None
}

// The data under this lock is whole at any time: a panic leaves nothing half done.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
