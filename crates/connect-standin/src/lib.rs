//! A fake Amazon Connect for tests, an emulator: it serves, on loopback, the operations that make and find users, and those of
//! Secrets Manager, SQS, DynamoDB and EventBridge Scheduler that go with them, in their real wire protocols, and keeps in memory
//! everything they store.
//!
//! ```
//! # tokio_test(async {
//! let standin = connect_standin::Standin::new(connect_standin::Seed::default());
//! let running = standin.start(0).await.expect("a free port");
//! // Give this to any SDK as AWS_ENDPOINT_URL.
//! assert!(running.endpoint_url().starts_with("http://127.0.0.1:"));
//! assert!(standin.calls().is_empty());
//! # });
//! # fn tokio_test(test: impl Future<Output = ()>) {
//! #     tokio::runtime::Runtime::new().expect("a runtime").block_on(test);
//! # }
//! ```
//!
//! The way of a call: `server` -> `wire` -> `dispatch` -> `connect`, `secrets`, `sqs`, `dynamodb` or `scheduler` -> `wire`.

mod clock;
mod connect;
mod dispatch;
mod dynamodb;
mod faults;
mod ids;
mod journal;
mod locked;
mod refusal;
mod scheduler;
mod secrets;
mod seed;
pub mod serve;
mod server;
mod sqs;
#[cfg(test)]
mod tests;
mod throttle;
mod tls;
mod wire;

use std::sync::Arc;

use serde_json::{Value, json};

pub use connect::UserView;
pub use faults::{Calls, Does, Fault, FaultScript, FaultScriptError};
pub use journal::Call;
pub use scheduler::ScheduleView;
pub use seed::{
    Generate, GroupSeed, IdentityManagement, InstanceSeed, ProfileSeed, QueueSeed, RedriveSeed,
    SecretSeed, Seed, SeedError, SharedSeed, TableSeed, ThrottleSeed,
};
pub use server::Running;
pub use sqs::MessageView;
pub use tls::Tls;
pub use wire::Service;

use connect::Connect;
use dynamodb::DynamoDb;
use faults::Faults;
use locked::Locked;
use scheduler::Scheduler;
use secrets::Secrets;
use sqs::Sqs;
use throttle::Throttle;
use wire::AwsRequest;

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
    dynamodb: Locked<DynamoDb>,
    scheduler: Locked<Scheduler>,
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
            dynamodb: Locked::new(DynamoDb::new(&seed)),
            scheduler: Locked::new(Scheduler::new(&seed)),
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
        *self.state.faults.lock() = Faults::new(script);
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

    /// The items of a DynamoDB table, in the order of their keys; none if the table is unknown.
    #[must_use]
    pub fn items(&self, table: &str) -> Vec<serde_json::Map<String, Value>> {
        self.state.dynamodb.lock().items(table)
    }

    /// The schedules that are set, in the order of their names.
    #[must_use]
    pub fn schedules(&self) -> Vec<ScheduleView> {
        self.state.scheduler.lock().views()
    }

    /// Lets every schedule come due at once: each sends its message, or to its dead-letter queue where that fails.
    pub async fn let_schedules_come_due(&self) {
        let due = self.state.scheduler.lock().take();
        for schedule in due {
            let input: Value = serde_json::from_str(&schedule.input).unwrap_or_default();
            let send = AwsRequest::of_sqs("SendMessage", &input);
            if let Err(refusal) = self.state.sqs.perform(&send).await {
                self.not_sent(&schedule, &refusal.code).await;
            }
        }
    }

    // EventBridge Scheduler User Guide, "Configuring a dead-letter queue": the input, and why in attributes.
    async fn not_sent(&self, schedule: &ScheduleView, code: &str) {
        let arn = schedule
            .dead_letter_queue_arn
            .as_deref()
            .unwrap_or_default();
        let queue = arn.rsplit(':').next().unwrap_or_default();
        let text = |value: &str| json!({ "DataType": "String", "StringValue": value });
        let schedule_arn = self.state.scheduler.lock().arn(&schedule.name);
        let letter = json!({
            "QueueUrl": format!("http://127.0.0.1/{}/{queue}", self.seed().account),
            "MessageBody": schedule.input,
            "MessageAttributes": {
                "ERROR_CODE": text(code),
                "SCHEDULE_ARN": text(&schedule_arn),
                "TARGET_ARN": text("arn:aws:scheduler:::aws-sdk:sqs:sendMessage"),
            },
        });
        let _lost = self
            .state
            .sqs
            .perform(&AwsRequest::of_sqs("SendMessage", &letter))
            .await;
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
