//! The night of docs/operations.md, played: each command gives the lines that the page shows.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::Value;
use test_support::root;
use test_support::scene::{Scene, Setting};
use test_support::schedules::delivered;
use test_support::shipped::{sample, unpaced};

use crate::operator::{output, provisionctl_at};

/// One command of the page, with the lines that it must print; `...` stands for any lines.
struct Shown {
    arguments: Vec<String>,
    lines: Vec<String>,
}

/// Reads the commands of the section on dead letters.
fn shown() -> Vec<Shown> {
    let page = std::fs::read_to_string(root().join("docs/operations.md")).expect("the page");
    let section = page.split("\n## Dead letters\n").nth(1).expect("a section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let mut commands: Vec<Shown> = Vec::new();
    for block in section.split("```").skip(1).step_by(2) {
        let mut of_block: Vec<Shown> = Vec::new();
        for line in block.lines().filter(|line| !line.is_empty()) {
            if let Some(command) = line.strip_prefix("$ provisionctl ") {
                of_block.push(Shown {
                    arguments: command.split(' ').map(str::to_owned).collect(),
                    lines: Vec::new(),
                });
            } else if let Some(last) = of_block.last_mut() {
                last.lines.push(line.to_owned());
            }
        }
        commands.extend(of_block);
    }
    commands
}

/// The rows of a list: the id of a dead letter by its reason.
fn ids<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
    let rows = lines.filter_map(|line| {
        let mut cells = line.split_whitespace();
        let id = cells.next().filter(|id| id.len() == 8)?;
        let reason = cells.nth(1)?;
        Some((reason.to_owned(), id.to_owned()))
    });
    rows.collect()
}

/// The body of a sample, as it stands on the queue.
fn body(name: &str) -> String {
    let text = sample(name);
    let event: Option<Value> = serde_json::from_str(&text).ok();
    let body = event.and_then(|event| Some(event["Records"][0]["body"].as_str()?.to_owned()));
    body.unwrap_or(text)
}

// Ages differ from run to run.
fn with_age(line: &str) -> String {
    let is_age = |word: &str| {
        let number = word.strip_suffix('s');
        number
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    };
    let words = line.split_whitespace();
    let words = words.map(|word| if is_age(word) { "0s" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn check(shown: &Shown, printed: &str) {
    let printed: Vec<String> = printed
        .lines()
        .map(with_age)
        .filter(|line| !line.is_empty())
        .collect();
    let whole = !shown.lines.iter().any(|line| line == "...");
    for line in shown.lines.iter().filter(|line| *line != "...") {
        assert!(
            printed.contains(&with_age(line)),
            "{line}\nis not in\n{}",
            printed.join("\n")
        );
    }
    assert!(
        !whole || printed.len() == shown.lines.len(),
        "{}",
        printed.join("\n")
    );
}

async fn run(scene: &Scene, config: &str, arguments: &[String]) -> String {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(config.as_bytes()).expect("written");
    let mut command = provisionctl_at(&scene.running.endpoint_url());
    command
        .args(arguments)
        .env("PROVISIONER_CONFIG", file.path())
        .env(
            "PROVISIONER_DLQ_URL",
            scene.running.queue_url("hr-joins-dlq"),
        );
    let output = output(command).await;
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[tokio::test]
async fn the_night_of_the_documentation_is_what_the_commands_print() {
    let mut scene = Setting::shipped().scene().await;
    for name in [
        "bad-not-json.json",
        "bad-missing-family-name.json",
        "bad-no-assignment.json",
    ] {
        assert!(
            scene.deliver(&[body(name)]).await.starts_with("1D("),
            "{name}"
        );
    }
    let night = "\n[[assignment]]\nname = \"night\"\nwhen = 'department.code == \"NIGHT\"'\n\
                 routing_profile = \"Customer Care Voice\"\nsecurity_profiles = [\"Agent\"]\n";
    let (faulty, fixed) = (unpaced(), unpaced() + night);

    let commands = shown();
    let verbs: Vec<&str> = commands
        .iter()
        .map(|one| one.arguments[1].as_str())
        .collect();
    assert_eq!(verbs, ["list", "show", "replay", "replay"]);
    let listed = run(&scene, &faulty, &commands[0].arguments).await;
    let (ours, of_page) = (
        ids(listed.lines()),
        ids(commands[0].lines.iter().map(String::as_str)),
    );
    let as_on_page = |text: &str| {
        let pairs = ours.iter().map(|(reason, id)| (id, &of_page[reason]));
        pairs.fold(text.to_owned(), |text, (id, other)| text.replace(id, other))
    };
    check(&commands[0], &as_on_page(&listed));
    for (n, command) in commands.iter().enumerate().skip(1) {
        let reason = of_page.iter().find(|(_, id)| **id == command.arguments[2]);
        let id = &ours[reason.expect("an id of the list").0];
        let mut arguments = command.arguments.clone();
        arguments[2].clone_from(id);
        let config = if n == 1 { &faulty } else { &fixed };
        check(command, &as_on_page(&run(&scene, config, &arguments).await));
    }

    let sent = scene.standin.messages("hr-joins");
    assert_eq!(sent.len(), 1);
    scene.configure(&fixed);
    scene.go_on_in_another_copy().await;
    assert_eq!(scene.invoke(&delivered(&sent[0])).await, "1C");
    scene.end().await;
}
