//! A function before a stand-in, and what each delivery changed: `2C 1D(not_json)` and the like.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use connect_standin::{Fault, FaultScript, Running, Seed, Standin};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::function::{Answer, Function};
use crate::judge;
use crate::shipped::{INSTANCE, unpaced};

/// Start of a scene: seed, configuration, time-out and variables.
pub struct Setting {
    seed: Seed,
    config: String,
    time_out: Duration,
    variables: Vec<(&'static str, String)>,
}

pub struct Scene {
    pub standin: Standin,
    pub running: Running,
    setting: Setting,
    config: NamedTempFile,
    function: Option<Function>,
    invocations: usize,
    /// Everything that may show what must stay secret or private.
    pub captured: judge::Captured,
}

impl Setting {
    /// The shipped configuration without its pace, and a password of its own.
    pub fn shipped() -> Self {
        let mut seed = Seed::default();
        let secret = &mut seed.secrets[0];
        secret.generate = None;
        secret.string = Some(json!({"password": judge::a_password()}).to_string());
        Self {
            seed,
            config: unpaced(),
            time_out: Duration::from_mins(1),
            variables: Vec::new(),
        }
    }

    pub fn with(mut self, from: &str, to: &str) -> Self {
        assert!(self.config.contains(from), "no {from} in the configuration");
        self.config = self.config.replace(from, to);
        self
    }

    pub fn seeded(mut self, change: impl FnOnce(&mut Seed)) -> Self {
        change(&mut self.seed);
        self
    }

    pub fn time_out(mut self, time_out: Duration) -> Self {
        self.time_out = time_out;
        self
    }

    pub fn variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    pub async fn scene(self) -> Scene {
        crate::schema::accepts(&self.config);
        let standin = Standin::new(self.seed.clone());
        let running = standin.start(0).await.expect("the stand-in starts");
        let mut config = NamedTempFile::new().expect("a file");
        config.write_all(self.config.as_bytes()).expect("written");
        let mut scene = Scene {
            standin,
            running,
            config,
            function: None,
            invocations: 0,
            captured: judge::Captured::default(),
            setting: self,
        };
        if let Some(secret) = scene
            .setting
            .seed
            .secrets
            .first()
            .and_then(|secret| secret.string.clone())
        {
            scene.captured.keep_secret(&secret);
        }
        scene.function = Some(scene.another_function().await);
        scene
    }
}

impl Scene {
    pub async fn plain() -> Self {
        Setting::shipped().scene().await
    }

    /// One more copy of the function, as Lambda starts them side by side.
    pub async fn another_function(&self) -> Function {
        let mut variables = vec![
            ("AWS_ENDPOINT_URL", self.running.endpoint_url()),
            (
                "PROVISIONER_CONFIG",
                self.config.path().to_string_lossy().into_owned(),
            ),
            (
                "PROVISIONER_DLQ_URL",
                self.running.queue_url("hr-joins-dlq"),
            ),
            ("RUST_LOG", "trace".to_owned()),
        ];
        variables.extend(self.setting.variables.iter().cloned());
        let variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        Function::start_with_time_out(self.setting.time_out, &variables).await
    }

    /// Writes another configuration, which the next copy of the function starts with.
    pub fn configure(&mut self, config: &str) {
        crate::schema::accepts(config);
        std::fs::write(self.config.path(), config).expect("written");
    }

    /// Lets another copy of the function take over, which remembers nothing.
    pub async fn go_on_in_another_copy(&mut self) {
        let other = self.another_function().await;
        if let Some(ended) = self.function.replace(other) {
            self.captured.logs(&ended.logs().await);
        }
        self.invocations = 0;
    }

    /// Counts the calls of an operation.
    pub fn called(&self, operation: &str) -> usize {
        let calls = self.standin.calls();
        let calls = calls.iter().filter(|call| call.operation == operation);
        calls.count()
    }

    pub fn function(&mut self) -> &mut Function {
        self.function.as_mut().expect("started with the scene")
    }

