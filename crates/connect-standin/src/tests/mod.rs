//! Claims about the stand-in, made through its HTTP door.

mod connect;
mod secrets;
mod sqs;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::Request;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Seed, Standin};

/// The status, the error code in the header, and the body of an answer.
struct Answered {
    status: u16,
    code: String,
    body: Value,
}

/// A stand-in with the default seed and some lines before it.
fn standin(switches: &str) -> Standin {
    let seed = format!("{switches}\n{}", include_str!("../default.toml"));
    Standin::new(Seed::parse(&seed).unwrap_or_else(|error| panic!("{error}")))
}

async fn rest(standin: &Standin, method: &str, path: &str, body: impl ToString) -> Answered {
    let request = Request::builder().method(method).uri(path);
    answered(standin, request, body).await
}

async fn target(standin: &Standin, target: &str, body: impl ToString) -> Answered {
    let request = Request::post("/").header("x-amz-target", target);
    answered(standin, request.header("host", "sqs.test"), body).await
}

async fn answered(
    standin: &Standin,
    request: hyper::http::request::Builder,
    body: impl ToString,
) -> Answered {
    let request = request
        .body(Bytes::from(body.to_string()))
        .expect("the test writes a valid request");
    let (parts, body) = standin
        .respond(request)
        .await
        .expect("an answer")
        .into_parts();
    let body = body.collect().await.expect("a whole body");
    let code = ["x-amzn-errortype", "x-amzn-query-error"]
        .iter()
        .find_map(|name| parts.headers.get(*name)?.to_str().ok());
    Answered {
        status: parts.status.as_u16(),
        code: code.unwrap_or_default().to_owned(),
        body: serde_json::from_slice(&body.to_bytes()).expect("answers are JSON"),
    }
}

#[tokio::test]
async fn a_running_stand_in_answers_on_its_port_until_it_is_dropped() {
    let running = standin("").start(0).await.expect("a free port");
    let address = running.address();
    let queue = format!("http://{address}/111122223333/hr-joins");
    assert_eq!(running.queue_url("hr-joins"), queue);
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let request = "GET /instance/nobody HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let sent = stream.write_all(request.as_bytes()).await;
    sent.expect("it reads");
    let mut response = String::new();
    let read = stream.read_to_string(&mut response).await;
    read.expect("it answers");
    assert!(response.starts_with("HTTP/1.1 404"), "{response}");
    drop(running);
    tokio::task::yield_now().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn what_it_does_not_know_is_an_unknown_operation() {
    let standin = standin("");
    let answer = rest(&standin, "GET", "/queues-summary/x", "").await;
    assert_eq!(
        (answer.status, answer.code.as_str()),
        (404, "UnknownOperationException")
    );
    let answer = target(&standin, "secretsmanager.RotateSecret", "{}").await;
    assert_eq!(answer.body["__type"], "UnknownOperationException");
}
