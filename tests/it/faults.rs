//! Faults of AWS, one after the other, against the function's binary: where each join ends, and that no user is made twice.

use connect_standin::{Calls, Does, Fault, FaultScript, Running, Seed, Standin};
use serde_json::{Value, json};
use test_support::function::Function;
use test_support::shipped::{INSTANCE, a_batch_of, body, function};

const FIRST: Calls = Calls { from: 1, to: 1 };
const ALL: Calls = Calls {
    from: 1,
    to: u64::MAX,
};

fn fault(operation: &str, calls: Calls, does: Does) -> Fault {
    Fault {
        operation: operation.to_owned(),
        calls,
        does,
    }
}

fn error(code: &str, status: u16) -> Does {
    Does::Error {
        code: code.to_owned(),
        status,
        echo: true,
    }
}

/// What is there after a delivery: messages that come back, users, dead letters, calls of CreateUser.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    back: usize,
    users: usize,
    letters: usize,
    creations: usize,
}

struct Rig {
    standin: Standin,
    running: Option<Running>,
    function: Function,
    batch: String,
}

impl Rig {
    async fn with(seed: Seed, people: usize) -> Self {
        let standin = Standin::new(seed);
        let running = standin.start(0).await.expect("the stand-in starts");
        let function = function(&running).await;
        Self {
            standin,
            running: Some(running),
            function,
            batch: a_batch_of(people).to_string(),
        }
    }

    async fn deliver(&mut self, faults: Vec<Fault>) -> Seen {
        self.standin.set_faults(FaultScript { faults });
        let before = self.creations();
        let answer: Value = body(&self.function.invoke(&self.batch).await);
        Seen {
            back: answer["batchItemFailures"].as_array().map_or(0, Vec::len),
            users: self.standin.users(INSTANCE).len(),
            letters: self.standin.messages("hr-joins-dlq").len(),
            creations: self.creations() - before,
        }
    }

    fn creations(&self) -> usize {
        self.standin
            .calls()
            .iter()
            .filter(|call| call.operation == "CreateUser")
            .count()
    }
}

/// Three people are delivered under faults, and once more without: nobody may be lost or be there twice.
async fn check(faults: Vec<Fault>, expected: Seen) {
    let mut rig = Rig::with(Seed::default(), 3).await;
    let told = format!("{faults:?}");
    assert_eq!(rig.deliver(faults).await, expected, "{told}");
    let after = rig.deliver(Vec::new()).await;
    assert_eq!((after.back, after.users), (0, 3), "after {told}");
    let logs = rig.function.logs().await;
    let logs = String::from_utf8_lossy(&logs);
    for personal in ["Tricia", "McMillan", "mcmillan", "@example.com"] {
        assert!(
            !logs.contains(personal),
            "{personal} is in the log after {told}"
        );
    }
}

fn seen(back: usize, users: usize, letters: usize, creations: usize) -> Seen {
    Seen {
        back,
        users,
        letters,
        creations,
    }
}

#[tokio::test]
async fn what_passes_within_a_second_costs_nobody() {
    for does in [Does::Throttle, Does::Internal] {
        check(vec![fault("CreateUser", FIRST, does)], seen(0, 3, 0, 4)).await;
    }
    check(
        vec![fault("CreateUser", FIRST, Does::Drop)],
        seen(0, 3, 0, 3),
    )
    .await;
    for operation in ["SearchUsers", "ListRoutingProfiles", "GetSecretValue"] {
        check(
            vec![fault(operation, FIRST, Does::Internal)],
            seen(0, 3, 0, 3),
        )
        .await;
        check(vec![fault(operation, FIRST, Does::Drop)], seen(0, 3, 0, 3)).await;
    }
}

#[tokio::test]
async fn connections_that_died_while_the_function_was_frozen_cost_nobody() {
    let mut rig = Rig::with(Seed::default(), 3).await;
    assert_eq!(rig.deliver(Vec::new()).await, seen(0, 3, 0, 3));
    let running = rig.running.take().expect("running since the start");
    let port = running.address().port();
    drop(running);
    while rig.running.is_none() {
        tokio::task::yield_now().await;
        rig.running = rig.standin.start(port).await.ok();
    }
    let others: Vec<Value> = (3..6).map(test_support::shipped::record_of).collect();
    rig.batch = json!({ "Records": others }).to_string();
    assert_eq!(rig.deliver(Vec::new()).await, seen(0, 6, 0, 3));
}

#[tokio::test]
async fn a_lost_answer_never_makes_a_second_user() {
    check(
        vec![fault("CreateUser", FIRST, Does::CommitThenDrop)],
        seen(0, 3, 0, 4),
    )
    .await;
    // The attempt times out, and the next one meets the user that the first one made.
    check(
        vec![fault("CreateUser", FIRST, Does::CommitThenHang)],
        seen(0, 3, 0, 4),
    )
    .await;
}

#[tokio::test]
async fn what_lasts_longer_comes_back_and_buries_nobody() {
    check(
        vec![fault("CreateUser", ALL, Does::Internal)],
        seen(3, 0, 0, 9),
    )
    .await;
    check(
        vec![fault("SearchUsers", ALL, Does::Internal)],
        seen(3, 0, 0, 0),
    )
    .await;
}

