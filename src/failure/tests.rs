//! Classes of failures, code by code.

use super::*;

#[track_caller]
fn check(operation: &'static str, code: &str, expected: (Class, &str)) {
    let reason = Reason::Aws {
        operation,
        code: code.to_owned(),
    };
    assert_eq!(
        (reason.class(), reason.code().as_str()),
        expected,
        "{operation} {code}"
    );
}

#[test]
fn aws_codes_are_judged_by_what_a_second_try_would_do() {
    check(
        "CreateUser",
        "InvalidParameterException",
        (Class::Permanent, "connect_rejected"),
    );
    check(
        "ListRoutingProfiles",
        "InvalidParameterException",
        (Class::Systemic, "aws:InvalidParameterException"),
    );
    check(
        "SendMessage",
        "AccessDeniedException",
        (Class::Transient, "aws:AccessDeniedException"),
    );
    check(
        "CreateUser",
        "ThrottlingException",
        (Class::Transient, "aws:ThrottlingException"),
    );
    check(
        "CreateUser",
        "LimitExceededException",
        (Class::Systemic, "aws:LimitExceededException"),
    );
    check(
        "CreateUser",
        "ResourceNotFoundException",
        (Class::Transient, "aws:ResourceNotFoundException"),
    );
    check(
        "ListRoutingProfiles",
        "ResourceNotFoundException",
        (Class::Systemic, "aws:ResourceNotFoundException"),
    );
    check(
        "CreateUser",
        "SomethingNew",
        (Class::Transient, "aws:SomethingNew"),
    );
}

#[test]
fn a_secret_of_one_person_never_stops_the_others() {
    for fault in [
        SecretFault::Missing,
        SecretFault::Binary,
        SecretFault::BreaksPolicy,
    ] {
        assert_ne!(
            Reason::Secret(fault, SecretSharing::PerPerson).class(),
            Class::Systemic
        );
        assert_eq!(
            Reason::Secret(fault, SecretSharing::Shared).class(),
            Class::Systemic
        );
    }
}
