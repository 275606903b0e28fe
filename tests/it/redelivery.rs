//! What a queue delivers again, after a kill at any step, in any order, under any faults: one user or one reason a person.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use connect_standin::{Calls, Does, Fault, FaultScript, Running, Standin};
use proptest::prelude::*;
use serde_json::{Value, json};
use test_support::event_source::{EventSource, event_of, seed_with_queue};
use test_support::function::Function;
use test_support::judge::{Captured, a_password, judge};
use test_support::shipped::{INSTANCE, join_of, retrying_soon};

struct Rig {
    standin: Standin,
    running: Running,
    source: EventSource,
    function: Function,
    captured: Captured,
}

impl Rig {
    async fn with(queue: &str, max_receive_count: u64) -> Self {
        let mut seed = seed_with_queue(queue, max_receive_count);
        let secret = json!({"password": a_password()}).to_string();
        let mut captured = Captured::default();
        captured.keep_secret(&secret);
        seed.secrets[0].generate = None;
        seed.secrets[0].string = Some(secret);
        let standin = Standin::new(seed);
        let running = standin.start(0).await.expect("the stand-in starts");
        let source = EventSource::new(&running, queue);
        let function = start(&running, max_receive_count).await;
        Self {
            standin,
            running,
            source,
            function,
            captured,
        }
    }

    async fn restart(&mut self, max_receive_count: u64) {
        let restarted = start(&self.running, max_receive_count).await;
        let ended = std::mem::replace(&mut self.function, restarted);
        self.captured.logs(&ended.logs().await);
    }

    /// Holds everything that was seen against the invariants.
    async fn end(mut self) {
        self.captured.logs(&self.function.logs().await);
        judge(&self.captured, &self.standin);
    }

    fn called(&self, operation: &str) -> usize {
        self.standin
            .calls()
            .iter()
            .filter(|call| call.operation == operation)
            .count()
    }

    /// The person tags of all users, and the event keys of all dead letters.
    fn ends(&self) -> (Vec<String>, BTreeMap<String, BTreeSet<String>>) {
        let users = self.standin.users(INSTANCE);
        let tags = users
            .iter()
            .map(|user| user.tags["connect-provisioner:person"].clone())
            .collect();
        let mut letters: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for letter in self.standin.messages("hr-joins-dlq") {
            let details: Value =
                serde_json::from_str(&letter.attributes["provisioner.details"]).expect("JSON");
            let key = details["event_key"].as_str().expect("a key").to_owned();
            letters
                .entry(key)
                .or_default()
                .insert(letter.attributes["provisioner.reason"].clone());
        }
        (tags, letters)
    }
}

async fn start(running: &Running, max_receive_count: u64) -> Function {
    Function::start(&[
        ("AWS_ENDPOINT_URL", running.endpoint_url().as_str()),
        ("PROVISIONER_CONFIG", &retrying_soon().to_string_lossy()),
        (
            "PROVISIONER_DLQ_URL",
            running.queue_url("hr-joins-dlq").as_str(),
        ),
        (
            "PROVISIONER_MAX_RECEIVE_COUNT",
            &max_receive_count.to_string(),
        ),
    ])
    .await
}

fn fault(operation: &str, from: u64, to: u64, does: Does) -> Fault {
    Fault {
        operation: operation.to_owned(),
        calls: Calls { from, to },
        does,
    }
}

