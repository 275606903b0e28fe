//! An answered call as tests want to see it: its name and how it ended, never what it carried.

use super::wire::Service;

/// One answered call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub service: Service,
    /// The operation's name, such as `CreateUser`.
    pub operation: String,
    /// The AWS error code of the answer; none if the call succeeded.
    pub error: Option<String>,
}
