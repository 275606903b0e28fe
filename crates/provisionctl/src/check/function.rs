//! The deployed function and its event source mappings -> whether their settings fit the configuration.

use std::time::Duration;

use connect_provisioner::aws::queue::{self, is_same};
use connect_provisioner::deployment::Deployment;
use connect_provisioner::policy::{Policy, RequestRate};

use super::deployed::Deployed;
use super::facts::function::{FunctionConfiguration, FunctionFacts, Mapping};
use super::finding::Finding;

/// Judges a function; `named_dlq_url` is the dead-letter queue that the options or the configuration name.
pub(super) fn judge(
    function: &FunctionFacts,
    policy: &Policy,
    deployed: &Deployed,
    named_dlq_url: Option<&str>,
) -> Vec<Finding> {
    let about = format!("function {}", function.name);
    let mut findings = match &function.configuration {
        Ok(configuration) => {
            judge_configuration(&about, configuration, policy, deployed, named_dlq_url)
        }
        Err(why) => vec![Finding::fail(&about, why.to_string())],
    };
    match &function.mappings {
        Ok(mappings) => {
            findings.extend(judge_invocation(&function.name, mappings, policy, deployed));
            let rate = policy.instances.main().connect.rate;
            for mapping in mappings {
                findings.extend(judge_mapping(mapping, rate, deployed.timeout));
            }
        }
        Err(why) => {
            let about = format!("event source mapping of {}", function.name);
            findings.push(Finding::fail(&about, why.to_string()));
        }
    }
    findings
}

fn judge_configuration(
    about: &str,
    configuration: &FunctionConfiguration,
    policy: &Policy,
    deployed: &Deployed,
    named_dlq_url: Option<&str>,
) -> Vec<Finding> {
    let dlq_url = configuration.dead_letter_queue_url.as_deref();
    let timeout = deployed.timeout;
    let mut findings = vec![judge_dlq_url(about, dlq_url, named_dlq_url, timeout)];
    let variable = |name: &str| configuration.variables.get(name).cloned();
    if configuration.dead_letter_queue_url.is_some()
        && let Err(why) = Deployment::from_env(variable, policy.schedule.is_some())
    {
        findings.push(Finding::fail(about, format!("it does not start: {why}")));
    }
    findings
}

fn judge_dlq_url(
    about: &str,
    of_function: Option<&str>,
    named: Option<&str>,
    timeout: u32,
) -> Finding {
    match (of_function, named) {
        (None, _) => Finding::fail(about, "it has no PROVISIONER_DLQ_URL, so it does not start"),
        (Some(url), Some(other)) if !is_same(url, other) => Finding::fail(
            about,
            format!("its PROVISIONER_DLQ_URL is {url}, not the given {other}"),
        ),
        (Some(url), _) => Finding::ok(
            about,
            format!("time-out {timeout} s, dead letters to {url}"),
        ),
    }
}

fn judge_invocation(
    name: &str,
    mappings: &[Mapping],
    policy: &Policy,
    deployed: &Deployed,
) -> Vec<Finding> {
    let about = format!("event source mapping of {name}");
    let timeout = Duration::from_secs(deployed.timeout.into());
    let people = policy.people_per_invocation(timeout);
    if mappings.is_empty() {
        return vec![Finding::warn(
            &about,
            format!(
                "no queue sets it off; an event that EventBridge hands over directly is tried three times, and kept only where \
                 the function has an on-failure destination; one of more than {people} people is refused as too_large"
            ),
        )];
    }
    let says = format!("a message of more than {people} people is split");
    let mut findings = vec![Finding::ok(&about, says)];
    if deployed.max_receive_count.is_none() {
        findings.push(Finding::warn(
            &format!("function {name}"),
            "it has no PROVISIONER_MAX_RECEIVE_COUNT: what still fails on the queue's last delivery is moved by SQS, without \
             its cause; set it to the source queue's maxReceiveCount",
        ));
    }
    findings
}

fn judge_mapping(mapping: &Mapping, rate: RequestRate, timeout: u32) -> Vec<Finding> {
    let queue = queue::name(&mapping.queue_arn);
    let about = format!("event source {queue}");
    let mut findings = vec![if mapping.reports_batch_item_failures {
        Finding::ok(&about, "ReportBatchItemFailures is on")
    } else {
        Finding::fail(
            &about,
            "ReportBatchItemFailures is off, so that SQS forgets what failed; set FunctionResponseTypes",
        )
    }];
    match mapping.state.as_deref() {
        None | Some("Enabled" | "Enabling" | "Creating" | "Updating") => (),
        Some(state) => findings.push(Finding::fail(
            &about,
            format!("it is {state}, so that no join is served; provisionctl resume --function NAME enables it"),
        )),
    }
    findings.push(judge_concurrency(&about, mapping.maximum_concurrency, rate));
    findings.extend(judge_batch(&about, mapping.batch_size, rate, timeout));
    if let Some(Err(why)) = &mapping.queue_url {
        findings.push(Finding::fail(
            &format!("source queue {queue}"),
            why.to_string(),
        ));
    }
    findings
}

