//! An answered call as tests want to see it: its name, what it carried, and how it ended.

use std::fmt;

use bytes::Bytes;

use super::wire::Service;

/// One answered call; its body may hold a password, so `Debug` leaves it out.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    pub service: Service,
    /// The operation's name, such as `CreateUser`.
    pub operation: String,
    /// The request as it came.
    pub body: Bytes,
    /// The AWS error code of the answer; none if the call succeeded.
    pub error: Option<String>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let error = self.error.as_deref().unwrap_or("no error");
        write!(f, "{}: {error}", self.operation)
    }
}
