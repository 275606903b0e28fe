//! Options and configured names -> the URLs of the source queue and the dead-letter queue.

use aws_sdk_sqs::Client;
use connect_provisioner::policy::QueueNames;

use crate::check::deployment_options::DeploymentOptions;
use crate::ending::CannotRun;
use crate::queue_url::url_of_any;

/// Queues that the options or the configuration name.
pub(in crate::check) struct NamedQueues {
    pub(in crate::check) source: NamedQueue,
    pub(in crate::check) dead_letter: NamedQueue,
}

/// Queue with its URL; `None` if nothing names it.
pub(in crate::check) struct NamedQueue {
    pub(in crate::check) name: Option<String>,
    pub(in crate::check) url: Result<Option<String>, CannotRun>,
}

impl NamedQueue {
    /// Returns the URL; `None` also after a failed look-up.
    pub(in crate::check) fn found_url(&self) -> Option<&str> {
        self.url.as_ref().ok()?.as_deref()
    }
}

/// Looks up the URLs of the queues.
pub(in crate::check) async fn gather(
    client: &Client,
    options: &DeploymentOptions,
    configured: &QueueNames,
) -> NamedQueues {
    let name = options.source_queue_name.as_deref();
    let url = options.source_queue_url.as_deref();
    let source = named_queue(client, name, url, configured.source.as_deref()).await;
    let (name, url) = (options.dlq_name.as_deref(), options.dlq_url.as_deref());
    let dead_letter = named_queue(client, name, url, configured.dead_letter.as_deref()).await;
    NamedQueues {
        source,
        dead_letter,
    }
}

async fn named_queue(
    client: &Client,
    name: Option<&str>,
    url: Option<&str>,
    configured: Option<&str>,
) -> NamedQueue {
    NamedQueue {
        name: name.or(configured).map(str::to_owned),
        url: url_of_any(client, name, url, configured).await,
    }
}
