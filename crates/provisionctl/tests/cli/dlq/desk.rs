//! A stand-in with its queues, and the command line beside it.

use std::io::Write;
use std::process::{Command, Output};

use connect_standin::{Calls, Does, Fault, Running, Seed, Standin};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use test_support::event_source::EventSource;
use test_support::function::Function;
use test_support::shipped::{join_of, unpaced};

use crate::operator::{output, provisionctl_at};

/// A stand-in with its queues, and the configurations before and after they are fixed.
pub(super) struct Desk {
    pub(super) standin: Standin,
    pub(super) running: Running,
    pub(super) faulty: NamedTempFile,
    pub(super) fixed: NamedTempFile,
}

pub(super) fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

impl Desk {
    pub(super) async fn new() -> Self {
        let standin = Standin::new(Seed::default());
        let running = standin.start(0).await.expect("the stand-in starts");
        let night = "\n[[assignment]]\nname = \"night\"\nwhen = 'department.code == \"NIGHT\"'\n\
                     routing_profile = \"Customer Care Voice\"\nsecurity_profiles = [\"Agent\"]\n";
        Self {
            standin,
            running,
            faulty: file(&unpaced()),
            fixed: file(&format!("{}{night}", unpaced())),
        }
    }

    /// Runs `provisionctl dlq` on the dead-letter queue, in a thread so that the stand-in can answer.
    pub(super) async fn dlq(&self, config: &NamedTempFile, arguments: &[&str]) -> Output {
        let command = self.command(config, arguments);
        output(command).await
    }

    pub(super) fn command(&self, config: &NamedTempFile, arguments: &[&str]) -> Command {
        let mut command = provisionctl_at(&self.running.endpoint_url());
        command
            .arg("dlq")
            .args(arguments)
            .env("PROVISIONER_CONFIG", config.path())
            .env(
                "PROVISIONER_DLQ_URL",
                self.running.queue_url("hr-joins-dlq"),
            );
        command
    }

    pub(super) async fn function(&self, config: &NamedTempFile) -> Function {
        Function::start(&[
            ("AWS_ENDPOINT_URL", self.running.endpoint_url().as_str()),
            ("PROVISIONER_CONFIG", &config.path().to_string_lossy()),
            (
                "PROVISIONER_DLQ_URL",
                &self.running.queue_url("hr-joins-dlq"),
            ),
        ])
        .await
    }

    pub(super) fn source(&self) -> EventSource {
        EventSource::new(&self.running, "hr-joins")
    }

    /// Lets the function bury events, through the source queue.
    pub(super) async fn bury(&self, bodies: &[String]) {
        let source = self.source();
        for body in bodies {
            source.send(body, None).await;
        }
        let mut function = self.function(&self.faulty).await;
        while source.deliver(&mut function).await {}
    }

    pub(super) fn dead_letters(&self) -> usize {
        self.standin.messages("hr-joins-dlq").len()
    }

    pub(super) fn waiting(&self) -> usize {
        self.standin.messages("hr-joins").len()
    }

    /// Returns whether every dead letter is visible; `dlq list` must hide none.
    pub(super) async fn all_visible(&self) -> bool {
        let output = self.dlq(&self.faulty, &["list", "--json"]).await;
        String::from_utf8_lossy(&output.stdout).lines().count() == self.dead_letters()
    }
}

pub(super) fn night(n: usize) -> String {
    let mut join = join_of(n);
    join["worker"]["department"]["code"] = json!("NIGHT");
    join.to_string()
}

pub(super) fn nameless(n: usize) -> String {
    let mut join = join_of(n);
    join["worker"]["familyName"] = json!("");
    join.to_string()
}

#[track_caller]
pub(super) fn check(output: &Output, exit_code: i32, on_stdout: &str, on_stderr: &str) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit_code), "{stdout}{stderr}");
    assert!(stdout.contains(on_stdout), "{stdout}");
    assert!(stderr.contains(on_stderr), "{stderr}");
    stdout
}

pub(super) fn fault(operation: &str, does: Does) -> Fault {
    Fault {
        operation: operation.to_owned(),
        calls: Calls::default(),
        does,
    }
}

pub(super) fn error(code: &str, status: u16) -> Does {
    Does::Error {
        code: code.to_owned(),
        status,
        echo: false,
    }
}

/// Builds a list of five people: the second and the fourth have no name, and the last has no assignment.
pub(super) fn half_bad_list() -> String {
    let mut list: Vec<Value> = (1..6).map(join_of).collect();
    for n in [1, 3] {
        list[n]["worker"]["familyName"] = json!("");
    }
    list[4]["worker"]["department"]["code"] = json!("NIGHT");
    Value::Array(list).to_string()
}