// Lambda takes a maximum concurrency of at least 2 for a queue; a concurrency of 1 needs reserved concurrency.
fn judge_concurrency(about: &str, concurrency: Option<u32>, rate: RequestRate) -> Finding {
    match concurrency {
        Some(most) if most == rate.concurrency => {
            Finding::ok(about, format!("maximum concurrency {most}, as configured"))
        }
        Some(most) => Finding::fail(
            about,
            format!(
                "its maximum concurrency is {most}, and [connect] concurrency says {}: the quota is shared wrongly",
                rate.concurrency
            ),
        ),
        None => Finding::warn(
            about,
            format!(
                "it has no maximum concurrency, so that copies of the function may share the quota in more than the {} parts \
                 that [connect] concurrency says, unless reserved concurrency holds them",
                rate.concurrency
            ),
        ),
    }
}

fn judge_batch(
    about: &str,
    batch_size: Option<i32>,
    rate: RequestRate,
    timeout: u32,
) -> Option<Finding> {
    let batch = f64::from(batch_size.unwrap_or(10));
    (batch / rate.share() > f64::from(timeout)).then(|| {
        Finding::warn(
            about,
            format!(
                "a batch of {batch} takes longer at {} requests a second than the time-out of {timeout} s; what is not reached \
                 comes back and counts as a delivery",
                rate.share()
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    const RATE: RequestRate = RequestRate {
        per_second: 2.0,
        burst: 5,
        concurrency: 2,
    };

    fn mapping() -> Mapping {
        Mapping {
            queue_arn: "arn:aws:sqs:eu-west-2:111122223333:hr-joins".to_owned(),
            reports_batch_item_failures: true,
            state: Some("Enabled".to_owned()),
            maximum_concurrency: Some(2),
            batch_size: Some(10),
            queue_url: None,
        }
    }

    #[track_caller]
    fn check(mapping: &Mapping, timeout: u32, expected: &[State]) {
        let findings = judge_mapping(mapping, RATE, timeout);
        let states: Vec<_> = findings.iter().map(|finding| finding.state).collect();
        assert_eq!(states, expected, "{findings:?}");
    }

    #[test]
    fn dead_letters_go_to_the_named_queue() {
        let (queue, other) = (
            "https://sqs.eu-west-2.amazonaws.com/111122223333/dead",
            "https://sqs.eu-west-2.amazonaws.com/111122223333/other",
        );
        for (of_function, named, expected) in [
            (Some(queue), None, State::Ok),
            (Some(queue), Some(queue), State::Ok),
            (Some(queue), Some(other), State::Fail),
            (None, Some(queue), State::Fail),
            (None, None, State::Fail),
        ] {
            let finding = judge_dlq_url("function", of_function, named, 60);
            assert_eq!(finding.state, expected, "{finding:?}");
        }
    }

    #[test]
    fn a_mapping_as_configured_is_ok() {
        check(&mapping(), 10, &[State::Ok, State::Ok]);
        let state = Some("Updating".to_owned());
        check(&Mapping { state, ..mapping() }, 10, &[State::Ok, State::Ok]);
    }

    #[test]
    fn each_setting_that_differs_is_found() {
        let reports_batch_item_failures = false;
        let off = Mapping {
            reports_batch_item_failures,
            ..mapping()
        };
        check(&off, 10, &[State::Fail, State::Ok]);
        let state = Some("Disabled".to_owned());
        let disabled = Mapping { state, ..mapping() };
        check(&disabled, 10, &[State::Ok, State::Fail, State::Ok]);
        for (maximum_concurrency, state) in [(Some(3), State::Fail), (None, State::Warn)] {
            let other = Mapping {
                maximum_concurrency,
                ..mapping()
            };
            check(&other, 10, &[State::Ok, state]);
        }
    }

    // Two copies share two requests a second: ten messages take ten seconds.
    #[test]
    fn a_batch_must_fit_the_timeout() {
        check(&mapping(), 9, &[State::Ok, State::Ok, State::Warn]);
        let batch_size = None;
        let usual = Mapping {
            batch_size,
            ..mapping()
        };
        check(&usual, 9, &[State::Ok, State::Ok, State::Warn]);
    }
}
