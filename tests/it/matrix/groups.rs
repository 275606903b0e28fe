//! Rows about many hierarchy groups and profiles at the pace that a new account allows.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use connect_standin::{GroupSeed, ProfileSeed, ThrottleSeed};
use serde_json::{Value, json};
use test_support::faults::{ALL, error, fault};
use test_support::function::Answer;
use test_support::scene::{Scene, Setting, record};
use test_support::shipped::{INSTANCE, body};

use super::input::join_with;
use super::{Row, simulated};

/// The path of a site's group.
fn path_of(site: usize, leaf: &str) -> Vec<String> {
    ["EMEA", &format!("Site {site}"), leaf]
        .map(str::to_owned)
        .into()
}

/// A configuration that gives each site its group, in an instance that has them, at the pace of a new account.
fn sites(sites: usize, leaf: fn(usize) -> String) -> Setting {
    let mut table = "[[assignment]]\nname = \"sites\"\nrouting_profile = \"Customer Care Voice\"\n\
                     security_profiles = [\"Agent\"]\nrows = [\n"
        .to_owned();
    for site in 0..sites {
        let path = json!(path_of(site, &leaf(site)));
        writeln!(
            table,
            "{{ match = {{ location = \"Site {site}\" }}, hierarchy_group = {path} }},"
        )
        .expect("written");
    }
    let before = "[[assignment]]\nname = \"agents-voice\"";
    paced()
        .with(before, &format!("{table}]\n\n{before}"))
        .seeded(|seed| {
            let groups = (0..sites).map(|site| GroupSeed {
                path: path_of(site, &leaf(site)),
                ..GroupSeed::default()
            });
            seed.shared.hierarchy_groups.extend(groups);
            let profiles = (0..300).map(|n| ProfileSeed {
                name: format!("Profile {n}"),
                id: None,
            });
            seed.shared.routing_profiles.splice(0..0, profiles);
        })
}

/// The shipped pace, before a service that keeps to it.
fn paced() -> Setting {
    Setting::shipped()
        .with("requests_per_second = 1000", "requests_per_second = 2")
        .with("burst = 1000", "burst = 5")
        .seeded(|seed| {
            seed.page_size = Some(120);
            seed.throttle = Some(ThrottleSeed {
                requests_per_second: 2.0,
                burst: 5,
            });
        })
}

/// Somebody who needs no group.
fn without_group(n: usize) -> Value {
    join_with(n, "/worker/job/code", json!("AGT2"))
}

fn at_site(n: usize, site: usize) -> Value {
    join_with(n, "/worker/location", json!(format!("Site {site}")))
}

fn batch(joins: &[Value]) -> String {
    let records: Vec<Value> = joins.iter().map(|join| record(&join.to_string())).collect();
    json!({ "Records": records }).to_string()
}

fn all_done(answer: &Answer) -> bool {
    body(answer) == json!({"batchItemFailures": []})
}

/// The number of users with a hierarchy group.
fn grouped(scene: &Scene) -> usize {
    let users = scene.standin.users(INSTANCE).into_iter();
    users
        .filter(|user| user.hierarchy_group_id.is_some())
        .count()
}

/// Two copies that have looked up nothing yet serve people with and without a group.
async fn check_many(groups: usize) {
    let mut scene = sites(groups, |site| format!("Floor {site}")).scene().await;
    let mut other = scene.another_function().await;
    let started = Instant::now();
    let (one, two) = (batch(&[without_group(1)]), batch(&[without_group(2)]));
    let answers = tokio::join!(scene.function().invoke(&one), other.invoke(&two));
    assert!(all_done(&answers.0) && all_done(&answers.1), "{groups}");
    assert_eq!(scene.standin.users(INSTANCE).len(), 2);
    let took = started.elapsed();
    assert!(took < Duration::from_secs(6), "{groups}: {took:?}");
    let last = groups - 1;
    let (one, two) = (
        batch(&[at_site(3, 0), at_site(4, last)]),
        batch(&[at_site(5, last), at_site(6, 0)]),
    );
    let answers = tokio::join!(scene.function().invoke(&one), other.invoke(&two));
    assert!(all_done(&answers.0) && all_done(&answers.1), "{groups}");
    assert_eq!(grouped(&scene), 4, "{groups}");
    let took = started.elapsed();
    assert!(took < Duration::from_secs(20), "{groups}: {took:?}");
    scene.captured.logs(&other.logs().await);
    scene.end().await;
}

/// Twenty sites have groups of one name, and the search is denied: the second delivery goes on where the first one ended.
async fn check_denied() {
    let mut scene = sites(20, |_| "Reception".to_owned()).scene().await;
    let denied = error("AccessDeniedException", 403);
    scene.faults(vec![fault("SearchUserHierarchyGroups", ALL, denied)]);
    let joins = [without_group(1), at_site(2, 19)];
    assert_eq!(scene.deliver(&joins).await, "1C 1R");
    assert_eq!(scene.deliver(&joins[1..]).await, "1C");
    assert_eq!(grouped(&scene), 1);
    let described = scene.called("DescribeUserHierarchyGroup");
    assert!(described <= 20 + 1, "{described}");
    scene.end().await;
}

pub(super) fn rows() -> Vec<Row> {
    vec![simulated(
        55,
        "17, 100 and 500 hierarchy groups, or 20 of one name that cannot be searched",
        async {
            tokio::join!(
                check_many(17),
                check_many(100),
                check_many(500),
                check_denied()
            );
        },
    )]
}
