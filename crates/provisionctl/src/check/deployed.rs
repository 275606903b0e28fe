//! The named queues and the deployed function -> the queues and limits of the deployment.

use connect_provisioner::aws::queue::is_same;

use super::facts::function::FunctionFacts;
use super::facts::named_queues::NamedQueues;

/// Queues and limits of a deployment, as far as they are known.
pub(super) struct Deployed {
    pub(super) source_url: Option<String>,
    pub(super) dead_letter_url: Option<String>,
    /// Timeout of the function in seconds.
    pub(super) timeout: u32,
    /// `PROVISIONER_MAX_RECEIVE_COUNT` of the function.
    pub(super) max_receive_count: Option<u32>,
}

impl Deployed {
    /// Combines the named queues and the function; `timeout` applies if the function does not give its own.
    ///
    /// A named source queue has precedence over the function's event source. The function's dead-letter queue applies if
    /// none is named.
    pub(super) fn new(named: &NamedQueues, function: Option<&FunctionFacts>, timeout: u32) -> Self {
        let configuration = function.and_then(|function| function.configuration.as_ref().ok());
        let mappings = function.and_then(|function| function.mappings.as_ref().ok());
        let mut found_urls = mappings
            .into_iter()
            .flatten()
            .filter_map(|mapping| mapping.queue_url.as_ref()?.as_ref().ok());
        let named_source = named.source.found_url().map(str::to_owned);
        let named_dead_letter = named.dead_letter.found_url();
        let of_function = configuration.and_then(|found| found.dead_letter_queue_url.as_deref());
        let dead_letter_url = match (of_function, named_dead_letter) {
            (Some(url), Some(other)) if !is_same(url, other) => Some(other),
            (of_function, named) => of_function.or(named),
        };
        Self {
            source_url: named_source.or_else(|| found_urls.next().cloned()),
            dead_letter_url: dead_letter_url.map(str::to_owned),
            timeout: configuration
                .and_then(|found| found.timeout)
                .unwrap_or(timeout),
            max_receive_count: configuration.and_then(|found| found.max_receive_count),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::facts::function::{FunctionConfiguration, Mapping};
    use super::super::facts::named_queues::NamedQueue;
    use super::*;
    use crate::ending::CannotRun;

    const SQS: &str = "https://sqs.eu-west-2.amazonaws.com/111122223333";

    fn named(source: Option<&str>, dead_letter: Option<&str>) -> NamedQueues {
        let queue = |name: Option<&str>| NamedQueue {
            name: None,
            url: Ok(name.map(|name| format!("{SQS}/{name}"))),
        };
        NamedQueues {
            source: queue(source),
            dead_letter: queue(dead_letter),
        }
    }

    fn function() -> FunctionFacts {
        let mapping = |queue_url| Mapping {
            queue_url: Some(queue_url),
            ..Mapping::default()
        };
        FunctionFacts {
            name: "joins".to_owned(),
            configuration: Ok(FunctionConfiguration {
                timeout: Some(90),
                dead_letter_queue_url: Some(format!("{SQS}/its-dead")),
                max_receive_count: Some(500),
                variables: HashMap::new(),
            }),
            mappings: Ok(vec![
                mapping(Err(CannotRun("access denied".to_owned()))),
                mapping(Ok(format!("{SQS}/its-source"))),
            ]),
        }
    }

    #[track_caller]
    fn check(
        named: &NamedQueues,
        function: Option<&FunctionFacts>,
        (source, dead_letter, timeout): (Option<&str>, Option<&str>, u32),
    ) {
        let deployed = Deployed::new(named, function, 60);
        let url = |name: &str| format!("{SQS}/{name}");
        assert_eq!(deployed.source_url, source.map(url));
        assert_eq!(deployed.dead_letter_url, dead_letter.map(url));
        assert_eq!(deployed.timeout, timeout);
    }

    #[test]
    fn named_queues_have_precedence_over_those_of_the_function() {
        let both = named(Some("source"), Some("dead"));
        check(&both, None, (Some("source"), Some("dead"), 60));
        let function = function();
        let expected = (Some("source"), Some("dead"), 90);
        check(&both, Some(&function), expected);
        let expected = (Some("its-source"), Some("its-dead"), 90);
        check(&named(None, None), Some(&function), expected);
        check(&named(None, None), None, (None, None, 60));
    }
}
