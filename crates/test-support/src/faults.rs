//! Faults of a service: which calls, and what happens to them.

use connect_standin::{Calls, Does, Fault};

pub const FIRST: Calls = Calls { from: 1, to: 1 };
pub const ALL: Calls = Calls {
    from: 1,
    to: u64::MAX,
};

pub fn fault(operation: &str, calls: Calls, does: Does) -> Fault {
    let operation = operation.to_owned();
    Fault {
        operation,
        calls,
        does,
    }
}

pub fn error(code: &str, status: u16) -> Does {
    let code = code.to_owned();
    Does::Error {
        code,
        status,
        echo: true,
    }
}