    pub fn faults(&self, faults: Vec<Fault>) {
        self.standin.set_faults(FaultScript { faults });
    }

    /// Delivers bodies as one batch of messages of their own, and tells what it changed.
    pub async fn deliver<B: ToString>(&mut self, bodies: &[B]) -> String {
        let records: Vec<Value> = bodies
            .iter()
            .map(|body| record(&body.to_string()))
            .collect();
        self.invoke(&json!({ "Records": records })).await
    }

    /// Delivers an event, and tells what it changed.
    pub async fn invoke(&mut self, event: &Value) -> String {
        self.invoke_text(&event.to_string()).await
    }

    /// Delivers an event byte for byte, and tells what it changed.
    pub async fn invoke_text(&mut self, event: &str) -> String {
        self.captured.keep_private(event);
        let before = self.counts();
        let calls_before = self.standin.calls().len();
        let answer = self.function().invoke(event).await;
        self.captured.answer(&answer);
        let Answer::Success(body) = answer else {
            return "W".to_owned();
        };
        self.invocations += 1;
        let back = judge::failed_ids(&body, event);
        judge::attempts_are_bounded(&self.standin.calls()[calls_before..]);
        let outcomes = self.outcomes().await;
        let after = self.counts();
        tally(&before, &after, &outcomes, back)
    }

    fn counts(&self) -> Counts {
        let logged = self
            .function
            .as_ref()
            .map(Function::logged)
            .unwrap_or_default();
        Counts {
            users: self.standin.users(INSTANCE).len(),
            reasons: self
                .standin
                .messages("hr-joins-dlq")
                .iter()
                .map(|letter| letter.attributes.get("provisioner.reason").cloned())
                .map(|reason| reason.unwrap_or_else(|| "bare".to_owned()))
                .collect(),
            log_lines: judge::outcome_lines(&logged).len(),
        }
    }

    /// Where each person's log line says that the join ended, oldest first.
    async fn outcomes(&mut self) -> Vec<String> {
        let invocations = self.invocations;
        let function = self.function();
        // The metrics come last, so what precedes them has been read once they are there.
        while judge::invocations_logged(&function.logged()) < invocations {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        judge::outcome_lines(&function.logged())
    }

    /// Returns the function's log so far.
    pub fn logged(&mut self) -> String {
        self.function().logged()
    }

    /// Holds everything that was captured against the invariants.
    pub async fn end(mut self) {
        let logs = self
            .function
            .take()
            .expect("started with the scene")
            .logs()
            .await;
        self.captured.logs(&logs);
        judge::judge(&self.captured, &self.standin);
    }
}

pub fn record(body: &str) -> Value {
    json!({
        "messageId": uuid::Uuid::new_v4().to_string(),
        "receiptHandle": "AQEBexample",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-2:111122223333:hr-joins",
    })
}

struct Counts {
    users: usize,
    reasons: Vec<String>,
    log_lines: usize,
}

// Users, letters and messages that come back are counted where they are; only a skip and a user who was there already
// are nowhere but in the log.
fn tally(before: &Counts, after: &Counts, outcomes: &[String], back: usize) -> String {
    let said = |outcome: &str| {
        let new = outcomes.iter().skip(before.log_lines);
        new.filter(|line| *line == outcome).count()
    };
    let created = after.users - before.users;
    let with_user = said("created") + said("already_exists");
    assert!(
        with_user >= created,
        "{created} new users, {with_user} in the log"
    );
    let mut letters: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in &after.reasons[before.reasons.len()..] {
        *letters.entry(reason).or_default() += 1;
    }
    let mut parts = Vec::new();
    let mut add = |count: usize, what: String| {
        if count > 0 {
            parts.push(format!("{count}{what}"));
        }
    };
    add(created, "C".to_owned());
    add(with_user - created, "A".to_owned());
    add(said("adopted"), "O".to_owned());
    add(said("skipped"), "S".to_owned());
    add(said("scheduled"), "L".to_owned());
    for (reason, count) in letters {
        add(count, format!("D({reason})"));
    }
    add(back, "R".to_owned());
    parts.join(" ")
}
