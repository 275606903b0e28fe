//! `provisionctl pause` through the built binary, against a Lambda API with scripted answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use serde_json::json;

use crate::operator::provisionctl_at;

/// Answers one call after the other on connections of their own, and tells the request line of each.
fn lambda(answers: Vec<(u16, String)>) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (told, calls) = mpsc::channel();
    std::thread::spawn(move || {
        for (status, body) in answers {
            let (stream, _) = listener.accept().expect("a connection");
            let call = answer(stream, status, &body);
            // Nobody listens where the test has failed already.
            let _gone = told.send(call);
        }
    });
    (url, calls)
}

fn answer(mut stream: TcpStream, status: u16, body: &str) -> String {
    let mut reader = BufReader::new(stream.try_clone().expect("cloned"));
    let mut first = String::new();
    reader.read_line(&mut first).expect("a request");
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header");
        let line = line.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if line.is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).expect("a body");
    // An error is given by its code.
    let (code, body) = if status == 200 {
        ("", body)
    } else {
        (body, "{}")
    };
    write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nx-amzn-errortype: {code}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .expect("answered");
    first.split(' ').next().unwrap_or_default().to_owned()
}

fn mapping(state: &str) -> serde_json::Value {
    json!({"UUID": "u-1", "State": state, "EventSourceArn": "arn:aws:sqs:eu-west-2:111122223333:hr-joins"})
}

fn listed(state: &str) -> (u16, String) {
    let stream = json!({"UUID": "u-2", "State": state, "EventSourceArn": "arn:aws:kinesis:eu-west-2:111122223333:stream/x"});
    (
        200,
        json!({"EventSourceMappings": [stream, mapping(state)]}).to_string(),
    )
}

fn one(state: &str) -> (u16, String) {
    (200, mapping(state).to_string())
}

fn error(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[track_caller]
fn check(arguments: &[&str], answers: Vec<(u16, String)>, exit_code: i32, line: &str, calls: &str) {
    let (url, told) = lambda(answers);
    let output = provisionctl_at(&url)
        .args(arguments)
        .args(["--function", "hr-join"])
        .output()
        .expect("it starts");
    let shown = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(exit_code), "{shown}");
    assert!(shown.contains(line), "{line}:\n{shown}");
    let told: Vec<String> = told.try_iter().collect();
    assert_eq!(told.join(" "), calls, "{shown}");
}

#[test]
fn delivery_is_paused_when_aws_says_so() {
    check(
        &["pause"],
        vec![
            listed("Enabled"),
            one("Disabling"),
            one("Disabling"),
            one("Disabled"),
        ],
        0,
        "paused hr-joins\njoins wait in the queue until its retention ends",
        "GET PUT GET GET",
    );
    // An earlier change is under way: AWS refuses another until it is done.
    check(
        &["resume"],
        vec![
            listed("Updating"),
            error(400, "ResourceInUseException"),
            one("Disabled"),
            one("Enabled"),
        ],
        0,
        "resumed hr-joins",
        "GET PUT GET PUT",
    );
    check(
        &["pause"],
        vec![listed("Disabled")],
        0,
        "already paused hr-joins",
        "GET",
    );
    check(
        &["pause", "--dry-run"],
        vec![listed("Enabled")],
        0,
        "would pause hr-joins",
        "GET",
    );
    check(
        &["pause", "--wait", "0"],
        vec![listed("Enabled"), one("Disabling")],
        1,
        "not paused hr-joins: AWS says Disabling so far; run this again, or give a longer --wait",
        "GET PUT",
    );
}

#[test]
fn what_cannot_be_done_names_the_permission() {
    check(
        &["pause"],
        vec![listed("Enabled"), error(403, "AccessDeniedException")],
        1,
        "not paused hr-joins: access denied: these credentials need lambda:UpdateEventSourceMapping",
        "GET PUT",
    );
    check(
        &["resume"],
        vec![error(403, "AccessDeniedException")],
        2,
        "access denied: these credentials need lambda:ListEventSourceMappings",
        "GET",
    );
    check(
        &["resume"],
        vec![(200, json!({"EventSourceMappings": []}).to_string())],
        1,
        "nothing to resume: no queue invokes hr-join",
        "GET",
    );
}
