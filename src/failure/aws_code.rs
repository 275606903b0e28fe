//! An error code of AWS -> the class of the failure: one table, with the source of each code.

use super::reason::Class;

/// Codes that only a person can end, with where AWS names them: access, credentials, signatures, subscriptions, quotas.
const ONLY_A_PERSON: [(&str, &str); 20] = [
    ("AccessDenied", SQS),
    ("AccessDeniedException", COMMON),
    ("AuthFailure", EC2),
    ("ExpiredTokenException", COMMON),
    ("ExpiredToken", STS),
    ("IncompleteSignature", COMMON),
    ("IncompleteSignatureException", COMMON),
    // A stale signature was signed once more already.
    ("InvalidSignatureException", COMMON),
    ("SignatureDoesNotMatch", EC2),
    ("InvalidClientTokenId", COMMON),
    // CreateUser's is the quota of users, not a throttle.
    ("LimitExceededException", CONNECT),
    ("ServiceQuotaExceededException", CONNECT),
    ("MissingAuthenticationToken", COMMON),
    ("MissingAuthenticationTokenException", COMMON),
    ("NotAuthorized", COMMON),
    ("OptInRequired", COMMON),
    ("SubscriptionRequiredException", CONNECT),
    ("UnrecognizedClient", EC2),
    ("UnrecognizedClientException", COMMON),
    // The Region has no such operation.
    ("UnknownOperationException", COMMON),
];

const COMMON: &str = "Amazon Connect API reference, \"Common Error Types\"";
const CONNECT: &str =
    "Amazon Connect API reference, errors of the operations, and its service model";
const EC2: &str =
    "Amazon EC2 API reference, \"Common client errors\": older front ends share its codes";
const SQS: &str = "Amazon SQS API reference, errors of SendMessage, and its query protocol";
const STS: &str = "AWS STS API reference, \"Common Error Types\"";

/// Codes that say that the request itself is wrong (Amazon Connect API reference, CreateUser, "Errors"; "Common Error Types").
const WRONG_REQUEST: [&str; 4] = [
    "InvalidRequestException",
    "InvalidParameterException",
    "ValidationException",
    "ValidationError",
];

/// Tells whether an error code says that calls come too fast (Amazon Connect API reference, "Common Error Types"; AWS's
/// `CloudFormation` handler for users).
pub(crate) fn is_throttling(code: &str) -> bool {
    matches!(code, "ThrottlingException" | "TooManyRequestsException")
}

/// Returns the class of a code that an operation answered.
pub(super) fn class(operation: &str, code: &str) -> Class {
    match code {
        // The dead-letter queue's trouble is its own: users can still be made.
        _ if operation == "SendMessage" => Class::Transient,
        _ if WRONG_REQUEST.contains(&code) => match operation {
            "CreateUser" => Class::Permanent,
            // Nothing of the event goes into the other calls but an exact username, so the configuration is wrong.
            _ => Class::Systemic,
        },
        // The directory proved that the profiles exist, so only a look-up can mean that the instance is gone.
        "ResourceNotFoundException" if operation != "CreateUser" => Class::Systemic,
        _ if ONLY_A_PERSON.iter().any(|(known, _)| *known == code) => Class::Systemic,
        // Unknown codes are tried again: the queue bounds the tries, and nothing is lost.
        _ => Class::Transient,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_a_person_ends_stops_the_batch() {
        for (code, source) in ONLY_A_PERSON {
            assert_eq!(class("CreateUser", code), Class::Systemic, "{code}");
            assert_eq!(class("SendMessage", code), Class::Transient, "{code}");
            assert!(source.contains("reference"), "{code}: {source}");
        }
        for code in WRONG_REQUEST {
            assert_eq!(class("CreateUser", code), Class::Permanent, "{code}");
            assert_eq!(class("SearchUsers", code), Class::Systemic, "{code}");
        }
        for code in [
            "ThrottlingException",
            "InternalServiceException",
            "Timeout",
            "ServiceUnavailable",
            "SomethingNew",
        ] {
            assert_eq!(class("CreateUser", code), Class::Transient, "{code}");
        }
    }
}
