//! The documentation says what the program does: reason codes, and the alarms of the stack.

use std::collections::BTreeSet;

use connect_provisioner::failure::Family;
use test_support::root;

use crate::operator::provisionctl;

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect(path)
}

fn printed(arguments: &[&str]) -> String {
    let output = provisionctl().args(arguments).output();
    let output = output.expect("provisionctl runs");
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_page_of_reason_codes_is_the_one_that_is_printed() {
    assert_eq!(printed(&["reason", "--markdown"]), text("docs/reasons.md"));
}

#[test]
fn the_page_of_presets_is_the_one_that_is_printed() {
    let page = text("docs/presets.md");
    assert_eq!(printed(&["source", "list", "--markdown"]), page);
    // Each names its hires, and the source of its shape.
    for preset in page.split("\n## ").skip(1) {
        assert!(preset.contains(" A hire "), "{preset}");
        assert!(preset.contains(" The shape is that of "), "{preset}");
    }
}

/// Each command that the pages name is there, with its subcommand.
#[test]
fn each_command_of_the_pages_is_one() {
    let pages = std::fs::read_dir(root().join("docs")).expect("the pages");
    let pages = pages.map(|page| page.expect("a page").path());
    let pages = pages.filter(|page| page.extension().is_some_and(|end| end == "md"));
    let text: String = pages
        .chain([root().join("README.md"), root().join("CONTRIBUTING.md")])
        .map(|page| std::fs::read_to_string(page).expect("a page"))
        .collect();
    let is_word = |word: &&str| {
        word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
    };
    let mut commands = BTreeSet::new();
    for start in ["`provisionctl ", "\nprovisionctl ", "$ provisionctl "] {
        for rest in text.split(start).skip(1) {
            let line = rest.split(['`', '\n']).next().unwrap_or_default();
            let words: Vec<&str> = line
                .split_whitespace()
                .take_while(is_word)
                .take(2)
                .collect();
            commands.insert(words);
        }
    }
    let groups = ["dlq", "schema", "source"];
    assert!(commands.len() > 20, "{commands:?}");
    for words in commands.iter().filter(|words| !words.is_empty()) {
        let depth = if groups.contains(&words[0]) { 2 } else { 1 };
        let command = &words[..depth.min(words.len())];
        let output = provisionctl().args(command).arg("--help").output();
        let output = output.expect("provisionctl runs");
        assert_eq!(
            output.status.code(),
            Some(0),
            "provisionctl {}",
            command.join(" ")
        );
    }
}

#[test]
fn each_reason_code_is_explained_by_the_command() {
    for family in Family::ALL {
        let detailed = format!("{}:detail", family.code());
        let entry = printed(&["reason", &detailed]);
        assert!(
            entry.starts_with(&format!("{detailed}\n  class")),
            "{entry}"
        );
    }
    let unknown = provisionctl().args(["reason", "no_such_code"]).output();
    assert_eq!(unknown.expect("it runs").status.code(), Some(2));
}

#[test]
fn each_code_of_the_readme_is_a_reason() {
    let readme = text("README.md");
    let table = readme
        .split("\n| reason code |")
        .nth(1)
        .expect("a table of reason codes");
    let rows = table.lines().skip(2).take_while(|row| row.starts_with('|'));
    let mut codes = 0;
    for row in rows {
        let cell = row.split('|').nth(1).expect("a cell");
        for code in cell.split('`').skip(1).step_by(2) {
            let family = code.trim_end_matches(":CODE");
            let known = |one: &&Family| {
                one.code() == family.split(':').next().unwrap_or_default()
                    || family
                        .strip_suffix("...")
                        .is_some_and(|start| one.code().starts_with(start))
            };
            assert!(Family::ALL.iter().any(|one| known(&one)), "{code}");
            codes += 1;
        }
    }
    assert!(codes >= 5, "{codes} codes in the README");
}

#[test]
fn each_alarm_of_the_stack_has_a_section() {
    let alarms = text("infra/lib/alarms.ts");
    let calls = alarms.split(" add(").skip(1);
    let names: Vec<&str> = calls
        .filter_map(|call| call.trim_start().strip_prefix('"')?.split('"').next())
        .collect();
    assert!(names.len() >= 9, "{names:?}");
    let operations = text("docs/operations.md");
    for name in names {
        assert!(operations.contains(&format!("\n### {name}\n")), "{name}");
    }
}
