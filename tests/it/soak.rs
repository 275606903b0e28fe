//! A soak: many joins through several copies of the function, under faults, kills and an outage, judged by an oracle of its own.
//!
//! `SOAK_JOINS` sets the number of joins and `SOAK_OUTAGE_HOURS` the length of the outage. `SOAK_SEED` repeats the input of an
//! earlier run; which copy takes which message is up to the machine.

pub(crate) mod fleet;
mod join;
mod letter;
mod oracle;
mod people;
mod report;
mod script;
mod secrecy;
mod stage;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use connect_standin::{FaultScript, Running, Standin};
use fastrand::Rng;
use fleet::{Copies, Fleet, Seen};
use people::{Fate, Input, Message};
use report::{Figures, say};
use test_support::event_source::EventSource;
use test_support::judge::a_password;
use test_support::shipped::INSTANCE;

const JOINS: u64 = 400;
/// From so many joins on there are ten copies and not five, of which two or more poll at a time.
const LONG: u64 = 2000;
/// As the times of the configuration are scaled.
const HOUR: Duration = Duration::from_secs(5);
const OUTAGE_HOURS: u64 = 2;
/// So many messages wait at most, so that none is old only because all were sent at once.
const BACKLOG: usize = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_ends_in_one_right_place_whatever_happens_meanwhile() {
    let joins = number("SOAK_JOINS").unwrap_or(JOINS);
    let seed = number("SOAK_SEED").unwrap_or_else(|| fastrand::u64(..1 << 32));
    say(&format!("soak of {joins} joins: SOAK_SEED={seed}"));
    let mut random = Rng::with_seed(seed);
    let input = Input::new(usize::try_from(joins).expect("a number"), &mut random);
    let copies = if joins < LONG { 5 } else { 10 };
    Soak::new(copies, random).await.run(&input).await;
}

struct Soak {
    standin: Standin,
    running: Running,
    password: String,
    copies: usize,
    random: Rng,
    started: Instant,
}

impl Soak {
    async fn new(copies: usize, random: Rng) -> Self {
        let password = a_password();
        let standin = Standin::new(stage::seed_with(&password));
        let running = standin.start(0).await.expect("the stand-in starts");
        Self {
            standin,
            running,
            password,
            copies,
            random,
            started: Instant::now(),
        }
    }

    async fn run(mut self, input: &Input) {
        let mut seen = self.serve(input).await;
        let people = input.people.iter();
        let waiting = people.filter(|who| who.fate == Fate::UserWhenDue).count();
        assert_eq!(self.standin.schedules().len(), waiting);
        seen.add(self.serve_what_is_due().await);
        self.judge(input, &seen);
    }

    /// Sends everything while something is always wrong, and waits until the queue is empty.
    async fn serve(&mut self, input: &Input) -> Seen {
        let config = stage::configuration(self.copies, 72);
        let source = EventSource::new(&self.running, "hr-joins");
        let variables = stage::variables(&self.running, &config);
        let mut copies = Fleet::start(source, variables, self.copies, &mut self.random);
        copies.fleet.set_dangerous(true);
        let (before, rest) = input.messages.split_at(input.messages.len() / 2);
        let (during, after) = rest.split_at(rest.len().min(100) / 2);
        self.send_in_trouble(&mut copies, before).await;
        let corrected = self.correct(&copies, input, &BTreeSet::new()).await;
        self.send_in_outage(&copies, during).await;
        self.send_in_trouble(&mut copies, after).await;
        copies.fleet.set_dangerous(false);
        self.drain(&mut copies).await;
        self.correct(&copies, input, &corrected).await;
        self.drain(&mut copies).await;
        copies.end().await
    }

    /// Lets the schedules come due, for copies whose configuration makes users that early.
    async fn serve_what_is_due(&mut self) -> Seen {
        let config = stage::configuration(self.copies, 2160);
        let source = EventSource::new(&self.running, "hr-joins");
        let variables = stage::variables(&self.running, &config);
        let mut copies = Fleet::start(source, variables, 2, &mut self.random);
        self.standin.let_schedules_come_due().await;
        self.drain(&mut copies).await;
        copies.end().await
    }

