//! Claims about SQS.

use std::time::Duration;

use hyper::Request;
use hyper::http::uri::Scheme;
use serde_json::{Value, json};
use tokio::time::{Instant, advance};

use super::super::Standin;
use super::{Answered, answered, standin, target};

const JOINS: &str = "http://sqs.test/111122223333/hr-joins";
const DEAD: &str = "https://anywhere/111122223333/hr-joins-dlq";

async fn call(standin: &Standin, operation: &str, url: &str, mut body: Value) -> Answered {
    body["QueueUrl"] = json!(url);
    target(standin, &format!("AmazonSQS.{operation}"), body).await
}

async fn receive(standin: &Standin, url: &str, body: Value) -> Vec<Value> {
    let answer = call(standin, "ReceiveMessage", url, body).await;
    let messages = answer.body["Messages"].as_array();
    messages.cloned().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_message_is_hidden_for_its_time_and_redriven_unchanged_after_five_receipts() {
    let standin = standin("");
    let dead = "arn:aws:sqs:eu-west-2:111122223333:hr-joins-dlq";
    let policy = json!({ "deadLetterTargetArn": dead, "maxReceiveCount": 5 }).to_string();
    let attributes = json!({ "Attributes": { "RedrivePolicy": policy } });
    call(&standin, "SetQueueAttributes", JOINS, attributes).await;
    let attributes = json!({ "key": { "DataType": "String", "StringValue": "k" } });
    let body = json!({ "MessageBody": "{ }", "MessageAttributes": attributes });
    let sent = call(&standin, "SendMessage", JOINS, body).await.body;
    for _ in 0..5 {
        assert_eq!(receive(&standin, JOINS, json!({})).await.len(), 1);
        advance(Duration::from_secs(179)).await;
        assert_eq!(receive(&standin, JOINS, json!({})).await.len(), 0);
        advance(Duration::from_secs(1)).await;
    }
    assert_eq!(receive(&standin, JOINS, json!({})).await.len(), 0);
    assert!(standin.messages("hr-joins").is_empty());
    let names = json!({ "MessageAttributeNames": ["k*", "ke.*"], "AttributeNames": ["All"] });
    let dead = receive(&standin, DEAD, names).await;
    assert_eq!(dead[0]["MessageId"], sent["MessageId"]);
    assert_eq!(dead[0]["Body"], "{ }");
    assert_eq!(
        dead[0]["MD5OfMessageAttributes"],
        sent["MD5OfMessageAttributes"]
    );
    let source = "arn:aws:sqs:eu-west-2:111122223333:hr-joins";
    assert_eq!(dead[0]["Attributes"]["DeadLetterQueueSourceArn"], source);
    assert_eq!(standin.messages("hr-joins-dlq")[0].attributes["key"], "k");
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_ends_with_the_message_or_with_its_time() {
    let standin = standin("");
    let begun = Instant::now();
    let wait = json!({ "WaitTimeSeconds": 20 });
    assert_eq!(receive(&standin, JOINS, wait.clone()).await.len(), 0);
    assert_eq!(begun.elapsed().as_secs(), 20);
    let delayed = json!({ "MessageBody": "late", "DelaySeconds": 7 });
    call(&standin, "SendMessage", JOINS, delayed).await;
    assert_eq!(receive(&standin, JOINS, wait.clone()).await.len(), 1);
    assert_eq!(begun.elapsed().as_secs(), 27);
    let send = call(
        &standin,
        "SendMessage",
        JOINS,
        json!({ "MessageBody": "now" }),
    );
    let (received, _) = tokio::join!(receive(&standin, JOINS, wait), send);
    assert_eq!(received[0]["Body"], "now");
    assert_eq!(begun.elapsed().as_secs(), 27);
}

#[tokio::test(start_paused = true)]
async fn a_handle_works_only_while_its_receipt_is_the_latest() {
    let standin = standin("");
    call(
        &standin,
        "SendMessage",
        JOINS,
        json!({ "MessageBody": "x" }),
    )
    .await;
    let first = receive(&standin, JOINS, json!({})).await;
    let handle = json!({ "ReceiptHandle": first[0]["ReceiptHandle"], "VisibilityTimeout": 600 });
    call(&standin, "ChangeMessageVisibility", JOINS, handle.clone()).await;
    advance(Duration::from_secs(599)).await;
    assert!(standin.messages("hr-joins")[0].in_flight);
    advance(Duration::from_secs(1)).await;
    let late = call(&standin, "ChangeMessageVisibility", JOINS, handle.clone()).await;
    assert_eq!(
        late.code,
        "AWS.SimpleQueueService.MessageNotInflight;Sender"
    );
    let second = receive(&standin, JOINS, json!({})).await;
    call(&standin, "DeleteMessage", JOINS, handle).await;
    assert_eq!(standin.messages("hr-joins").len(), 1);
    let handle = json!({ "ReceiptHandle": second[0]["ReceiptHandle"] });
    call(&standin, "DeleteMessage", JOINS, handle).await;
    assert!(standin.messages("hr-joins").is_empty());
}

#[tokio::test]
async fn a_queue_url_has_the_scheme_by_which_the_stand_in_was_reached() {
    let standin = standin("");
    let request = Request::post("/")
        .header("x-amz-target", "AmazonSQS.GetQueueUrl")
        .header("host", "sqs.test")
        .extension(Scheme::HTTPS);
    let answer = answered(&standin, request, json!({ "QueueName": "hr-joins" })).await;
    let url = "https://sqs.test/111122223333/hr-joins";
    assert_eq!(answer.body["QueueUrl"], url);
}

#[tokio::test(start_paused = true)]
async fn a_fifo_group_waits_for_its_message_in_flight() {
    let standin = standin("");
    let attributes = json!({ "FifoQueue": "true", "ContentBasedDeduplication": "true" });
    let body = json!({ "QueueName": "order.fifo", "Attributes": attributes });
    let made = target(&standin, "AmazonSQS.CreateQueue", body).await.body;
    let url = "http://sqs.test/111122223333/order.fifo";
    assert_eq!(made["QueueUrl"], url);
    for (body, group) in [("1", "a"), ("2", "a"), ("3", "b"), ("2", "a")] {
        let body = json!({ "MessageBody": body, "MessageGroupId": group });
        assert_eq!(call(&standin, "SendMessage", url, body).await.status, 200);
    }
    let bodies = |messages: Vec<Value>| {
        messages
            .into_iter()
            .map(|mut one| one["Body"].take())
            .collect::<Vec<_>>()
    };
    let all = json!({ "MaxNumberOfMessages": 10 });
    assert_eq!(bodies(receive(&standin, url, json!({})).await), ["1"]);
    assert_eq!(bodies(receive(&standin, url, all.clone()).await), ["3"]);
    advance(Duration::from_secs(30)).await;
    assert_eq!(bodies(receive(&standin, url, all).await), ["1", "2", "3"]);
    advance(Duration::from_mins(5)).await;
    let again = json!({ "MessageBody": "2", "MessageGroupId": "a" });
    call(&standin, "SendMessage", url, again).await;
    assert_eq!(standin.messages("order.fifo").len(), 4);
    let alone = call(&standin, "SendMessage", url, json!({ "MessageBody": "x" })).await;
    assert_eq!(alone.code, "MissingParameter;Sender");
}

#[tokio::test(start_paused = true)]
async fn the_size_with_attributes_counts_and_old_messages_go() {
    let standin = standin("");
    let send = async |bytes: usize| {
        let attributes = json!({ "key": { "DataType": "String", "StringValue": "v" } });
        let body = json!({ "MessageBody": "x".repeat(bytes), "MessageAttributes": attributes });
        call(&standin, "SendMessage", JOINS, body).await.code
    };
    // The attribute has 3 + 6 + 1 bytes.
    assert_eq!(send(1_048_567).await, "InvalidParameterValue;Sender");
    assert_eq!(send(1_048_566).await, "");
    advance(Duration::from_hours(97)).await;
    assert!(standin.messages("hr-joins").is_empty());
}
