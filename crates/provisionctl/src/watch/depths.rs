//! Options and configured names -> the queues that are watched, and their depths.

use std::fmt;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use clap::Args;
use connect_provisioner::aws::queue;
use connect_provisioner::deployment;
use connect_provisioner::policy::QueueNames;
use serde::Serialize;

use crate::ending::CannotRun;
use crate::queue_url::url_of_any;
use crate::refused::refused;

/// Options that name the queues to watch.
#[derive(Args)]
pub(super) struct WatchedQueueOptions {
    /// The source queue's URL.
    #[arg(long, value_name = "URL")]
    queue_url: Option<String>,
    /// The source queue's name.
    #[arg(long, value_name = "NAME", conflicts_with = "queue_url")]
    queue_name: Option<String>,
    /// The dead-letter queue's URL.
    #[arg(long, value_name = "URL", env = deployment::DLQ_URL)]
    dlq_url: Option<String>,
    /// The dead-letter queue's name.
    #[arg(long, value_name = "NAME", conflicts_with = "dlq_url")]
    dlq_name: Option<String>,
}

/// Watched queues, the source queue first.
pub(super) struct WatchedQueues {
    client: Client,
    urls: Vec<String>,
}

/// Depth of a queue in messages, by SQS's approximate counts.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Depth {
    pub(super) queue: String,
    pub(super) visible: u64,
    pub(super) in_flight: u64,
    pub(super) delayed: u64,
}

impl WatchedQueues {
    /// Finds the queues that the options or the configuration name.
    ///
    /// # Errors
    /// Returns an error if none is named, or the failure of a call.
    pub(super) async fn new(
        options: &WatchedQueueOptions,
        named: &QueueNames,
        client: Client,
    ) -> Result<Self, CannotRun> {
        let mut urls = Vec::new();
        for (name, url, named) in [
            (&options.queue_name, &options.queue_url, &named.source),
            (&options.dlq_name, &options.dlq_url, &named.dead_letter),
        ] {
            urls.extend(
                url_of_any(&client, name.as_deref(), url.as_deref(), named.as_deref()).await?,
            );
        }
        if urls.is_empty() {
            return Err(CannotRun(
                "no queues are named; give --queue-url or --queue-name, and --dlq-url or --dlq-name, or name them in [queues]"
                    .to_owned(),
            ));
        }
        Ok(Self { client, urls })
    }

    /// Returns the depth of each queue.
    ///
    /// # Errors
    /// Returns the failure of a call.
    pub(super) async fn depths(&self) -> Result<Vec<Depth>, CannotRun> {
        let mut depths = Vec::with_capacity(self.urls.len());
        for url in &self.urls {
            depths.push(self.depth(url).await?);
        }
        Ok(depths)
    }

    async fn depth(&self, url: &str) -> Result<Depth, CannotRun> {
        let call = self.client.get_queue_attributes().queue_url(url);
        let answer = call.attribute_names(Name::All).send().await;
        let answer = answer.map_err(|err| refused("sqs:GetQueueAttributes", &err))?;
        let attributes = answer.attributes.unwrap_or_default();
        let count = |name| {
            attributes
                .get(&name)
                .and_then(|text| text.parse().ok())
                .unwrap_or(0)
        };
        Ok(Depth {
            queue: queue::name(url).to_owned(),
            visible: count(Name::ApproximateNumberOfMessages),
            in_flight: count(Name::ApproximateNumberOfMessagesNotVisible),
            delayed: count(Name::ApproximateNumberOfMessagesDelayed),
        })
    }
}

impl Depth {
    /// Returns the number of all messages in the queue.
    pub(super) fn total(&self) -> u64 {
        self.visible + self.in_flight + self.delayed
    }
}

impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self {
            queue,
            visible,
            in_flight,
            delayed,
        } = self;
        write!(
            f,
            "{queue}: {visible} visible, {in_flight} in flight, {delayed} delayed"
        )
    }
}
