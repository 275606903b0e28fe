//! A call of Amazon Connect -> its answer, sent at the pace of the quota and tried again where that may help.

use std::future::Future;
use std::time::Duration;

use aws_sdk_connect::Client;
use aws_sdk_connect::error::{ProvideErrorMetadata, SdkError};

use crate::pace::Pace;
use crate::policy::RequestRate;

/// The client and its two quotas: creating is what the function is for, so looking up never takes its tokens.
pub(super) struct Calls {
    pub(super) client: Client,
    creations: Pace,
    lookups: Pace,
}

// The SDK's own retries are off: they would go round the pace.
const ATTEMPTS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

impl Calls {
    pub(super) fn new(client: Client, rate: RequestRate) -> Self {
        let pace = || Pace::new(rate.share(), rate.burst_share());
        Self {
            client,
            creations: pace(),
            lookups: pace(),
        }
    }

    /// A CreateUser.
    pub(super) async fn creation<T, E, F>(&self, call: impl Fn() -> F) -> Result<T, SdkError<E>>
    where
        F: Future<Output = Result<T, SdkError<E>>>,
        E: ProvideErrorMetadata,
    {
        tried(&self.creations, call).await
    }

    /// Any other operation.
    pub(super) async fn lookup<T, E, F>(&self, call: impl Fn() -> F) -> Result<T, SdkError<E>>
    where
        F: Future<Output = Result<T, SdkError<E>>>,
        E: ProvideErrorMetadata,
    {
        tried(&self.lookups, call).await
    }
}

async fn tried<T, E, F>(pace: &Pace, call: impl Fn() -> F) -> Result<T, SdkError<E>>
where
    F: Future<Output = Result<T, SdkError<E>>>,
    E: ProvideErrorMetadata,
{
    let mut pause = FIRST_PAUSE;
    for _ in 1..ATTEMPTS {
        match once(pace, &call).await {
            Err(err) if may_pass(&err) => tokio::time::sleep(pause).await,
            settled => return settled,
        }
        pause *= 2;
    }
    once(pace, &call).await
}

async fn once<T, E, F>(pace: &Pace, call: impl Fn() -> F) -> Result<T, SdkError<E>>
where
    F: Future<Output = Result<T, SdkError<E>>>,
    E: ProvideErrorMetadata,
{
    pace.take().await;
    let answer = call().await;
    match &answer {
        Err(err) if is_throttled(err) => pace.widen().await,
        _ => pace.recover().await,
    }
    answer
}

fn is_throttled<E: ProvideErrorMetadata, R>(err: &SdkError<E, R>) -> bool {
    let code = err.as_service_error().and_then(ProvideErrorMetadata::code);
    code.is_some_and(|code| ["ThrottlingException", "TooManyRequestsException"].contains(&code))
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