#[tokio::test]
async fn what_would_fail_for_everybody_stops_the_batch() {
    check(
        vec![fault(
            "CreateUser",
            ALL,
            error("AccessDeniedException", 403),
        )],
        seen(3, 0, 0, 1),
    )
    .await;
    check(
        vec![fault(
            "CreateUser",
            ALL,
            error("LimitExceededException", 429),
        )],
        seen(3, 0, 0, 1),
    )
    .await;
    check(
        vec![fault(
            "ListRoutingProfiles",
            ALL,
            error("ResourceNotFoundException", 404),
        )],
        seen(3, 0, 0, 0),
    )
    .await;
    check(
        vec![fault(
            "GetSecretValue",
            ALL,
            error("AccessDeniedException", 400),
        )],
        seen(3, 0, 0, 0),
    )
    .await;
    check(
        vec![fault(
            "GetSecretValue",
            ALL,
            error("DecryptionFailure", 400),
        )],
        seen(3, 0, 0, 0),
    )
    .await;
}

#[tokio::test]
async fn what_connect_refuses_for_one_is_buried_for_one_even_if_the_answer_echoes_the_request() {
    let mut rig = Rig::with(Seed::default(), 3).await;
    let refused = fault("CreateUser", FIRST, error("InvalidParameterException", 400));
    assert_eq!(rig.deliver(vec![refused]).await, seen(0, 2, 1, 3));
    let letter = rig.standin.messages("hr-joins-dlq").remove(0);
    assert_eq!(letter.attributes["provisioner.reason"], "connect_rejected");
    for (name, value) in letter
        .attributes
        .iter()
        .filter(|(name, _)| name.starts_with("provisioner."))
    {
        assert!(
            !value.contains("Tricia") && !value.contains("mcmillan"),
            "{name}: {value}"
        );
    }
    let logs = String::from_utf8(rig.function.logs().await).expect("UTF-8");
    assert!(
        !logs.contains("Tricia") && !logs.contains("mcmillan"),
        "{logs}"
    );
}

#[tokio::test]
async fn a_flood_of_the_same_refusal_is_held_up() {
    let mut rig = Rig::with(Seed::default(), 10).await;
    let refused = vec![fault(
        "CreateUser",
        ALL,
        error("InvalidParameterException", 400),
    )];
    // Four people are buried; the fifth shows that it is not their own fault.
    assert_eq!(rig.deliver(refused).await, seen(6, 0, 4, 5));
}

#[tokio::test]
async fn a_search_that_lags_behind_is_made_up_for_by_the_list() {
    let seed = Seed {
        hide_new_users_seconds: 90,
        page_size: Some(1),
        ..Seed::default()
    };
    let mut rig = Rig::with(seed, 3).await;
    assert_eq!(rig.deliver(Vec::new()).await, seen(0, 3, 0, 3));
    // This copy remembers whom it made.
    assert_eq!(rig.deliver(Vec::new()).await, seen(0, 3, 0, 0));
    rig.function = function(rig.running.as_ref().expect("it runs")).await;
    // In another one all three are tried once more, refused as duplicates, and found in the list.
    assert_eq!(rig.deliver(Vec::new()).await, seen(0, 3, 0, 3));
    let logs = String::from_utf8(rig.function.logs().await).expect("UTF-8");
    assert_eq!(
        logs.matches(r#""outcome":"already_exists""#).count(),
        3,
        "{logs}"
    );
}

/// `MEMORY_RECORDS` sets another number.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_stays_flat_however_many_records_come() {
    let records = std::env::var("MEMORY_RECORDS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(400);
    let mut rig = Rig::with(Seed::default(), 0).await;
    let mut after_a_hundred = 0;
    for batch in 0..records / 10 {
        let people: Vec<Value> = (batch * 10..batch * 10 + 10)
            .map(test_support::shipped::record_of)
            .collect();
        let answer = rig
            .function
            .invoke(&json!({"Records": people}).to_string())
            .await;
        assert_eq!(body(&answer), json!({"batchItemFailures": []}));
        if batch == 9 {
            after_a_hundred = rig.function.peak_memory();
        }
    }
    let after_all = rig.function.peak_memory();
    println!("peak memory: {after_a_hundred} kB after 100 records, {after_all} kB after {records}");
    assert_eq!(rig.standin.users(INSTANCE).len(), records);
    assert!(
        after_all < after_a_hundred + after_a_hundred / 5,
        "{after_a_hundred} kB, then {after_all} kB"
    );
}

#[tokio::test]
async fn a_dead_letter_queue_in_trouble_gives_the_record_back() {
    for does in [
        Does::Hang,
        error("AccessDenied", 403),
        error("QueueDoesNotExist", 400),
        Does::CommitThenHang,
    ] {
        let mut rig = Rig::with(Seed::default(), 2).await;
        let mut batch: Value = serde_json::from_str(&rig.batch).expect("JSON");
        batch["Records"][0]["body"] = json!("no JSON");
        rig.batch = batch.to_string();
        let got = rig
            .deliver(vec![fault("SendMessage", ALL, does.clone())])
            .await;
        assert_eq!((got.back, got.users), (1, 1), "{does:?}");
        let after = rig.deliver(Vec::new()).await;
        assert!(after.back == 0 && after.letters >= 1, "{does:?}: {after:?}");
    }
}
