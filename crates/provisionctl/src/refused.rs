//! The failure of an AWS call -> a sentence that names the permission and the remedy.

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use connect_provisioner::failure::{Failure, Reason};

use crate::ending::CannotRun;

/// Explains the failure of a call; omits the message of AWS, which may quote the request.
pub(super) fn refused<E, R>(permission: &str, err: &SdkError<E, R>) -> CannotRun
where
    E: ProvideErrorMetadata,
{
    let code = err
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
        .unwrap_or_default();
    CannotRun(match (err, code) {
        (SdkError::ServiceError(_), code) => explain_code(permission, code),
        (SdkError::ConstructionFailure(_), _) => {
            format!(
                "{permission}: the call could not be built; no Region may be set: give --region"
            )
        }
        _ => format!(
            "{permission}: no answer from AWS; check the credentials (aws sts get-caller-identity), --profile, --region and the \
             network"
        ),
    })
}

/// Explains an AWS error code, for a call that needs a permission.
pub(super) fn explain_code(permission: &str, code: &str) -> String {
    let resource = if permission.starts_with("sqs:") {
        " on the queue"
    } else {
        ""
    };
    if code.contains("AccessDenied") {
        format!("access denied: these credentials need {permission}{resource}")
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

/// Explains a failure reported by the library, which makes some of the calls of a command.
pub(super) fn explain_failure(failure: &Failure) -> String {
    match failure.reason() {
        Reason::Aws { operation, code } if !is_without_answer(code) => {
            let service = match *operation {
                "GetSecretValue" => "secretsmanager",
                _ => "connect",
            };
            explain_code(&format!("{service}:{operation}"), code)
        }
        Reason::Aws { .. } => format!(
            "{}; check the credentials (aws sts get-caller-identity), --profile, --region and the network",
            failure.explanation()
        ),
        _ => failure.explanation().to_owned(),
    }
}

// The codes of `Failure::aws` for a call without an answer.
fn is_without_answer(code: &str) -> bool {
    [
        "Timeout",
        "DispatchFailure",
        "UnreadableResponse",
        "RequestNotBuilt",
    ]
    .contains(&code)
}
