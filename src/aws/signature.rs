//! A call whose signature is refused as stale -> the same call once more, signed with the corrected clock.

use std::future::Future;

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};

/// Sends a call, and once more where its signature is refused for the time at which it was made.
///
/// Lambda may freeze the function between the signature and the sending, and its clock may be wrong after a thaw. The SDK
/// measures its skew from each answer's `Date`, and signs the client's next call with it; by itself it tries no call again
/// whose clock is less than four minutes off.
///
/// # Errors
/// Returns what the last of the calls was answered.
pub(crate) async fn signed_anew<T, E, R, F>(call: impl Fn() -> F) -> Result<T, SdkError<E, R>>
where
    F: Future<Output = Result<T, SdkError<E, R>>>,
    E: ProvideErrorMetadata,
{
    match Box::pin(call()).await {
        Err(err) if is_stale(&err) => Box::pin(call()).await,
        settled => settled,
    }
}

/// Tells whether a call was refused for the time of its signature, and so has done nothing.
pub(crate) fn is_stale<E: ProvideErrorMetadata, R>(err: &SdkError<E, R>) -> bool {
    let code = err.as_service_error().and_then(ProvideErrorMetadata::code);
    code.is_some_and(is_of_the_clock)
}

// AWS API references, "Common errors"; AWS SDKs reference guide, "Clock skew".
fn is_of_the_clock(code: &str) -> bool {
    matches!(
        code,
        "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "RequestExpired"
            | "RequestInTheFuture"
            | "RequestTimeTooSkewed"
    )
}
