//! A failed call of AWS -> a sentence that names the permission and the way out.

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use connect_provisioner::failure::{Failure, Reason};

use crate::ending::CannotRun;

/// Why a call failed; nothing of AWS's own text, which may quote the call.
pub(super) fn refused<E, R>(permission: &str, err: &SdkError<E, R>) -> CannotRun
where
    E: ProvideErrorMetadata,
{
    let code = err
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
        .unwrap_or_default();
    CannotRun(match (err, code) {
        (SdkError::ServiceError(_), code) => answered(permission, code),
        (SdkError::ConstructionFailure(_), _) => {
            format!("{permission}: the call could not be built; is a Region set? give --region")
        }
        _ => format!(
            "{permission}: no answer from AWS; check the credentials (aws sts get-caller-identity), --profile, --region and the \
             network"
        ),
    })
}

/// Explains an error code of AWS to the caller.
pub(super) fn answered(permission: &str, code: &str) -> String {
    let on_what = if permission.starts_with("sqs:") {
        " on the queue"
    } else {
        ""
    };
    if code.contains("AccessDenied") {
        format!("access denied: these credentials need {permission}{on_what}")
    } else if code.contains("NonExistentQueue") || code.contains("QueueDoesNotExist") {
        "there is no such queue in this account and Region; check --queue-url, --queue-name and --region".to_owned()
    } else if ["ExpiredToken", "InvalidClientTokenId", "UnrecognizedClient"]
        .iter()
        .any(|stale| code.starts_with(stale))
    {
        format!(
            "{permission}: AWS answered {code}; the credentials are stale or of another account: sign in again, or give \
             --profile"
        )
    } else if code.starts_with("ResourceNotFound") {
        format!("{permission}: AWS answered {code}; check the name, --profile and --region")
    } else {
        format!("{permission}: AWS answered {code}")
    }
}

/// Explains the failure of a call that the function's own code made for a command.
pub(super) fn failed(failure: &Failure) -> String {
    match failure.reason() {
        Reason::Aws { operation, code } if !is_silence(code) => {
            let service = match *operation {
                "GetSecretValue" => "secretsmanager",
                _ => "connect",
            };
            answered(&format!("{service}:{operation}"), code)
        }
        Reason::Aws { .. } => format!(
            "{}; check the credentials (aws sts get-caller-identity), --profile, --region and the network",
            failure.explanation()
        ),
        _ => failure.explanation().to_owned(),
    }
}

// What `Failure::aws` calls an answer that never came.
fn is_silence(code: &str) -> bool {
    [
        "Timeout",
        "DispatchFailure",
        "UnreadableResponse",
        "RequestNotBuilt",
    ]
    .contains(&code)
}