/// Kills the function once it has made a call, while the next step hangs, and delivers again.
async fn check_kill(hang: Fault, reached: &str, times: usize) {
    let mut rig = Rig::with("hr-joins", 20).await;
    for n in 0..3 {
        rig.source.send(&join_of(n).to_string(), None).await;
    }
    rig.source.send("no JSON", None).await;
    let told = format!("{hang:?}");
    rig.standin.set_faults(FaultScript { faults: vec![hang] });
    let messages = rig.source.poll().await;
    assert_eq!(messages.len(), 4);
    rig.function.begin(&event_of(&messages)).await;
    while rig.called(reached) < times {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    rig.function.kill().await;
    rig.standin.set_faults(FaultScript::default());
    rig.restart(20).await;
    rig.source.drain(&mut rig.function).await;
    let (users, letters) = rig.ends();
    assert_eq!(users.len(), 3, "{told}");
    assert_eq!(users.iter().collect::<BTreeSet<_>>().len(), 3, "{told}");
    assert_eq!(letters.len(), 1, "{told}: {letters:?}");
    rig.end().await;
}

/// A row of the fault matrix: a kill at any step loses nobody and doubles nobody.
pub(crate) async fn killed_at_each_step() {
    let always = u64::MAX;
    // Before the password, before the creation, after it, and after the dead letter was written.
    check_kill(
        fault("GetSecretValue", 1, always, Does::Hang),
        "SearchUsers",
        1,
    )
    .await;
    check_kill(fault("CreateUser", 2, always, Does::Hang), "CreateUser", 1).await;
    check_kill(
        fault("CreateUser", 2, always, Does::CommitThenHang),
        "CreateUser",
        2,
    )
    .await;
    check_kill(
        fault("SendMessage", 1, always, Does::CommitThenHang),
        "SendMessage",
        1 + 4,
    )
    .await;
    killed_before_the_answer().await;
}

/// The same, once all is done and before Lambda has its answer.
async fn killed_before_the_answer() {
    let mut rig = Rig::with("hr-joins", 20).await;
    rig.source.send(&join_of(1).to_string(), None).await;
    let messages = rig.source.poll().await;
    rig.function.invoke(&event_of(&messages)).await;
    // Not acknowledged: the function was ended before Lambda had its answer.
    rig.source.drain(&mut rig.function).await;
    assert_eq!(rig.ends().0.len(), 1);
    rig.end().await;
}

/// A row of the fault matrix: a FIFO group keeps its order, and others go on.
pub(crate) async fn fifo_order() {
    let mut rig = Rig::with("hr-joins.fifo", 20).await;
    for (n, group) in [(1, "a"), (2, "a"), (3, "b")] {
        rig.source.send(&join_of(n).to_string(), Some(group)).await;
    }
    // The first person fails for this delivery, whatever is tried.
    rig.standin.set_faults(FaultScript {
        faults: vec![fault("CreateUser", 1, 3, Does::Internal)],
    });
    let messages = rig.source.poll().await;
    assert_eq!(
        messages.len(),
        3,
        "a FIFO queue hands out a group's messages together"
    );
    let answer = rig.function.invoke(&event_of(&messages)).await;
    rig.source.acknowledge(&answer, &messages).await;
    assert_eq!(
        rig.standin.users(INSTANCE).len(),
        1,
        "only b's person has a user"
    );
    rig.source.drain(&mut rig.function).await;
    let order: Vec<String> = rig
        .standin
        .users(INSTANCE)
        .iter()
        .map(|user| user.username.clone())
        .collect();
    assert_eq!(
        order,
        ["tricia3.mcmillan", "tricia1.mcmillan", "tricia2.mcmillan"]
    );
    rig.end().await;
}

/// One message of a property: a join of a person, or something that can never be one.
#[derive(Debug, Clone)]
enum Sent {
    Join(usize),
    Nonsense(u8),
}

fn sent() -> impl Strategy<Value = Sent> {
    prop_oneof![4 => (0_usize..5).prop_map(Sent::Join), 1 => (0_u8..2).prop_map(Sent::Nonsense)]
}

fn does() -> impl Strategy<Value = Does> {
    let error = |code: &str, status| Does::Error {
        code: code.to_owned(),
        status,
        echo: true,
    };
    prop_oneof![
        Just(Does::Throttle),
        Just(Does::Internal),
        Just(Does::Drop),
        Just(Does::CommitThenDrop),
        Just(error("AccessDeniedException", 403)),
        Just(error("ServiceUnavailable", 503)),
    ]
}

fn a_fault() -> impl Strategy<Value = Fault> {
    let operation = prop_oneof![
        3 => Just("CreateUser"), 1 => Just("SearchUsers"), 1 => Just("DescribeUser"), 1 => Just("GetSecretValue"),
        1 => Just("ListRoutingProfiles"), 2 => Just("SendMessage"), 1 => Just("ChangeMessageVisibilityBatch"),
    ];
    (operation, 1_u64..4, 0_u64..3, does())
        .prop_map(|(operation, from, more, does)| fault(operation, from, from + more, does))
}

/// Events x faults x a kill before the answer; then everything settles, and each person has ended in one place.
async fn settles(sent: &[Sent], faults: Vec<Fault>, killed: bool) {
    let mut rig = Rig::with("hr-joins", 50).await;
    for message in sent {
        let body = match message {
            Sent::Join(n) => join_of(*n).to_string(),
            Sent::Nonsense(n) => json!({"nonsense": n}).to_string(),
        };
        let event = json!({"Records": [{"body": body}]});
        rig.captured.keep_private(&event.to_string());
        rig.source.send(&body, None).await;
    }
    rig.standin.set_faults(FaultScript { faults });
    if killed {
        let messages = rig.source.poll().await;
        rig.function.invoke(&event_of(&messages)).await;
        rig.function.kill().await;
        rig.restart(50).await;
    }
    rig.source.drain(&mut rig.function).await;
    let (users, letters) = rig.ends();
    let joins: BTreeSet<usize> = sent
        .iter()
        .filter_map(|s| {
            if let Sent::Join(n) = s {
                Some(*n)
            } else {
                None
            }
        })
        .collect();
    let nonsense: BTreeSet<u8> = sent
        .iter()
        .filter_map(|s| {
            if let Sent::Nonsense(n) = s {
                Some(*n)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(
        users.len(),
        users.iter().collect::<BTreeSet<_>>().len(),
        "somebody has two users"
    );
    assert_eq!(
        users.len(),
        joins.len(),
        "somebody has no user; letters: {letters:?}"
    );
    assert_eq!(letters.len(), nonsense.len(), "{letters:?}");
    assert!(
        letters.values().all(|reasons| reasons.len() == 1),
        "{letters:?}"
    );
    rig.end().await;
}

proptest! {
    // PROPTEST_CASES sets another number; failures are kept in proptest-regressions/.
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn everything_settles_in_one_place(
        sent in proptest::collection::vec(sent(), 1..8),
        faults in proptest::collection::vec(a_fault(), 0..4),
        killed in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(settles(&sent, faults, killed));
    }
}

pub(crate) fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(6)
}