    /// Sends messages as the queue has room for them, and lets something else go wrong every few seconds.
    async fn send_in_trouble(&mut self, copies: &mut Copies, messages: &[Message]) {
        let fleet = Arc::clone(&copies.fleet);
        let mut sending = std::pin::pin!(send(&fleet, messages, BACKLOG));
        for time in 0.. {
            copies.check();
            let faults = script::trouble(time, &mut self.random);
            self.standin.set_faults(faults);
            fleet.set_active(self.random.usize(2..=self.copies));
            let a_while = Duration::from_millis(self.random.u64(800..2500));
            if tokio::time::timeout(a_while, &mut sending).await.is_ok() {
                break;
            }
        }
        fleet.set_active(self.copies);
        self.standin.set_faults(FaultScript::default());
        self.tell(copies, "sent under short troubles").await;
    }

    /// Sends messages while nobody can be created, and fixes that after hours.
    async fn send_in_outage(&self, copies: &Copies, messages: &[Message]) {
        self.standin.set_faults(script::outage());
        let hours = number("SOAK_OUTAGE_HOURS").unwrap_or(OUTAGE_HOURS);
        let hours = HOUR * u32::try_from(hours).expect("a number of hours");
        tokio::join!(
            tokio::time::sleep(hours),
            send(&copies.fleet, messages, usize::MAX)
        );
        // All come back at once, often delivered and old, and nobody may be given up for what passes by itself.
        self.standin.set_faults(script::storm());
        self.tell(copies, "sent in the outage").await;
        tokio::time::sleep(stage::LONGEST_WAIT).await;
    }

    /// Sends the corrected events of those who have a user by now, and returns of whom.
    async fn correct(
        &self,
        copies: &Copies,
        input: &Input,
        sent: &BTreeSet<usize>,
    ) -> BTreeSet<usize> {
        let users = self.standin.users(INSTANCE);
        let users: BTreeSet<String> = users.into_iter().map(|user| user.username).collect();
        // Both events would make a user as long as the search does not find the first one's.
        tokio::time::sleep(Duration::from_secs(stage::SEARCH_LAG + 2)).await;
        let mut done = BTreeSet::new();
        for message in &input.corrections {
            let person = message.events[0].person;
            let username = input.people[person].username(false);
            if users.contains(&username) && !sent.contains(&person) {
                send(&copies.fleet, std::slice::from_ref(message), usize::MAX).await;
                done.insert(person);
            }
        }
        done
    }

    /// Waits until no message is left, whether visible, in flight or delayed.
    async fn drain(&self, copies: &mut Copies) {
        let started = Instant::now();
        let mut depth = copies.fleet.source.depth().await;
        while depth > 0 {
            copies.check();
            assert!(
                started.elapsed() < Duration::from_mins(4),
                "{depth} messages do not settle: {:?}",
                self.left()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
            depth = copies.fleet.source.depth().await;
        }
    }

    // How often messages were received, and how they begin.
    fn left(&self) -> Vec<(u64, String)> {
        let left = self.standin.messages("hr-joins").into_iter().take(5);
        left.map(|message| {
            let begin = message.body.chars().take(200).collect();
            (message.receive_count, begin)
        })
        .collect()
    }

    async fn tell(&self, copies: &Copies, what: &str) {
        let depth = copies.fleet.source.depth().await;
        let seconds = self.started.elapsed().as_secs();
        say(&format!("{seconds:>5} s: {what}; {depth} messages wait"));
    }

    fn judge(&self, input: &Input, seen: &Seen) {
        let users = self.standin.users(INSTANCE);
        let letters = self.standin.messages("hr-joins-dlq");
        let calls = self.standin.calls();
        let preview = oracle::judge(input, &users, &letters, &seen.logs);
        let figures = Figures::new(input, &calls);
        figures.print(&preview, seen, self.started.elapsed());
        let wrong = preview.wrong.len();
        let some: Vec<&String> = preview.wrong.iter().take(20).collect();
        assert_eq!(wrong, 0, "{some:#?}");
        figures.check(&preview, seen);
        secrecy::check(&self.password, seen, &calls, letters);
    }
}

async fn send(fleet: &Fleet, messages: &[Message], backlog: usize) {
    for (n, message) in messages.iter().enumerate() {
        while n % 10 == 0 && fleet.source.depth().await > backlog {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // What is sent again after a lost answer is one more event of the same people.
        while !fleet.source.try_send(&message.body).await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("a number"))
}
