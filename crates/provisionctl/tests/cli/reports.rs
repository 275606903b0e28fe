//! Files that users reported, read by the command line.

use test_support::shipped::report;

use crate::operator::provisionctl;
use crate::send::check as check_output;
use crate::send::standin;
use crate::send_csv::{bodies, sent};
#[tokio::test]
async fn the_lines_of_a_csv_file_are_those_of_the_file() {
    let (_standin, running) = standin().await;
    let file = report("15-csv-lines-crlf.csv");
    assert!(file.contains("\r\n"), "the report's line ends");
    let output = sent(&running, &file, &["--dry-run"]).await;
    check_output(&output, 1, "users.csv:2  username:#", "");
    check_output(
        &output,
        1,
        "users.csv:3    refused  the instance has no routing profile",
        "",
    );
    check_output(
        &output,
        1,
        "users.csv:4    refused  the user login is used on line 2 too",
        "",
    );
    check_output(
        &output,
        1,
        "users.csv:5    refused  it has 6 cells and the header 11",
        "",
    );
    let spaced = file.replace("\r\n", "\r\n\r\n");
    let output = sent(&running, &spaced, &["--dry-run"]).await;
    check_output(
        &output,
        1,
        "users.csv:5    refused  the instance has no routing profile",
        "",
    );
    check_output(
        &output,
        1,
        "users.csv:7    refused  the user login is used on line 3 too",
        "",
    );
    check_output(
        &output,
        1,
        "users.csv:9    refused  it has 6 cells and the header 11",
        "",
    );
}

#[tokio::test]
async fn the_admin_websites_template_of_2026_is_read() {
    let (standin, running) = standin().await;
    let output = sent(&running, report("new-template.csv"), &[]).await;
    check_output(&output, 0, "sent 1, not sent 0", "");
    assert_eq!(bodies(&standin)[0]["Username"], "adal");
}

#[test]
fn the_lines_of_a_table_are_those_of_its_file() {
    let table = report("table-crlf.csv");
    assert!(table.contains("\r\n"), "the report's line ends");
    let faults = |table: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let config = test_support::shipped::unpaced()
            + "\n[[assignment]]\nname = \"back-office\"\nsecurity_profiles = [\"Agent\"]\ntable = \"table.csv\"\n";
        std::fs::write(folder.path().join("table.csv"), table).expect("written");
        std::fs::write(folder.path().join("provisioner.toml"), config).expect("written");
        let output = provisionctl()
            .args(["check", "--config"])
            .arg(folder.path().join("provisioner.toml"))
            .output()
            .expect("the command line starts");
        assert_ne!(output.status.code(), Some(0));
        let said = [output.stdout, output.stderr].concat();
        String::from_utf8(said).expect("UTF-8")
    };
    let contains = |table: &str, expected: &str| {
        let said = faults(table);
        assert!(said.contains(expected), "{said}");
    };
    let twice = |line, first| {
        format!(
            "table.csv line {line}: assignment \"back-office\" fits the same as table.csv line {first}; leave one out"
        )
    };
    contains(&table, &twice(4, 2));
    contains(&table.replace("\r\n", "\n"), &twice(4, 2));
    contains(
        &format!("\u{feff}{}", table.replace("\r\n", "\r\n\r\n")),
        &twice(7, 3),
    );
    let short = table.replace("BO-*,,Back Office,,", "BO-*,,Back Office");
    contains(&short, "table.csv line 3: it has 3 cells and the header 5");
}
