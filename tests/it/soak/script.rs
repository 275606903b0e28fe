//! What goes wrong in a soak, and when: short troubles by chance, a dead-letter queue that refuses, and one long outage.

use connect_standin::{Calls, Does, Fault, FaultScript};
use fastrand::Rng;
use test_support::faults::{ALL, error, fault};

/// Throttles the first creations after an outage.
pub(super) fn storm() -> FaultScript {
    let operation = "CreateUser".to_owned();
    let calls = Calls { from: 1, to: 40 };
    let does = Does::Throttle;
    FaultScript {
        faults: vec![Fault {
            operation,
            calls,
            does,
        }],
    }
}

/// Denies every creation, as a role that lost a permission does, until somebody fixes it.
pub(super) fn outage() -> FaultScript {
    let denied = error("AccessDeniedException", 403);
    FaultScript {
        faults: vec![fault("CreateUser", ALL, denied)],
    }
}

/// Makes up what goes wrong in the next seconds; the first time and each second one it is the dead-letter queue that refuses.
pub(super) fn trouble(time: usize, random: &mut Rng) -> FaultScript {
    let mut faults: Vec<Fault> = (0..random.usize(0..7)).map(|_| passing(random)).collect();
    if time.is_multiple_of(2) {
        faults.insert(0, fault("SendMessage", ALL, refusal(random)));
    }
    FaultScript { faults }
}

// One to five calls in a row, somewhere among those of the next seconds.
fn passing(random: &mut Rng) -> Fault {
    let operations = [
        "CreateUser",
        "CreateUser",
        "CreateUser",
        "SearchUsers",
        "SearchUsers",
        "DescribeUser",
        "GetSecretValue",
        "ListRoutingProfiles",
        "CreateSchedule",
        "DeleteSchedule",
        "SendMessage",
        "SendMessage",
        "SendMessageBatch",
        "ChangeMessageVisibilityBatch",
    ];
    let operation = operations[random.usize(..operations.len())];
    let from = random.u64(1..30);
    let calls = Calls {
        from,
        to: from + random.u64(0..5),
    };
    Fault {
        operation: operation.to_owned(),
        calls,
        does: does(operation, random),
    }
}

fn does(operation: &str, random: &mut Rng) -> Does {
    match random.u32(0..9) {
        // What sends the joins would hang too.
        8 if operation != "SendMessageBatch" => Does::CommitThenHang,
        0 | 1 => Does::Throttle,
        2 => Does::Internal,
        3 => Does::Drop,
        4 | 5 => Does::CommitThenDrop,
        6 => error("ServiceUnavailable", 503),
        _ => Does::CommitThenInternal,
    }
}

fn refusal(random: &mut Rng) -> Does {
    if random.bool() {
        Does::Throttle
    } else {
        error("AccessDenied", 403)
    }
}
