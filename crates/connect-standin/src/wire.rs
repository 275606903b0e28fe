//! HTTP requests become AWS calls, and answers become HTTP responses: restJson1 for Amazon Connect and EventBridge Scheduler,
//! awsJson1.1 for Secrets Manager, awsJson1.0 for SQS and DynamoDB (Smithy, AWS protocols).

use std::collections::BTreeMap;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::Scheme;
use hyper::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::connect::route;
use super::ids;
use super::refusal::{Answer, Refusal};
use super::scheduler;
use super::sqs::query_error;

/// An AWS service that the stand-in speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    Connect,
    DynamoDb,
    Scheduler,
    SecretsManager,
    Sqs,
}

/// A call whose service and operation are known and whose body is still text.
pub(super) struct AwsRequest {
    pub(super) service: Service,
    pub(super) operation: String,
    /// The labels of a REST path, percent-decoded.
    pub(super) labels: Vec<String>,
    pub(super) query: BTreeMap<String, String>,
    /// The URL at which the client reached the stand-in.
    pub(super) origin: String,
    body: Bytes,
}

impl AwsRequest {
    /// The members of the body. Unknown ones are ignored, as AWS does.
    pub(super) fn input<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let body: &[u8] = if self.body.is_empty() {
            b"{}"
        } else {
            &self.body
        };
        serde_json::from_slice(body).map_err(|error| Refusal::malformed(&error))
    }

    /// A call that the stand-in makes itself.
    pub(super) fn of_sqs(operation: &str, input: &Value) -> Self {
        Self {
            service: Service::Sqs,
            operation: operation.to_owned(),
            labels: Vec::new(),
            query: BTreeMap::new(),
            origin: "http://127.0.0.1".to_owned(),
            body: Bytes::from(input.to_string()),
        }
    }

    pub(super) fn body(&self) -> &Bytes {
        &self.body
    }

    pub(super) fn label(&self, position: usize) -> &str {
        self.labels.get(position).map_or("", String::as_str)
    }
}

/// Reads which operation the request asks for.
pub(super) fn decode(parts: &Parts, body: Bytes) -> Result<AwsRequest, Refusal> {
    let (service, operation, labels) = match header(&parts.headers, "x-amz-target") {
        Some(target) => decode_target(target)?,
        None => decode_path(parts)?,
    };
    Ok(AwsRequest {
        service,
        operation,
        labels,
        query: decode_query(parts.uri.query().unwrap_or_default()),
        origin: origin(parts),
        body,
    })
}

fn origin(parts: &Parts) -> String {
    let scheme = parts.extensions.get().unwrap_or(&Scheme::HTTP);
    let host = header(&parts.headers, HOST.as_str()).unwrap_or("127.0.0.1");
    format!("{scheme}://{host}")
}

fn header<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers str> {
    headers.get(name)?.to_str().ok()
}

type Target = (Service, String, Vec<String>);

fn decode_target(target: &str) -> Result<Target, Refusal> {
    let (service, operation) = match target.split_once('.') {
        Some(("secretsmanager", operation)) => (Service::SecretsManager, operation),
        Some(("DynamoDB_20120810", operation)) => (Service::DynamoDb, operation),
        Some(("AmazonSQS", operation)) => (Service::Sqs, operation),
        _ => return Err(Refusal::unknown_operation(target)),
    };
    Ok((service, operation.to_owned(), Vec::new()))
}

fn decode_path(parts: &Parts) -> Result<Target, Refusal> {
    let path = parts.uri.path();
    // Split first, decode second: an ARN in a label has slashes of its own, sent as %2F.
    let segments: Vec<String> = path.split('/').skip(1).map(percent_decoded).collect();
    if let Some((operation, labels)) = scheduler::route(parts.method.as_str(), &segments) {
        return Ok((Service::Scheduler, operation.to_owned(), labels));
    }
    let (operation, labels) = route(parts.method.as_str(), &segments).ok_or_else(|| {
        let Refusal { code, message, .. } =
            Refusal::unknown_operation(&format!("{} {path}", parts.method));
        Refusal::new(code, 404, message)
    })?;
    Ok((Service::Connect, operation.to_owned(), labels))
}

fn decode_query(query: &str) -> BTreeMap<String, String> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (percent_decoded(name), percent_decoded(value)))
        .collect()
}

fn percent_decoded(text: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(text);
    decoded.decode_utf8_lossy().into_owned()
}

/// Writes the answer in the protocol of its service.
pub(super) fn encode(service: Service, answer: &Answer) -> Response<Full<Bytes>> {
    let mut response = match answer {
        Ok(output) => Response::new(Full::from(output.to_string())),
        Err(refusal) => encode_refusal(service, refusal),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(service)));
    insert(headers, "x-amzn-requestid", &ids::random());
    response
}

fn media_type(service: Service) -> &'static str {
    match service {
        Service::Connect | Service::Scheduler => "application/json",
        Service::SecretsManager => "application/x-amz-json-1.1",
        Service::Sqs | Service::DynamoDb => "application/x-amz-json-1.0",
    }
}

fn encode_refusal(service: Service, refusal: &Refusal) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(error_body(service, refusal).to_string()));
    *response.status_mut() =
        StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    match service {
        Service::Connect | Service::Scheduler => insert(headers, "x-amzn-errortype", &refusal.code),
        Service::Sqs => insert(headers, "x-amzn-query-error", &query_error(&refusal.code)),
        Service::SecretsManager | Service::DynamoDb => {}
    }
    response
}

fn error_body(service: Service, refusal: &Refusal) -> Value {
    let Refusal { code, message, .. } = refusal;
    let mut body = match service {
        Service::DynamoDb => {
            json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": message })
        }
        Service::Connect | Service::Scheduler => json!({ "Message": message }),
        Service::SecretsManager => json!({ "__type": code, "Message": message }),
        Service::Sqs => {
            json!({ "__type": format!("com.amazonaws.sqs#{code}"), "message": message })
        }
    };
    for (name, value) in &refusal.members {
        body[name] = value.clone();
    }
    body
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
