//! What a soak runs on: the stand-in's seed, and the function's configuration with its times scaled.

use std::io::Write;
use std::time::Duration;

use connect_standin::{QueueSeed, RedriveSeed, Running, Seed, ThrottleSeed};
use serde_json::json;
use tempfile::NamedTempFile;
use test_support::shipped::unpaced;

/// The longest time that the scaled configuration lets a message wait for its next delivery.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// Seconds until a search finds a new user.
pub(super) const SEARCH_LAG: u64 = 1;
/// Seconds until a message shows itself again whose copy was killed: longer than most invocations take.
const VISIBILITY: u64 = 12;
// As the shipped stack has it.
const RECEIVES: u64 = 500;
// Of the quota that the configuration names, so that calls are throttled where many copies are busy.
const THROTTLE: ThrottleSeed = ThrottleSeed {
    requests_per_second: 30.0,
    burst: 10,
};
const SOURCE: &str = "hr-joins";
const LETTERS: &str = "hr-joins-dlq";

/// Seeds a stand-in that throttles, whose search lags, and that knows one password.
pub(super) fn seed_with(password: &str) -> Seed {
    let mut seed = Seed {
        hide_new_users_seconds: SEARCH_LAG,
        throttle: Some(THROTTLE),
        ..Seed::default()
    };
    seed.secrets[0].generate = None;
    seed.secrets[0].string = Some(json!({ "password": password }).to_string());
    seed.queues.retain(|queue| queue.name != SOURCE);
    seed.queues.push(QueueSeed {
        name: SOURCE.to_owned(),
        visibility_timeout_seconds: Some(VISIBILITY),
        retention_seconds: None,
        content_based_deduplication: false,
        redrive: Some(RedriveSeed {
            queue: LETTERS.to_owned(),
            max_receive_count: RECEIVES,
        }),
    });
    seed
}

/// Lists the environment variables of a copy of the function.
pub(super) fn variables(running: &Running, config: &NamedTempFile) -> Vec<(&'static str, String)> {
    let letters_arn = format!("arn:aws:sqs:eu-west-2:111122223333:{LETTERS}");
    let role_arn = "arn:aws:iam::111122223333:role/schedules";
    let config = config.path().to_string_lossy();
    vec![
        ("AWS_ENDPOINT_URL", running.endpoint_url()),
        ("PROVISIONER_CONFIG", config.into_owned()),
        ("PROVISIONER_DLQ_URL", running.queue_url(LETTERS)),
        ("PROVISIONER_MAX_RECEIVE_COUNT", RECEIVES.to_string()),
        ("PROVISIONER_SCHEDULE_GROUP", "default".to_owned()),
        ("PROVISIONER_SCHEDULE_ROLE_ARN", role_arn.to_owned()),
        ("PROVISIONER_SOURCE_QUEUE_URL", running.queue_url(SOURCE)),
        ("PROVISIONER_SCHEDULE_DLQ_ARN", letters_arn),
        ("RUST_LOG", "trace".to_owned()),
    ]
}

/// Writes the shipped configuration for so many copies, a larger quota and scaled times.
pub(super) fn configuration(copies: usize, hours_before: u32) -> NamedTempFile {
    let text = scaled(&unpaced())
        .replace("requests_per_second = 1000", "requests_per_second = 60")
        .replace("burst = 1000", "burst = 20")
        .replace("concurrency = 2", &format!("concurrency = {copies}"));
    let schedule = format!("[schedule]\nhours_before = {hours_before}\n\n[retry]");
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(text.replace("[retry]", &schedule).as_bytes())
        .expect("written");
    file
}

/// Divides the times of `[retry]` by 720, down to whole seconds but one at the least: two hours become ten seconds, and three
/// days six minutes.
fn scaled(text: &str) -> String {
    let times = [
        ("first_seconds = 20", "first_seconds = 1"),
        ("longest_seconds = 3600", "longest_seconds = 5"),
        ("systemic_seconds = 60", "systemic_seconds = 1"),
        ("give_up_after_seconds = 7200", "give_up_after_seconds = 10"),
        (
            "give_up_after_seconds = 259200",
            "give_up_after_seconds = 360",
        ),
    ];
    times.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "no {from} in the configuration");
        text.replace(from, to)
    })
}
