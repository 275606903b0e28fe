//! Several events of each person through several copies of the function, while the search lags, answers are lost and copies are
//! killed: which deployment excludes two users for one person.
//!
//! `INTERLEAVINGS` sets the number of people of each deployment, `INTERLEAVINGS_SEED` repeats an input.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use connect_provisioner::aws::queue::is_fifo;
use connect_provisioner::request::PERSON_TAG;
use connect_standin::{Calls, Does, Fault, FaultScript, Running, Seed, Standin};
use fastrand::Rng;
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use test_support::event_source::{EventSource, seed_with_queue};
use test_support::faults::error;
use test_support::shipped::{INSTANCE, join_of, unpaced};

use crate::soak::fleet::Fleet;

const PEOPLE: usize = 24;
/// So many people meet one number of copies; the next ones meet another.
const PEOPLE_A_FLEET: usize = 112;
/// Seconds until a search finds a new user.
const SEARCH_LAG: u64 = 2;
/// So many messages wait at most, so that the events of a person meet each other.
const BACKLOG: usize = 40;

/// A way to deploy the function.
#[derive(Clone, Copy)]
struct Deployment {
    queue: &'static str,
    has_claims: bool,
}

/// Counts of a run.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    without_user: usize,
    with_two_users: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_exclude_two_users_for_one_person_in_any_interleaving() {
    let people = number("INTERLEAVINGS").unwrap_or(PEOPLE);
    let seed = number("INTERLEAVINGS_SEED").unwrap_or_else(|| fastrand::usize(..1 << 32));
    say(&format!(
        "{people} people a deployment: INTERLEAVINGS_SEED={seed}"
    ));
    for queue in ["hr-joins", "hr-joins.fifo"] {
        for has_claims in [false, true] {
            let deployment = Deployment { queue, has_claims };
            let counts = deployment.play_all(people, seed as u64).await;
            let claims = if has_claims { "with" } else { "without" };
            let Counts {
                without_user,
                with_two_users,
            } = counts;
            say(&format!(
                "{queue}, {claims} claims: of {people} people {with_two_users} have two users, {without_user} none"
            ));
            assert_eq!(
                counts.without_user, 0,
                "{queue}, {claims} claims: {counts:?}"
            );
            if has_claims {
                assert_eq!(counts.with_two_users, 0, "{queue}: {counts:?}");
            }
        }
    }
}

impl Deployment {
    /// Plays for groups of people, each with another number of copies: two to ten in turn, and so all of them for 1,000 people.
    async fn play_all(self, people: usize, seed: u64) -> Counts {
        let mut random = Rng::with_seed(seed);
        let mut copies = random.usize(2..=10);
        let mut all = Counts::default();
        let mut left = people;
        while left > 0 {
            let group = left.min(PEOPLE_A_FLEET);
            let counts = self.play(group, copies, &mut random).await;
            say(&format!("{copies} copies: {counts:?}"));
            all.without_user += counts.without_user;
            all.with_two_users += counts.with_two_users;
            left -= group;
            copies = if copies == 10 { 2 } else { copies + 1 };
        }
        all
    }

    async fn play(self, people: usize, copies: usize, random: &mut Rng) -> Counts {
        let seed = Seed {
            hide_new_users_seconds: SEARCH_LAG,
            ..seed_with_queue(self.queue, 500)
        };
        let standin = Standin::new(seed);
        let running = standin.start(0).await.expect("the stand-in starts");
        let config = self.configuration();
        let source = EventSource::new(&running, self.queue);
        let watched = EventSource::new(&running, self.queue);
        let variables = variables(&running, &config);
        standin.set_faults(faults(people, random));
        let mut fleet = Fleet::start(source, variables, copies, random);
        fleet.fleet.set_dangerous(true);
        for (person, event) in events(people, random) {
            while watched.depth().await >= BACKLOG {
                fleet.check();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let group = is_fifo(self.queue).then_some(person.as_str());
            watched.send(&event.to_string(), group).await;
        }
        fleet.fleet.set_dangerous(false);
        standin.set_faults(FaultScript::default());
        while watched.depth().await > 0 {
            fleet.check();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let let_out = fleet.end().await;
        say(&format!(
            "{} deliveries, {} kills",
            let_out.deliveries, let_out.kills
        ));
        counted(people, &standin)
    }

    fn configuration(self) -> NamedTempFile {
        let text = unpaced()
            .replace("first_seconds = 20", "first_seconds = 1")
            .replace("longest_seconds = 3600", "longest_seconds = 2")
            .replace("systemic_seconds = 60", "systemic_seconds = 1");
        let claims = "\n[claims]\ntable = \"connect-provisioner-claims\"\n";
        let claims = if self.has_claims { claims } else { "" };
        let mut file = NamedTempFile::new().expect("a file");
        file.write_all((text + claims).as_bytes()).expect("written");
        file
    }
}

fn variables(running: &Running, config: &NamedTempFile) -> Vec<(&'static str, String)> {
    let config = config.path().to_string_lossy().into_owned();
    vec![
        ("AWS_ENDPOINT_URL", running.endpoint_url()),
        ("PROVISIONER_CONFIG", config),
        ("PROVISIONER_DLQ_URL", running.queue_url("hr-joins-dlq")),
        ("PROVISIONER_MAX_RECEIVE_COUNT", "500".to_owned()),
    ]
}

/// Gives two to four events of each person, with one name or the other: those of a person come close to each other.
fn events(people: usize, random: &mut Rng) -> Vec<(String, Value)> {
    let mut events = Vec::new();
    for person in 0..people {
        for event in 0..random.usize(2..=4) {
            let mut join = join_of(person);
            join["eventId"] = json!(format!("{person}-{event}"));
            if event == 1 || (event > 1 && random.bool()) {
                join["worker"]["familyName"] = json!("Corrected");
            }
            events.push((format!("person-{person}"), join));
        }
    }
    // Within some places, so that a person's events meet at several copies.
    for place in 0..events.len() {
        let other = (place + random.usize(0..6)).min(events.len() - 1);
        events.swap(place, other);
    }
    events
}

/// Lets a call in seven fail, half of them after they were done.
fn faults(people: usize, random: &mut Rng) -> FaultScript {
    let mut faults = Vec::new();
    for operation in ["CreateUser", "UpdateItem", "SearchUsers", "DescribeUser"] {
        for call in 1..=people as u64 * 3 {
            let does = match random.u8(..42) {
                0 => Does::CommitThenDrop,
                1 => Does::CommitThenInternal,
                2 => Does::Internal,
                3 => Does::Drop,
                4 if operation == "DescribeUser" => error("ResourceNotFoundException", 404),
                4 | 5 => Does::Delay {
                    milliseconds: random.u64(50..600),
                },
                _ => continue,
            };
            let calls = Calls {
                from: call,
                to: call,
            };
            let operation = operation.to_owned();
            faults.push(Fault {
                operation,
                calls,
                does,
            });
        }
    }
    FaultScript { faults }
}

fn counted(people: usize, standin: &Standin) -> Counts {
    let mut users: BTreeMap<String, usize> = BTreeMap::new();
    for user in standin.users(INSTANCE) {
        *users.entry(user.tags[PERSON_TAG].clone()).or_default() += 1;
    }
    Counts {
        without_user: people - users.len(),
        with_two_users: users.values().filter(|users| **users > 1).count(),
    }
}

fn number(variable: &str) -> Option<usize> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("a number"))
}

fn say(line: &str) {
    // Written past the test harness, which would keep it to itself where all is well.
    writeln!(std::io::stdout(), "{line}").expect("written");
}
