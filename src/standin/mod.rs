//! Stands in for AWS: serves, on loopback, the operations of Amazon Connect, Secrets Manager and
//! SQS that the product calls, in their real wire protocols, and keeps what they store in memory.
//!
//! The way of a call: `server` -> `wire` -> `dispatch` -> `connect`, `secrets` or `sqs` -> `wire`.

mod base64;
mod clock;
mod connect;
mod dispatch;
mod faults;
mod ids;
mod journal;
mod locked;
mod refusal;
mod secrets;
mod seed;
mod server;
mod sqs;
#[cfg(test)]
mod tests;
mod throttle;
mod wire;

use std::sync::Arc;

pub use connect::UserView;
pub use faults::{Calls, Does, Fault, FaultScript, FaultScriptError};
pub use journal::Call;
pub use seed::{
    Generate, GroupSeed, IdentityManagement, InstanceSeed, ProfileSeed, QueueSeed, RedriveSeed,
    SecretSeed, Seed, SeedError, SharedSeed, ThrottleSeed,
};
pub use server::Running;
pub use sqs::MessageView;
pub use wire::Service;

use connect::Connect;
use faults::Faults;
use locked::Locked;
use secrets::Secrets;
use sqs::Sqs;
use throttle::Throttle;

/// A cheap handle on one stand-in and its state.
#[derive(Clone)]
pub struct Standin {
    state: Arc<State>,
}

struct State {
    seed: Seed,
    connect: Locked<Connect>,
    secrets: Locked<Secrets>,
    sqs: Sqs,
    throttle: Option<Locked<Throttle>>,
    faults: Locked<Faults>,
    journal: Locked<Vec<Call>>,
}

impl Standin {
    /// A stand-in that holds what the seed says and has answered nothing yet.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        let state = State {
            connect: Locked::new(Connect::new(&seed)),
            secrets: Locked::new(Secrets::new(&seed)),
            sqs: Sqs::new(&seed),
            throttle: seed.throttle.map(|limit| Locked::new(Throttle::new(limit))),
            faults: Locked::new(Faults::default()),
            journal: Locked::new(Vec::new()),
            seed,
        };
        Self {
            state: Arc::new(state),
        }
    }

    /// Lets a script decide what goes wrong from now on; its count of calls starts anew.
    pub fn set_faults(&self, script: FaultScript) {
        *self.state.faults.lock() = Faults::of(script);
    }

    /// The seed that it started from.
    #[must_use]
    pub fn seed(&self) -> &Seed {
        &self.state.seed
    }

    /// The users of an instance, in the order of their creation; none if the instance is unknown.
    #[must_use]
    pub fn users(&self, instance_id: &str) -> Vec<UserView> {
        self.state.connect.lock().users(instance_id)
    }

    /// The messages of a queue, visible or not, oldest first; none if the queue is unknown.
    #[must_use]
    pub fn messages(&self, queue: &str) -> Vec<MessageView> {
        self.state.sqs.messages(queue)
    }

    /// The ARN of a secret, by its name.
    #[must_use]
    pub fn secret_arn(&self, name: &str) -> Option<String> {
        self.state.secrets.lock().arn(name)
    }

    /// Every call answered so far, in the order of the answers.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state.journal.lock().clone()
    }
}
