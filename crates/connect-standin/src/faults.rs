//! A fault script -> what goes wrong with each call: by operation, and by how often it was called.

use std::collections::HashMap;

use serde::Deserialize;

use super::refusal::Refusal;
use super::wire::{AwsRequest, Service};

/// Faults, in the order of the calls; the first one that fits a call is taken.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultScript {
    #[serde(default, rename = "fault")]
    pub faults: Vec<Fault>,
}

/// One thing that goes wrong with an operation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The operation's name, such as `CreateUser`.
    pub operation: String,
    /// The calls that fail, counted from 1; all of them where it is left out.
    #[serde(default)]
    pub calls: Calls,
    pub does: Does,
}

/// Calls of an operation, by their number.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calls {
    pub from: u64,
    pub to: u64,
}

/// Fate of a call, in the place of a plain answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Does {
    Throttle,
    /// Status 500.
    Internal,
    /// The call is not performed, and never answered.
    Hang,
    /// The call is not performed, and its connection is closed without an answer.
    Drop,
    /// The call is performed, and never answered.
    CommitThenHang,
    /// The call is performed, and its connection is closed without an answer.
    CommitThenDrop,
    /// The call is performed, and answered with status 500.
    CommitThenInternal,
    /// The call is performed, and its answer comes a byte a second.
    SlowDrip,
    /// The call is performed and answered, but only after a while.
    Delay {
        milliseconds: u64,
    },
    /// The call is performed and answered; the newest user is in no search for a while.
    HideUser {
        seconds: u64,
    },
    /// The call is refused with any code and status; `echo` repeats the request in the message, as some services do.
    Error {
        code: String,
        status: u16,
        #[serde(default)]
        echo: bool,
    },
    /// The call is refused with any code, status and message.
    Refuse {
        code: String,
        status: u16,
        message: String,
    },
}

/// Why a fault script can't be used.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of the fault script: {message}")]
pub struct FaultScriptError {
    line: usize,
    message: String,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            from: 1,
            to: u64::MAX,
        }
    }
}

impl FaultScript {
    /// Reads a fault script: a TOML list of `[[fault]]`.
    ///
    /// # Errors
    /// The text is not TOML, or has an unknown key.
    pub fn parse(text: &str) -> Result<Self, FaultScriptError> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            FaultScriptError {
                line: before.matches('\n').count() + 1,
                message: error.message().to_owned(),
            }
        })
    }
}

/// A script, and how often each operation was called.
#[derive(Default)]
pub(super) struct Faults {
    script: FaultScript,
    calls: HashMap<String, u64>,
}

impl Faults {
    pub(super) fn new(script: FaultScript) -> Self {
        Self {
            script,
            calls: HashMap::new(),
        }
    }

    /// Counts a call, and says what goes wrong with it.
    pub(super) fn next(&mut self, operation: &str) -> Option<Does> {
        let number = self.calls.entry(operation.to_owned()).or_default();
        *number += 1;
        let fits = |fault: &&Fault| {
            fault.operation == operation && (fault.calls.from..=fault.calls.to).contains(number)
        };
        self.script
            .faults
            .iter()
            .find(fits)
            .map(|fault| fault.does.clone())
    }
}

/// A throttled call's refusal, in the words of its service.
pub(super) fn throttled(request: &AwsRequest) -> Refusal {
    let status = match request.service {
        Service::Connect | Service::Scheduler => 429,
        Service::SecretsManager | Service::Sqs | Service::DynamoDb => 400,
    };
    Refusal::new("ThrottlingException", status, "Rate exceeded")
}

pub(super) fn internal(request: &AwsRequest) -> Refusal {
    let code = match request.service {
        Service::Connect => "InternalServiceException",
        Service::DynamoDb => "InternalServerError",
        Service::Scheduler => "InternalServerException",
        Service::SecretsManager => "InternalServiceError",
        Service::Sqs => "InternalFailure",
    };
    Refusal::new(code, 500, "the fault script says so")
}

pub(super) fn scripted(request: &AwsRequest, code: String, status: u16, echo: bool) -> Refusal {
    let echoed = if echo {
        String::from_utf8_lossy(request.body()).into_owned()
    } else {
        String::new()
    };
    Refusal::new(code, status, format!("the fault script says so {echoed}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_strike_the_calls_that_they_name() {
        let script = FaultScript::parse(
            r#"
[[fault]]
operation = "CreateUser"
calls = { from = 2, to = 3 }
does = "throttle"
[[fault]]
operation = "SearchUsers"
does = { error = { code = "AccessDeniedException", status = 403 } }
"#,
        );
        let mut faults = Faults::new(script.unwrap_or_else(|error| panic!("{error}")));
        let creations: Vec<bool> = (0..4)
            .map(|_| faults.next("CreateUser").is_some())
            .collect();
        assert_eq!(creations, [false, true, true, false]);
        assert!(matches!(
            faults.next("SearchUsers"),
            Some(Does::Error {
                status: 403,
                echo: false,
                ..
            })
        ));
        assert_eq!(faults.next("ListUsers"), None);
    }

    #[test]
    fn a_wrong_script_is_refused_with_its_line() {
        let error =
            FaultScript::parse("\n[[fault]]\noperation = \"X\"\ndoes = \"explode\"\n").err();
        assert!(error.is_some_and(|error| {
            error
                .to_string()
                .starts_with("line 4 of the fault script: unknown variant")
        }));
    }
}
