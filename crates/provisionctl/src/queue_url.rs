//! The name of a queue -> its URL.

use aws_sdk_sqs::Client;

use crate::ending::CannotRun;
use crate::refused::refused;

/// Returns the URL of a queue named by an option, the environment or the configuration; `None` if none of them does.
///
/// A name given as an option has precedence over a URL, which may come from the environment; the name in the configuration
/// comes last.
///
/// # Errors
/// Returns the failure of the `GetQueueUrl` call.
pub(super) async fn url_of_any(
    client: &Client,
    name: Option<&str>,
    url: Option<&str>,
    configured: Option<&str>,
) -> Result<Option<String>, CannotRun> {
    match (name, url, configured) {
        (None, Some(url), _) => Ok(Some(url.to_owned())),
        (Some(name), ..) | (None, None, Some(name)) => url_of(client, name, None).await.map(Some),
        (None, None, None) => Ok(None),
    }
}

/// Returns the URL of a queue by its name, in the account of the credentials or of its owner.
///
/// # Errors
/// Returns the failure of the `GetQueueUrl` call.
pub(super) async fn url_of(
    client: &Client,
    name: &str,
    owner: Option<&str>,
) -> Result<String, CannotRun> {
    let call = client.get_queue_url().queue_name(name);
    let call = call.set_queue_owner_aws_account_id(owner.map(str::to_owned));
    let answer = call.send().await;
    let answer = answer.map_err(|err| refused("sqs:GetQueueUrl", &err))?;
    answer
        .queue_url
        .ok_or_else(|| CannotRun(format!("SQS returned no URL for the queue {name}")))
}
