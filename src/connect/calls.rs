//! A call of Amazon Connect -> its answer, sent at the pace of the quota and tried again where that may help.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_connect::Client;
use aws_sdk_connect::error::{ProvideErrorMetadata, SdkError};

use crate::aws::is_stale;
use crate::connect::rate_limit::RateLimit;
use crate::failure::{Failure, Reason, is_throttling};
use crate::invocation::deadline;
use crate::policy::RequestRate;

/// The client, and a pace for each operation: the quota is the account's for each of them.
pub(super) struct Calls {
    pub(super) client: Client,
    rate: RequestRate,
    operations: Mutex<HashMap<&'static str, Operation>>,
}

/// An operation's pace, and how many calls of it were asked for.
struct Operation {
    pace: Arc<RateLimit>,
    sent: usize,
}

/// A call that failed, and whether it will fail again.
#[derive(Debug, Clone)]
pub(super) struct CallError {
    failure: Failure,
    refused: bool,
}

impl CallError {
    /// Reads an SDK's error of an operation.
    pub(super) fn new<E: ProvideErrorMetadata>(operation: &'static str, err: &SdkError<E>) -> Self {
        Self {
            failure: Failure::aws(operation, err),
            refused: !may_pass(err),
        }
    }

    /// Reports a panic in the task that made the call.
    pub(super) fn panicked() -> Self {
        Self {
            failure: Failure::panicked(),
            refused: false,
        }
    }

    /// Reports a list that gave a page's token a second time.
    pub(super) fn endless() -> Self {
        let code = "RepeatedNextToken".to_owned();
        let operation = "NextToken";
        Self {
            failure: Failure::new(
                Reason::Aws { operation, code },
                "a list of Amazon Connect gave the token of a page twice, and so has no end; it will be read anew",
            ),
            refused: false,
        }
    }

    /// A refusal without a call.
    #[cfg(test)]
    pub(super) fn refusal() -> Self {
        Self {
            refused: true,
            ..Self::panicked()
        }
    }

    /// Whether the service refused the call, rather than being slow, throttling or out of order.
    pub(super) fn is_refusal(&self) -> bool {
        self.refused
    }
}

impl From<CallError> for Failure {
    fn from(err: CallError) -> Self {
        err.failure
    }
}

// The SDK's own retries are off: they would go round the pace.
const ATTEMPTS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

impl Calls {
    pub(super) fn new(client: Client, rate: RequestRate) -> Self {
        Self {
            client,
            rate,
            operations: Mutex::default(),
        }
    }

    /// The operations that were called, each with its number of calls.
    pub(super) fn sent(&self) -> Vec<(&'static str, usize)> {
        let operations = self.operations();
        let sent = operations.iter();
        sent.map(|(operation, of)| (*operation, of.sent)).collect()
    }

    /// Sends a call of an operation.
    pub(super) fn send<T, E, F>(
        &self,
        operation: &'static str,
        call: impl Fn() -> F,
    ) -> impl Future<Output = Result<T, SdkError<E>>>
    where
        F: Future<Output = Result<T, SdkError<E>>>,
        E: ProvideErrorMetadata,
    {
        self.send_watched(operation, call, |_| ())
    }

    /// Sends a call of an operation, and shows the answer to each attempt.
    ///
    /// The answer is shown here, since a future around the SDK's would copy all of it for each call.
    pub(super) async fn send_watched<T, E, F>(
        &self,
        operation: &'static str,
        call: impl Fn() -> F,
        watch: impl Fn(&Result<T, SdkError<E>>),
    ) -> Result<T, SdkError<E>>
    where
        F: Future<Output = Result<T, SdkError<E>>>,
        E: ProvideErrorMetadata,
    {
        let pace = self.pace(operation);
        tried(&pace, call, watch).await
    }

    fn pace(&self, operation: &'static str) -> Arc<RateLimit> {
        let mut operations = self.operations();
        let new = || Operation {
            pace: Arc::new(RateLimit::new(self.rate)),
            sent: 0,
        };
        let operation = operations.entry(operation).or_insert_with(new);
        operation.sent += 1;
        Arc::clone(&operation.pace)
    }

    fn operations(&self) -> MutexGuard<'_, HashMap<&'static str, Operation>> {
        self.operations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

async fn tried<T, E, F>(
    pace: &RateLimit,
    call: impl Fn() -> F,
    watch: impl Fn(&Result<T, SdkError<E>>),
) -> Result<T, SdkError<E>>
where
    F: Future<Output = Result<T, SdkError<E>>>,
    E: ProvideErrorMetadata,
{
    let mut pause = FIRST_PAUSE;
    for _ in 1..ATTEMPTS {
        match once(pace, &call, &watch).await {
            Err(err) if may_pass(&err) => tokio::time::sleep(pause).await,
            settled => return settled,
        }
        pause *= 2;
    }
    once(pace, &call, &watch).await
}

async fn once<T, E, F>(
    pace: &RateLimit,
    call: &impl Fn() -> F,
    watch: &impl Fn(&Result<T, SdkError<E>>),
) -> Result<T, SdkError<E>>
where
    F: Future<Output = Result<T, SdkError<E>>>,
    E: ProvideErrorMetadata,
{
    let answer = sent(pace, call, watch).await;
    match &answer {
        Err(err) if is_stale(err) => sent(pace, call, watch).await,
        _ => answer,
    }
}

async fn sent<T, E, F>(
    pace: &RateLimit,
    call: &impl Fn() -> F,
    watch: &impl Fn(&Result<T, SdkError<E>>),
) -> Result<T, SdkError<E>>
where
    F: Future<Output = Result<T, SdkError<E>>>,
    E: ProvideErrorMetadata,
{
    pace.take().await;
    // Boxed: the SDK's future is large, and nests so deeply that the compiler would give up on those around it.
    let answer = tokio::time::timeout(deadline::attempt(), Box::pin(call())).await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(late) => Err(SdkError::timeout_error(late)),
    };
    watch(&answer);
    match &answer {
        Err(err) if is_throttled(err) => pace.slow_down().await,
        _ => pace.recover().await,
    }
    answer
}

fn is_throttled<E: ProvideErrorMetadata, R>(err: &SdkError<E, R>) -> bool {
    let code = err.as_service_error().and_then(ProvideErrorMetadata::code);
    code.is_some_and(is_throttling)
}

// Whether the very same call may succeed within the second; anything else is for the queue to try again.
fn may_pass<E: ProvideErrorMetadata>(err: &SdkError<E>) -> bool {
    match err {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            true
        }
        SdkError::ServiceError(service) => {
            let quota_of_users = service.err().code() == Some("LimitExceededException");
            let status = service.raw().status().as_u16();
            !quota_of_users && (status == 429 || status >= 500)
        }
        _ => false,
    }
}
