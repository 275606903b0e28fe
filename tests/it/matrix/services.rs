//! Rows about Amazon Connect in trouble: hung, throttling, failing, full, or gone.

use std::time::{Duration, Instant};

use connect_standin::{Calls, Does, Fault, Seed};
use serde_json::{Value, json};
use test_support::event_source::{EventSource, seed_with_queue};
use test_support::faults::fault;
use test_support::scene::{Scene, Setting};
use test_support::shipped::{INSTANCE, join_of};

use super::{Row, simulated};

pub(super) fn joins(people: std::ops::Range<usize>) -> Vec<Value> {
    people.map(join_of).collect()
}

pub(super) fn called(scene: &Scene, operation: &str) -> usize {
    let calls = scene.standin.calls();
    calls
        .iter()
        .filter(|call| call.operation == operation)
        .count()
}

/// Short waits between deliveries, from a queue that never gives up.
pub(super) fn patient() -> Setting {
    let setting = Setting::shipped().seeded(|seed: &mut Seed| {
        seed.queues = seed_with_queue("hr-joins", 50).queues;
    });
    setting
        .with("first_seconds = 20", "first_seconds = 1")
        .with("longest_seconds = 3600", "longest_seconds = 1")
        .with("systemic_seconds = 60", "systemic_seconds = 1")
        .variable("PROVISIONER_MAX_RECEIVE_COUNT", "50")
}

/// What a queue delivers under faults until all is settled: only users, and no dead letter.
async fn check_outlived(setting: Setting, faults: Vec<Fault>) -> Scene {
    let mut scene = setting.scene().await;
    let source = EventSource::new(&scene.running, "hr-joins");
    for join in joins(0..3) {
        source.send(&join.to_string(), None).await;
    }
    scene.faults(faults);
    source.drain(scene.function()).await;
    assert_eq!(scene.standin.users(INSTANCE).len(), 3);
    assert!(scene.standin.messages("hr-joins-dlq").is_empty());
    scene
}

pub(super) fn rows() -> Vec<Row> {
    vec![
        simulated(42, "CreateUser hangs for ever", async {
            let mut scene = Scene::plain().await;
            scene.faults(vec![fault(
                "CreateUser",
                Calls { from: 1, to: 3 },
                Does::Hang,
            )]);
            let started = Instant::now();
            assert_eq!(scene.deliver(&joins(0..3)).await, "2C 1R");
            assert!(
                started.elapsed() < Duration::from_secs(25),
                "{:?}",
                started.elapsed()
            );
            scene.faults(Vec::new());
            assert_eq!(scene.deliver(&joins(0..3)).await, "1C 2A");
            scene.end().await;
        }),
        simulated(44, "throttled 20 times, then fine", async {
            // Fast enough for a test, slow enough to see that a throttled function slows down.
            let paced = patient()
                .with("requests_per_second = 1000", "requests_per_second = 20")
                .with("burst = 1000", "burst = 5");
            let throttled = fault("CreateUser", Calls { from: 1, to: 20 }, Does::Throttle);
            let started = Instant::now();
            let scene = check_outlived(paced, vec![throttled]).await;
            let ideal = (23.0 - 5.0) / 20.0;
            assert!(
                started.elapsed().as_secs_f64() > 2.0 * ideal,
                "{:?}",
                started.elapsed()
            );
            assert_eq!(called(&scene, "CreateUser"), 23);
            scene.end().await;
        }),
        simulated(45, "a burst of 5xx", async {
            let failing = |operation| fault(operation, Calls { from: 1, to: 12 }, Does::Internal);
            for operation in [
                "CreateUser",
                "SearchUsers",
                "ListRoutingProfiles",
                "GetSecretValue",
            ] {
                check_outlived(patient(), vec![failing(operation)])
                    .await
                    .end()
                    .await;
            }
        }),
        simulated(46, "the quota of users is full", async {
            let setting = Setting::shipped().seeded(|seed| seed.instances[0].max_users = Some(2));
            let mut scene = setting.scene().await;
            assert_eq!(scene.deliver(&joins(0..10)).await, "2C 8R");
            assert_eq!(called(&scene, "CreateUser"), 3, "none after the stop");
            assert!(scene.logged().contains(r#""SystemicStop":1"#));
            scene.end().await;
        }),
        simulated(47, "a profile or the instance is not found", async {
            let mut scene = Scene::plain().await;
            let unknown = json!({"Username": "jo", "RoutingProfileId": "nowhere", "SecurityProfileIds": ["nothing"],
                "IdentityInfo": {"FirstName": "Jo", "LastName": "Blunt"}, "PhoneConfig": {"PhoneType": "SOFT_PHONE"}});
            assert_eq!(
                scene.deliver(&[unknown, join_of(1)]).await,
                "1C 1D(unknown_profile)"
            );
            scene.end().await;
            let gone = Setting::shipped().seeded(|seed| seed.instances.clear());
            let mut scene = gone.scene().await;
            assert_eq!(scene.deliver(&joins(0..3)).await, "3R");
            assert_eq!(called(&scene, "CreateUser"), 0);
            let calls = scene.standin.calls().len();
            assert!(calls <= 4 + 1, "each look-up once, and the hand-back");
            scene.end().await;
        }),
    ]
}
